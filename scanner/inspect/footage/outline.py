"""Finds the thin straight rectangle that a program drew around a face in a picture.

A drawn line is one exact row or column of one colour, brighter or darker than what lies on both sides of it,
and it ends at its corners. Edges of things are seldom all of that, and seldom four of them around a face.
"""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Box = NDArray[np.float64]

_SIDE = 160
"""A larger face is made this large first."""
_SMALLEST = 20
"""Around a smaller face (in pixels, longer side) no line is told from what it encloses."""
_BEYOND, _WITHIN = 0.95, 0.3
"""How far a side may lie beyond the face's edge, or within, as a share of the face's side."""
_APART = (2, 3, 5)
"""How many pixels from the middle of a line its surroundings are looked at."""
_RIDGE = 26
"""How many of 255 levels a line must differ from both its sides, in one colour at least."""
_CROSSING = 0.8
"""The share of the face's width that a line must pass to be tried at all."""
_WHOLE = 0.72
"""The share of a side that must be there; a label may cover some of it."""
_EVEN = 62
"""How far the colours of one drawing differ after encoding, in the channel that differs most."""
_RUNS_ON = 0.6
_LABELLED = 0.6
"""The share of a box's width that a filled label above it takes at least, where it hides the upper line."""
_TRIED = 4
_OVERLAP = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A rectangle around a face.

    Attributes:
        box: x1 y1 x2 y2 of the middle of its lines, in pixels of the picture.
        colour: Blue, green, red, 0 to 255.
    """

    box: Box
    colour: tuple[int, int, int]

    @property
    def saturated(self) -> bool:
        """Whether it is a colour that walls, wood and metal do not have."""
        return max(self.colour) - min(self.colour) > 90


def outline_around(picture: Picture, face: Box) -> Outline | None:
    """Look for a drawn rectangle around a face.

    Args:
        picture: H x W x 3, blue green red.
        face: x1 y1 x2 y2 in its pixels.
    """
    side = float((face[2:] - face[:2]).max())
    if side < _SMALLEST:
        return None
    scale = min(1.0, _SIDE / side)
    reach = _BEYOND * side + 8
    x1, y1 = (max(0, int(v - reach)) for v in face[:2])
    x2, y2 = (int(v + reach) + 1 for v in face[2:])
    crop = picture[y1:y2, x1:x2]
    if scale < 1:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    found = _rectangle(crop, (face - np.array([x1, y1, x1, y1])) * scale)
    if found is None:
        return None
    return Outline(found.box / scale + np.array([x1, y1, x1, y1]), found.colour)


def _rectangle(crop: Picture, face: Box) -> Outline | None:
    if min(crop.shape[:2]) < 4 * max(_APART):
        return None
    x1, y1, x2, y2 = face
    rows, columns = _Lines(crop, (x1, x2)), _Lines(crop.transpose(1, 0, 2), (y1, y2))
    w, h = x2 - x1, y2 - y1
    tops = rows.near(y1 - _BEYOND * h, y1 + _WITHIN * h)
    bottoms = rows.near(y2 - _WITHIN * h, y2 + _BEYOND * h)
    lefts = columns.near(x1 - _BEYOND * w, x1 + _WITHIN * w)
    rights = columns.near(x2 - _WITHIN * w, x2 + _BEYOND * w)
    fitting = [
        _fitting(rows, columns, (left, top, right, bottom), face)
        for top, bottom, left, right in product(tops, bottoms, lefts, rights)
    ]
    fitting += [
        _fitting(rows, columns, (left, columns.begin(left, bottom), right, bottom), face, hidden="upper")
        for bottom, left, right in product(bottoms, lefts, rights)
    ]
    fitting += [
        _fitting(rows, columns, (left, top, right, columns.end(left, top)), face, hidden="lower")
        for top, left, right in product(tops, lefts, rights)
    ]
    return max((f for f in fitting if f), key=lambda f: f[0], default=(0.0, None))[1]


def _fitting(
    rows: "_Lines", columns: "_Lines", box: tuple[int, int, int, int], face: Box, *, hidden: str = ""
) -> tuple[float, Outline] | None:
    """Say how well four lines make a drawn box; a filled label may hide the `upper` or `lower` one."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if not 0.4 < width / max(1, height) < 2.2 or _shared(np.array(box, dtype=np.float64), face) < _OVERLAP:
        return None
    sides = [(columns, left, top, bottom), (columns, right, top, bottom)]
    sides += [(rows, bottom, left, right)] if hidden != "lower" else []
    sides += [(rows, top, left, right)] if hidden != "upper" else []
    covered = [lines.covered(at, a, b) for lines, at, a, b in sides]
    if min(covered) < _WHOLE:
        return None
    colours = np.array([lines.colour(at, a, b) for lines, at, a, b in sides])
    middle = np.median(colours, axis=0)
    if np.abs(colours - middle).max() > _EVEN:
        return None
    if sum(lines.runs_on(at, a, b) for lines, at, a, b in sides) > 1:
        return None
    label = {"upper": (top - 10, top - 3), "lower": (bottom + 3, bottom + 10)}.get(hidden)
    if label and rows.filled(*label, (left, right), middle) < _LABELLED:
        return None
    b, g, r = (int(v) for v in middle)
    return sum(covered), Outline(np.array(box, dtype=np.float64), (b, g, r))


