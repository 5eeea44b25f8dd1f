"""Damaged, cut-off and hostile inputs: one clear sentence, exit 3, and nothing under the final name."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from samples import clips
from tests.footage.conftest import Cli, Made
from tests.footage.reels import Reel, remuxed, shoot


def _bad(name: str, small: Path, folder: Path) -> Path:  # noqa: C901 - one case a line
    path = folder / f"{name}.mp4"
    whole = small.read_bytes()
    match name:
        case "index-missing":
            path.write_bytes(whole[: len(whole) // 2])
        case "cut-with-index":
            fast = remuxed(small, folder / "fast.mp4", movflags="faststart").read_bytes()
            path.write_bytes(fast[: len(fast) * 2 // 3])
        case "cut-matroska":
            data = remuxed(small, folder / "whole.mkv").read_bytes()
            path = path.with_suffix(".mkv")
            path.write_bytes(data[: len(data) // 2])
        case "cut-transport":
            data = remuxed(small, folder / "whole.ts").read_bytes()
            path = path.with_suffix(".ts")
            path.write_bytes(data[: len(data) // 376 * 188 + 100])
        case "zeros":
            path.write_bytes(bytes(5000))
        case "corrupt":
            fast = bytearray(remuxed(small, folder / "fast.mp4", movflags="faststart").read_bytes())
            middle = len(fast) // 2
            fast[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
            path.write_bytes(fast)
        case "no-video":
            with av.open(str(small)) as clip, av.open(str(path), "w") as out:
                sound = out.add_stream_from_template(clip.streams.audio[0])
                for packet in clip.demux(clip.streams.audio[0]):
                    if packet.size:
                        packet.stream = sound
                        out.mux(packet)
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("this is text\n" * 40)
        case "random":
            path.write_bytes(b"\0\0\0\x18ftypisom" + np.random.default_rng(2).bytes(4000))
        case "bad-picture":
            path = path.with_suffix(".png")
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500)
        case "missing":
            pass
    return path


@pytest.mark.parametrize(
    "name",
    [
        "index-missing",
        "cut-with-index",
        "cut-matroska",
        "cut-transport",
        "zeros",
        "corrupt",
        "no-video",
        "empty",
        "text",
        "random",
        "bad-picture",
        "missing",
    ],
)
def test_one_sentence_exit_3_and_nothing_left(name: str, small: Made, tmp_path: Path, cli: Cli) -> None:
    path = _bad(name, small.path, tmp_path)
    output = tmp_path / "out"
    said = cli("blur", path, "-o", output)
    assert said.code == 3
    assert said.err.count("\n") == 1
    assert path.name in said.err
    assert "middle of a packet" in said.err or name != "cut-transport"
    assert not output.exists() or list(output.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "reel"),
    [
        ("one.mp4", Reel(size=(1, 1), pixels="yuv444p")),
        ("one.mkv", Reel(size=(1, 1), pixels="yuv444p", codec="ffv1", options={})),
        ("flat.mp4", Reel(size=(4000, 2))),
        ("odd.mkv", Reel(size=(33, 17), pixels="yuvj444p", codec="mjpeg", options={})),
        ("huge.mp4", Reel(size=(7680, 4320), options={"preset": "ultrafast"})),
    ],
)
def test_odd_sizes_go_through(name: str, reel: Reel, tmp_path: Path, cli: Cli) -> None:
    def grey(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        width, height = reel.size
        return np.full((height, width, 3), round(100 + 50 * time_s), np.uint8), ()

    times = clips.steady_times(0.04 if name == "huge.mp4" else 0.12, 25)
    source = shoot(tmp_path / name, times, reel, grey)
    output = tmp_path / f"out-{name}"
    assert cli("blur", source, "-o", output, "--preset", "fast").code == 0
    with av.open(str(output)) as clip:
        frames = [(f.width, f.height) for f in clip.decode(video=0)]
    assert frames == [reel.size] * len(times)


def test_a_read_only_folder_is_named(small: Made, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "file").write_text("")
    said = cli("blur", small.path, "-o", tmp_path / "file" / "out")
    assert said.code in (2, 3)
    assert "file" in said.err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("after", ["start", "partial"])
def test_interrupted_at_any_point_nothing_has_the_final_name(
    how: signal.Signals, after: str, hall: Made, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "scanner", "blur", str(hall.path), "-o", str(tmp_path / "out.mp4")]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while after == "partial" and time.monotonic() < deadline and not list(tmp_path.glob(".out.mp4.*")):
        time.sleep(0.01)
    if after == "start":
        time.sleep(0.5)
    os.kill(run.pid, how)
    run.wait(timeout=30)
    assert run.returncode != 0
    left = {p.name for p in tmp_path.iterdir()}
    assert not any(name == "out.mp4" or name.endswith(".json") for name in left)
    if how != signal.SIGKILL:
        assert left <= {".out.mp4.checkpoint"}
