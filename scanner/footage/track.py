"""Joins detections over time: one face, one track, a box in every frame from before birth to after death.

A detector misses a face now and then, and sees it less sure when it turns or blurs. A track bridges that:
a weak detection counts where a strong one before or after supports it, gaps are filled, and the cover is
held a while at both ends. Detections that nothing supports are left out unless they are strong by
themselves. A track never crosses a scene cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Boxes, Floats, clip, grow, likeness
from scanner.footage.detect import Detections

_TICK = 1e-6
"""Times are binary fractions of seconds; a frame that lies exactly `hold_s` away is held."""

_MOMENT_S = 0.16
"""A cover does not shrink for less than this before and after."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """How detections are joined.

    Attributes:
        strong: A detection of this score starts or supports a track.
        doubt: How much more is asked of a large detection: a detector is sure of a large face, and errs where
            it is not. Nothing is added up to 40 px, all of it from 160 px on.
        weak: The lowest score that a supported track accepts.
        reach_s: How far in time from a strong detection it accepts them.
        gap_s: The longest time without a detection that a track survives.
        hold_s: How long a cover is held before the first and after the last detection.
        margin: How far every edge is pushed out, as a share of the longer side.
    """

    strong: float = 0.6
    doubt: float = 0.15
    weak: float = 0.3
    reach_s: float = 1.5
    gap_s: float = 1.0
    hold_s: float = 0.4
    margin: float = 0.15


@dataclass(frozen=True, slots=True)
class Examined:
    """One frame: its time, what was seen (None where nobody looked), and whether a scene begins."""

    time_s: float
    found: Detections | None
    cut: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One face over time.

    Attributes:
        first: Position of its first frame in the clip.
        boxes: N x 4, the cover in the N frames from `first` on, in pixels of the upright picture.
        seen: N scores of the detection in that frame; 0 where the box was filled in or held.
        raw: N x 4, the face itself as detected or interpolated, without margin.
    """

    first: int
    boxes: Boxes
    seen: Floats
    raw: Boxes

    @property
    def last(self) -> int:
        """Position of its last frame."""
        return self.first + len(self.boxes) - 1


@dataclass(slots=True, eq=False)
class _Thread:
    """A track while it is spun: where it was seen."""

    at: list[int] = field(default_factory=list)
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def add(self, at: int, box: NDArray[np.float64], score: float) -> None:
        self.at.append(at)
        self.boxes.append(box)
        self.scores.append(score)

    def predicted(self, at: int) -> NDArray[np.float64]:
        """Where the face would be if it kept its last pace, but not further than its own size away."""
        last = self.boxes[-1]
        if len(self.boxes) < 2:
            return last
        pace = (last - self.boxes[-2]) / max(1, self.at[-1] - self.at[-2])
        size = max(last[2] - last[0], last[3] - last[1])
        return last + np.clip(pace * (at - self.at[-1]), -size, size)


def track(frames: Sequence[Examined], width: int, height: int, how: Tracking) -> list[Track]:
    """Join the detections of a clip.

    Args:
        frames: All frames of the clip, in the order of their times.
        width: Of the upright picture, in pixels.
        height: Likewise.
        how: The parameters.

    Returns:
        Tracks in the order of their first frame; every supported detection lies inside its track's box.
    """
    threads = _spin(frames, how)
    times = np.array([f.time_s for f in frames])
    cuts = np.array([f.cut for f in frames], dtype=bool)
    tracks = [
        _finish(t, times, cuts, width, height, how)
        for thread in threads
        for t in _supported(thread, times, how)
    ]
    return sorted(tracks, key=lambda t: (t.first, *t.boxes[0].tolist()))


def _plausible(found: Detections, how: Tracking) -> Detections:
    keep = found.scores >= how.weak + _extra(found.boxes, how)
    return Detections(found.boxes[keep], found.scores[keep])


def _extra(boxes: Boxes, how: Tracking) -> Floats:
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    out: Floats = how.doubt * np.clip((sides - 40) / 120, 0, 1)
    return out


def _supported(thread: _Thread, times: Floats, how: Tracking) -> list[_Thread]:
    """Keep what lies near a strong detection in time; what is left may fall into several threads."""
    at, boxes, scores = np.array(thread.at), np.array(thread.boxes), np.array(thread.scores)
    strong = times[at[scores >= how.strong + _extra(boxes, how)]]
    if not strong.size:
        return []
    near = np.abs(times[at][:, None] - strong[None]).min(axis=1) <= how.reach_s
    at, boxes, scores = at[near], boxes[near], scores[near]
    parts = np.split(np.arange(len(at)), np.flatnonzero(np.diff(times[at]) > how.gap_s) + 1)
    return [_Thread(at[p].tolist(), list(boxes[p]), scores[p].tolist()) for p in parts]


