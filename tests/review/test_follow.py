"""A drawn box follows what it was drawn around, and stops where it is lost."""

import numpy as np
import pytest
from numpy.typing import NDArray

from samples.clips import handheld, street
from scanner.footage.edits import Keyframe
from scanner.review.follow import Scene, follow

RATE = 15


def scene_of(maker, seconds: float) -> tuple[Scene, list[tuple[float, float, float, float]]]:  # type: ignore[no-untyped-def]
    made = maker()
    pictures: list[NDArray[np.uint8]] = []
    boxes = []
    for i in range(int(seconds * RATE)):
        picture, faces = made(i / RATE)
        pictures.append(np.ascontiguousarray(picture.mean(axis=2).astype(np.uint8)))
        boxes.append(faces[0] if faces else (0, 0, 0, 0))
    height, width = pictures[0].shape
    return Scene(pictures.__getitem__, 1.0, width, height), boxes


def overlap(a: tuple[int, ...], b: tuple[float, ...]) -> float:
    low = (max(a[0], b[0]), max(a[1], b[1]))
    high = (min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3]))
    shared = max(0, high[0] - low[0]) * max(0, high[1] - low[1])
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


@pytest.mark.parametrize("maker", [handheld, street])
@pytest.mark.parametrize("backward", [False, True])
def test_it_stays_on_a_moving_face(maker, backward: bool) -> None:  # type: ignore[no-untyped-def]
    scene, boxes = scene_of(maker, 3)
    seen = [i for i, b in enumerate(boxes) if b[2] > 0]
    start, frames = (seen[-1], seen[-2::-1]) if backward else (seen[0], seen[1:])
    drawn = tuple(round(v) for v in boxes[start])
    found = list(follow(scene, Keyframe(start, drawn), iter(frames)))  # type: ignore[arg-type]
    assert len(found) >= len(frames) // 2
    good = [overlap(k.box, boxes[k.frame]) > 0.5 for k in found]
    assert sum(good) >= 0.9 * len(good)


def test_it_stops_at_a_scene_cut() -> None:
    scene, boxes = scene_of(handheld, 2)
    other = np.random.default_rng(3).integers(0, 255, (scene.height, scene.width), dtype=np.uint8)
    cut = Scene(lambda i: scene.picture(i) if i < 10 else other, 1.0, scene.width, scene.height)
    drawn = tuple(round(v) for v in boxes[0])
    found = list(follow(cut, Keyframe(0, drawn), iter(range(1, 30))))  # type: ignore[arg-type]
    assert found[-1].frame == 9


def test_it_stops_where_the_box_leaves_the_picture() -> None:
    texture = np.random.default_rng(1).integers(0, 255, (120, 400), dtype=np.uint8)
    texture = np.repeat(np.repeat(texture[::4, ::4], 4, axis=0), 4, axis=1)
    scene = Scene(lambda i: np.ascontiguousarray(texture[:, i * 6 : i * 6 + 160]), 1.0, 160, 120)
    found = list(follow(scene, Keyframe(0, (60, 40, 40, 40)), iter(range(1, 40))))
    assert 8 <= len(found) <= 15
    assert found[5].box[0] == pytest.approx(60 - 36, abs=2)
