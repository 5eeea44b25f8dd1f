"""Follows a box that a person drew through the frames around it, by the flow of points inside (median flow).

No model and no appearance of a face is learned or kept: points are moved from one frame to the next, and
how the points moved, the box moves. It stops where it is no longer sure, and the person draws again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Floats
from scanner.footage.edits import Box, Keyframe

Grey = NDArray[np.uint8]

SIDE = 960
"""Longer side in pixels of the pictures that flow is computed on."""
_GRID = 10
_FLOW: dict[str, Any] = {"winSize": (15, 15), "maxLevel": 3}
_BACK = 1.0
"""A point that comes back further than this many pixels from where it began has slipped."""
_ALIKE = 0.5
"""Correlation of the box's content from frame to frame below which it shows something else."""
_FEWEST = 8
_PATCH = 32


@dataclass(frozen=True, slots=True)
class Scene:
    """Grey pictures by frame number, at most `SIDE` long, and how many full pixels one of theirs is."""

    picture: Callable[[int], Grey]
    ratio: float
    width: int
    height: int


def follow(scene: Scene, start: Keyframe, frames: Iterator[int]) -> Iterator[Keyframe]:
    """Follow a box from its frame through others, forward or backward.

    Args:
        scene: The clip.
        start: Where the person drew it.
        frames: The numbers of the frames that follow, in order (falling ones to go backward).

    Yields:
        One keyframe a frame, until the box is lost or leaves the picture.
    """
    before = scene.picture(start.frame)
    box = np.array([*start.box[:2], start.box[0] + start.box[2], start.box[1] + start.box[3]]) / scene.ratio
    for number in frames:
        after = scene.picture(number)
        moved = _moved(before, after, box)
        if moved is None:
            return
        shape = _whole(moved * scene.ratio, scene)
        if shape is None:
            return
        yield Keyframe(number, shape)
        before, box = after, moved


def _moved(before: Grey, after: Grey, box: Floats) -> Floats | None:
    """Where a box goes from one picture to the next; None where nobody can tell."""
    points = _points(box, before.shape)
    if len(points) < _FEWEST:
        return None
    there, ok, _ = cv2.calcOpticalFlowPyrLK(before, after, points, points.copy(), **_FLOW)
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(after, before, there, points.copy(), **_FLOW)
    slipped = np.linalg.norm(points - back, axis=1)
    good = (ok.ravel() == 1) & (ok_back.ravel() == 1) & (slipped <= max(_BACK, float(np.median(slipped))))
    if good.sum() < _FEWEST or np.median(slipped[good]) > 2 * _BACK:
        return None
    start, end = points[good], there[good]
    shift = np.median(end - start, axis=0)
    middle = (box[:2] + box[2:]) / 2 + shift
    half = (box[2:] - box[:2]) / 2 * _growth(start, end)
    moved = np.concatenate([middle - half, middle + half])
    return moved if _alike(before, box, after, moved) else None


def _points(box: Floats, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A grid inside the box, away from its rim, within the picture."""
    size = box[2:] - box[:2]
    low, high = box[:2] + size * 0.1, box[2:] - size * 0.1
    xs, ys = (np.linspace(low[i], high[i], _GRID) for i in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
    inside = (grid >= 0).all(axis=1) & (grid[:, 0] < shape[1]) & (grid[:, 1] < shape[0])
    kept: NDArray[np.float32] = grid[inside]
    return kept


def _growth(start: NDArray[np.float32], end: NDArray[np.float32]) -> float:
    """How much larger things became: the median ratio of distances between points."""
    apart = [np.linalg.norm(p[:, None] - p[None], axis=2)[np.triu_indices(len(p), 1)] for p in (start, end)]
    known = apart[0] > 1
    return float(np.clip(np.median(apart[1][known] / apart[0][known]), 0.9, 1.1)) if known.any() else 1.0


def _alike(before: Grey, box: Floats, after: Grey, moved: Floats) -> bool:
    a, b = _patch(before, box), _patch(after, moved)
    if a is None or b is None:
        return False
    score = float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])
    return score >= _ALIKE or bool(max(a.std(), b.std()) < 2)


def _patch(picture: Grey, box: Floats) -> Grey | None:
    height, width = picture.shape
    x1, y1 = (max(0, int(v)) for v in box[:2])
    x2, y2 = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    if x2 - x1 < 4 or y2 - y1 < 4:
        return None
    return cv2.resize(picture[y1:y2, x1:x2], (_PATCH, _PATCH), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _whole(box: Floats, scene: Scene) -> Box | None:
    """Whole pixels, rounded outwards; None once less than half of the box lies in the picture."""
    x1, y1 = (int(np.floor(v)) for v in box[:2])
    x2, y2 = (int(np.ceil(v)) for v in box[2:])
    seen = (min(x2, scene.width) - max(x1, 0), min(y2, scene.height) - max(y1, 0))
    if min(seen) <= 0 or seen[0] * seen[1] * 2 < (x2 - x1) * (y2 - y1):
        return None
    return x1, y1, x2 - x1, y2 - y1
