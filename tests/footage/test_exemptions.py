"""The exemption log says what a person decided: when it holds, what was done, why, and who said so."""

from scanner.findings import Exemption
from scanner.footage.decide import Picture, decide
from scanner.footage.edits import Change, Cover, Draw, Drop, Join, Keep, Keyframe, Mute, Only, Redraw, Split
from scanner.footage.exemptions import covered
from scanner.footage.manifest import TrackRecord

PICTURE = Picture(640, 360, [i / 10 for i in range(40)])


def track(number: int, first: int, last: int) -> TrackRecord:
    boxes = ((last - first + 1, 10, 10, 40, 40),)
    return TrackRecord(
        id=number,
        first_frame=first,
        last_frame=last,
        start_s=first / 10,
        end_s=last / 10,
        score=0.9,
        boxes=boxes,
    )


FOUND = (track(1, 0, 9), track(2, 5, 30))


def log(*changes: Change) -> list[tuple[float, float | None, str, str, str]]:
    rows = decide(FOUND, changes, PICTURE).log
    return [(r.start_s, r.end_s, r.what, r.treatment, r.basis) for r in rows]


def key(frame: int) -> Keyframe:
    return Keyframe(frame, (0, 0, 20, 20))


def test_each_decision_is_a_line_in_the_order_of_the_clip() -> None:
    made = log(
        Mute(basis="(b)(6)", start_s=3.0, end_s=3.5),
        Draw(track=7, keyframes=(key(12), key(20))),
        Keep(track=1, reason="Officer on duty"),
        Keep(region=(0, 0, 9, 9), reason="sign", start_s=1.0),
        Cover(basis="(b)(7)(E)", start_s=2.0, end_s=2.5),
        Cover(basis="screen", region=(1, 2, 3, 4), start_s=0.5, end_s=0.6),
    )
    assert made == [
        (0.0, 0.9, "track 1", "left visible", "Officer on duty"),
        (0.5, 0.6, "region (1, 2, 3, 4)", "covered", "screen"),
        (1.0, None, "region (0, 0, 9, 9)", "left visible", "sign"),
        (1.2, 2.0, "track 7", "covered", "drawn by hand"),
        (2.0, 2.5, "whole picture", "covered", "(b)(7)(E)"),
        (3.0, 3.5, "audio", "muted", "(b)(6)"),
    ]


def test_a_cover_that_was_removed_or_changed_is_in_it() -> None:
    assert log(Drop(track=2, reason="a poster")) == [(0.5, 3.0, "track 2", "left visible", "a poster")]
    assert log(Redraw(track=2, keyframes=(key(8), key(35)))) == [
        (0.8, 3.5, "track 2", "cover changed", "drawn by hand")
    ]
    assert log(Only(tracks=(1,), reason="one person asked")) == [
        (0.0, None, "everything else", "left visible", "one person asked")
    ]


def test_it_follows_tracks_that_are_split_joined_and_lengthened() -> None:
    split = Split(track=2, frame=20, new=9)
    assert log(split, Drop(track=9, reason="a")) == [(2.0, 3.0, "track 9", "left visible", "a")]
    assert log(split, Keep(track=2, reason="b")) == [(0.5, 1.9, "track 2", "left visible", "b")]
    assert log(Join(track=1, other=2), Drop(track=1, reason="c")) == [
        (0.0, 3.0, "track 1", "left visible", "c")
    ]
    longer = log(Redraw(track=1, keyframes=(key(30),)), Keep(track=1, reason="d", start_s=2.0))
    assert (2.0, 3.0, "track 1", "left visible", "d") in longer


def test_an_area_that_was_covered_has_a_number_and_can_be_changed() -> None:
    made = log(Cover(basis="all", start_s=1.0, end_s=2.0), Drop(track=3, reason="not needed"))
    assert (0.0, None, "track 3", "left visible", "not needed") in made


def test_who_said_so_and_when() -> None:
    said = Keep(track=1, reason="r", by="R. Clerk", at="2026-11-24T20:00:00+00:00")
    assert decide(FOUND, (said,), PICTURE).log[0].by == "R. Clerk"
    assert decide(FOUND, (said,), PICTURE).log[0].at == "2026-11-24T20:00:00+00:00"


def test_what_a_detector_covered_is_told_apart_from_what_a_person_drew() -> None:
    changes: tuple[Change, ...] = (
        Draw(track=7, keyframes=(key(1),)),
        Split(track=7, frame=1, new=8),
        Cover(basis="x", start_s=0.0, end_s=1.0),
        Split(track=2, frame=20, new=11),
        Keep(track=1, reason="y"),
    )
    rows = covered(decide(FOUND, changes, PICTURE).tracks, FOUND, changes)
    assert [(r.what, r.treatment, r.basis) for r in rows] == [
        ("track 2", "covered", "a face that was found"),
        ("track 11", "covered", "a face that was found"),
    ]
    assert list(covered(FOUND[:1], FOUND, ())) == [
        Exemption(0.0, 0.9, "track 1", "covered", "a face that was found")
    ]
