"""One batch of all that goes wrong with exports: each is told in one line, and the good ones are done."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from samples import clips
from tests.footage.reels import Reel, remuxed, shoot

_TIMES = clips.steady_times(0.6, 25)
_KEY = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76" * 16, "encryption_kid": "a7" * 16}
_PLAIN = {"g": "25", "bf": "0"}


def _scene(size: tuple[int, int]) -> clips.Scene:
    return clips.handheld(*size)


def _out_of_order(source: Path, target: Path) -> None:
    """Give pictures the times of others."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(whole.streams.video[0])
        packets = [p for p in whole.demux(video=0) if p.size]
        bodies = [bytes(p) for p in packets]
        bodies[5], bodies[9] = bodies[9], bodies[5]
        for packet, body in zip(packets, bodies, strict=True):
            moved: av.Packet = av.Packet(body)
            moved.pts, moved.dts, moved.time_base = packet.pts, packet.dts, packet.time_base
            moved.is_keyframe, moved.stream = packet.is_keyframe, video
            out.mux(moved)


def _two_sizes(target: Path) -> None:
    small = av.CodecContext.create("mjpeg", "w")
    small.width, small.height, small.pix_fmt, small.time_base = 160, 90, "yuvj420p", Fraction(1, 25)
    with av.open(str(target), "w") as out:
        video = out.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = 320, 180, "yuvj420p"
        for number, encoder in enumerate([video.codec_context] * 3 + [small] * 3):
            picture = np.full((encoder.height, encoder.width, 3), 99, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in encoder.encode(frame):
                packet.pts = packet.dts = number * 40
                packet.time_base, packet.stream = Fraction(1, 1000), video
                out.mux(packet)


def _sound_alone(source: Path, target: Path) -> None:
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        sound = out.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(audio=0):
            if packet.size:
                packet.stream = sound
                out.mux(packet)


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 2000
    for at in np.random.default_rng(3).integers(start, len(data) - 3000, 20):
        data[at] ^= 1 << int(at) % 8
    path.write_bytes(data)


TOLD = {
    "moov-last-cut.mp4": "is not footage, or its index is cut off",
    "moov-first-cut.mp4": "its index promises frames beyond its end",
    "empty.mp4": "is empty (0 bytes)",
    "zeros.mp4": "is not footage",
    "text.mp4": "its content is text",
    "sound.mp4": "holds no video stream",
    "flips.mp4": "is damaged",
    "two-sizes.mkv": "changes its size from 320x180 to 160x90",
    "order.mp4": "its frames are not in the order of their times",
    "encrypted.mp4": "is encrypted",
    "link.mp4": "is a link",
    "dangling.mp4": "is a link",
    "pipe.mp4": "is a pipe or a device",
    "bad�name.mp4": "is not footage",
    "missing.mp4": "does not exist",
}
DONE = ["odd.mp4", "two.mp4", "one.mkv", "huge.mp4", "new\nline \x1b[31m.mp4", "\U0001f600.mp4", "good.mp4"]


def _fill(folder: Path, aside: Path) -> None:
    good = shoot(aside / "good.mp4", _TIMES, Reel(audio=True), _scene((320, 180)))
    plain = shoot(aside / "plain.mp4", _TIMES, Reel(options=_PLAIN), _scene((320, 180)))
    whole = good.read_bytes()
    first = remuxed(good, aside / "first.mp4", movflags="faststart").read_bytes()
    (folder / "moov-last-cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "moov-first-cut.mp4").write_bytes(first[: len(first) * 2 // 3])
    (folder / "empty.mp4").touch()
    (folder / "zeros.mp4").write_bytes(bytes(5000))
    (folder / "text.mp4").write_text("not footage\n" * 30)
    (folder / "bad\nname.mp4").write_bytes(bytes(100))
    (folder / "._good.mp4").write_bytes(b"\0\5\x16\7" + bytes(100))
    _sound_alone(good, folder / "sound.mp4")
    _flipped(shoot(folder / "flips.mp4", clips.steady_times(1, 25), Reel(), _scene((320, 180))))
    _two_sizes(folder / "two-sizes.mkv")
    _out_of_order(shoot(aside / "b.mp4", _TIMES, Reel(), _scene((320, 180))), folder / "order.mp4")
    remuxed(plain, folder / "encrypted.mp4", **_KEY)
    (folder / "link.mp4").symlink_to(good)
    (folder / "dangling.mp4").symlink_to(aside / "nothing.mp4")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "folder.mp4").mkdir()
    for name in ("new\nline \x1b[31m.mp4", "\U0001f600.mp4", "good.mp4"):
        shutil.copy(good, folder / name)
    shutil.copy(good, os.fsencode(folder) + b"/latin-\xe9.mp4")
    few = _TIMES[:2]
    shoot(folder / "odd.mp4", few, Reel(size=(321, 181), pixels="yuv444p"), _scene((321, 181)))
    shoot(folder / "two.mp4", few, Reel(size=(2, 2)), _plain((2, 2)))
    shoot(folder / "one.mkv", few, Reel("ffv1", "yuv444p", options={}, size=(1, 1)), _plain((1, 1)))
    huge = Reel(size=(7680, 4320), options={"preset": "ultrafast"})
    shoot(folder / "huge.mp4", few, huge, _plain((7680, 4320)))


def _plain(size: tuple[int, int]) -> clips.Scene:
    return lambda _: (np.full((size[1], size[0], 3), 120, np.uint8), ())


def _blur(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner", "blur", *map(str, words), "--preset", "fast"]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, errors="surrogateescape", timeout=120
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and names that are no text are POSIX's")
def test_every_bad_input_is_one_line_and_the_good_ones_are_done(tmp_path: Path) -> None:
    folder, aside, out = tmp_path / "in", tmp_path / "aside", tmp_path / "out"
    folder.mkdir()
    aside.mkdir()
    _fill(folder, aside)
    originals = {p: p.read_bytes() for p in folder.iterdir() if p.is_file() and not p.is_symlink()}
    said = _blur(folder, tmp_path / "missing.mp4", "-o", out)
    assert said.returncode == 3
    lines = said.stderr.splitlines()
    assert len(lines) == len(TOLD), said.stderr
    for name, why in TOLD.items():
        assert [line for line in lines if f"/{name}" in line and why in line], (name, said.stderr)
    assert "\x1b" not in said.stdout + said.stderr
    assert said.stdout.splitlines()[-1] == f"{len(DONE) + 1} redacted, {len(TOLD)} not"
    # Outputs, their manifests, and nothing else: no checkpoint, nothing half written.
    wanted = {os.fsencode(n) for n in DONE} | {b"latin-\xe9.mp4"}
    there = {os.fsencode(p.name) for p in out.iterdir()}
    assert there == wanted | {n + b".manifest.json" for n in wanted}
    assert {p: p.read_bytes() for p in originals} == originals


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [(Path.unlink, "good.mp4"), (lambda p: p.write_bytes(p.read_bytes() + b"\0"), "another SHA-256")],
    ids=["vanishes", "changes"],
)
def test_an_original_that_does_not_stay_as_it_is_has_no_output(
    meanwhile: Callable[[Path], object], why: str, tmp_path: Path
) -> None:
    source = shoot(tmp_path / "good.mp4", clips.steady_times(4, 25), Reel(), _scene((640, 360)))
    out = tmp_path / "out.mp4"

    def disturb() -> None:
        until = time.monotonic() + 60
        while not list(tmp_path.glob(".out.mp4.*.partial")) and time.monotonic() < until:
            time.sleep(0.005)
        meanwhile(source)

    beside = threading.Thread(target=disturb)
    beside.start()
    said = _blur(source, "-o", out)
    beside.join()
    assert said.returncode in (1, 3)
    assert len(said.stderr.splitlines()) == 1
    assert why in said.stderr
    assert not any(not p.name.endswith(".checkpoint") for p in tmp_path.iterdir() if p != source)
