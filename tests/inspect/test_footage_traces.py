"""Boxes that a program drew around faces: found, told from windows and signs; their labels never shown."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from samples import clips
from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence, Span
from scanner.inspect.footage import FootageInspector
from scanner.inspect.footage.drawn import of_traces
from scanner.inspect.footage.outline import Outline, outline_around
from scanner.inspect.footage.traces import Seen, Trace, traces
from scanner.inspect.interface import Sighting
from scanner.rules import load_rules
from scanner.rules.model import FootageSignal

RULES = load_rules()
RULE = RULES.by_id["face-box-drawn"]
FACE = np.array([178.0, 63.0, 268.0, 176.0])
Picture = NDArray[np.uint8]


def portrait() -> Picture:
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


def encoded(picture: Picture, quality: int = 80) -> Picture:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR).astype(np.uint8)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("colour", [(0, 255, 0), (0, 0, 255), (255, 0, 0), (0, 255, 255), (255, 255, 255)])
def test_a_drawn_box_is_found_where_it_is(colour: tuple[int, int, int], width: int) -> None:
    picture = portrait()
    cv2.rectangle(picture, (160, 45), (285, 195), colour, width)
    found = outline_around(encoded(picture), FACE)
    assert found is not None
    assert np.abs(found.box - [160, 45, 285, 195]).max() < 4
    if width > 1:  # colours are stored at half the size: a thinner line takes on what is around it
        assert np.abs(np.array(found.colour) - colour).max() < 90


def test_a_label_may_hide_the_upper_line() -> None:
    picture = portrait()
    cv2.rectangle(picture, (160, 45), (285, 195), (0, 255, 0), 2)
    cv2.rectangle(picture, (160, 22), (300, 45), (0, 255, 0), -1)
    cv2.putText(picture, "NAME 0.9", (164, 41), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    found = outline_around(encoded(picture), FACE)
    assert found is not None
    assert np.abs(found.box - [160, 45, 285, 195])[[0, 2, 3]].max() < 4


def test_a_label_may_hide_the_lower_line() -> None:
    picture = portrait()
    cv2.rectangle(picture, (160, 45), (285, 215), (0, 0, 255), 2)
    cv2.rectangle(picture, (160, 185), (285, 215), (0, 0, 255), -1)
    cv2.putText(picture, "Somebody", (166, 208), cv2.FONT_HERSHEY_DUPLEX, 0.7, (255, 255, 255), 1)
    found = outline_around(encoded(picture), FACE)
    assert found is not None
    assert np.abs(found.box - [160, 45, 285, 185])[:3].max() < 4
    assert 180 < found.box[3] < 220


def bare(picture: Picture) -> None:
    pass


def window(picture: Picture) -> None:
    for x in range(10, 512, 125):
        cv2.line(picture, (x, 0), (x, 511), (240, 240, 240), 3)
    for y in range(40, 512, 150):
        cv2.line(picture, (0, y), (511, y), (240, 240, 240), 3)


def tile(picture: Picture) -> None:
    cv2.rectangle(picture, (2, 2), (509, 509), (0, 255, 0), 3)


def beside(picture: Picture) -> None:
    cv2.rectangle(picture, (320, 45), (440, 195), (0, 255, 0), 2)


def three_sides(picture: Picture) -> None:
    cv2.polylines(picture, [np.array([[160, 45], [160, 195], [285, 195], [285, 45]])], False, (0, 255, 0), 2)


@pytest.mark.parametrize("draw", [bare, window, tile, beside, three_sides])
def test_other_lines_are_none(draw: Callable[[Picture], None]) -> None:
    picture = portrait()
    draw(picture)
    assert outline_around(encoded(picture), FACE) is None


GREEN, WHITE = (10, 240, 15), (245, 245, 240)


def _seen(x: float, box_x: float | None, at: float, colour: tuple[int, int, int] = GREEN) -> Seen:
    face = np.array([x, 50.0, x + 40, 100.0])
    if box_x is None:
        return Seen(at, face, None)
    return Seen(at, face, Outline(np.array([box_x - 8, 42.0, box_x + 48, 108.0]), colour))


def test_what_follows_a_face_was_drawn() -> None:
    [trace] = traces([_seen(20 * i, 20 * i, float(i)) for i in range(5)])
    assert trace.follows
    assert trace.confidence is Confidence.HIGH


def test_what_stays_while_the_face_moves_was_not() -> None:
    assert traces([_seen(6.0 * i, 10.0, float(i)) for i in range(5)]) == []


def test_where_nothing_moves_the_colour_decides_and_it_is_less_sure() -> None:
    [trace] = traces([_seen(10, 10, float(i)) for i in range(5)])
    assert trace.follows is None
    assert trace.confidence is Confidence.MEDIUM
    assert traces([_seen(10, 10, float(i), WHITE) for i in range(5)]) == []


def test_a_few_outlines_among_many_faces_are_chance() -> None:
    assert traces([_seen(20 * i, 20 * i, float(i)) for i in range(2)]) == []
    seen = [_seen(20 * i, 20 * i if i % 5 == 0 else None, float(i)) for i in range(16)]
    assert traces(seen) == []


def boxed(scene: clips.Scene) -> clips.Scene:
    def at(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        picture, faces = scene(time_s)
        for x, y, w, h in faces:
            a, b = (round(x - 0.2 * w), round(y - 0.2 * h)), (round(x + 1.2 * w), round(y + 1.2 * h))
            cv2.rectangle(picture, a, b, (0, 255, 0), 2)
        return picture, faces

    return at


def _drawn(path: Path) -> list[Sighting]:
    found = FootageInspector().inspect(Artifact(path.name, local=path), RULES)
    return [s for s in found if isinstance(s, Sighting) and s.rule.id == RULE.id]


def test_a_clip_with_boxes_is_told_from_one_without(tmp_path: Path) -> None:
    scene = clips.cctv(480, 270, spans=((0, 3),))
    with_boxes, without = tmp_path / "a.mp4", tmp_path / "b.mp4"
    truth = clips.write(with_boxes, boxed(scene), clips.steady_times(3, 6))
    clips.write(without, scene, clips.steady_times(3, 6))
    [found] = _drawn(with_boxes)
    assert found.confidence is Confidence.HIGH
    assert found.rule.capability is Capability.FACE_DETECTION
    assert "green" in found.excerpt
    assert isinstance(found.location, Span)
    for box in found.location.boxes:
        x, _, w, h = truth.faces[round(box.t_s * 6)][0]
        assert abs(box.x - (x - 0.2 * w)) < 5
        assert abs(box.h - 1.4 * h) < 8
    assert _drawn(without) == []


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("face 0.98", {Capability.FACE_DETECTION}),
        ("Person 91%", {Capability.FACE_DETECTION}),
        ("happy 0.71", {Capability.FACE_ANALYSIS}),
        ("male, 32", {Capability.FACE_ANALYSIS}),
        ("Unknown", {Capability.FACE_RECOGNITION}),
        ("ID: 4711", {Capability.FACE_RECOGNITION}),
        ("JANE DOE 0.93", {Capability.FACE_RECOGNITION}),
        ("jane", {Capability.FACE_RECOGNITION}),
        ("0.97", set()),
        ("CAM 3", set()),
        ("2026-11-24 10:00:05", set()),
        ("car 0.8", set()),
    ],
)
def test_what_a_label_shows_and_that_it_is_not_shown(text: str, shows: set[Capability]) -> None:
    trace = Trace((Seen(0.0, FACE, Outline(FACE, GREEN), (text,)),), None, Confidence.HIGH, (text,))
    signals = [s for r, s in RULES.signals(FootageSignal) if r.id == RULE.id and "face-label" in s.match]
    found = [s for signal in signals for s in of_traces(RULE, signal, [trace])]
    assert {s.capability or RULE.capability for s in found} == shows
    assert text.lower() not in repr([(s.subject, s.excerpt, s.note) for s in found]).lower()


def test_a_label_is_read_by_the_extra() -> None:
    pytest.importorskip("rapidocr", reason="the extra ocr is not installed: pip install '.[ocr]'")
    from scanner.inspect.footage.label import reader

    read = reader()
    assert read is not None
    crop = np.full((48, 260, 3), 90, np.uint8)
    cv2.putText(crop, "JANE DOE 0.93", (8, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 255, 0), 2)
    assert read(crop) == ("JANE DOE 0.93",)
    assert read(np.full((48, 260, 3), 90, np.uint8)) == ()
