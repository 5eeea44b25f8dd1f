"""What a person decides: from an edit log to what is covered, frame by frame."""

from pathlib import Path

import msgspec
import pytest

from scanner.errors import UsageError
from scanner.footage import edits
from scanner.footage.clip import Span
from scanner.footage.decide import Decision, Picture, decide
from scanner.footage.edits import Cover, Draw, Drop, Edits, Join, Keep, Keyframe, Mute, Redraw, Split
from scanner.footage.manifest import FileRecord, TrackRecord

PICTURE = Picture(640, 360, [i / 10 for i in range(100)])
ONE = TrackRecord(
    id=1, first_frame=10, last_frame=19, start_s=1.0, end_s=1.9, score=0.9, boxes=((10, 100, 50, 40, 40),)
)
TWO = TrackRecord(
    id=2, first_frame=30, last_frame=39, start_s=3.0, end_s=3.9, score=0.7, boxes=((10, 300, 50, 40, 40),)
)


def apply(*changes: edits.Change) -> Decision:
    return decide((ONE, TWO), changes, PICTURE)


def boxes(decision: Decision, track: int) -> dict[int, tuple[int, int, int, int]]:
    """By frame, of all stretches of a track."""
    out: dict[int, tuple[int, int, int, int]] = {}
    for record in decision.tracks:
        frame = record.first_frame
        for count, x, y, width, height in record.boxes if record.id == track else ():
            out |= dict.fromkeys(range(frame, frame + count), (x, y, width, height))
            frame += count
        assert frame == record.last_frame + 1 or record.id != track
    return out


def test_without_changes_the_tracks_are_as_found() -> None:
    assert apply().tracks == (ONE, TWO)


def test_a_drawn_box_moves_evenly_in_time_rounded_outwards() -> None:
    drawn = boxes(
        apply(Draw(track=7, keyframes=(Keyframe(50, (0, 0, 20, 20)), Keyframe(53, (10, 0, 20, 20))))), 7
    )
    assert sorted(drawn) == [50, 51, 52, 53]
    assert drawn[51] == (3, 0, 21, 20)
    assert drawn[53] == (10, 0, 20, 20)


def test_a_box_over_the_edge_is_cut_to_the_picture() -> None:
    drawn = boxes(apply(Draw(track=7, keyframes=(Keyframe(0, (620, -5, 50, 50)),))), 7)
    assert drawn == {0: (620, 0, 20, 45)}


def test_redrawn_frames_change_and_the_rest_stays() -> None:
    moved = boxes(apply(Redraw(track=1, keyframes=(Keyframe(12, (90, 50, 60, 60)),))), 1)
    assert moved[12] == (90, 50, 60, 60)
    assert moved[11] == moved[13] == (100, 50, 40, 40)


def test_a_track_lengthened_by_a_box_apart_from_it_has_no_gap() -> None:
    longer = boxes(apply(Redraw(track=1, keyframes=(Keyframe(24, (150, 50, 40, 40)),))), 1)
    assert sorted(longer) == list(range(10, 25))
    assert longer[21] == (120, 50, 40, 40)


def test_a_split_track_can_be_dropped_in_part() -> None:
    decision = apply(Split(track=1, frame=15, new=9), Drop(track=9, reason="a poster"))
    assert sorted(boxes(decision, 1)) == list(range(10, 15))
    assert not boxes(decision, 9)


def test_joined_tracks_are_one_without_a_gap() -> None:
    decision = apply(Join(track=1, other=2))
    assert sorted(boxes(decision, 1)) == list(range(10, 40))
    assert [t.id for t in decision.tracks] == [1]
    assert boxes(decision, 1)[25] == (209, 50, 41, 40)


def test_what_is_kept_visible_is_uncovered_only_then_and_there() -> None:
    keep = Keep(track=1, reason="consented (form 12)", start_s=1.2, end_s=1.4)
    decision = apply(keep)
    assert sorted(boxes(decision, 1)) == [10, 11, 15, 16, 17, 18, 19]
    assert decision.visible == (keep,)
    region = apply(Keep(region=(290, 0, 100, 200), reason="officer on duty"))
    assert not boxes(region, 2)
    assert boxes(region, 1)


def test_a_span_can_be_covered_whole_or_in_a_region_and_muted() -> None:
    decision = apply(
        Cover(start_s=8.0, basis="(b)(6)"), Cover(region=(5, 6, 7, 8), end_s=0.1), Mute(start_s=2.0)
    )
    assert boxes(decision, 3) == dict.fromkeys(range(80, 100), (0, 0, 640, 360))
    assert boxes(decision, 4) == dict.fromkeys((0, 1), (5, 6, 7, 8))
    assert decision.muted == (Span(2.0, None),)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Drop(track=5, reason=""), "edit 1 (drop) cannot be applied: there is no track 5"),
        (Draw(track=1, keyframes=(Keyframe(1, (0, 0, 1, 1)),)), "track 1 is there already"),
        (Draw(track=9, keyframes=(Keyframe(100, (0, 0, 1, 1)),)), "frame 100 lies beyond the clip"),
        (Split(track=1, frame=12, new=2), "track 2 is there already"),
        (Join(track=1, other=1), "joined to itself"),
        (Keep(reason="x"), "names neither a track nor a region"),
    ],
)
def test_a_change_that_does_not_fit_is_told_with_its_number(change: edits.Change, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        apply(change)
    assert words in str(caught.value)


def test_the_file_keeps_what_was_taken_back(tmp_path: Path) -> None:
    made = Edits(
        input=FileRecord(name="a.mp4", sha256="0" * 64, bytes=1),
        tracks=(ONE,),
        changes=(Drop(track=1, reason="no face", by="R. Clerk"), Mute(start_s=1.0)),
        undone=1,
    )
    path = edits.path_for(tmp_path / "a.mp4")
    edits.write(path, made)
    assert edits.read(path) == made
    assert made.standing == made.changes[:1]
    assert msgspec.structs.replace(made, undone=9).standing == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not an edit file"),
        (
            '{"input": {"name": "a", "sha256": "", "bytes": 1}, "changes": [{"do": "erase"}]}',
            "Invalid value 'erase'",
        ),
        ('{"input": {"name": "a", "sha256": "", "bytes": 1}, "schema_version": "2.0"}', "has schema 2.0"),
        (
            '{"input": {"name": "a", "sha256": "", "bytes": 1}, "changes": '
            '[{"do": "draw", "track": 1, "keyframes": [{"frame": -1, "box": [0, 0, 1, 1]}]}]}',
            "$.changes[0].keyframes[0].frame",
        ),
    ],
)
def test_a_file_that_is_none_is_one_clear_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "e.json").write_text(text)
    with pytest.raises(UsageError) as caught:
        edits.read(tmp_path / "e.json")
    assert words in str(caught.value)
