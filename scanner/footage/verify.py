"""Checks a redacted file against its manifest, its original and a detector that did not redact it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage import detect, media, picture
from scanner.footage.boxes import Boxes, turn
from scanner.footage.clip import Clip, Span, Streams, output_colours
from scanner.footage.detect import Detector
from scanner.footage.manifest import (
    AudioRecord,
    Check,
    Manifest,
    ModelRecord,
    StreamRecord,
    Verification,
    covers,
)

THRESHOLD = 0.6
"""A face that the verifying detector sees with at least this score is a face that was missed."""
_CROP = 96
_CONTEXT = 2.0
_FLAT = 32
"""How many of 255 levels a solid cover may vary after encoding."""
_EDGE = 4
_BATCH = 16


class Viewed(Protocol):
    """A frame or a still."""

    def picture(self, side: int, upscale: float) -> tuple[NDArray[np.uint8], float, float]:
        """Give the upright picture in BGR, and its ratios to full size."""
        ...

    def luma(self) -> NDArray[np.uint8]:
        """Give the brightness as stored."""
        ...


def verifier(used: Sequence[str]) -> Detector:
    """Choose a shipped detector that did not redact.

    Args:
        used: SHA-256 of the weights that did, those that searched whole pictures first.

    Returns:
        One that was not used at all; else one that only judged single places, and never searched.
    """
    candidates = [detect.shipped(i) for i in ("centerface", "yunet-2023mar")]
    fresh = [d for d in candidates if d.sha256 not in used]
    return (fresh or [d for d in candidates if d.sha256 not in used[:1]])[0]


def verify(
    output: Path,
    manifest: Manifest,
    *,
    original: Path | None,
    every: int = 1,
    digests: Sequence[int] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Run every check.

    Args:
        output: The redacted file, by whatever name.
        manifest: Its record.
        original: Compared with where it is given.
        every: The detector looks at each track in every so many frames.
        digests: Of the original's frames, as `media.Frame.digest` gives them, where they are known already;
            otherwise it is decoded again.
        progress: Told the number of frames done.

    Raises:
        UnreadableError: a file cannot be read.
    """
    detector = verifier([m.sha256 for m in manifest.detectors])
    checks = [_same_file("output is the file of the manifest", output, manifest.output.sha256)]
    if original is not None:
        checks.append(_same_file("original is the file of the manifest", original, manifest.input.sha256))
    kept = set(manifest.kept_metadata)
    if manifest.picture.times:
        clip = media.probe(output)
        checks += _streams(output, manifest, original)
        if original is not None:
            checks.append(_presented(media.probe(original), clip))
        checks.append(_leftovers(clip.extras, kept))
        now: list[int] = []
        frames = media.frames(clip)
        copied = manifest.rendering is not None and manifest.rendering.copied_frames and original is not None
        checks += _look(
            digesting(frames, now) if copied else frames, manifest, detector, clip.turns, every, progress
        )
        if copied and original is not None:
            checks.append(_copies(manifest, digests or _digests(original), now))
    else:
        album = picture.read(output)
        checks.append(_leftovers(album.extras, kept))
        checks += _look(album.stills, manifest, detector, 0, 1, progress)
    return Verification(
        detector=ModelRecord(id=detector.id, sha256=detector.sha256),
        threshold=THRESHOLD,
        every=every,
        passed=all(c.passed for c in checks),
        checks=tuple(checks),
        not_checked=("covers: the manifest is a summary, without boxes",) if manifest.summary else (),
    )


def digesting(frames: Iterable[media.Frame], into: list[int]) -> Iterator[media.Frame]:
    """Let frames pass, and write down the digest of each."""
    for frame in frames:
        into.append(frame.digest())
        yield frame


def _digests(path: Path) -> list[int]:
    return [frame.digest() for frame in media.frames(media.probe(path))]


def _copies(manifest: Manifest, before: Sequence[int], now: Sequence[int]) -> Check:
    """Compare every picture that was copied with the original's, as decoded."""
    assert manifest.rendering is not None
    copied = [
        i
        for span in manifest.rendering.spans
        if span.how == "copied"
        for i in range(span.first_frame, span.last_frame + 1)
    ]
    changed = [i for i in copied if i >= min(len(before), len(now)) or before[i] != now[i]]
    return Check(
        name="copied pictures as in the original",
        passed=not changed,
        detail=f"{len(changed)} differ, first in frame {changed[0]}"
        if changed
        else f"{len(copied)} compared",
    )


