"""What a person decided is what is rendered: edits, areas kept or alone covered, whole frames, silence."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.footage import edits, manifest, media
from scanner.footage.edits import Draw, Edits, Keyframe, Mute
from tests.footage.conftest import Cli, Made


def record(output: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(manifest.path_for(output).read_text())
    return made


def test_edits_are_rendered_and_nothing_else_is_looked_for(hall: Made, tmp_path: Path, cli: Cli) -> None:
    out = tmp_path / "out.mp4"
    assert cli("blur", hall.path, "-o", out, "--preset", "fast", "-q").code == 0
    first = manifest.read(manifest.path_for(out))
    script = Edits(
        input=first.input,
        changes=(Draw(track=1, keyframes=(Keyframe(0, (10, 10, 60, 60)), Keyframe(4, (30, 10, 60, 60)))),),
    )
    edits.write(edits.path_for(out), script)
    said = cli("blur", hall.path, "-o", out, "--edits", edits.path_for(out), "--overwrite", "-q")
    assert said.code == 0, said
    made = record(out)
    assert made["frames_examined"] == 0
    assert [(t["id"], t["first_frame"], t["last_frame"]) for t in made["tracks"]] == [(1, 0, 4)]
    assert len(made["edits_sha256"]) == 64


def test_a_span_without_sound_keeps_the_rest_bit_for_bit(phone: Made, tmp_path: Path, cli: Cli) -> None:
    out = tmp_path / "out.mp4"
    assert cli("blur", phone.path, "-o", out, "--preset", "fast", "-q").code == 0
    first = manifest.read(manifest.path_for(out))
    whole = media.compare_streams(out).audio_packets[0]
    script = Edits(input=first.input, tracks=first.tracks, changes=(Mute(start_s=0.5, end_s=1.0),))
    edits.write(edits.path_for(out), script)
    said = cli("blur", phone.path, "-o", out, "--edits", edits.path_for(out), "--overwrite", "-q")
    assert said.code == 0, said
    assert record(out)["muted"] == [{"start_s": 0.5, "end_s": 1.0}]
    assert 0 < media.compare_streams(out).audio_packets[0] < whole
    assert cli("verify", out, "--original", phone.path).code == 0


def test_edits_of_another_clip_are_refused(hall: Made, phone: Made, tmp_path: Path, cli: Cli) -> None:
    out = tmp_path / "out.mp4"
    assert cli("blur", hall.path, "-o", out, "--preset", "fast", "-q").code == 0
    first = manifest.read(manifest.path_for(out))
    edits.write(tmp_path / "e.json", Edits(input=first.input, tracks=first.tracks))
    said = cli("blur", phone.path, "-o", tmp_path / "b.mp4", "--edits", tmp_path / "e.json", "-q")
    assert said.code == 2
    assert "another clip" in said.err
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("--keep", "0,0,10000,10000"), 0),
        (("--only", "9000,0,10,10"), 0),
        (("--frame",), 1),
    ],
)
def test_areas_decide_what_is_covered(
    hall: Made, tmp_path: Path, cli: Cli, words: tuple[str, ...], left: int
) -> None:
    out = tmp_path / "out.mp4"
    said = cli("blur", hall.path, "-o", out, "--preset", "fast", "-q", *words)
    assert said.code == 0, said
    made = record(out)
    assert len(made["tracks"]) == left
    assert bool(made["visible"]) is (words[0] != "--frame")
    if words[0] == "--frame":
        assert made["tracks"][0]["boxes"][0][1:] == [
            0,
            0,
            made["picture"]["width"],
            made["picture"]["height"],
        ]
        assert made["frames_examined"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--keep", "1,2,3"),
        ("--keep", "1,2,3,4@5-2"),
        ("--only", "track:1@2-3"),
        ("--frame", "--only", "track:1"),
    ],
)
def test_areas_that_make_no_sense_are_one_line(
    hall: Made, tmp_path: Path, cli: Cli, words: tuple[str, ...]
) -> None:
    said = cli("blur", hall.path, "-o", tmp_path / "out.mp4", "-q", *words)
    assert said.code == 2
    assert not (tmp_path / "out.mp4").exists()
