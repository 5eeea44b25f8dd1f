"""What a clip tells of faces among its pictures and beside them: real files, made by PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from scanner.discover.artifact import Artifact
from scanner.inspect.footage import FootageInspector
from scanner.inspect.interface import Sighting
from scanner.rules import load_rules

RULES = load_rules()
WHERE = b'{"frame": 7, "faces": [{"bbox": [10, 20, 30, 40], "score": 0.9}]}'
WHO = b'{"FaceMatches": [{"Similarity": 99.1, "Face": {"ExternalImageId": "jane-doe"}}]}'
CARS = b'{"frame": 7, "objects": [{"bbox": [10, 20, 30, 40], "label": "car"}], "surface": "wet"}'


def message(text: bytes, codec: str = "libx264") -> bytes:
    payload = bytes(range(16)) + text
    size = b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255])
    head = b"\x06" if codec == "libx264" else b"\x4e\x01"
    return b"\0\0\0\1" + head + b"\x05" + size + payload + b"\x80"


def clip(path: Path, *, among: bytes = b"", beside: bytes = b"", codec: str = "libx264") -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=5)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        timed = out.add_mux_stream("timed_id3") if beside else None
        packets = []
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
            packets += video.encode(frame)
        for packet in [*packets, *video.encode(None)]:
            changed = packet
            if among:
                data = bytes(packet)
                at = data.find(b"\0\0\1", 4) - (codec == "libx264" and data[data.find(b"\0\0\1", 4) - 1] == 0)
                at = max(at, 0) if packet.is_keyframe else 0
                changed = av.Packet(data[:at] + message(among, codec) + data[at:])
                changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
                changed.stream, changed.is_keyframe = video, packet.is_keyframe
            out.mux(changed)
        if timed is not None:
            tag = b"ID3\4\0\0\0\0\1\0" + beside
            extra = av.Packet(tag)
            extra.stream, extra.time_base = timed, Fraction(1, 90000)
            extra.pts = extra.dts = 9000
            out.mux(extra)
    return path


def subjects(path: Path) -> set[str]:
    seen = FootageInspector().inspect(Artifact(path.name, local=path), RULES)
    return {s.subject for s in seen if isinstance(s, Sighting) and s.signal == "metadata"}


@pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])
def test_places_of_faces_among_the_pictures(suffix: str, tmp_path: Path) -> None:
    assert subjects(clip(tmp_path / f"a.{suffix}", among=WHERE)) == {"sei:faces"}
    assert subjects(clip(tmp_path / f"b.{suffix}", among=CARS)) == set()
    assert subjects(clip(tmp_path / f"c.{suffix}")) == set()


def test_whose_faces_they_are(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.ts", among=WHO)
    assert "sei:identities" in subjects(path)
    found = list(FootageInspector().inspect(Artifact("a.ts", local=path), RULES))
    assert "jane" not in repr(found)


def test_h265(tmp_path: Path) -> None:
    assert subjects(clip(tmp_path / "a.ts", among=WHERE, codec="libx265")) == {"sei:faces"}


def test_timed_tags_beside_them(tmp_path: Path) -> None:
    assert subjects(clip(tmp_path / "a.ts", beside=WHERE)) == {"id3:faces"}
    assert subjects(clip(tmp_path / "b.ts", beside=CARS)) == set()
