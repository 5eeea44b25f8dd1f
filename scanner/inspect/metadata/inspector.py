"""The inspector of metadata in media."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.findings import Location, Pointer, Whole
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata.picture import packets
from scanner.inspect.metadata.tag import Tag
from scanner.inspect.metadata.xmp import MAX_PACKET, read_xmp
from scanner.inspect.reading import reading
from scanner.rules import RuleSet
from scanner.rules.model import MetadataSignal


@dataclass(frozen=True, slots=True)
class MetadataInspector:
    """Says what a file's metadata tell of faces and people."""

    name: str = "metadata"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it is a picture or a sidecar."""
        return artifact.kind == "picture" or artifact.name.lower().endswith(".xmp")

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give one sighting a kind of tag.

        Raises:
            UnreadableError: the metadata are damaged.
        """
        for tag in _tags(artifact):
            for rule, signal in rules.signals(MetadataSignal):
                if tag.signal in signal.match:
                    yield Sighting(
                        rule=rule,
                        subject=tag.signal,
                        signal="metadata",
                        location=_place(tag),
                        confidence=signal.confidence,
                        excerpt=f"{tag.signal.partition(':')[2]} x {tag.count}" if tag.count > 1 else "",
                        note=tag.remark,
                    )


def _place(tag: Tag) -> Location:
    return Pointer(pointer=tag.pointer) if tag.pointer else Whole()


def _tags(artifact: Artifact) -> Iterator[Tag]:
    if artifact.kind == "picture":
        with reading(artifact) as data:
            for packet in packets(data):
                if packet.kind == "xmp":
                    yield from read_xmp(artifact.path, packet.data)
    else:
        yield from read_xmp(artifact.path, artifact.read(MAX_PACKET))
