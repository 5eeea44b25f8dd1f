"""Which frames of a clip a sample decodes: key frames alone where they are close, else every frame."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Looked
from scanner.footage import media
from scanner.inspect.footage import FootageInspector
from scanner.rules import load_rules

RATE = 10


def clip(path: Path, keys: dict[int, None] | list[int], seconds: int = 8, **options: str) -> Path:
    """Write a clip whose frames of these numbers are key frames; the brightness of a frame is its number."""
    with av.open(str(path), "w") as out:
        codec = options.pop("codec", "libx264")
        video = out.add_stream(codec, rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "libx264":
            video.codec_context.options = {"g": "999", "sc_threshold": "0", "qp": "10", **options}
        for i in range(seconds * RATE):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 2 * i + 20, np.uint8), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            if i in keys:
                frame.pict_type = av.video.frame.PictureType.I
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def sampled(path: Path, gap_s: float = 2.0, apart_s: float = 0.45) -> list[int]:
    """Give the numbers of the frames in a sample, as their brightness tells; their times have to fit."""
    probed = media.probe(path)
    found, starts = [], set()
    for frame in media.sampled(probed, apart_s=apart_s, gap_s=gap_s):
        luma = float(np.median(frame.luma()))
        full = path.suffix == ".avi"
        number = round(((luma - 16) * 255 / 219 - 20) / 2) if not full else round((luma - 20) / 2)
        starts.add(round(float(frame.pts * probed.time_base) * RATE) - number)
        found.append(number)
    assert len(starts) == 1
    return found


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_close_key_frames_are_all_that_is_decoded(suffix: str, tmp_path: Path) -> None:
    assert sampled(clip(tmp_path / f"a.{suffix}", list(range(0, 80, 10)))) == list(range(0, 80, 10))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_long_group_is_decoded_whole(suffix: str, tmp_path: Path) -> None:
    path = clip(tmp_path / f"a.{suffix}", [0, 10, 20, 60, 70])
    # Frame 60 is a key frame so close behind what was decoded that it would tell nothing new.
    assert sampled(path) == [0, 10, *range(20, 60), 70]
    assert sampled(path, gap_s=10) == [0, 10, 20, 60, 70]


def test_a_clip_with_one_key_frame_is_decoded_whole(tmp_path: Path) -> None:
    assert sampled(clip(tmp_path / "a.mp4", [0])) == list(range(80))


def test_frames_that_lean_on_what_was_left_out_are_left_out(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", [10, 20, 60], **{"x264-params": "open-gop=1:bframes=3"})
    found = sampled(path)
    assert found == sorted(found)
    assert set(range(20, 57)) <= set(found)
    assert not set(range(1, 10)) & set(found)


def test_of_pictures_that_all_stand_alone_a_few_are_taken(tmp_path: Path) -> None:
    found = sampled(clip(tmp_path / "a.avi", [], codec="mjpeg"))
    assert found[:3] == [0, 5, 10]
    assert len(found) == 16


def test_a_clip_that_ends_too_early_is_told(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", list(range(0, 80, 10)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableError):
        sampled(path)


def test_the_run_says_how_much_was_looked_at(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", list(range(0, 80, 20)))
    [facts] = [
        f
        for f in FootageInspector().inspect(Artifact("a.mp4", local=path), load_rules())
        if isinstance(f, Looked)
    ]
    assert (facts.depth, facts.frames, facts.with_face) == ("auto", 4, 0)
    assert facts.longest_gap_s == pytest.approx(2.0, abs=0.11)
    assert facts.duration_s == pytest.approx(8.0)
