"""Boxes as arrays: N x 4 float64, columns x1 y1 x2 y2 in pixels, the right and lower edge not included."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

EMPTY: Boxes = np.zeros((0, 4))


def areas(boxes: Boxes) -> Floats:
    """Give the N areas in square pixels; 0 where a box is inside out."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    out: Floats = sides[:, 0] * sides[:, 1]
    return out


def overlaps(a: Boxes, b: Boxes) -> Floats:
    """Give the N x M areas that boxes of `a` share with boxes of `b`, in square pixels."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    out: Floats = sides[..., 0] * sides[..., 1]
    return out


def iou(a: Boxes, b: Boxes) -> Floats:
    """Give the N x M ratios of intersection to union, from 0 to 1."""
    shared = overlaps(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    out: Floats = shared / np.maximum(union, 1e-9)
    return out


def likeness(a: Boxes, b: Boxes, waited: Floats) -> Floats:
    """Give N x M, above 0 where two boxes can be the same face: they overlap, or lie near.

    How near grows with the M seconds since `b` were seen: a runner crosses several face sizes a second.
    """
    size_a, size_b = ((x[:, 2:] - x[:, :2]).max(axis=1) for x in (a, b))
    middle_a, middle_b = ((x[:, :2] + x[:, 2:]) / 2 for x in (a, b))
    away = np.linalg.norm(middle_a[:, None] - middle_b[None], axis=2)
    larger = np.maximum(size_a[:, None], size_b[None])
    alike = np.minimum(size_a[:, None], size_b[None]) / larger > 0.5
    near = np.clip(1 - away / ((1.2 + 8 * waited[None]) * larger), 0, None)
    out: Floats = np.where(alike, iou(a, b) + near, 0.0)
    return out


def suppress(boxes: Boxes, scores: Floats, limit: float) -> Ints:
    """Choose boxes greedily by falling score, leaving out those that overlap a better one.

    Args:
        boxes: N x 4.
        scores: N; ties are broken by position, so that the choice is the same on every machine.
        limit: A box is left out when its intersection over union with a chosen one is above this.

    Returns:
        Positions of the chosen, best first.
    """
    order = np.argsort(-scores, kind="stable")
    chosen: list[int] = []
    while order.size:
        best, order = order[0], order[1:]
        chosen.append(int(best))
        order = order[iou(boxes[best : best + 1], boxes[order])[0] <= limit]
    return np.array(chosen, dtype=np.intp)


def grow(boxes: Boxes, share: float) -> Boxes:
    """Push every edge outwards by `share` of the box's longer side."""
    by = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)[:, None] * share
    return np.concatenate([boxes[:, :2] - by, boxes[:, 2:] + by], axis=1)


def clip(boxes: Boxes, width: float, height: float) -> Boxes:
    """Cut boxes to a picture of `width` x `height` pixels; those outside become empty."""
    return np.clip(boxes, 0, np.array([width, height, width, height], dtype=np.float64))


def turn(boxes: Boxes, quarter_turns: int, width: float, height: float) -> Boxes:
    """Turn boxes with their picture, as `numpy.rot90` turns it (counter-clockwise).

    Args:
        boxes: N x 4 in a picture of `width` x `height`.
        quarter_turns: How many; negative turns clockwise.
        width: Of the picture before the turn.
        height: Of the picture before the turn.
    """
    x1, y1, x2, y2 = boxes.T
    match quarter_turns % 4:
        case 1:
            sides = (y1, width - x2, y2, width - x1)
        case 2:
            sides = (width - x2, height - y2, width - x1, height - y1)
        case 3:
            sides = (height - y2, x1, height - y1, x2)
        case _:
            sides = (x1, y1, x2, y2)
    return np.stack(sides, axis=1)
