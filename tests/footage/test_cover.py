"""Covers: nothing of the face is left under a solid one, and little under the others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.footage.cover import CELLS, Plane, cover


def _planes(seed: int) -> list[Plane]:
    rng = np.random.default_rng(seed)
    sizes = ((90, 120, 1.0), (45, 60, 2.0), (45, 60, 2.0))
    return [
        Plane(rng.integers(40, 200, (h, w)).astype(np.uint8), scale, scale, fill)
        for (h, w, scale), fill in zip(sizes, (16, 128, 128), strict=True)
    ]


@settings(deadline=None, max_examples=60)
@given(st.floats(-20, 119), st.floats(-20, 89), st.floats(1, 60), st.floats(1, 60))
def test_a_solid_cover_leaves_no_sample_of_any_plane(x: float, y: float, w: float, h: float) -> None:
    planes = _planes(1)
    before = [p.pixels.copy() for p in planes]
    cover(planes, np.array([[x, y, x + w, y + h]]), "solid", np.random.default_rng(0))
    for plane, old in zip(planes, before, strict=True):
        for row in range(plane.pixels.shape[0]):
            for column in range(plane.pixels.shape[1]):
                touched = (
                    column * plane.across < x + w
                    and (column + 1) * plane.across > x
                    and row * plane.down < y + h
                    and (row + 1) * plane.down > y
                )
                expected = plane.fill if touched else old[row, column]
                assert plane.pixels[row, column] == expected


def test_pixelation_is_coarse_and_no_exact_mean() -> None:
    planes = _planes(2)
    old = planes[0].pixels.copy()
    cover(planes, np.array([[10.0, 10.0, 70.0, 70.0]]), "pixelate", np.random.default_rng(0))
    area = planes[0].pixels[10:70, 10:70]
    assert len(np.unique(area)) <= CELLS * CELLS
    assert CELLS <= 8
    cell = 60 // CELLS
    means = old[10:70, 10:70].reshape(CELLS, cell, CELLS, cell).mean(axis=(1, 3))
    assert np.abs(area[::cell, ::cell] - means).mean() > 2
    assert (planes[0].pixels[:10] == old[:10]).all()


@pytest.mark.parametrize("style", ["pixelate", "blur"])
def test_detail_is_gone(style: str) -> None:
    planes = _planes(3)
    cover(planes, np.array([[10.0, 10.0, 70.0, 70.0]]), style, np.random.default_rng(0))  # type: ignore[arg-type]
    steps = np.abs(np.diff(planes[0].pixels[10:70, 10:70].astype(int), axis=1))
    assert np.median(steps) <= 1


def test_transparency_is_no_hiding_place() -> None:
    pixels = np.full((40, 40, 4), 100, np.uint8)
    planes = [Plane(pixels[..., :3], 1, 1, 0), Plane(pixels[..., 3], 1, 1, 255, is_alpha=True)]
    for style in ("solid", "pixelate", "blur"):
        cover(planes, np.array([[5.0, 5.0, 30.0, 30.0]]), style, np.random.default_rng(0))  # type: ignore[arg-type]
        assert (pixels[5:30, 5:30, 3] == 255).all()
