"""Decides over time which outlines around faces were drawn by a program, and what stands written beside them.

A drawn box keeps its place about the face wherever the face goes. A window, a picture frame or a screen does
not: it stays where it is while the face moves. Where no face moves, nothing tells them apart but the colour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scanner.findings import Confidence
from scanner.footage.detect import Detections
from scanner.footage.look import Picturing
from scanner.inspect.footage.outline import Outline, outline_around

Picture = NDArray[np.uint8]
Read = Callable[[Picture], tuple[str, ...]]
"""Reads the lines of text in a picture, blue green red."""

_SURE = 0.5
"""A weaker detection is not worth a look at its surroundings."""
_FACES = 4
"""So many faces a look at most, the largest first."""
_EMPTY, _EVERY = 12, 4
"""After so many looks at faces without an outline, only every so many looks are searched."""
_SAME = 80
"""How far the colour of one program's boxes differs from frame to frame, in the channel that differs most."""
_ENOUGH = 3
"""Outlines in a clip that make a trace; a picture has but one moment."""
_SHARE = 0.3
"""The share of the faces searched meanwhile that must have one."""
_MOVED = 0.12
"""Faces whose middles spread further than this share of their size moved, or are several."""
_ALONG = 0.6
"""The share of the faces' way that their outlines must go, too."""
_KEPT = 0.16
"""How far the place of an outline about its face may spread, as a share of the face's size."""
_READ = 2
"""So many crops of a trace are read."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One face that was searched for an outline.

    Attributes:
        time_s: Of the frame.
        face: x1 y1 x2 y2 in pixels of the upright picture.
        outline: What was found around it, likewise.
        words: The texts beside it; None where they were not read.
    """

    time_s: float
    face: NDArray[np.float64]
    outline: Outline | None
    words: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Boxes of one colour that follow faces.

    Attributes:
        seen: Where, in the order of time.
        follows: Whether they keep their place about faces that move; None where none moves.
        confidence: How sure it is that a program drew them.
        words: What was read beside them, each text once; None where nothing was read at all.
    """

    seen: tuple[Seen, ...]
    follows: bool | None
    confidence: Confidence
    words: tuple[str, ...] | None


@dataclass(slots=True)
class Searcher:
    """Is shown every look at a clip, and searches the surroundings of its faces."""

    read: Read | None = None
    seen: list[Seen] = field(default_factory=list)
    _empty: int = 0
    _looks: int = 0
    _left: int = _READ * 3

    def __call__(self, time_s: float, picture: Picturing, found: Detections) -> None:
        """Search one frame."""
        sure = found.above(_SURE)
        if not len(sure.boxes):
            return
        self._looks += 1
        if self._empty >= _EMPTY and self._looks % _EVERY:
            return
        full, across, down = picture(1 << 20, 1.0)
        ratio = np.array([across, down, across, down])
        sides = (sure.boxes[:, 2:] - sure.boxes[:, :2]).max(axis=1)
        any_drawn = False
        for at in np.argsort(-sides, kind="stable")[:_FACES]:
            outline = outline_around(full, sure.boxes[at] / ratio)
            words: tuple[str, ...] | None = None
            if outline is not None:
                any_drawn = True
                words = self._words(full, outline)
                outline = Outline(outline.box * ratio, outline.colour)
            self.seen.append(Seen(time_s, sure.boxes[at], outline, words))
        self._empty = 0 if any_drawn else self._empty + 1

    def _words(self, full: Picture, outline: Outline) -> tuple[str, ...] | None:
        """Read what stands just above, below and within an outline; a few times only."""
        if self.read is None or not self._left:
            return None
        self._left -= 1
        x1, y1, x2, y2 = outline.box
        width, tall = max(x2 - x1, 200.0), max(48.0, 0.35 * (y2 - y1))
        left, right = int(max(0, x1 - 12)), int(x1 + 1.5 * width)
        bands = ((y1 - tall, y1 + 0.5 * tall), (y2 - 0.5 * tall, y2 + tall))
        crops = [full[int(max(0, a)) : int(b), left:right] for a, b in bands]
        found = [word for crop in crops if min(crop.shape[:2]) > 8 for word in self.read(crop)]
        if found:
            self._left = min(self._left, _READ)
        return tuple(dict.fromkeys(found))


def traces(seen: Sequence[Seen], *, still: bool = False) -> list[Trace]:
    """Group outlines by their colour, and keep what a program drew.

    Args:
        seen: In the order of time.
        still: Whether it is a single picture.
    """
    out = []
    for group in _by_colour([s for s in seen if s.outline is not None]):
        first, last = group[0].time_s, group[-1].time_s
        searched = sum(first <= s.time_s <= last for s in seen)
        if len(group) < (1 if still else _ENOUGH) or len(group) < _SHARE * searched:
            continue
        follows = None if still else _follow(group)
        saturated = _saturated(group)
        if follows is False or (follows is None and not saturated):
            continue
        confidence = Confidence.HIGH if follows and saturated else Confidence.MEDIUM
        read = [s.words for s in group if s.words is not None]
        words = tuple(dict.fromkeys(w for some in read for w in some)) if read else None
        out.append(Trace(tuple(group), follows, confidence, words))
    return out


def _by_colour(drawn: Sequence[Seen]) -> list[list[Seen]]:
    groups: list[list[Seen]] = []
    for one in drawn:
        fitting = (g for g in groups if np.abs(_colours(g) - _colours([one])).max() <= _SAME)
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def _colours(group: Sequence[Seen]) -> NDArray[np.float64]:
    every = [s.outline.colour for s in group if s.outline is not None]
    out: NDArray[np.float64] = np.median(np.array(every, dtype=np.float64), axis=0)
    return out


def _saturated(group: Sequence[Seen]) -> bool:
    middle = _colours(group)
    return bool(middle.max() - middle.min() > 90)


def _follow(group: Sequence[Seen]) -> bool | None:
    """Say whether the outlines keep their place about faces that move; None where no face does."""
    faces = np.array([s.face for s in group])
    boxes = np.array([s.outline.box for s in group if s.outline is not None])
    sizes = (faces[:, 2:] - faces[:, :2]).max(axis=1)
    middles, centres = ((b[:, :2] + b[:, 2:]) / 2 for b in (faces, boxes))
    travel = _spread(middles)
    if travel < _MOVED * np.median(sizes):
        return None
    if _spread(centres) < _ALONG * travel:
        return False
    about = (centres - middles) / sizes[:, None]
    away = np.abs(about - np.median(about, axis=0)).max(axis=1)
    return bool(np.median(away) < _KEPT and np.quantile(away, 0.8) < 2 * _KEPT)


def _spread(points: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(points - np.median(points, axis=0), axis=1).max())
