"""Looks at pictures and clips: a face that can be seen is a `face-visible` sighting."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path, PurePosixPath

import numpy as np

from scanner.discover.artifact import MAX_READ, Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Box, Confidence, Span
from scanner.footage.options import PRESETS, FootageOptions, Preset
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata.picture import packets
from scanner.inspect.reading import reading
from scanner.rules import Rule, RuleSet
from scanner.rules.model import FootageSignal

_STRONG = 0.6
_SURE = 0.8
"""A score from which a face is certain enough to gate at `high`."""
_SMALLEST = 8
"""A face of fewer pixels across is not reported: nobody is recognisable in it, and detectors err there."""
_AGAIN_S = 1.0
"""Who is out of sight for less than this has not left."""
_KEYFRAMES_S = 0.5
"""Key frames this close are looked at alone; otherwise every frame is decoded and looked at this often."""
_BOXES_PER_S = 2.0


class FootageInspector:
    """Finds visible faces in pictures and clips.

    At depth `auto` a clip is sampled twice a second: an appearance shorter than half a second may be missed.
    """

    name = "footage"

    def __init__(self, options: FootageOptions | None = None) -> None:
        self.options = options or FootageOptions()

    def accepts(self, artifact: Artifact) -> bool:
        """Pictures and clips, unless switched off."""
        return self.options.depth != "off" and artifact.kind in ("picture", "video")

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give one sighting a picture with faces, and one an appearance in a clip.

        Raises:
            UnreadableError: the file is damaged, or cut off.
        """
        signals = [(rule, s) for rule, s in rules.signals(FootageSignal) if "face" in s.match]
        if not signals:
            return
        rule = signals[0][0]
        preset = PRESETS[self.options.preset]
        if artifact.kind == "picture":
            _refuse_endless(artifact)
        look = _picture if artifact.kind == "picture" else _clip
        with _on_disk(artifact) as path:
            try:
                spans = look(path, preset, self.options.depth)
            except UnreadableError as error:
                # The reader knows the artifact by its path in the target, not by that of a copy.
                said = error.message.replace(str(path), artifact.path)
                raise type(error)(said, error.remedy) from error
        for span in spans:
            yield _sighting(rule, span)


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


def _picture(path: Path, preset: Preset, _depth: str) -> list[Span]:
    from scanner.footage import detect, picture  # noqa: PLC0415 - the detectors load only where footage is
    from scanner.footage.look import detect_in  # noqa: PLC0415

    detectors = [detect.shipped(i) for i in preset.models]
    boxes: list[Box] = []
    for still in picture.read(path).stills:
        found = detect_in(still.picture, preset, detectors).above(_STRONG)
        boxes += [_box(0.0, b, s) for b, s in zip(found.boxes, found.scores, strict=True) if _large(b)]
    return [Span(start_s=0.0, end_s=0.0, boxes=tuple(boxes))] if boxes else []


def _clip(path: Path, preset: Preset, depth: str) -> list[Span]:
    from scanner.footage import detect, media  # noqa: PLC0415
    from scanner.footage.look import Cadence, examine  # noqa: PLC0415
    from scanner.footage.track import Tracking, track  # noqa: PLC0415

    clip = media.probe(path)
    detectors = [detect.shipped(i) for i in preset.models]
    if depth == "full":
        cadence, keyframes = Cadence(), False
    else:
        keyframes = _dense(clip.keyframes)
        cadence = Cadence(seconds=0.0 if keyframes else _KEYFRAMES_S * 0.9, stale_s=2.0, in_turns=False)
    seen = examine(clip, media.frames(clip, keyframes=keyframes), preset, detectors, cadence=cadence)
    how = Tracking(strong=_STRONG, weak=0.4, gap_s=_AGAIN_S, hold_s=0.0, margin=0.0)
    sightings = [
        [
            _box(seen.frames[t.first + i].time_s, t.raw[i], t.seen[i])
            for i in np.flatnonzero(t.seen)
            if _large(t.raw[i])
        ]
        for t in track(seen.frames, *clip.upright, how)
    ]
    return [
        Span(start_s=boxes[0].t_s, end_s=boxes[-1].t_s, boxes=_thinned(boxes))
        for boxes in _appearances([s for s in sightings if s])
    ]


def _dense(keyframes: Sequence[Fraction]) -> bool:
    """Whether key frames alone are a sample that is close enough."""
    gaps = [b - a for a, b in pairwise(keyframes)]
    return len(keyframes) > 1 and max(gaps) <= _KEYFRAMES_S


def _large(box: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool(max(box[2] - box[0], box[3] - box[1]) >= _SMALLEST)


def _box(time_s: float, box: np.ndarray[tuple[int], np.dtype[np.float64]], score: float) -> Box:
    x1, y1, x2, y2 = (float(v) for v in box)
    return Box(
        t_s=round(time_s, 3),
        x=round(x1, 1),
        y=round(y1, 1),
        w=round(x2 - x1, 1),
        h=round(y2 - y1, 1),
        score=round(float(score), 3),
    )


def _appearances(tracks: list[list[Box]]) -> list[list[Box]]:
    """Join tracks that follow each other within a second and are alike in size: one appearance."""
    joined: list[list[Box]] = []
    for boxes in tracks:
        earlier = [j for j in joined if 0 < boxes[0].t_s - j[-1].t_s <= _AGAIN_S and _alike(j[-1], boxes[0])]
        if earlier:
            max(earlier, key=lambda j: j[-1].t_s).extend(boxes)
        else:
            joined.append(list(boxes))
    return joined


def _alike(a: Box, b: Box) -> bool:
    small, large = sorted((a.h, b.h))
    return small > 0.5 * large


def _thinned(boxes: list[Box]) -> tuple[Box, ...]:
    """Keep about two boxes a second, and the last."""
    kept = [boxes[0]]
    for box in boxes[1:]:
        if box.t_s - kept[-1].t_s >= 1 / _BOXES_PER_S:
            kept.append(box)
    if kept[-1] is not boxes[-1]:
        kept.append(boxes[-1])
    return tuple(kept)
