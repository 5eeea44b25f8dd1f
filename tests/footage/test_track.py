"""Tracks: gaps filled, ends held, cuts respected, and every supported detection inside its cover."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.footage.boxes import iou, overlaps, suppress, turn
from scanner.footage.detect import NOTHING, Detections
from scanner.footage.track import Examined, Tracking, track

HOW = Tracking()
SIZE = (640, 360)


def _seen(*faces: tuple[float, float, float], size: float = 40) -> Detections:
    boxes = np.array([(x, y, x + size, y + size * 1.2) for x, y, _ in faces]).reshape(-1, 4)
    return Detections(boxes, np.array([s for *_, s in faces]))


def _clip(found: list[Detections | None], rate: float = 25, cuts: tuple[int, ...] = ()) -> list[Examined]:
    return [Examined(i / rate, f, i in cuts) for i, f in enumerate(found)]


def test_a_gap_is_filled_along_the_way() -> None:
    found: list[Detections | None] = [_seen((100 + 4 * i, 100, 0.9)) for i in range(20)]
    found[8:13] = [NOTHING] * 5
    [one] = track(_clip(found), *SIZE, HOW)
    assert (one.first, one.last) == (0, 19)
    assert one.raw[10][0] == 140
    assert one.seen[10] == 0


def test_a_cover_is_held_at_both_ends() -> None:
    found: list[Detections | None] = [NOTHING] * 20 + [_seen((100, 100, 0.9))] * 5 + [NOTHING] * 25
    [one] = track(_clip(found), *SIZE, HOW)
    assert (one.first, one.last) == (10, 34)


def test_a_held_cover_reaches_along_the_pace() -> None:
    found: list[Detections | None] = [_seen((100 + 10 * i, 100, 0.9)) for i in range(10)] + [NOTHING] * 10
    [one] = track(_clip(found), *SIZE, HOW)
    true_x = 100 + 10 * 12
    cover = one.boxes[12]
    assert cover[0] <= 190
    assert cover[2] >= true_x + 40


def test_no_cover_crosses_a_cut() -> None:
    found: list[Detections | None] = [NOTHING] * 20 + [_seen((100, 100, 0.9))] * 10 + [NOTHING] * 20
    [one] = track(_clip(found, cuts=(18, 32)), *SIZE, HOW)
    assert (one.first, one.last) == (18, 31)
    same: list[Detections | None] = [_seen((100, 100, 0.9))] * 10
    assert len(track(_clip(same, cuts=(5,)), *SIZE, HOW)) == 2


def test_weak_detections_count_where_a_strong_one_supports_them() -> None:
    weak: list[Detections | None] = [_seen((100, 100, 0.4))] * 10
    assert track(_clip(weak), *SIZE, HOW) == []
    weak[9] = _seen((100, 100, 0.8))
    [one] = track(_clip(weak), *SIZE, HOW)
    assert one.seen[0] == 0.4


def test_two_faces_that_pass_each_other_stay_covered() -> None:
    found: list[Detections | None] = [
        _seen((100 + 8 * i, 100, 0.9), (340 - 8 * i, 130, 0.8)) for i in range(30)
    ]
    tracks = track(_clip(found), *SIZE, HOW)
    for i in range(30):
        for x, y in ((100 + 8 * i, 100), (340 - 8 * i, 130)):
            face = np.array([[x, y, x + 40, y + 48]], dtype=float)
            covers = np.array([t.boxes[i - t.first] for t in tracks if t.first <= i <= t.last])
            assert overlaps(face, covers).max() >= 40 * 48 - 1e-6


faces = st.tuples(st.floats(0, 600), st.floats(0, 300), st.sampled_from([0.35, 0.5, 0.65, 0.9]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.lists(faces, max_size=4)), min_size=1, max_size=25),
    st.sets(st.integers(1, 24)),
    st.sampled_from([1.0, 8.0, 25.0]),
)
def test_every_strong_detection_lies_inside_a_cover(
    found: list[list[tuple[float, float, float]] | None], cuts: set[int], rate: float
) -> None:
    frames = _clip([None if f is None else _seen(*f) for f in found], rate, tuple(cuts))
    tracks = track(frames, *SIZE, HOW)
    starts = [0, *sorted(c for c in cuts if c < len(frames)), len(frames)]
    for one in tracks:
        assert len(one.boxes) == len(one.seen) == len(one.raw)
        assert (one.boxes[:, :2] <= one.raw[:, :2]).all()
        assert (one.boxes[:, 2:] >= one.raw[:, 2:]).all()
        assert one.seen.max() >= HOW.strong
        assert any(a <= one.first and one.last < b for a, b in pairwise(starts))
    for i, frame in enumerate(frames):
        for box, score in zip(
            *((frame.found.boxes, frame.found.scores) if frame.found else ((), ())), strict=True
        ):
            if score >= HOW.strong:
                cut = np.clip(box, 0, [SIZE[0], SIZE[1]] * 2)[None]
                covers = np.array([t.boxes[i - t.first] for t in tracks if t.first <= i <= t.last])
                area = (cut[0, 2] - cut[0, 0]) * (cut[0, 3] - cut[0, 1])
                assert overlaps(cut, covers).max() >= area - 1e-6


boxes = st.lists(
    st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(1, 40), st.floats(1, 40)), min_size=1, max_size=12
).map(lambda rows: np.array([(x, y, x + w, y + h) for x, y, w, h in rows]))


@given(boxes, st.integers(0, 3))
def test_suppression_keeps_the_best_and_no_two_alike(found: np.ndarray, seed: int) -> None:
    scores = np.random.default_rng(seed).random(len(found))
    chosen = suppress(found, scores, 0.4)
    assert chosen[0] == scores.argmax()
    between = iou(found[chosen], found[chosen])
    assert (between[~np.eye(len(chosen), dtype=bool)] <= 0.4).all()
    left = sorted(set(range(len(found))) - set(chosen.tolist()))
    assert all(iou(found[i : i + 1], found[chosen]).max() > 0.4 for i in left)


@given(boxes, st.integers(-4, 4))
def test_boxes_turn_as_pictures_do(found: np.ndarray, turns: int) -> None:
    whole = np.round(found)
    picture = np.zeros((140, 150), dtype=bool)
    x1, y1, x2, y2 = whole[0].astype(int)
    picture[y1:y2, x1:x2] = True
    turned = np.rot90(picture, turns)
    a1, b1, a2, b2 = turn(whole, turns, 150, 140)[0].astype(int)
    assert turned[b1:b2, a1:a2].all()
    assert turned.sum() == (b2 - b1) * (a2 - a1)
    size = turned.shape[::-1]
    assert np.allclose(turn(turn(whole, turns, 150, 140), -turns, *size), whole)


def test_a_runner_seen_now_and_then_is_one_track() -> None:
    """At 25 frames a second 100 px in four frames, more than twice the face: weak looks still count."""
    found: list[Detections | None] = [None] * 24
    for look, score in enumerate((0.4, 0.4, 0.9, 0.4, 0.9, 0.4)):
        found[look * 4] = _seen((20 + 100 * look, 100, score))
    [one] = track(_clip(found), *SIZE, HOW)
    assert (one.first, one.last) == (0, 23)
    assert one.raw[2][0] == 70


def test_a_cover_does_not_shrink_for_a_moment() -> None:
    wide, narrow = _seen((100, 100, 0.9)), _seen((105, 106, 0.9), size=30)
    found: list[Detections | None] = [wide] * 10 + [narrow] * 4 + [wide] * 10
    [one] = track(_clip(found), *SIZE, HOW)
    assert one.raw[11].tolist() == [105, 106, 135, 142]
    cover = one.boxes[11]
    assert cover[2] - cover[0] >= 50
    assert cover[3] - cover[1] >= 58
