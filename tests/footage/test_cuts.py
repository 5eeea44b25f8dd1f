"""Where a new scene begins: between pictures of like brightness too, and not where a camera moves."""

import numpy as np
import pytest
from skimage import data

from scanner.footage.look import Cadence, Gate


def _gray(name: str, x: int = 0) -> np.ndarray:
    picture = getattr(data, name)()
    gray = picture if picture.ndim == 2 else picture[..., :3].mean(axis=2)
    return np.ascontiguousarray(gray[:280, x : x + 280]).astype(np.uint8)


def _cut(first: np.ndarray, second: np.ndarray) -> bool:
    gate = Gate(Cadence())
    gate.judge(first, 0.0)
    return gate.judge(second, 0.04)[1]


@pytest.mark.parametrize(
    ("first", "second"), [("gravel", "chelsea"), ("grass", "brick"), ("coins", "moon"), ("gravel", "grass")]
)
def test_another_scene_of_like_brightness_is_a_cut(first: str, second: str) -> None:
    assert np.abs(_gray(first).mean() - _gray(second).mean()) < 40
    assert _cut(_gray(first), _gray(second))


@pytest.mark.parametrize("name", ["coins", "chelsea", "coffee", "astronaut"])
def test_a_moving_camera_and_a_light_that_goes_on_are_no_cut(name: str) -> None:
    assert not _cut(_gray(name), _gray(name, 8))
    lit = np.clip(_gray(name).astype(int) // 2 + 90, 0, 255).astype(np.uint8)
    assert not _cut(_gray(name), lit)
