"""Checks a redacted file against its manifest, its original and a detector that had no part in it."""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scanner.files import sha256
from scanner.footage import cascade, media, picture, witness
from scanner.footage.boxes import EMPTY, Boxes, turn
from scanner.footage.clip import Clip, Span, Streams, output_colours
from scanner.footage.manifest import (
    AudioRecord,
    Check,
    Manifest,
    ModelRecord,
    StreamRecord,
    Verification,
    covers,
)
from scanner.footage.media.seeking import Seeker
from scanner.footage.witness import Witness

_FLAT = 32
"""How many of 255 levels a solid cover may vary after encoding."""
_EDGE = 4
_WHOLE_S, _WHOLE_QUICK_S = 1.0, 5.0
"""A whole picture is looked at every so often; the second while redacting."""
_ASKED, _ASKED_QUICK = 100, 10
"""So many places of the original are looked at, at most."""


class Viewed(witness.Viewed, Protocol):
    """A frame or a still."""

    def luma(self) -> NDArray[np.uint8]:
        """Give the brightness as stored."""
        ...


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
    seen_by = cascade.witness()
    quick = every > 1
    checks = [_same_file("output is the file of the manifest", output, manifest.output.sha256)]
    if original is not None:
        checks.append(_same_file("original is the file of the manifest", original, manifest.input.sha256))
    asked = _ask(original, manifest, quick=quick) if all(c.passed for c in checks) and original else None
    kept = set(manifest.kept_metadata)
    if manifest.picture.times:
        clip = media.probe(output)
        streams = media.compare_streams(output)
        checks += _streams(streams, manifest, original)
        if original is not None:
            checks.append(_presented(media.probe(original), clip))
        checks.append(_leftovers(clip.extras, kept))
        now: list[int] = []
        frames = media.frames(clip)
        copied = manifest.rendering is not None and manifest.rendering.copied_frames and original is not None
        look = _Look(Witness(seen_by), every, _apart(streams.times, _WHOLE_QUICK_S if quick else _WHOLE_S))
        checks += look.at(digesting(frames, now) if copied else frames, manifest, clip.turns, asked, progress)
        if copied and original is not None:
            checks.append(_copies(manifest, digests or _digests(original), now))
    else:
        album = picture.read(output)
        checks.append(_leftovers(album.extras, kept))
        look = _Look(Witness(seen_by), 1, range(len(album.stills)))
        checks += look.at(album.stills, manifest, 0, asked, progress)
    return Verification(
        detector=ModelRecord(id=seen_by.id, sha256=seen_by.sha256),
        threshold=witness.FACE,
        every=every,
        passed=all(c.passed for c in checks),
        checks=tuple(checks),
        not_checked=("covers: the manifest is a summary, without boxes",) if manifest.summary else (),
    )


def _ask(original: Path, manifest: Manifest, *, quick: bool) -> tuple[int, int]:
    """Ask the witness about places of the original that were covered; see `witness.ask_about`."""
    most = _ASKED_QUICK if quick else _ASKED
    if not manifest.picture.times:
        return witness.ask_about(
            manifest.tracks, picture.read(original).stills.__getitem__, cascade.witness(), most
        )
    with Seeker(media.probe(original)) as clip:
        return witness.ask_about(manifest.tracks, clip.frame, cascade.witness(), most)


def _apart(times: Sequence[Fraction], seconds: float) -> frozenset[int]:
    """Give positions of frames that lie so many seconds apart or a little more, and the last."""
    chosen: list[int] = []
    for position, time in enumerate(times):
        if not chosen or time - times[chosen[-1]] >= seconds:
            chosen.append(position)
    return frozenset([*chosen, len(times) - 1]) if times else frozenset()


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


def times_digest(times: Sequence[Fraction]) -> str:
    """Hash exact times."""
    return hashlib.sha256("\n".join(str(t) for t in times).encode()).hexdigest()


def _same_file(name: str, path: Path, expected: str) -> Check:
    same = sha256(path) == expected
    return Check(name=name, passed=same, detail="" if same else f"{path.name} has another SHA-256")


def _streams(now: Streams, manifest: Manifest, original: Path | None) -> list[Check]:
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


@dataclass(frozen=True, slots=True)
class _Look:
    """Goes through an output once.

    Attributes:
        witness: Who looks.
        every: At each track in every so many frames.
        whole: At which frames as a whole.
    """

    witness: Witness
    every: int
    whole: Container[int]

    def at(
        self,
        frames: Iterable[Viewed],
        manifest: Manifest,
        turns: int,
        asked: tuple[int, int] | None,
        progress: Callable[[int], None],
    ) -> list[Check]:
        """Look at all frames, and give what there is to say of the pictures."""
        wanted = covers(manifest.tracks)
        due = {} if manifest.summary else _due(manifest, self.every)
        solid = manifest.style == "solid" and not manifest.summary
        uneven: list[int] = []
        count = 0
        for index, frame in enumerate(frames):
            boxes = wanted.get(index, EMPTY)
            flat = solid and _solid(frame.luma(), boxes, turns)
            if solid and not flat:
                uneven.append(index)
            if index in due:
                self.witness.look_at_covers(index, frame, boxes[list(due[index])], flat=flat)
            if index in self.whole:
                self.witness.look_around(index, frame, boxes)
            count = index + 1
            progress(count)
        checks = [] if manifest.summary else [self.witness.of_covers(asked)]
        checks.append(self.witness.of_surroundings(manifest))
        if solid:
            detail = f"first in frame {uneven[0]}" if uneven else f"{len(wanted)} frames with covers"
            checks.append(Check(name="covers are solid", passed=not uneven, detail=detail))
        complete, expected = count == manifest.picture.frames, manifest.picture.frames
        checks.append(Check(name="frames that decode", passed=complete, detail=f"{count} of {expected}"))
        return checks


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
