"""Cuts a clip into segments that are watched apart, several at once, and put together again.

Where a clip can be cut depends on the clip alone: before an IDR picture, about every ten seconds. So the
same clip gives the same detections on one core and on eight, in one run and in two, on one machine and on
another. A clip that cannot be cut (no index to seek by, or pictures that refer across every key frame) is
decoded in one go, and watched in stretches of as many frames.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

from scanner.errors import UnreadableError
from scanner.files import sha256
from scanner.footage import detect, media
from scanner.footage.clip import Clip
from scanner.footage.gops import Mark
from scanner.footage.media.seeking import between
from scanner.footage.options import PRESETS
from scanner.footage.watch import Glimpse, Manner, Pace, Watch, at_once, beside
from scanner.machine import processors

LENGTH = 250
"""A segment has at least so many frames: opening the clip once more is then a small part of its cost."""
_AT_ONCE = 8
"""More segments at once would need more memory than time is worth: each holds a decoder and a network."""
_SEEKABLE = ("mov", "mp4", "matroska", "webm")
_TOLD_S = 0.1


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a clip that can be decoded by itself.

    Attributes:
        number: Its place among the clip's segments, from 0.
        frames: How many it has.
        start: Time of its first frame, an IDR picture, in ticks; None at the clip's beginning.
        end: Likewise of the segment behind it; None at the clip's end.
    """

    number: int
    frames: int
    start: int | None
    end: int | None


class Memory(Protocol):
    """Keeps what was seen, beyond this run."""

    def find(self, key: str) -> Glimpse | None:
        """Give what is known under a name."""
        ...

    def keep(self, key: str, seen: Glimpse) -> None:
        """Write down what was seen."""
        ...


Tell = Callable[[Pace], None]


