"""Every kind of clip through the command line: covered, verified, and with its times, look and sound kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from samples import clips
from scanner.footage import manifest
from tests.footage.conftest import Cli
from tests.footage.reels import Reel, shoot

_FIELDED = {"flags": "+ildct+ilme"}
_QUIET = {"x265-params": "log-level=none"}
_QUICK = {"deadline": "realtime", "cpu-used": "8"}
_UNIT, _W = 1 << 16, 1 << 30
STEADY, VARYING = clips.steady_times(0.4, 25), clips.varying_times(0.6)

Turn = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Case:
    """How a clip is stored, how its upright pictures are turned for that, and what is written of it."""

    reel: Reel
    turn: Turn = np.asarray
    written: str = ""
    times: tuple[Fraction, ...] = STEADY


def _rotated(degrees: int, **more: object) -> Case:
    size = (320, 180) if degrees == 180 else (180, 320)
    stored = size if degrees == 180 else size[::-1]
    return Case(
        Reel(rotation=degrees, size=stored, **more),  # type: ignore[arg-type]
        lambda picture: np.rot90(picture, -degrees // 90),
    )


def _matrix(matrix: tuple[int, ...], turn: Turn, size: tuple[int, int] = (320, 180)) -> Case:
    a, b, c, d = (_UNIT * x for x in matrix)
    return Case(Reel(matrix=(a, b, 0, c, d, 0, 0, 0, _W), size=size), turn)


_PQ = "log-level=none:hdr10=1:max-cll=1000,400:master-display=" + (
    "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)
CASES = {
    "turned-90.mp4": _rotated(90, audio=True),
    "turned-180.mov": _rotated(180, audio=True),
    "turned-270.mp4": _rotated(270),
    "phone.mov": replace(
        _rotated(90, codec="libx265", options=_QUIET, audio=True),
        times=tuple(Fraction(i * 1001 + i % 3 * 90, 30000) for i in range(16)),
    ),
    "mirrored.mp4": _matrix((-1, 0, 0, 1), np.fliplr),
    "upside-down.mp4": _matrix((1, 0, 0, -1), np.flipud),
    "transposed.mp4": _matrix((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2), (320, 180)),
    "top-first.mp4": Case(Reel(options=_FIELDED | {"x264-params": "tff=1"}, fields="tff", audio=True)),
    "bottom-first.mov": Case(Reel(options=_FIELDED | {"x264-params": "bff=1"}, fields="bff")),
    "broadcast.ts": Case(
        Reel(
            "mpeg2video", options=_FIELDED, fields="tff", audio=True, sound="mp2", ticks=25, size=(320, 192)
        ),
        written="broadcast.ts.mp4",
    ),
    "program.mpg": Case(Reel("mpeg2video", audio=True, sound="mp2", ticks=25), written="program.mpg.mp4"),
    "transport.ts": Case(Reel(audio=True), written="transport.ts.mp4"),
    "ten-bit.mp4": Case(Reel(pixels="yuv420p10le")),
    "studio.mp4": Case(Reel(pixels="yuv422p10le")),
    "hevc.mp4": Case(Reel("libx265", options=_QUIET, audio=True)),
    "hevc-ten-bit.mov": Case(Reel("libx265", pixels="yuv420p10le", options=_QUIET)),
    "twelve-bit.mp4": Case(Reel("libx265", pixels="yuv420p12le", options=_QUIET)),
    "pq.mp4": Case(
        Reel("libx265", pixels="yuv420p10le", colours=(1, 9, 9, 16), options={"x265-params": _PQ})
    ),
    "hlg.mkv": Case(Reel("libx265", pixels="yuv420p10le", colours=(1, 9, 9, 18), options=_QUIET)),
    "vp8.webm": Case(Reel("libvpx", options=_QUICK, audio=True, sound="libopus"), written="vp8.webm.mp4"),
    "vp9.webm": Case(Reel("libvpx-vp9", options=_QUICK), written="vp9.webm.mp4", times=VARYING),
    "av1.mp4": Case(Reel("libsvtav1", options={"preset": "11"})),
    "motion-jpeg.avi": Case(
        Reel("mjpeg", "yuvj420p", options={}, audio=True, sound="pcm_s16le", ticks=25),
        written="motion-jpeg.avi.mkv",
    ),
    "motion-jpeg.mov": Case(Reel("mjpeg", "yuvj422p", options={}, audio=True)),
    "divx.avi": Case(Reel("mpeg4", options={}, ticks=25), written="divx.avi.mp4"),
    "tape.avi": Case(Reel("dvvideo", options={}, size=(720, 576), ticks=25), written="tape.avi.mp4"),
    "editing.mov": Case(Reel("prores_ks", "yuv422p10le", options={}, audio=True)),
    "varying.mkv": Case(Reel(audio=True), times=VARYING),
    "flash.flv": Case(Reel(ticks=1000), written="flash.flv.mp4"),
    "screen.mov": Case(Reel("png", "rgb24", options={})),
    "archive.mkv": Case(Reel("ffv1", "yuv422p", options={}), times=VARYING),
}


@dataclass(frozen=True)
class Facts:
    times: tuple[Fraction, ...]
    tick: Fraction
    colours: tuple[int, ...]
    matrix: bytes
    fields: bool
    sound: tuple[tuple[bytes, ...], ...]


def _read(path: Path) -> Facts:
    """Read a file through the library, and not through our own reader."""
    with av.open(str(path)) as clip:
        video, sounds = clip.streams.video[0], clip.streams.audio
        tick = video.time_base or Fraction(1)
        times: list[Fraction] = []
        packets: dict[int, list[bytes]] = {s.index: [] for s in sounds}
        for packet in clip.demux(video, *sounds):
            if packet.size and not packet.is_discard:
                if packet.stream.index == video.index:
                    times.append(Fraction(packet.pts or 0) * tick)
                else:
                    packets[packet.stream.index].append(bytes(packet))
    with av.open(str(path)) as clip:
        frame = next(clip.decode(video=0))
        side = frame.side_data.get("DISPLAYMATRIX")
        # Samples have video levels where nothing is said (H.264, table E-3).
        levels = int(frame.color_range) or 1
        colours = (levels, int(frame.colorspace), int(frame.color_trc), int(frame.color_primaries))
        return Facts(
            times=tuple(sorted(times)),
            tick=tick,
            colours=colours,
            matrix=bytes(side) if side else b"",
            fields=frame.interlaced_frame,
            sound=tuple(tuple(p) for p in packets.values()),
        )


def _covered(path: Path, record: manifest.Manifest, matrix: tuple[int, ...]) -> None:
    """Look at the stored picture itself: what the record calls covered is one flat spot in it."""
    covers = manifest.covers(record.tracks)
    assert len(covers) >= record.picture.frames * 0.8
    with av.open(str(path)) as clip:
        for index, frame in enumerate(clip.decode(video=0)):
            upright = np.rot90(frame.to_ndarray(format="gray"), _turns(matrix))
            for x1, y1, x2, y2 in covers.get(index, np.empty((0, 4))).astype(int).tolist():
                inside = upright[max(0, y1) + 4 : y2 - 4, max(0, x1) + 4 : x2 - 4]
                assert np.ptp(np.percentile(inside, (2, 98))) <= 24


def _turns(matrix: tuple[int, ...]) -> int:
    """What is up in the picture that is shown."""
    return {(0, 1): 0, (0, -1): 2, (-1, 0): 1, (1, 0): 3}[matrix]


@pytest.mark.parametrize("name", CASES)
def test_any_clip_is_covered_and_keeps_its_times_look_and_sound(name: str, tmp_path: Path, cli: Cli) -> None:
    case = CASES[name]
    upright = case.turn(np.zeros((case.reel.size[1], case.reel.size[0], 3), np.uint8))
    height, width = upright.shape[:2]
    scene = clips.handheld(width, height)

    def stored(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        picture, boxes = scene(time_s)
        return case.turn(picture), boxes

    source = shoot(tmp_path / name, case.times, case.reel, stored)
    output = tmp_path / "out" / (case.written or name)
    said = cli("blur", source, "-o", output.parent, "--preset", "fast")
    assert said.code == 0, said.err
    assert f"-> {output}: 1 face covered" in said.out
    said = cli("verify", output, "--original", source)
    assert said.code == 0, said.out
    record = manifest.read(manifest.path_for(output))
    assert (record.picture.width, record.picture.height) == (width, height)
    _same(source, output, converted=bool(record.notes) and not case.written)
    m = case.reel.matrix
    sides = {90: (-1, 0), 180: (0, -1), 270: (1, 0)}
    _covered(output, record, (m[1] // _UNIT, m[4] // _UNIT) if m else sides.get(case.reel.rotation, (0, 1)))


def _same(source: Path, output: Path, *, converted: bool) -> None:
    before, after = _read(source), _read(output)
    apart = max(abs(a - b) for a, b in zip(before.times, after.times, strict=True))
    assert 2 * apart <= after.tick
    for old, new in zip(before.sound, after.sound, strict=True):
        # A transport stream puts a header of seven bytes before each packet of AAC.
        header = 7 if source.suffix == ".ts" and old[0][:1] == b"\xff" and new[0] != old[0] else 0
        assert [packet[header:] for packet in old] == list(new)
    assert before.matrix == after.matrix
    assert before.fields == after.fields
    if not converted:
        assert before.colours == after.colours
