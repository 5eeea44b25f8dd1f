"""The second opinion: what is new is judged, what is known is remembered, and it costs little."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from samples import clips
from scanner.errors import UnreadableError
from scanner.footage import detect, media
from scanner.footage.boxes import iou
from scanner.footage.detect import Detections, Picture
from scanner.footage.media import Frame
from scanner.footage.options import PRESETS, Preset
from scanner.footage.second import SecondOpinion, View
from scanner.footage.track import Tracking, track
from scanner.footage.watch import examine

_FACE = np.array([180.0, 60.0, 270.0, 178.0])
_WALL = np.array([330.0, 20.0, 400.0, 100.0])


def _astronaut(right: int = 0) -> Picture:
    picture = np.ascontiguousarray(data.astronaut()[..., ::-1])
    return np.roll(picture, right, axis=1)


def _view(picture: Picture) -> View:
    return lambda: (picture, 1.0, 1.0)


def _found(*rows: tuple[np.ndarray, float]) -> Detections:
    return Detections(np.array([b for b, _ in rows]).reshape(-1, 4), np.array([s for _, s in rows]))


@pytest.fixture
def opinion() -> SecondOpinion:
    return SecondOpinion(detect.shipped("centerface"))


def test_a_weak_detection_of_a_face_may_begin_a_track(opinion: SecondOpinion) -> None:
    judged = opinion.judge(_view(_astronaut()), _found((_FACE, 0.45)), 0.0)
    assert judged.scores[0] > Tracking().strong
    assert iou(judged.boxes, _FACE[None])[0, 0] > 0.6


def test_what_is_no_face_is_dropped_or_begins_no_track(opinion: SecondOpinion) -> None:
    judged = opinion.judge(_view(_astronaut()), _found((_WALL, 0.5)), 0.0)
    assert not len(judged.boxes)
    judged = opinion.judge(_view(_astronaut()), _found((_WALL, 0.8)), 0.1)
    assert judged.scores.tolist() == [pytest.approx(0.59)]


def test_a_weak_detection_supports_the_track_of_a_face_that_is_known(opinion: SecondOpinion) -> None:
    opinion.judge(_view(_astronaut()), _found((_FACE, 0.9)), 0.0)
    blank = np.zeros((512, 512, 3), np.uint8)
    judged = opinion.judge(_view(blank), _found((_FACE + 10, 0.3), (_WALL, 0.3)), 0.08)
    assert judged.scores.tolist() == [Tracking().strong, 0.3]


def test_nothing_is_known_after_a_cut_or_a_while(opinion: SecondOpinion) -> None:
    for pause, cut in ((0.1, True), (2.0, False)):
        opinion.judge(_view(_astronaut()), _found((_FACE, 0.9)), 0.0)
        if cut:
            opinion.forget()
        judged = opinion.judge(_view(_astronaut()), _found((_FACE, 0.3)), pause)
        assert judged.scores.tolist() == [0.3]
        opinion.forget()


def test_neither_a_face_nor_a_place_without_one_is_asked_about_again(opinion: SecondOpinion) -> None:
    for look in range(5):
        judged = opinion.judge(_view(_astronaut()), _found((_FACE, 0.9), (_WALL, 0.5)), look * 0.08)
        assert judged.boxes.tolist() == judged.boxes[:1].tolist()
    assert opinion.asked == 2


def test_a_face_that_comes_where_there_was_none_is_seen(opinion: SecondOpinion) -> None:
    blank = np.zeros((512, 512, 3), np.uint8)
    assert not len(opinion.judge(_view(blank), _found((_FACE, 0.5)), 0.0).boxes)
    judged = opinion.judge(_view(_astronaut()), _found((_FACE, 0.7)), 0.08)
    assert judged.scores[0] > Tracking().strong


def test_texture_does_not_cost_more_than_a_few_crops(opinion: SecondOpinion) -> None:
    grid = [np.array([x, y, x + 20, y + 24]) for x in range(0, 480, 40) for y in range(300, 480, 40)]
    opinion.judge(_view(_astronaut()), _found(*[(box.astype(float), 0.5) for box in grid]), 0.0)
    assert opinion.asked <= 4


boxes = st.tuples(st.floats(0, 460), st.floats(0, 460), st.floats(4, 200)).map(
    lambda v: np.array([v[0], v[1], v[0] + v[2], v[1] + v[2]])
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(boxes, st.floats(0.25, 0.95)), max_size=3), min_size=1, max_size=3))
def test_a_sure_detection_is_never_thrown_away(looks: list[list[tuple[np.ndarray, float]]]) -> None:
    opinion, picture = SecondOpinion(detect.shipped("centerface")), _astronaut()
    for number, rows in enumerate(looks):
        judged = opinion.judge(_view(picture), _found(*rows), number * 0.08)
        assert len(judged.boxes) == len(judged.scores)
        for box, score in rows:
            if score >= 0.6:
                assert iou(judged.boxes, box[None]).max(initial=0) > 0.4


def _parked(time_s: float) -> tuple[Picture, tuple[clips.Box, ...]]:
    """A shaking camera before a motorcycle, whose headlamp looks like a face to a small network."""
    wide = cv2.resize(data.stereo_motorcycle()[0], (1000, 700), interpolation=cv2.INTER_AREA)
    x, y = round(20 + 10 * np.sin(time_s * 9)), round(20 + 8 * np.cos(time_s * 7))
    return np.ascontiguousarray(wide[y : y + 640, x : x + 960]), ()


def test_a_headlamp_is_not_a_face_for_long(tmp_path: Path) -> None:
    clips.write(tmp_path / "parked.mp4", _parked, clips.steady_times(1, 12))
    clip = media.probe(tmp_path / "parked.mp4")

    def tracks(preset: Preset) -> int:
        seen = examine(clip, media.frames(clip), preset, [detect.shipped(i) for i in preset.models])
        return len(track(seen.frames, *clip.upright, Tracking()))

    assert tracks(replace(PRESETS["balanced"], second="")) > 0
    assert tracks(PRESETS["balanced"]) == 0


def test_an_error_in_decoding_ends_the_looking(tmp_path: Path) -> None:
    clips.write(tmp_path / "a.mp4", clips.handheld(), clips.steady_times(1, 10))
    clip = media.probe(tmp_path / "a.mp4")

    def cut_off() -> Iterator[Frame]:
        for number, frame in enumerate(media.frames(clip)):
            if number == 5:
                raise UnreadableError("cut off")
            yield frame

    preset = PRESETS["balanced"]
    with pytest.raises(UnreadableError, match="cut off"):
        examine(clip, cut_off(), preset, [detect.shipped(i) for i in preset.models])


def test_looks_come_in_the_order_of_the_frames(tmp_path: Path) -> None:
    clips.write(tmp_path / "a.mp4", clips.handheld(), clips.steady_times(2, 15))
    clip = media.probe(tmp_path / "a.mp4")
    preset = PRESETS["balanced"]
    seen = examine(clip, media.frames(clip), preset, [detect.shipped(i) for i in preset.models])
    assert seen.pts == tuple(sorted(seen.pts))
    assert seen.frames[-1].time_s == float(Fraction(29, 15))
    lefts = [f.found.boxes[0][0] for f in seen.frames if f.found is not None and len(f.found.boxes)]
    assert len(lefts) >= 10
    # The face comes nearer and goes to the left on the whole.
    assert np.polyfit(range(len(lefts)), lefts, 1)[0] < 0
