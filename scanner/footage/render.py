"""Writes a redacted clip: spliced where that is possible, encoded as a whole where it is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scanner.footage import media
from scanner.footage.boxes import Boxes
from scanner.footage.clip import Clip
from scanner.footage.cover import Plane, cover
from scanner.footage.gops import Mark, Plan, plan
from scanner.footage.manifest import Rendering, SpanRecord
from scanner.footage.media import Target
from scanner.footage.nals import UnfitError
from scanner.footage.options import Style


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A clip and what is covered in it.

    Attributes:
        clip: The original.
        pts: Times of its frames in ticks, in order.
        covers: By position of a frame, N x 4 corners in pixels of the picture as it is stored.
        style: How they are covered.
    """

    clip: Clip
    pts: Sequence[int]
    covers: Mapping[int, Boxes]
    style: Style

    @property
    def times(self) -> list[float]:
        """Times of the frames in seconds."""
        return [float(p * self.clip.time_base) for p in self.pts]


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether a clip can be spliced: its packets, or the reason why not."""

    marks: tuple[Mark, ...] = ()
    reason: str = ""


def fitness(clip: Clip) -> Fitness:
    """Look at a clip's packets.

    Raises:
        UnreadableError: it cannot be read.
    """
    try:
        return Fitness(tuple(media.survey(clip)))
    except UnfitError as why:
        return Fitness(reason=str(why))


def render(shot: Shot, target: Target, fit: Fitness, progress: Callable[[int], None]) -> Rendering:
    """Write a clip in the cheapest way that is right.

    Args:
        shot: What is written.
        target: Where.
        fit: What `fitness` said; or a reason not to splice.
        progress: Told the number of frames done.

    Raises:
        UnreadableError: the original is damaged.
        WriteError: the output cannot be written.
    """
    noise = np.random.default_rng()

    def paint(index: int, planes: Sequence[Plane]) -> None:
        cover(planes, shot.covers[index], shot.style, noise)

    covered, last = shot.covers.__contains__, shot.pts[-1]
    try:
        how = _plan(shot, fit)
        if shot.clip.codec == "h264":
            writing = media.splice(shot.clip, target, how, last=last, covered=covered, paint=paint)
        else:
            writing = media.copy(shot.clip, target, how, last=last)
        for done in writing:
            progress(done)
        return _spliced(how, shot.times)
    except UnfitError as why:
        reason = str(why)
    for done in media.rewrite(shot.clip, target, last=last, covered=covered, paint=paint):
        progress(done)
    return _encoded(reason, shot.times)


def _plan(shot: Shot, fit: Fitness) -> Plan:
    """Find what can be copied.

    Raises:
        UnfitError: nothing.
    """
    if fit.reason:
        raise UnfitError(fit.reason)
    how = plan(fit.marks, shot.pts, shot.covers)
    if how.encodes and shot.clip.codec != "h264":
        raise UnfitError(f"it is {shot.clip.codec}, which is copied only where nothing at all is covered")
    if not how.copied and not shot.covers:
        raise UnfitError(
            "an edit list hides pictures from which all others are made, and which a copy would hold"
        )
    if not how.copied and len(how.gops) == 1:
        raise UnfitError("it is one group of pictures, or of open ones, with something to cover")
    if not how.copied:
        raise UnfitError("every group of pictures holds something to cover")
    return how


def _spliced(how: Plan, times: Sequence[float]) -> Rendering:
    return Rendering(
        how="spliced" if how.encodes else "copied",
        reason="",
        copied_frames=how.copied,
        encoded_frames=len(times) - how.copied,
        spans=tuple(
            _span("encoded" if encode else "copied", first, count, times)
            for first, count, encode in how.runs()
        ),
    )


def _encoded(reason: str, times: Sequence[float]) -> Rendering:
    return Rendering(
        how="encoded",
        reason=reason,
        copied_frames=0,
        encoded_frames=len(times),
        spans=(_span("encoded", 0, len(times), times),),
    )


def _span(how: str, first: int, count: int, times: Sequence[float]) -> SpanRecord:
    last = first + count - 1
    return SpanRecord(
        how=how,
        first_frame=first,
        last_frame=last,
        start_s=round(times[first], 3),
        end_s=round(times[last], 3),
    )