def _presented(before: Clip, now: Clip) -> Check:
    """Compare what tells a player how to show pictures."""
    differ = [
        name
        for name, a, b in (
            ("size", before.upright, now.upright),
            ("rotation", before.matrix, now.matrix),
            ("fields", before.interlaced, now.interlaced),
            ("colours", output_colours(before).assumed, now.colours.assumed),
            ("chapters", len(before.chapters), len(now.chapters)),
        )
        if a != b
    ]
    return Check(
        name="size, rotation, colours and chapters as in the original",
        passed=not differ,
        detail=f"{', '.join(differ)} changed" if differ else "kept",
    )


def sha256(path: Path) -> str:
    """Hash a file without reading it into memory as a whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def times_digest(times: Sequence[Fraction]) -> str:
    """Hash exact times."""
    return hashlib.sha256("\n".join(str(t) for t in times).encode()).hexdigest()


def _same_file(name: str, path: Path, expected: str) -> Check:
    same = sha256(path) == expected
    return Check(name=name, passed=same, detail="" if same else f"{path.name} has another SHA-256")


def _streams(output: Path, manifest: Manifest, original: Path | None) -> list[Check]:
    now = media.compare_streams(output)
    expected = manifest.picture
    checks = [
        Check(
            name="number of frames",
            passed=len(now.times) == expected.frames,
            detail=f"{len(now.times)} of {expected.frames}",
        ),
        Check(
            name="times of frames",
            passed=times_digest(now.times) == expected.times_sha256,
            detail=expected.times,
        ),
        Check(
            name="audio packets",
            passed=audio_records(now) == manifest.audio,
            detail="kept" if manifest.audio_kept else "muted",
        ),
    ]
    if original is not None:
        muted = [Span(m.start_s, m.end_s) for m in manifest.muted]
        checks += against(media.compare_streams(original, muted), now, audio_kept=manifest.audio_kept)
    return checks


def audio_records(streams: Streams) -> tuple[AudioRecord, ...]:
    """Write audio digests down."""
    return tuple(
        AudioRecord(sha256=d, packets=n) for d, n in zip(streams.audio, streams.audio_packets, strict=True)
    )


def stream_records(streams: Streams) -> tuple[StreamRecord, ...]:
    """Write the digest of every stream down."""
    sounds = zip(streams.audio, streams.audio_packets, strict=True)
    return (
        StreamRecord(kind="video", sha256=streams.video, packets=len(streams.times)),
        *(StreamRecord(kind="audio", sha256=d, packets=n) for d, n in sounds),
    )


def against(before: Streams, now: Streams, *, audio_kept: bool) -> list[Check]:
    """Compare what a redaction must keep: every time (to the output's tick), every audio packet."""
    kind = timing(before, now)
    return [
        Check(name="times as in the original", passed=bool(kind), detail=kind or "they differ"),
        Check(
            name="audio as in the original",
            passed=now.audio == (before.audio if audio_kept else ()),
            detail="packets bit for bit" if audio_kept else "no audio, as asked for",
        ),
    ]


def timing(before: Streams, now: Streams) -> str:
    """Say how times relate: `identical`, rounded to a coarser tick, or nothing if they differ."""
    if len(before.times) != len(now.times):
        return ""
    if before.times == now.times:
        return "identical"
    apart = max(abs(a - b) for a, b in zip(before.times, now.times, strict=True))
    return f"rounded to the container's {now.time_base} s" if 2 * apart <= now.time_base else ""


def _leftovers(extras: tuple[str, ...], kept: set[str]) -> Check:
    extras = tuple(e for e in extras if e not in kept)
    return Check(
        name="no metadata or side streams left", passed=not extras, detail=", ".join(extras) or "none found"
    )


def _look(
    frames: Iterable[Viewed],
    manifest: Manifest,
    detector: Detector,
    turns: int,
    every: int,
    progress: Callable[[int], None],
) -> list[Check]:
    wanted = covers(manifest.tracks)
    looks = _due(manifest, every)
    uneven: list[int] = []
    crops = _Crops(detector)
    count = 0
    for index, frame in enumerate(frames):
        boxes = wanted.get(index)
        if boxes is not None:
            if manifest.style == "solid" and not _solid(frame.luma(), boxes, turns):
                uneven.append(index)
            due = looks.get(index, ())
            if due:
                crops.add(index, frame, boxes[list(due)])
        count = index + 1
        progress(count)
    crops.flush()
    checks = (
        []
        if manifest.summary
        else [
            Check(
                name="no face in a covered area",
                passed=not crops.faces,
                detail=f"{crops.seen} areas looked at with {detector.id}{_role(detector, manifest)}"
                + (f"; faces in {len(crops.faces)}, first in frame {crops.faces[0]}" if crops.faces else ""),
            )
        ]
    )
    if manifest.style == "solid" and not manifest.summary:
        detail = f"first in frame {uneven[0]}" if uneven else f"{len(wanted)} frames with covers"
        checks.append(Check(name="covers are solid", passed=not uneven, detail=detail))
    checks.append(
        Check(
            name="frames that decode",
            passed=count == manifest.picture.frames,
            detail=f"{count} of {manifest.picture.frames}",
        )
    )
    return checks


def _role(detector: Detector, manifest: Manifest) -> str:
    """Say so where the verifying detector had a part in the redaction."""
    took_part = detector.sha256 in {m.sha256 for m in manifest.detectors}
    return ", which judged doubtful places in the original" if took_part else ""


def _due(manifest: Manifest, every: int) -> dict[int, tuple[int, ...]]:
    """Say which of a frame's covers to look at: each track's first, every so many, and its last."""
    due: dict[int, list[int]] = {}
    filled: dict[int, int] = {}
    for track in manifest.tracks:
        for frame in range(track.first_frame, track.last_frame + 1):
            position = filled.get(frame, 0)
            filled[frame] = position + 1
            if (frame - track.first_frame) % every == 0 or frame == track.last_frame:
                due.setdefault(frame, []).append(position)
    return {frame: tuple(positions) for frame, positions in due.items()}


def _solid(luma: NDArray[np.uint8], boxes: Boxes, turns: int) -> bool:
    height, width = luma.shape
    upright = (height, width) if turns % 2 else (width, height)
    for x1, y1, x2, y2 in turn(boxes, -turns, *upright).astype(int).tolist():
        inner = luma[max(0, y1) + _EDGE : y2 - _EDGE, max(0, x1) + _EDGE : x2 - _EDGE]
        if inner.size and not _flat(inner):
            return False
    return True


def _flat(inner: NDArray[np.uint8]) -> bool:
    """An encoder rings along an edge; no more than one sample in a hundred may stand out."""
    if int(inner.max()) - int(inner.min()) <= _FLAT:
        return True
    low, high = np.percentile(inner, (1, 99))
    return bool(high - low <= _FLAT)


class _Crops:
    """Collects covered areas with their surroundings, and has a detector look at many at once."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.faces: list[int] = []
        self.seen = 0
        self._waiting: list[tuple[int, NDArray[np.uint8], NDArray[np.float64]]] = []

    def add(self, index: int, frame: Viewed, boxes: Boxes) -> None:
        full, across, down = frame.picture(1 << 20, 1.0)
        for box in boxes / np.array([across, down, across, down]):
            middle = (box[:2] + box[2:]) / 2
            side = max(8.0, _CONTEXT * float((box[2:] - box[:2]).max()))
            scale = _CROP / side
            place = np.array(
                [[scale, 0, _CROP / 2 - middle[0] * scale], [0, scale, _CROP / 2 - middle[1] * scale]]
            )
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            crop = cv2.warpAffine(full, place, (_CROP, _CROP), flags=how).astype(np.uint8, copy=False)
            half = (box[2:] - box[:2]) / 2 * scale
            self._waiting.append((index, crop, np.concatenate([_CROP / 2 - half, _CROP / 2 + half])))
            self.seen += 1
            if len(self._waiting) == _BATCH:
                self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        found = self.detector.detect_many(np.stack([crop for _, crop, _ in self._waiting]), THRESHOLD)
        for (index, _, cover), faces in zip(self._waiting, found, strict=True):
            middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
            if ((middles >= cover[:2]) & (middles <= cover[2:])).all(axis=1).any():
                self.faces.append(index)
        self._waiting.clear()
