"""Looks at pictures and clips: faces that can be seen, and boxes that a program drew around them."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scanner.discover.artifact import MAX_READ, Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Box, Confidence, Looked, Span, Whole
from scanner.footage.options import PRESETS, FootageOptions, Preset
from scanner.inspect.footage.drawn import of_traces
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata.picture import packets
from scanner.inspect.reading import reading
from scanner.rules import Rule, RuleSet
from scanner.rules.model import FootageSignal, MetadataSignal

if TYPE_CHECKING:
    from scanner.inspect.footage.clip import Watched
    from scanner.inspect.footage.traces import Trace

_SURE = 0.8
"""A score from which a face is certain enough to gate at `high`."""


class FootageInspector:
    """Finds visible faces in pictures and clips.

    At depth `auto` a clip's key frames are looked at, and where they are more than two seconds apart two
    frames a second: an appearance of less than two seconds may be missed. At `full` every frame counts.
    """

    name = "footage"

    def __init__(self, options: FootageOptions | None = None) -> None:
        self.options = options or FootageOptions()

    def accepts(self, artifact: Artifact) -> bool:
        """Pictures and clips, unless switched off."""
        return self.options.depth != "off" and artifact.kind in ("picture", "video")

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting | Looked]:
        """Give one sighting a picture with faces, one an appearance in a clip, and one a kind of drawn box.

        Raises:
            UnreadableError: the file is damaged, or cut off.
        """
        preset = PRESETS[self.options.preset]
        if artifact.kind == "picture":
            _refuse_endless(artifact)
        with _on_disk(artifact) as path:
            try:
                if artifact.kind == "picture":
                    spans, drawn = _picture(path, preset)
                else:
                    yield from _told(path, rules)
                    watched, drawn = _clip(artifact.path, path, preset, self.options.depth)
                    spans = watched.spans
                    yield watched.facts
            except UnreadableError as error:
                # The reader knows the artifact by its path in the target, not by that of a copy.
                said = error.message.replace(str(path), artifact.path)
                raise type(error)(said, error.remedy) from error
        for rule, signal in rules.signals(FootageSignal):
            if "face" in signal.match:
                yield from (_sighting(rule, span) for span in spans)
            else:
                yield from of_traces(rule, signal, drawn)


def _refuse_endless(artifact: Artifact) -> None:
    """Refuse a picture that its decoder would search for minutes, byte by byte, for what is not there.

    Raises:
        UnreadableError: its segments do not follow each other.
        LimitError: it is larger than any picture of as many pixels as are read.
    """
    if artifact.size > MAX_READ:
        raise LimitError(
            f"{artifact.path} is a picture of more than {MAX_READ // 2**20} MiB and was not read."
        )
    if artifact.head.startswith(b"\xff\xd8"):
        with reading(artifact) as data:
            for _ in packets(data):
                pass


@contextmanager
def _on_disk(artifact: Artifact) -> Iterator[Path]:
    """Give a file to open by name; a member of an archive is copied out and removed again."""
    if artifact.local is not None:
        yield artifact.local
        return
    with tempfile.TemporaryDirectory(prefix="scanner-") as folder:
        path = Path(folder) / f"member{PurePosixPath(artifact.name).suffix}"
        path.write_bytes(artifact.read())
        yield path


def _sighting(rule: Rule, span: Span) -> Sighting:
    score = max(b.score for b in span.boxes)
    largest = max(max(b.w, b.h) for b in span.boxes)
    many = len({(b.x, b.y) for b in span.boxes if b.t_s == span.boxes[0].t_s})
    what = f"{many} faces" if many > 1 else "a face"
    when = f" from {span.start_s:.1f} s to {span.end_s:.1f} s" if span.end_s or span.start_s else ""
    return Sighting(
        rule=rule,
        subject="visible face",
        signal="footage",
        location=span,
        confidence=Confidence.HIGH if score >= _SURE else Confidence.MEDIUM,
        excerpt=f"{what} up to {largest:.0f} px{when}, score {score:.2f}",
    )


def _told(path: Path, rules: RuleSet) -> Iterator[Sighting]:
    """What its messages and data say of faces; the metadata inspector reads what needs no codec."""
    from scanner.footage.media import messages  # noqa: PLC0415 - see _clip
    from scanner.inspect.footage.told import told  # noqa: PLC0415

    for tag in told(messages(path)):
        for rule, signal in rules.signals(MetadataSignal):
            if tag.signal in signal.match:
                yield Sighting(
                    rule=rule,
                    subject=tag.signal,
                    signal="metadata",
                    location=Whole(),
                    confidence=signal.confidence,
                    excerpt=f"{tag.signal} x {tag.count}",
                    note=tag.remark,
                )


def _clip(shown: str, path: Path, preset: Preset, depth: str) -> "tuple[Watched, list[Trace]]":
    from scanner.inspect.footage.clip import watch  # noqa: PLC0415 - the detectors load only where footage is
    from scanner.inspect.footage.label import reader  # noqa: PLC0415
    from scanner.inspect.footage.traces import Searcher, traces  # noqa: PLC0415

    searcher = Searcher(reader())
    watched = watch(shown, path, preset, depth, searcher)
    return watched, traces(searcher.seen)


def _picture(path: Path, preset: Preset) -> "tuple[tuple[Span, ...], list[Trace]]":
    from scanner.footage import detect, picture  # noqa: PLC0415 - see _clip
    from scanner.footage.look import detect_in  # noqa: PLC0415
    from scanner.inspect.footage.clip import STRONG, box_of, large  # noqa: PLC0415
    from scanner.inspect.footage.label import reader  # noqa: PLC0415
    from scanner.inspect.footage.traces import Searcher, traces  # noqa: PLC0415

    detectors = [detect.shipped(i) for i in preset.models]
    boxes: list[Box] = []
    drawn: list[Trace] = []
    for still in picture.read(path).stills:
        found = detect_in(still.picture, preset, detectors).above(STRONG)
        fit = large(found.boxes)
        boxes += [box_of(0.0, b, s) for b, s in zip(found.boxes[fit], found.scores[fit], strict=True)]
        searcher = Searcher(reader())
        searcher(0.0, still.picture, found)
        drawn += traces(searcher.seen, still=True)
    return ((Span(start_s=0.0, end_s=0.0, boxes=tuple(boxes)),) if boxes else ()), drawn
