"""The inspector of metadata in media."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.findings import Location, Pointer, Whole
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata.klv import klv_tags
from scanner.inspect.metadata.makernote import maker_tags
from scanner.inspect.metadata.picture import packets
from scanner.inspect.metadata.tag import Tag
from scanner.inspect.metadata.text import looks_like_onvif, onvif_tags, picasa_tags
from scanner.inspect.metadata.track import movie_packets, movie_tags, stream_tags
from scanner.inspect.metadata.xmp import MAX_PACKET, read_xmp
from scanner.inspect.reading import Reading, reading
from scanner.rules import RuleSet
from scanner.rules.model import MetadataSignal

_PICASA = frozenset({".picasa.ini", "picasa.ini"})
_MOVIE_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free"})


@dataclass(frozen=True, slots=True)
class MetadataInspector:
    """Says what a file's metadata tell of faces and people."""

    name: str = "metadata"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it is a picture, a clip, a sidecar, or a recorded metadata stream."""
        name = artifact.name.lower()
        return (
            artifact.kind in ("picture", "video")
            or name.endswith((".xmp", ".klv"))
            or name in _PICASA
            or (artifact.kind == "xml" and looks_like_onvif(artifact.head))
        )

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
    name = artifact.name.lower()
    if name in _PICASA:
        yield from picasa_tags(artifact.text)
    elif artifact.kind == "xml" and looks_like_onvif(artifact.head):
        yield from onvif_tags(artifact.path, artifact.read(MAX_PACKET))
    elif name.endswith(".xmp"):
        yield from read_xmp(artifact.path, artifact.read(MAX_PACKET))
    else:
        with reading(artifact) as data:
            yield from _picture(data) if artifact.kind == "picture" else _clip(data)


def _picture(data: Reading) -> Iterator[Tag]:
    for packet in packets(data):
        if packet.kind == "xmp":
            yield from read_xmp(data.path, packet.data)
        else:
            yield from maker_tags(packet.data)


def _clip(data: Reading) -> Iterator[Tag]:
    if data.upto(4, 4) in _MOVIE_BOXES:
        yield from movie_tags(data)
        for packet in movie_packets(data):
            yield from read_xmp(data.path, packet)
    else:
        yield from stream_tags(data)
        yield from klv_tags(data)