def _shared(box: Box, face: Box) -> float:
    low, high = np.maximum(box[:2], face[:2]), np.minimum(box[2:], face[2:])
    shared = float(np.clip(high - low, 0, None).prod())
    return shared / float((box[2:] - box[:2]).prod() + (face[2:] - face[:2]).prod() - shared)


def _ridges(crop: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Give how far each pixel differs from both above and below, to the same side, in 255 levels."""
    values = crop.astype(np.int16)
    ridges = np.zeros(crop.shape[:2], dtype=np.int16)
    for apart in _APART:
        above = values[apart:-apart] - values[: -2 * apart]
        below = values[apart:-apart] - values[2 * apart :]
        rises = np.minimum(above, below).max(axis=2)
        falls = -np.maximum(above, below).min(axis=2)
        inner = ridges[apart:-apart]
        np.maximum(inner, np.maximum(rises, falls), out=inner)
    return ridges


class _Lines:
    """The rows of a crop (or its columns, turned) as lines."""

    def __init__(self, crop: NDArray[np.uint8], face: tuple[float, float]) -> None:
        ridges = _ridges(crop)
        marks = ridges > _RIDGE
        self._sums = np.concatenate([np.zeros((len(marks), 1)), marks.cumsum(axis=1)], axis=1)
        self._crop = crop
        length = face[1] - face[0]
        a, b = self._within(face[0] + 0.15 * length, face[1] - 0.15 * length)
        self._crossing = (self._sums[:, b] - self._sums[:, a]) / max(1, b - a)
        self._strength = ridges[:, a : max(b, a + 1)].mean(axis=1)

    def _within(self, start: float, stop: float) -> tuple[int, int]:
        last = self._sums.shape[1] - 1
        a = min(max(0, round(start)), last)
        return a, min(max(a, round(stop)), last)

    def near(self, first: float, last: float) -> list[int]:
        """Give the lines between two places that cross the face's width: the likeliest few, none twice."""
        a, b = max(0, round(first)), min(len(self._crossing), round(last) + 1)
        order = a + np.argsort(-self._strength[a:b], kind="stable")
        chosen: list[int] = []
        for at in order.tolist():
            if len(chosen) == _TRIED:
                break
            # The rows beside the middle of a line are weaker and mixed with what lies around it.
            if self._crossing[at] >= _CROSSING and all(abs(at - c) > 3 for c in chosen):
                chosen.append(at)
        return chosen

    def covered(self, at: int, start: int, stop: int) -> float:
        """Give the share of a line that is there."""
        a, b = self._within(start, stop)
        return float(self._sums[at, b] - self._sums[at, a]) / max(1, b - a)

    def begin(self, at: int, before: int) -> int:
        """Give where a line begins that is there before a place; a gap of a few pixels is none."""
        marked = np.flatnonzero(np.diff(self._sums[at, : before + 1]) > 0)
        gaps = np.flatnonzero(np.diff(marked) > 4)
        return int(marked[gaps[-1] + 1 if len(gaps) else 0]) if len(marked) else before

    def end(self, at: int, after: int) -> int:
        """Give where a line ends that is there after a place."""
        marked = after + np.flatnonzero(np.diff(self._sums[at, after:]) > 0)
        gaps = np.flatnonzero(np.diff(marked) > 4)
        return int(marked[gaps[0] if len(gaps) else -1]) if len(marked) else after

    def filled(self, first: int, last: int, within: tuple[int, int], colour: NDArray[np.float64]) -> float:
        """Give the share of some rows that has a colour, from side to side."""
        area = self._crop[max(0, first) : max(0, last), within[0] : within[1]].astype(np.float64)
        if not area.size:
            return 0.0
        return float((np.abs(area - colour).max(axis=2) <= _EVEN).mean())

    def colour(self, at: int, start: int, stop: int) -> NDArray[np.float64]:
        """Give the colour that most of it has."""
        a, b = self._within(start, stop)
        out: NDArray[np.float64] = np.median(self._crop[at, a : max(a + 1, b)].astype(np.float64), axis=0)
        return out

    def runs_on(self, at: int, start: int, stop: int) -> int:
        """Count the ends beyond which it goes on, as the lines of windows and doors do."""
        more = max(4, round(0.25 * (stop - start)))
        beyond = ((start - more - 3, start - 3), (stop + 3, stop + 3 + more))
        return sum(self.covered(at, *ends) > _RUNS_ON for ends in beyond if ends[0] >= 0)
