"""The sample clips, redacted and looked at by two different detectors, one of which did not redact them."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from samples import clips
from scanner.errors import Exit
from scanner.footage import detect
from scanner.footage.detect import Picture
from tests.footage.conftest import Cli

SAMPLES = {
    "gate-cctv.mp4": (clips.cctv(), clips.steady_times(30, 15), clips.Look()),
    "hand-held.mp4": (clips.handheld(), clips.steady_times(4, 25), clips.Look()),
    "doorbell.mp4": (
        clips.handheld(),
        clips.varying_times(4),
        clips.Look(rotation=90, audio=True, subtitles=True, gps=True),
    ),
}


def upright(path: Path) -> Iterator[tuple[Fraction, Picture]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            turned = np.rot90(frame.to_ndarray(format="bgr24"), round(frame.rotation / 90))
            yield frame.pts * frame.time_base, np.ascontiguousarray(turned)


def audio(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return []
        return [(p.pts, bytes(p)) for p in container.demux(audio=0) if p.size]


def covers(manifest: dict[str, Any]) -> dict[int, list[tuple[float, float, float, float]]]:
    """Give the covered boxes by frame."""
    by_frame: dict[int, list[tuple[float, float, float, float]]] = {}
    for track in manifest["tracks"]:
        at = track["first_frame"]
        for count, x, y, w, h in track["boxes"]:
            for frame in range(at, at + count):
                by_frame.setdefault(frame, []).append((x, y, x + w, y + h))
            at += count
    return by_frame


def seen_inside(
    pictures: Iterator[tuple[Fraction, Picture]],
    boxes: dict[int, list[tuple[float, float, float, float]]],
    detector: str,
    threshold: float,
    every: int,
) -> tuple[int, int]:
    """Count detections whose middle lies in a cover, and how many frames were looked at."""
    inside = looked = 0
    for number, (_, picture) in enumerate(pictures):
        if number % every or number not in boxes:
            continue
        looked += 1
        for x1, y1, x2, y2 in detect.shipped(detector).detect(picture, threshold).boxes:
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            inside += any(a <= x <= c and b <= y <= d for a, b, c, d in boxes[number])
    return inside, looked


@pytest.mark.parametrize("name", SAMPLES)
def test_no_detector_sees_a_face_where_one_was_covered(cli: Cli, tmp_path: Path, name: str) -> None:
    original, redacted = tmp_path / name, tmp_path / "out" / name
    clips.write(original, *SAMPLES[name])
    redacted.parent.mkdir()
    done = cli("blur", original, "-o", redacted)
    assert done.code == Exit.OPEN, done.err
    manifest = json.loads(Path(f"{redacted}.manifest.json").read_text())
    threshold = manifest["verification"]["threshold"]
    boxes = covers(manifest)
    assert boxes
    for detector in ("yunet-2023mar", "centerface"):
        before, looked = seen_inside(upright(original), boxes, detector, threshold, 5)
        after, _ = seen_inside(upright(redacted), boxes, detector, threshold, 5)
        assert before > looked / 2  # the detector can see these faces
        assert after == 0
    assert [t for t, _ in upright(redacted)] == [t for t, _ in upright(original)]
    assert audio(redacted) == audio(original)
    assert cli("verify", redacted, "--original", original).code == Exit.OPEN
