"""A frame by its number is the frame that plays at that position, whatever was shown before."""

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from scanner.errors import UnreadableError
from scanner.footage import media
from scanner.footage.media.seeking import Seeker


def clip_of(path: Path, codec: str, frames: int = 60, **options: str) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.time_base = Fraction(1, 1000)
        pts = 0
        for i in range(frames):
            picture = np.full((96, 160, 3), 30, dtype=np.uint8)
            picture[:, (i * 7) % 150 : (i * 7) % 150 + 10] = (200, 40 + i * 3, i)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 1000)
            pts += 40 if i % 3 else 73
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("b-pyramid.mp4", "libx264", {"g": "24", "bf": "3", "b-pyramid": "normal"}),
        ("open-gop.mkv", "libx264", {"g": "12", "bf": "2", "x264-params": "open-gop=1"}),
        ("one-key.mp4", "libx264", {"g": "600"}),
        ("transport.ts", "libx264", {"g": "20", "bf": "2"}),
        ("vp9.webm", "libvpx-vp9", {"g": "15", "deadline": "realtime"}),
    ],
)
def test_any_frame_at_any_moment(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    clip = media.probe(clip_of(tmp_path / name, codec, **options))
    whole = [(f.pts, f.digest()) for f in media.frames(clip)]
    order = [*range(len(whole)), *reversed(range(len(whole)))]
    order += random.Random(7).choices(range(len(whole)), k=40)
    with Seeker(clip) as seeker:
        assert seeker.times == [pytest.approx(float(pts * clip.time_base)) for pts, _ in whole]
        for number in order:
            frame = seeker.frame(number)
            assert (frame.pts, frame.digest()) == whole[number], number
        with pytest.raises(IndexError):
            seeker.frame(len(whole))


def test_memory_is_bounded_and_what_was_dropped_is_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.footage.media.seeking._KEPT_BYTES", 160 * 96 * 3 // 2 * 6)
    clip = media.probe(clip_of(tmp_path / "a.mp4", "libx264", g="30"))
    whole = [f.digest() for f in media.frames(clip)]
    with Seeker(clip) as seeker:
        for number in (0, 59, 30, 31, 5, 58, 29, 0):
            assert seeker.frame(number).digest() == whole[number]
        assert len(seeker._kept) <= 6


def test_a_damaged_clip_says_so(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "a.mkv", "libx264", g="10")
    clip = media.probe(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 600] = bytes(600)
    path.write_bytes(data)

    def all_frames() -> None:
        with Seeker(clip) as seeker:
            for number in range(60):
                seeker.frame(number)

    with pytest.raises((UnreadableError, IndexError)):
        all_frames()
