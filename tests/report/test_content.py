"""The words, places and order that all formats share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.findings import Box, Capability, Confidence, Location, Pointer, Span, Status, Table, Whole
from scanner.report import charts, content
from tests.example_runs import bad_run, finding, lines, span


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (lines(3), "line 3"),
        (lines(3, 8), "lines 3–8"),
        (Pointer(pointer="/a/0", start_line=4), "line 4, /a/0"),
        (Pointer(pointer="/a/0"), "/a/0"),
        (Pointer(pointer=""), "the whole document"),
        (Table(table="t", column="c"), "table t, column c"),
        (Span(start_s=1.0, end_s=3661.25), "1.0 s to 1:01:01.2"),
        (Span(start_s=59.96, end_s=60.0), "60.0 s to 1:00.0"),
        (Span(start_s=0.0, end_s=0.0, boxes=(Box(t_s=0, x=1, y=1, w=1, h=1, score=1),)), "1 box"),
        (Whole(), ""),
    ],
)
def test_places_are_said(location: Location, said: str) -> None:
    assert content.place(location) == said


def test_the_worst_come_first() -> None:
    hint = finding("a.py", lines(1), confidence=Confidence.LOW)
    accepted = finding("b.py", lines(1), status=Status.BASELINE)
    visible = finding("c.mp4", span(0.5, 1.0), capability=Capability.FACE_VISIBLE)
    implied = finding("d.py", lines(1), confidence=Confidence.MEDIUM)
    shown = finding("e.py", lines(1))
    ordered = content.worst_first([hint, accepted, visible, implied, shown])
    assert ordered == [shown, implied, visible, hint, accepted]
    assert content.worst_first(reversed(ordered)) == ordered


def test_every_capability_has_words() -> None:
    assert set(content.CAPABILITY_WORDS) == set(content.CAPABILITY_MEANING) == set(Capability)


@given(st.text())
def test_plain_text_is_printable_and_printable_text_is_kept(text: str) -> None:
    assert content.plain(text).isprintable()
    if text.isprintable():
        assert content.plain(text) == text


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0.1, 100)), min_size=1, max_size=20))
def test_a_timeline_stays_in_its_frame_and_counts_no_moment_twice(spans: list[tuple[float, float]]) -> None:
    found = [
        finding("a.mp4", span(start, start + length), capability=Capability.FACE_VISIBLE)
        for start, length in spans
    ]
    (line,), left = charts.timelines(found)
    assert left == 0
    assert all(x >= 0 and x + width <= 1000.001 for x, width in line.marks)
    assert line.visible_s <= line.end_s + 1e-6
    assert line.visible_s <= sum(end - start for start, end in line.spans) + 1e-6


def test_a_still_picture_has_no_timeline() -> None:
    lines_of_clips, _ = charts.timelines(bad_run().findings)
    assert [t.path for t in lines_of_clips] == ["footage/lobby.mkv", "footage/gate.mp4"]
    assert lines_of_clips[1].visible_s == pytest.approx(24.7)


def test_the_bar_is_as_wide_as_its_parts() -> None:
    parts = charts.coverage_bar(bad_run())
    assert [p.number for p in parts] == [204, 106, 2]
    assert sum(p.width for p in parts) == pytest.approx(1000, abs=0.1)


def test_the_matrix_counts_every_finding_once() -> None:
    found = [finding(f"d{i % 70}/x{i}/m.py", lines(1)) for i in range(700)]
    made = charts.matrix(found)
    assert sum(cell.number for _, cells in made.rows for cell in cells) == 700
    assert len(made.rows) == charts.MAX_ROWS
    assert made.rows[-1][0] == charts.OTHERS
