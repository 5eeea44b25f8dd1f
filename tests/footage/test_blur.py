"""`scanner blur` and `scanner verify` as a user calls them, on clips whose truth is known."""

import json
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from samples import clips
from scanner.errors import Exit
from scanner.footage import detect, manifest
from tests.footage.conftest import Cli, Made


def _frames(path: Path) -> list[tuple[Fraction, np.ndarray]]:
    with av.open(str(path)) as clip:
        return [
            (f.pts * f.time_base, np.rot90(f.to_ndarray(format="bgr24"), f.rotation // 90))
            for f in clip.decode(video=0)
        ]


def _audio(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as clip:
        return [(p.pts * p.time_base, bytes(p)) for p in clip.demux(clip.streams.audio[0]) if p.size]


def _matrix(path: Path) -> tuple[int, ...]:
    with av.open(str(path)) as clip:
        frame = next(clip.decode(video=0))
        return struct.unpack("=9i", bytes(frame.side_data["DISPLAYMATRIX"]))


def _faces_hidden(made: Made, redacted: Path) -> tuple[int, int]:
    """Count truth faces, and those of which more than 2 % of the area is not the fill."""
    faces = bare = 0
    for (_, picture), boxes in zip(_frames(redacted), made.truth.faces, strict=True):
        for x, y, w, h in boxes:
            face = picture[round(y) : round(y + h), round(x) : round(x + w)]
            if face.shape[0] < 10 or face.shape[1] < 10:
                continue
            faces += 1
            bare += (face.max(axis=2) > 40).mean() > 0.02
    return faces, bare


def _two_detectors_see(redacted: Path) -> list[int]:
    record = manifest.read(manifest.path_for(redacted))
    assert record.verification is not None
    covers = manifest.covers(record.tracks)
    seen = []
    for index, (_, picture) in enumerate(_frames(redacted)):
        if index not in covers or index % 4:
            continue
        for model in ("yunet-2023mar", "centerface"):
            found = detect.shipped(model).detect(np.ascontiguousarray(picture), record.verification.threshold)
            for box in found.boxes:
                x, y = (box[:2] + box[2:]) / 2
                areas = covers[index]
                if ((areas[:, 0] <= x) & (x <= areas[:, 2]) & (areas[:, 1] <= y) & (y <= areas[:, 3])).any():
                    seen.append(index)
    return seen


@pytest.mark.parametrize("preset", ["fast", "balanced"])
def test_no_truth_face_is_left_and_no_detector_sees_one(
    preset: str, phone: Made, upright: Made, hall: Made, tmp_path: Path, cli: Cli
) -> None:
    for made in (phone, upright, hall):
        output = tmp_path / made.path.name
        said = cli("blur", made.path, "-o", output, "--preset", preset)
        assert said.code == 0, said.err
        faces, bare = _faces_hidden(made, output)
        assert faces > 20
        assert bare == 0, made.path.name
        if preset == "balanced":
            assert _two_detectors_see(output) == []


def test_times_audio_chapters_and_duration_stay(phone: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    assert cli("blur", phone.path, "-o", output).code == 0
    assert [t for t, _ in _frames(output)] == [t for t, _ in _frames(phone.path)] == list(phone.truth.times)
    assert _audio(output) == _audio(phone.path)
    with av.open(str(phone.path)) as before, av.open(str(output)) as after:
        assert after.duration == before.duration
        assert len(after.chapters()) == 2
        assert not any(c["metadata"].get("title") for c in after.chapters())


def test_rotation_stays_a_display_matrix(upright: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mov"
    assert cli("blur", upright.path, "-o", output).code == 0
    assert _matrix(output) == _matrix(upright.path)
    record = manifest.read(manifest.path_for(output))
    assert (record.picture.width, record.picture.height) == (270, 480)


def test_what_can_leak_is_dropped_and_listed_by_key(phone: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    said = cli("blur", phone.path, "-o", output, "-v")
    assert said.code == 0
    with av.open(str(output)) as clip:
        assert {s.type for s in clip.streams} == {"video", "audio"}
        assert set(clip.metadata) == {"major_brand", "minor_version", "compatible_brands"}
    record = manifest.read(manifest.path_for(output))
    assert {"metadata:location", "metadata:title", "stream:subtitle"} <= set(record.dropped)
    assert "dropped: metadata:location" in said.out
    for data in (output.read_bytes(), manifest.path_for(output).read_bytes(), said.out.encode()):
        for secret in (b"47.6062", b"Jane Doe", b"Example Street", b"Example Phone", b"x264"):
            assert secret not in data


def test_matroska_keeps_its_times_and_subtitles_go(tmp_path: Path, cli: Cli) -> None:
    from samples import clips

    source = tmp_path / "in.mkv"
    look = clips.Look(audio=True, subtitles=True, gps=True)
    clips.write(source, clips.handheld(320, 180), clips.varying_times(1), look)
    output = tmp_path / "out.mkv"
    assert cli("blur", source, "-o", output).code == 0
    assert [t for t, _ in _frames(output)] == [t for t, _ in _frames(source)]
    assert _audio(output) == _audio(source)
    with av.open(str(output)) as clip:
        assert {s.type for s in clip.streams} == {"video", "audio"}


def test_sound_in_mp3_stays_in_its_container_with_every_time(tmp_path: Path, cli: Cli) -> None:
    original, redacted = tmp_path / "mp3.mp4", tmp_path / "out.mp4"
    look = clips.Look(audio=True, sound="mp3")
    clips.write(original, clips.handheld(), clips.steady_times(1, 15), look)
    assert cli("blur", original, "-o", redacted, "--preset", "fast").code == Exit.OPEN
    assert cli("verify", redacted, "--original", original).code == Exit.OPEN
    assert redacted.read_bytes()[4:8] == b"ftyp"


def test_mute_leaves_no_audio_stream(small: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    assert cli("blur", small.path, "-o", output, "--audio", "mute").code == 0
    with av.open(str(output)) as clip:
        assert not clip.streams.audio
    assert cli("verify", output, "--original", small.path).code == 0


def test_a_clip_without_faces_is_left_uncovered(nobody: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    said = cli("blur", nobody.path, "-o", output)
    assert said.code == 0
    assert "no face found" in said.out
    assert manifest.read(manifest.path_for(output)).tracks == ()


@pytest.mark.parametrize("style", ["pixelate", "blur"])
def test_weaker_styles_warn_in_the_terminal_and_the_manifest(
    style: str, small: Made, tmp_path: Path, cli: Cli
) -> None:
    output = tmp_path / "out.mp4"
    said = cli("blur", small.path, "-o", output, "--style", style)
    assert said.code == 0, said.err
    assert "1609.00408" in said.err
    assert "1609.00408" in manifest.read(manifest.path_for(output)).warning
    before, after = _frames(small.path), _frames(output)
    x, y, w, h = small.truth.faces[12][0]
    where = (slice(round(y), round(y + h)), slice(round(x), round(x + w)))
    change = np.abs(before[12][1][where].astype(int) - after[12][1][where]).mean()
    assert change > 10


def test_hidden_preroll_is_not_carried_over(small: Made, tmp_path: Path, cli: Cli) -> None:
    source = tmp_path / "trimmed.mp4"
    with av.open(str(small.path)) as whole, av.open(str(source), "w") as out:
        copies = {s.index: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.size:
                shift = round(Fraction(1, 2) / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = copies[packet.stream.index]
                out.mux(packet)
    shown = len(_frames(source))
    assert shown < len(small.truth.times), "the edit list hides frames"
    output = tmp_path / "out.mp4"
    assert cli("blur", source, "-o", output).code == 0
    with av.open(str(output)) as clip:
        assert sum(1 for p in clip.demux(clip.streams.video[0]) if p.size) == shown
    assert len(_audio(output)) < len(_audio(source))


def test_folders_keep_their_tree_and_a_bad_clip_does_not_stop_the_rest(
    small: Made, nobody: Made, tmp_path: Path, cli: Cli
) -> None:
    inputs = tmp_path / "in"
    (inputs / "a").mkdir(parents=True)
    shutil.copy(small.path, inputs / "a" / "one.mp4")
    shutil.copy(nobody.path, inputs / "two.mp4")
    (inputs / "bad.mp4").write_bytes(small.path.read_bytes()[:2000])
    (inputs / "notes.txt").write_text("not footage")
    output = tmp_path / "out"
    said = cli("blur", inputs, "-o", output)
    assert said.code == 3
    assert "bad.mp4" in said.err
    assert "2 redacted, 1 not" in said.out
    left = {str(p.relative_to(output)) for p in output.rglob("*") if p.is_file()}
    assert left == {"a/one.mp4", "a/one.mp4.manifest.json", "two.mp4", "two.mp4.manifest.json"}
    assert cli("blur", inputs, "-o", tmp_path / "again", "--allow-incomplete", "-q").code == 0


def test_an_existing_output_is_refused_and_kept(small: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    output.write_bytes(b"mine")
    said = cli("blur", small.path, "-o", output)
    assert said.code == 2
    assert "--overwrite" in said.err
    assert output.read_bytes() == b"mine"
    assert cli("blur", small.path, "-o", output, "--overwrite").code == 0
    assert output.stat().st_size > 1000


def test_an_input_is_never_overwritten(small: Made, tmp_path: Path, cli: Cli) -> None:
    source = tmp_path / "clip.mp4"
    shutil.copy(small.path, source)
    for target in (source, tmp_path):
        assert cli("blur", source, "-o", target, "--overwrite").code == 2
    assert source.read_bytes() == small.path.read_bytes()


def test_two_inputs_of_one_name_are_refused(small: Made, tmp_path: Path, cli: Cli) -> None:
    other = tmp_path / small.path.name
    shutil.copy(small.path, other)
    assert cli("blur", small.path, other, "-o", tmp_path / "out").code == 2


def test_verify_tells_a_changed_file_a_bare_face_and_a_missing_manifest(
    small: Made, tmp_path: Path, cli: Cli
) -> None:
    output = tmp_path / "out.mp4"
    assert cli("blur", small.path, "-o", output).code == 0
    assert cli("verify", output, "--original", small.path).code == 0
    record = manifest.path_for(output)
    # The original in the place of the redaction: every check that matters must notice.
    said = cli("verify", small.path, "--manifest", record)
    assert said.code == 1
    for name in ("output is the file", "no face in a covered area", "covers are solid"):
        assert f"FAILED: {name}" in said.out
    muted = tmp_path / "muted.mp4"
    assert cli("blur", small.path, "-o", muted, "--audio", "mute").code == 0
    assert "FAILED: audio packets" in cli("verify", muted, "--manifest", record).out
    record.rename(tmp_path / "elsewhere.json")
    assert cli("verify", output).code == 2
    assert cli("verify", output, "--manifest", tmp_path / "elsewhere.json").code == 0
    assert cli("verify", tmp_path / "nothing.mp4").code == 3
    record.write_text("{}")
    assert cli("verify", output).code == 3


def test_the_manifest_holds_nothing_biometric(small: Made, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "out.mp4"
    assert cli("blur", small.path, "-o", output).code == 0
    data = json.loads(manifest.path_for(output).read_bytes())
    assert set(data["tracks"][0]) == {"id", "first_frame", "last_frame", "start_s", "end_s", "score", "boxes"}
    assert data["output"]["sha256"] != data["input"]["sha256"]
    took_part = {d["sha256"] for d in data["detectors"]}
    assert data["verification"]["detector"]["sha256"] not in took_part


def test_a_redaction_that_fails_verification_never_gets_its_name(
    small: Made, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanner.footage import render

    monkeypatch.setattr(render, "cover", lambda *_args: None)
    output = tmp_path / "deep" / "out.mp4"
    said = cli("blur", small.path, "-o", output)
    assert said.code == 1
    assert "failed verification" in said.err
    assert list(output.parent.iterdir()) == []


def test_a_detector_of_ones_own(small: Made, tmp_path: Path, cli: Cli) -> None:
    from scanner.footage import weights

    model = weights.by_id("centerface")
    output = tmp_path / "out.mp4"
    path = weights.folder() / "weights" / model.file
    assert cli("blur", small.path, "-o", output, "--detector", path).code == 0
    record = manifest.read(manifest.path_for(output))
    assert record.detectors[0].sha256 == model.sha256
    assert record.verification is not None
    assert record.verification.detector.id == "mtcnn"
    said = cli("blur", small.path, "-o", tmp_path / "no.mp4", "--detector", small.path)
    assert said.code == 3
    assert not (tmp_path / "no.mp4").exists()
