"""Watches a stretch of a clip: what detectors saw in it, frame by frame, as plain numbers.

A clip is watched stretch by stretch. Nothing is carried from one to the next (motion is judged against the
stretch's own frames, the second opinion begins anew), so that stretches may be watched at the same time, in
another process, or in another run, and together say the same. Tracks are made of all of them afterwards.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import numpy as np

from scanner.footage.clip import Clip
from scanner.footage.detect import Detections, Detector
from scanner.footage.look import Cadence, Gate, Looker, Witness
from scanner.footage.media import Frame
from scanner.footage.options import Preset
from scanner.footage.track import Examined

_AHEAD = 3
"""So many looks wait for a detector at most; each holds a decoded frame."""

Submit = Callable[[Callable[[], Detections]], "Future[Detections]"]
"""Has something looked at, now or beside."""


class Glimpse(msgspec.Struct, frozen=True):
    """What watching a stretch gave. Boxes, scores and checksums; no pixel.

    Attributes:
        pts: Times of its frames in ticks of the clip's time base, in order.
        looks: What was seen in each look: for each face x1 y1 x2 y2 in pixels of the upright picture, score.
        holds: For each frame which look holds for it; -1 where something moved and nobody looked.
        cuts: Positions in the stretch of frames that begin a scene.
        ends_scene: Whether the frame behind the stretch begins one.
        digests: CRC-32 of each picture, where they were asked for.
    """

    pts: tuple[int, ...]
    looks: tuple[tuple[tuple[float, float, float, float, float], ...], ...]
    holds: tuple[int, ...]
    cuts: tuple[int, ...]
    ends_scene: bool
    digests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a clip.

    Attributes:
        frames: Every frame, in order.
        pts: Their times in ticks of the clip's time base.
        looks: How many frames a detector looked at.
        digests: CRC-32 of every picture, or nothing.
    """

    frames: tuple[Examined, ...]
    pts: tuple[int, ...]
    looks: int
    digests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a clip is watched.

    Attributes:
        preset: How closely.
        detectors: In the order of the preset's `models`; none where only times and checksums are wanted.
        digest: Whether the checksum of each picture is taken.
        cadence: How often; by default as the preset says.
        witness: Called after each look, in its thread, in order.
    """

    preset: Preset
    detectors: tuple[Detector, ...]
    digest: bool = False
    cadence: Cadence | None = None
    witness: Witness | None = None


@dataclass(slots=True)
class Pace:
    """How far somebody is, for somebody else to read: frames done, and the most faces seen at once."""

    frames: int = 0
    faces: int = 0


@dataclass(slots=True)
class _Notes:
    pts: list[int] = field(default_factory=list)
    looks: list["Future[Detections]"] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)


class Watch:
    """Watches one stretch; is shown its frames in order."""

    def __init__(self, clip: Clip, manner: Manner, submit: Submit) -> None:
        self._clip, self._submit, self._digest = clip, submit, manner.digest
        cadence = manner.cadence or Cadence(frames=manner.preset.every)
        self._in_turns = cadence.in_turns and manner.preset.in_turns
        self._gate = Gate(cadence)
        self._looker = None
        if manner.detectors:
            self._looker = Looker(manner.preset, manner.detectors, manner.witness, cadence.asked)
        self._notes = _Notes()
        self._cut_since = False
        self._ends_scene = False

    def see(self, frame: Frame) -> None:
        """Take the next frame of the stretch."""
        notes = self._notes
        notes.pts.append(frame.pts)
        if self._digest:
            notes.digests.append(frame.digest())
        if self._looker is None:
            notes.holds.append(-1)
            return
        time_s = float(frame.pts * self._clip.time_base)
        due, cut = self._gate.judge(frame.luma(), time_s)
        if cut:
            notes.cuts.append(len(notes.pts) - 1)
        self._cut_since |= cut
        if due:
            notes.looks.append(self._look(self._looker, frame, time_s))
            self._cut_since = False
        notes.holds.append(len(notes.looks) - 1 if due or self._gate.still else -1)

    def _look(self, looker: Looker, frame: Frame, time_s: float) -> "Future[Detections]":
        turn = self._gate.looks if self._in_turns else None
        cut = self._cut_since
        return self._submit(lambda: looker.look(frame.picture, time_s, turn, cut=cut))

    def beyond(self, frame: Frame) -> None:
        """Take the first frame of the next stretch, to tell whether a scene begins there."""
        if self._looker is not None:
            self._ends_scene = self._gate.judge(frame.luma(), float(frame.pts * self._clip.time_base))[1]

    def glimpse(self) -> Glimpse:
        """Say what was seen, once all looks are done."""
        notes = self._notes
        return Glimpse(
            pts=tuple(notes.pts),
            looks=tuple(_rows(look.result()) for look in notes.looks),
            holds=tuple(notes.holds),
            cuts=tuple(notes.cuts),
            ends_scene=self._ends_scene,
            digests=tuple(notes.digests),
        )


def _rows(found: Detections) -> tuple[tuple[float, float, float, float, float], ...]:
    table = np.column_stack([found.boxes, found.scores]).tolist()
    return tuple((x1, y1, x2, y2, score) for x1, y1, x2, y2, score in table)


def joined(clip: Clip, glimpses: Sequence[Glimpse]) -> Seen:
    """Put stretches that follow each other together."""
    frames: list[Examined] = []
    begins = False
    for part in glimpses:
        tables = [np.array(rows, dtype=np.float64).reshape(-1, 5) for rows in part.looks]
        found = [Detections(table[:, :4], table[:, 4]) for table in tables]
        cuts = {*part.cuts, *([0] if begins else [])}
        frames += [
            Examined(float(pts * clip.time_base), found[look] if look >= 0 else None, i in cuts)
            for i, (pts, look) in enumerate(zip(part.pts, part.holds, strict=True))
        ]
        begins = part.ends_scene
    return Seen(
        frames=tuple(frames),
        pts=tuple(pts for part in glimpses for pts in part.pts),
        looks=sum(len(part.looks) for part in glimpses),
        digests=tuple(d for part in glimpses for d in part.digests),
    )


def examine(
    clip: Clip,
    frames: Iterable[Frame],
    preset: Preset,
    detectors: Sequence[Detector],
    *,
    cadence: Cadence | None = None,
    witness: Witness | None = None,
) -> Seen:
    """Watch frames as one stretch: one thread decodes and judges motion, another asks detectors, in order.

    Args:
        clip: What the frames belong to.
        frames: All of them, or a sample.
        preset: How closely to look.
        detectors: In the order of the preset's `models`.
        cadence: How often; by default as the preset says.
        witness: Called after each look, in its thread, in order.
    """
    manner = Manner(preset, tuple(detectors), cadence=cadence, witness=witness)
    with beside() as submit:
        watching = Watch(clip, manner, submit)
        for frame in frames:
            watching.see(frame)
        return joined(clip, [watching.glimpse()])


def at_once(call: Callable[[], Detections]) -> "Future[Detections]":
    """Look now, in the thread that asks."""
    done: Future[Detections] = Future()
    done.set_result(call())
    return done


@contextmanager
def beside() -> Iterator[Submit]:
    """Look in a thread beside the one that decodes, in order, and let it fall behind a little at most."""
    waiting: deque[Future[Detections]] = deque()
    with ThreadPoolExecutor(max_workers=1) as worker:

        def submit(call: Callable[[], Detections]) -> "Future[Detections]":
            if len(waiting) > _AHEAD:
                waiting.popleft().result()
            waiting.append(worker.submit(call))
            return waiting[-1]

        yield submit