def _spin(frames: Sequence[Examined], how: Tracking) -> list[_Thread]:
    done: list[_Thread] = []
    live: list[_Thread] = []
    for at, frame in enumerate(frames):
        if frame.cut:
            done, live = done + live, []
        if frame.found is None:
            continue
        fresh = [t for t in live if frame.time_s - frames[t.at[-1]].time_s <= how.gap_s]
        done += [t for t in live if t not in fresh]
        live = fresh
        found = _plausible(frame.found, how)
        order = np.argsort(-found.scores, kind="stable")
        boxes, scores = found.boxes[order], found.scores[order]
        taken = _match(live, boxes, frames, at)
        for i, thread in taken.items():
            thread.add(at, boxes[i], float(scores[i]))
        for i in range(len(boxes)):
            if i not in taken:
                new = _Thread()
                new.add(at, boxes[i], float(scores[i]))
                live.append(new)
    return done + live


def _match(live: Sequence[_Thread], boxes: Boxes, frames: Sequence[Examined], at: int) -> dict[int, _Thread]:
    """Pair detections with threads, the surest pair first; a pair lies close and is alike in size."""
    if not live or not len(boxes):
        return {}
    places = np.array([t.predicted(at) for t in live])
    waited = np.array([frames[at].time_s - frames[t.at[-1]].time_s for t in live])
    alike = likeness(boxes, places, waited)
    taken: dict[int, _Thread] = {}
    used: set[int] = set()
    for flat in np.argsort(-alike, axis=None, kind="stable"):
        i, j = (int(v) for v in np.unravel_index(flat, alike.shape))
        if alike[i, j] <= 0:
            break
        if i not in taken and j not in used:
            taken[i] = live[j]
            used.add(j)
    return taken


def _finish(
    thread: _Thread,
    times: Floats,
    cuts: NDArray[np.bool_],
    width: int,
    height: int,
    how: Tracking,
) -> Track:
    at = np.array(thread.at)
    boxes = np.array(thread.boxes)
    first, last = _held(int(at[0]), int(at[-1]), times, cuts, how.hold_s)
    frames = np.arange(first, last + 1)
    raw = np.stack([np.interp(times[frames], times[at], boxes[:, i]) for i in range(4)], axis=1)
    seen = np.zeros(len(frames))
    seen[at - first] = thread.scores
    reach = _reach(raw, frames, at, boxes, times)
    covers = grow(_steady(reach, times[frames]), how.margin)
    return Track(first=first, boxes=clip(covers, width, height), seen=seen, raw=clip(raw, width, height))


def _held(first: int, last: int, times: Floats, cuts: NDArray[np.bool_], hold_s: float) -> tuple[int, int]:
    """Hold both ends for `hold_s`, at least one frame, within the scene."""
    before = min(int(np.searchsorted(times, times[first] - hold_s - _TICK)), first - 1)
    after = max(int(np.searchsorted(times, times[last] + hold_s + _TICK, side="right")) - 1, last + 1)
    starts = np.flatnonzero(cuts)
    scene = starts[starts <= first].max(initial=0)
    following = starts[starts > last].min(initial=len(times))
    return max(before, int(scene)), min(after, int(following) - 1)


def _reach(raw: Boxes, frames: NDArray[np.intp], at: NDArray[np.intp], boxes: Boxes, times: Floats) -> Boxes:
    """Where a track is held, stretch its box along the face's last pace, at most by its size."""
    if len(at) < 2:
        return raw
    out = raw.copy()
    for end, other, held in ((0, 1, frames < at[0]), (-1, -2, frames > at[-1])):
        elapsed = times[at[end]] - times[at[other]]
        if not held.any() or elapsed == 0:
            continue
        pace = (boxes[end] - boxes[other]) / elapsed
        size = (boxes[end][2:] - boxes[end][:2]).max()
        away = np.clip((times[frames[held]] - times[at[end]])[:, None] * pace, -size, size)
        moved = boxes[end] + away
        out[held] = np.concatenate(
            [np.minimum(raw[held, :2], moved[:, :2]), np.maximum(raw[held, 2:], moved[:, 2:])], axis=1
        )
    return out


def _steady(raw: Boxes, times: Floats) -> Boxes:
    """Take in the neighbours on both sides, and be as large as the largest of a moment.

    So that there is no flicker, motion blur lies inside, and a box that a turning head makes narrow for a
    few frames does not bare its side. Never less than the face.
    """
    padded = np.concatenate([raw[:1], raw, raw[-1:]])
    stacked = np.stack([padded[:-2], padded[1:-1], padded[2:]])
    middle, half = (raw[:, :2] + raw[:, 2:]) / 2, (raw[:, 2:] - raw[:, :2]) / 2
    since = np.searchsorted(times, times - _MOMENT_S - _TICK)
    until = np.searchsorted(times, times + _MOMENT_S + _TICK, side="right")
    largest = np.array([half[a:b].max(axis=0) for a, b in zip(since, until, strict=True)])
    low = np.minimum(stacked[..., :2].min(axis=0), middle - largest)
    high = np.maximum(stacked[..., 2:].max(axis=0), middle + largest)
    return np.concatenate([low, high], axis=1)
