"""Covers areas of a picture, on the planes that it is stored in."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Boxes
from scanner.footage.options import Style

CELLS = 5
"""A pixelated face is never finer than this many cells across."""
_BLUR_SIDE = 64
"""Longer side of the picture that a blur is computed on."""
_NOISE = 8.0
"""Standard deviation, in levels of 255, of what is added to each cell, so that cells are no exact means."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One plane of a picture.

    Attributes:
        pixels: H x W or H x W x C, writable.
        across: How many pixels of the picture one of the plane's columns is (2 for halved chroma).
        down: Likewise for rows.
        fill: What a solid cover writes.
        is_alpha: Whether it tells how opaque the others are; it is always filled, for what lies under a
            transparent pixel is free for an encoder to invent, or to keep.
    """

    pixels: NDArray[Any]
    across: float
    down: float
    fill: int
    is_alpha: bool = False


def cover(planes: Sequence[Plane], boxes: Boxes, style: Style, noise: np.random.Generator) -> None:
    """Draw over every box, in place.

    Args:
        planes: Of one picture.
        boxes: N x 4 in pixels of the picture as it is stored; rounded outwards to whole samples.
        style: How.
        noise: Where the noise of pixelation comes from; it must not be predictable by a requester.
    """
    for box in boxes:
        for plane in planes:
            area = _area(plane, box)
            if area.size:
                _STYLES["solid" if plane.is_alpha else style](area, plane, noise)


def _area(plane: Plane, box: NDArray[np.float64]) -> NDArray[Any]:
    x1, y1 = max(0, floor(box[0] / plane.across)), max(0, floor(box[1] / plane.down))
    x2, y2 = ceil(box[2] / plane.across), ceil(box[3] / plane.down)
    return plane.pixels[y1 : max(y1, y2), x1 : max(x1, x2)]


def _solid(area: NDArray[Any], plane: Plane, noise: np.random.Generator) -> None:  # noqa: ARG001
    area[:] = plane.fill


def _pixelate(area: NDArray[Any], plane: Plane, noise: np.random.Generator) -> None:  # noqa: ARG001
    height, width = area.shape[:2]
    cell = max(1, ceil(max(height, width) / CELLS))
    grid = (ceil(width / cell), ceil(height / cell))
    means = cv2.resize(area.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
    top = np.iinfo(area.dtype).max if area.dtype == np.uint8 else 1023
    means = means + noise.normal(0, _NOISE * top / 255, means.shape)
    tiles = means.repeat(cell, axis=0).repeat(cell, axis=1)
    area[:] = np.clip(tiles[:height, :width], 0, top).astype(area.dtype)


def _blur(area: NDArray[Any], plane: Plane, noise: np.random.Generator) -> None:  # noqa: ARG001
    # A wide blur leaves nothing that a small picture does not hold, and costs the less on one.
    height, width = area.shape[:2]
    scale = min(1.0, _BLUR_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(area, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(size) / 4, borderType=cv2.BORDER_REPLICATE)
    area[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).reshape(area.shape)


_STYLES = {"solid": _solid, "pixelate": _pixelate, "blur": _blur}