def cut(clip: Clip, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """Say where a clip is cut.

    Args:
        clip: The clip.
        marks: Of all its packets, in the order of the file.

    Returns:
        Its segments in order; one where there is no place to cut, none where nothing is known of its packets.
    """
    if not marks or not any(name in clip.container for name in _SEEKABLE):
        return ()
    bounds, frames, latest = [0], [0], None
    for at, mark in enumerate(marks):
        closed = mark.is_idr and mark.is_shown and latest is not None and mark.pts > latest
        if closed and frames[-1] >= LENGTH:
            bounds.append(at)
            frames.append(0)
        frames[-1] += mark.is_shown
        latest = mark.pts if latest is None else max(latest, mark.pts)
    starts = [None, *(marks[at].pts for at in bounds[1:])]
    return tuple(
        Segment(number, count, start, end)
        for number, (count, start, end) in enumerate(zip(frames, starts, [*starts[1:], None], strict=True))
    )


def watch_apart(
    clip: Clip, segments: Sequence[Segment], manner: Manner, memory: Memory, tell: Tell
) -> list[Glimpse]:
    """Watch segments, as many at once as there are cores, and give what was seen in order.

    Args:
        clip: What they are of.
        segments: As `cut` gives them.
        manner: How closely; detectors for one thread each.
        memory: Asked before a segment is decoded, and told after.
        tell: Told how far it is, from this thread.

    Raises:
        UnreadableError: the clip is damaged.
    """
    stop = threading.Event()
    paces = [Pace() for _ in segments]
    seen: list[Glimpse] = []
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        try:
            known = [memory.find(_key(s)) for s in segments]
            work = [
                pool.submit(watch_one, clip, s, manner, pace, stop) if k is None else k
                for s, k, pace in zip(segments, known, paces, strict=True)
            ]
            for segment, pace, part in zip(segments, paces, work, strict=True):
                if isinstance(part, Glimpse):
                    seen.append(part)
                    pace.frames, pace.faces = len(part.pts), faces(part)
                else:
                    seen.append(_awaited(part, lambda: tell(_together(paces))))
                    memory.keep(_key(segment), seen[-1])
            tell(_together(paces))
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    return seen


def watch_one(
    clip: Clip,
    segment: Segment,
    manner: Manner,
    pace: Pace | None = None,
    stop: threading.Event | None = None,
) -> Glimpse:
    """Watch a single segment in this thread.

    Args:
        clip: What it is of.
        segment: Which.
        manner: How closely.
        pace: Kept up to date on the way.
        stop: Set by somebody who does not want to know any more; what is given then is cut short.

    Raises:
        UnreadableError: the clip is damaged.
    """
    watching, pace = Watch(clip, manner, at_once), pace or Pace()
    for frame in between(clip, segment.start, segment.end):
        if stop is not None and stop.is_set():
            break
        if segment.end is not None and frame.pts >= segment.end:
            watching.beyond(frame)
            break
        watching.see(frame)
        pace.frames += 1
    part = watching.glimpse()
    pace.faces = faces(part)
    return part


def watch_through(clip: Clip, manner: Manner, memory: Memory, tell: Tell) -> list[Glimpse]:
    """Decode a clip in one go, watch it in stretches, and give what was seen in order.

    Args:
        clip: The clip.
        manner: How closely; detectors that may use all cores.
        memory: Asked before a stretch is looked at, and told after.
        tell: Told how far it is.

    Raises:
        UnreadableError: the clip is damaged.
    """
    seen: list[Glimpse] = []
    pace = Pace()
    frames = media.frames(clip)
    first = next(frames, None)
    with beside() as submit:
        while first is not None:
            key = f"through {len(seen)}"
            part = memory.find(key)
            watching = None if part else Watch(clip, manner, submit)
            for frame in _chain(first, islice(frames, LENGTH - 1)):
                if watching is not None:
                    watching.see(frame)
                pace.frames += 1
                tell(pace)
            first = next(frames, None)
            if watching is not None:
                if first is not None:
                    watching.beyond(first)
                part = watching.glimpse()
                memory.keep(key, part)
            assert part is not None
            seen.append(part)
            pace.faces = max(pace.faces, faces(part))
    return seen


def faces(part: Glimpse, sure: float = 0.6) -> int:
    """Count the most faces that were in one picture, as far as a detector is sure."""
    return max((sum(row[4] >= sure for row in look) for look in part.looks), default=0)


def cores() -> int:
    """Give the number of segments to watch at once: the cores this process may use."""
    return min(processors(), _AT_ONCE)


def _key(segment: Segment) -> str:
    return f"segment {segment.number} from {segment.start} to {segment.end}"


def _awaited(part: "Future[Glimpse]", tell: Callable[[], None]) -> Glimpse:
    while True:
        try:
            return part.result(timeout=_TOLD_S)
        except TimeoutError:
            tell()


def _together(paces: Sequence[Pace]) -> Pace:
    return Pace(sum(p.frames for p in paces), max((p.faces for p in paces), default=0))


def _chain(first: media.Frame, rest: Iterator[media.Frame]) -> Iterator[media.Frame]:
    yield first
    yield from rest


@dataclass(frozen=True, slots=True)
class Errand:
    """A segment that is watched elsewhere: by another process, or on another machine that sees the same path.

    Attributes:
        clip: What it is of.
        sha256: Of the file; what lies there under the name must be the same.
        segment: Which.
        preset: A name in `PRESETS`.
        digest: Whether the checksum of each picture is taken.
    """

    clip: Clip
    sha256: str
    segment: Segment
    preset: str
    digest: bool


def run_errand(errand: Errand) -> Glimpse:
    """Watch a segment with the shipped detectors; what comes back equals what `watch_apart` gives of it.

    Raises:
        UnreadableError: the clip is damaged, or another one lies at its path.
    """
    path = errand.clip.path
    try:
        stat = path.stat()
        digest = _sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.", "Check its rights.") from error
    if digest != errand.sha256:
        raise UnreadableError(f"{path} changed while it was redacted.", "Start again.")
    preset = PRESETS[errand.preset]
    detectors = tuple(detect.shipped(i, 1) for i in preset.models)
    return watch_one(errand.clip, errand.segment, Manner(preset, detectors, digest=errand.digest))


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    """Hash a file once for all of its segments."""
    return sha256(path)
