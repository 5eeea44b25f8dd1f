"""Looks at a clip: where and for how long faces can be seen, and how much of the clip that rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.findings import Box, Looked, Span
from scanner.footage import detect, media
from scanner.footage.look import Cadence, Witness
from scanner.footage.options import Preset
from scanner.footage.second import EVERY
from scanner.footage.track import Track, Tracking, track
from scanner.footage.watch import Seen as Examination
from scanner.footage.watch import examine

STRONG = 0.6
SMALLEST = 8
"""A face of fewer pixels across is not reported: nobody is recognisable in it, and detectors err there."""
_AGAIN_S = 1.0
"""Who is out of sight for less than this has not left."""
_GAP_S = 2.0
"""Key frames this close are looked at alone; in a longer group every frame is decoded."""
_APART_S = 0.45
"""At depth `auto` looks are not closer than this."""
_BOXES_PER_S = 2.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen in a clip: its appearances in the order in which they begin, and the facts."""

    spans: tuple[Span, ...]
    facts: Looked


def watch(shown: str, path: Path, preset: Preset, depth: str, witness: Witness | None = None) -> Watched:
    """Look at a clip.

    Args:
        shown: How the clip is named in the facts.
        path: Where it lies.
        preset: How closely to look.
        depth: `auto` or `full`.
        witness: Called after each look.

    Raises:
        UnreadableError: it is damaged, or cut off.
    """
    clip = media.probe(path)
    detectors = [detect.shipped(i) for i in preset.models]
    if depth == "full":
        cadence, frames = Cadence(), media.frames(clip)
    else:
        cadence = Cadence(seconds=_APART_S, stale_s=_GAP_S, in_turns=False, asked=EVERY)
        frames = media.sampled(clip, apart_s=_APART_S, gap_s=_GAP_S)
    seen = examine(clip, frames, preset, detectors, cadence=cadence, witness=witness)
    times = [f.time_s for f in seen.frames]
    again = _again(times)
    how = Tracking(strong=STRONG, weak=0.4, gap_s=again, hold_s=0.0, margin=0.0)
    tracks = [t for t in track(seen.frames, *clip.upright, how) if large(t.raw[t.seen > 0]).any()]
    boxes = [_sightings(t, seen) for t in tracks]
    spans = tuple(
        Span(start_s=b[0].t_s, end_s=b[-1].t_s, boxes=_thinned(b)) for b in _appearances(boxes, again)
    )
    duration = max([clip.duration_s, *times])
    return Watched(spans, _facts(shown, depth, duration, clip.upright, seen, tracks, spans))


def _again(times: Sequence[float]) -> float:
    """Looks that are two seconds apart cannot tell whether somebody left in between."""
    return max(_AGAIN_S, 1.25 * max((b - a for a, b in pairwise(times)), default=0.0))


def _facts(
    shown: str,
    depth: str,
    duration_s: float,
    upright: tuple[int, int],
    seen: Examination,
    tracks: Sequence[Track],
    spans: Sequence[Span],
) -> Looked:
    times = [f.time_s for f in seen.frames]
    looked = [f.time_s for f in seen.frames if f.found is not None]
    at_once = np.zeros(len(times), dtype=int)
    for t in tracks:
        at_once[t.first : t.last + 1] += 1
    raw = np.concatenate([t.raw[t.seen > 0] for t in tracks]) if tracks else np.zeros((0, 4))
    sides = raw[:, 2:] - raw[:, :2]
    largest = int(sides.prod(axis=1).argmax()) if len(raw) else -1
    return Looked(
        path=shown,
        depth=depth,
        duration_s=round(duration_s, 3),
        frames=len(times),
        looks=seen.looks,
        longest_gap_s=round(max((b - a for a, b in pairwise([0.0, *looked, duration_s])), default=0.0), 3),
        with_face=int((at_once > 0).sum()),
        appearances=len(spans),
        visible_s=round(_union((s.start_s, s.end_s) for s in spans), 3),
        most_at_once=int(at_once.max(initial=0)),
        largest_px=round(float(sides[largest].max())) if largest >= 0 else 0,
        largest_share=round(float(sides[largest].prod()) / (upright[0] * upright[1]), 4)
        if largest >= 0
        else 0.0,
    )


def _union(spans: Iterable[tuple[float, float]]) -> float:
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _sightings(seen: Track, examination: Examination) -> list[Box]:
    return [
        box_of(examination.frames[seen.first + i].time_s, seen.raw[i], seen.seen[i])
        for i in np.flatnonzero(seen.seen)
        if large(seen.raw[i : i + 1]).all()
    ]


def large(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which of N x 4 boxes are large enough to be reported."""
    out: NDArray[np.bool_] = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) >= SMALLEST
    return out


def box_of(time_s: float, box: NDArray[np.float64], score: float) -> Box:
    """Write a box down, rounded."""
    x1, y1, x2, y2 = (float(v) for v in box)
    return Box(
        t_s=round(time_s, 3),
        x=round(x1, 1),
        y=round(y1, 1),
        w=round(x2 - x1, 1),
        h=round(y2 - y1, 1),
        score=round(float(score), 3),
    )


def _appearances(tracks: list[list[Box]], again_s: float) -> list[list[Box]]:
    """Join tracks that follow each other soon and are alike in size: one appearance."""
    joined: list[list[Box]] = []
    for boxes in tracks:
        earlier = [j for j in joined if 0 < boxes[0].t_s - j[-1].t_s <= again_s and _alike(j[-1], boxes[0])]
        if earlier:
            max(earlier, key=lambda j: j[-1].t_s).extend(boxes)
        else:
            joined.append(list(boxes))
    return joined


def _alike(a: Box, b: Box) -> bool:
    small, large_one = sorted((a.h, b.h))
    return small > 0.5 * large_one


def _thinned(boxes: list[Box]) -> tuple[Box, ...]:
    """Keep about two boxes a second, and the last."""
    kept = [boxes[0]]
    for box in boxes[1:]:
        if box.t_s - kept[-1].t_s >= 1 / _BOXES_PER_S:
            kept.append(box)
    if kept[-1] is not boxes[-1]:
        kept.append(boxes[-1])
    return tuple(kept)
