"""What the witness says of a redaction: of what was covered, of what was not, and of itself."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from samples import clips
from scanner.footage import manifest, verify
from scanner.footage.boxes import EMPTY, Boxes
from scanner.footage.cascade import witness
from scanner.footage.manifest import TrackRecord
from scanner.footage.witness import Witness, ask_about
from tests.footage.conftest import Cli, Made


class Still:
    """A picture that is looked at as it is."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    def picture(self, side: int, upscale: float) -> tuple[np.ndarray, float, float]:
        scale = min(side / max(self.pixels.shape), upscale)
        size = (round(self.pixels.shape[1] * scale), round(self.pixels.shape[0] * scale))
        return cv2.resize(self.pixels, size), 1 / scale, 1 / scale


def _scene(time_s: float = 0.5) -> tuple[np.ndarray, Boxes]:
    picture, boxes = clips.handheld()(time_s)
    return np.ascontiguousarray(picture[..., ::-1]), np.array([[x, y, x + w, y + h] for x, y, w, h in boxes])


def _covered(picture: np.ndarray, boxes: Boxes) -> np.ndarray:
    out = picture.copy()
    for x1, y1, x2, y2 in boxes.astype(int):
        out[y1:y2, x1:x2] = 16
    return out


@pytest.fixture
def looks() -> Witness:
    return Witness(witness())


def test_a_bare_face_in_a_covered_place_fails_and_a_cover_does_not(looks: Witness) -> None:
    picture, boxes = _scene()
    looks.look_at_covers(7, Still(_covered(picture, boxes)), boxes)
    assert looks.of_covers(None).passed
    looks.look_at_covers(8, Still(picture), boxes)
    check = looks.of_covers(None)
    assert not check.passed
    assert check.frames == (8,)


def test_what_it_imagines_in_a_flat_cover_is_a_doubt_and_a_face_around_a_small_one_fails(
    looks: Witness,
) -> None:
    picture, boxes = _scene()
    looks.look_at_covers(7, Still(picture), boxes, flat=True)
    check = looks.of_covers(None)
    assert check.passed
    assert check.frames == (7,)
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 4
    looks.look_at_covers(8, Still(picture), np.concatenate([middle - half, middle + half], axis=1), flat=True)
    assert not looks.of_covers(None).passed


def test_a_face_outside_the_covers_is_a_doubt(looks: Witness, small: Made) -> None:
    picture, boxes = _scene()
    looks.look_around(3, Still(_covered(picture, boxes)), boxes)
    looks.look_around(4, Still(picture), boxes)  # covers lie over it: that is the other check's question
    assert looks.outside == []
    looks.look_around(5, Still(picture), EMPTY)
    assert looks.outside == [5]
    assert looks.whole == [3, 4, 5]


def _record(boxes: Boxes) -> TrackRecord:
    x1, y1, x2, y2 = boxes[0].astype(int).tolist()
    runs = ((5, x1, y1, x2 - x1, y2 - y1),)
    return TrackRecord(id=1, first_frame=0, last_frame=4, start_s=0, end_s=0.2, score=0.9, boxes=runs)


def test_it_says_of_itself_whether_it_could_see() -> None:
    picture, boxes = _scene()
    asked: list[int] = []

    def frame(number: int) -> Still:
        asked.append(number)
        return Still(picture)

    assert ask_about([_record(boxes)], frame, witness(), 10) == (1, 1)
    assert asked == [2], "the middle of the track"
    assert ask_about([_record(boxes)], lambda _: Still(_covered(picture, boxes)), witness(), 10) == (0, 1)
    assert ask_about([], frame, witness(), 10) == (0, 0)
    assert ask_about([_record(boxes)] * 25, frame, witness(), 10)[1] <= 10


def _made(cli: Cli, made: Made, folder: Path, *words: str) -> tuple[Path, manifest.Manifest]:
    output = folder / "out.mp4"
    assert cli("blur", made.path, "-o", output, *words).code == 0
    return output, manifest.read(manifest.path_for(output))


def test_the_record_says_who_looked_and_that_it_had_no_part(cli: Cli, small: Made, tmp_path: Path) -> None:
    _, made = _made(cli, small, tmp_path)
    assert made.verification is not None
    assert made.verification.detector.id == "mtcnn"
    detail = {c.name: c.detail for c in made.verification.checks}
    assert "had no part" in detail["no face in a covered area"]
    assert "in the original it saw a face in 1 of 1 such areas" in detail["no face in a covered area"]
    assert detail["no face outside the covers"].endswith("looked at")


def test_a_face_that_was_never_covered_is_a_doubt_with_its_frames(
    cli: Cli, small: Made, tmp_path: Path
) -> None:
    """As if the detectors had been blind: nothing is covered, and every other check passes."""
    output, made = _made(cli, small, tmp_path, "--only", "0,0,8,8")
    bare = msgspec.structs.replace(made, visible=())
    result = verify.verify(output, bare, original=small.path)
    assert result.passed, [c for c in result.checks if not c.passed]
    check = next(c for c in result.checks if c.name == "no face outside the covers")
    assert check.passed
    assert check.frames
    record = tmp_path / "bare.json"
    record.write_bytes(manifest.to_json(bare))
    said = cli("verify", output, "--manifest", record, "--original", small.path)
    assert said.code == 0
    assert "doubt: no face outside the covers" in said.out


def test_what_a_person_left_visible_is_no_doubt(cli: Cli, small: Made, tmp_path: Path) -> None:
    output, made = _made(cli, small, tmp_path, "--only", "0,0,8,8")
    assert made.visible
    check = next(
        c
        for c in verify.verify(output, made, original=small.path).checks
        if c.name == "no face outside the covers"
    )
    assert check.frames == ()
    assert "left something visible" in check.detail


def test_a_summary_is_looked_at_as_a_whole(cli: Cli, small: Made, tmp_path: Path) -> None:
    output, made = _made(cli, small, tmp_path, "--manifest", "summary")
    names = [c.name for c in verify.verify(output, made, original=small.path).checks]
    assert "no face outside the covers" in names
    assert "no face in a covered area" not in names


def test_another_original_is_told_and_not_asked(cli: Cli, small: Made, nobody: Made, tmp_path: Path) -> None:
    output, made = _made(cli, small, tmp_path)
    result = verify.verify(output, made, original=nobody.path)
    assert not result.passed
    assert all("in the original it saw" not in c.detail for c in result.checks)
