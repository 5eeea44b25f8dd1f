"""Which groups of pictures are copied and which are encoded: a function of times, marks and covers.

A group begins with an IDR picture: nothing after it refers to anything before it, in the order of decoding
or of showing. So a clip can be cut there and nowhere else; other key frames (recovery points, "open"
groups) do not begin one.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scanner.footage.nals import UnfitError


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be known of a packet.

    Attributes:
        pts: When it is shown, in ticks.
        dts: When it is decoded; None where the container does not say.
        is_idr: Whether a group begins with it.
        is_shown: False where an edit list hides it.
    """

    pts: int
    dts: int | None
    is_idr: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Gop:
    """A group of pictures.

    Attributes:
        first: Position of its first frame among all that are shown.
        frames: How many of it are shown.
        packets: How many it has.
        encode: Whether it is encoded anew; otherwise copied.
    """

    first: int
    frames: int
    packets: int
    encode: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How a clip is put together.

    Attributes:
        gops: In order, all of them.
        decode_times: For every packet, hidden ones too, in the order of the file; in ticks. An encoded
            picture takes the decode time of the packet in its place, so that times stay in order across
            the border to a copied group.
    """

    gops: tuple[Gop, ...]
    decode_times: tuple[int, ...]

    @property
    def copied(self) -> int:
        """How many frames are copied."""
        return sum(g.frames for g in self.gops if not g.encode)

    @property
    def encodes(self) -> bool:
        """Whether any group is encoded."""
        return any(g.encode for g in self.gops)

    def runs(self) -> list[tuple[int, int, bool]]:
        """Join neighbours: first frame, number of frames, and whether they are encoded."""
        found: list[tuple[int, int, bool]] = []
        for gop in self.gops:
            if found and found[-1][2] == gop.encode:
                first, count, _ = found[-1]
                found[-1] = (first, count + gop.frames, gop.encode)
            else:
                found.append((gop.first, gop.frames, gop.encode))
        return [run for run in found if run[1]]


def plan(marks: Sequence[Mark], shown: Sequence[int], covered: Iterable[int]) -> Plan:
    """Decide for each group.

    Args:
        marks: Of every packet, in the order of the file.
        shown: Times of the frames that were decoded from them, in order; in ticks.
        covered: Positions among `shown` of frames that have anything to cover.

    Raises:
        UnfitError: the clip cannot be cut into such groups.
    """
    if not marks or not marks[0].is_idr:
        raise UnfitError("it does not begin with an IDR picture")
    if sorted(m.pts for m in marks if m.is_shown) != list(shown):
        raise UnfitError("its packets and its pictures do not match one to one")
    starts = [i for i, m in enumerate(marks) if m.is_idr]
    wanted = sorted(set(covered))
    gops: list[Gop] = []
    first, latest = 0, None
    for start, end in zip(starts, [*starts[1:], len(marks)], strict=True):
        group = marks[start:end]
        if latest is not None and min(m.pts for m in group) <= latest:
            raise UnfitError("pictures of one group are shown among those of another")
        latest = max(m.pts for m in group)
        frames = sum(m.is_shown for m in group)
        # Pictures that an edit list hides must not be in the result: what is shown of their group is encoded.
        hidden = frames < len(group)
        nearest = bisect_left(wanted, first)
        touched = nearest < len(wanted) and wanted[nearest] < first + frames
        gops.append(Gop(first, frames, len(group), encode=hidden or touched))
        first += frames
    return Plan(tuple(gops), _decode_times(marks))


def _decode_times(marks: Sequence[Mark]) -> tuple[int, ...]:
    """Take the container's own; where it has none or they are out of order make some, as late as can be."""
    own = [m.dts for m in marks if m.dts is not None]
    if len(own) == len(marks) and all(a < b for a, b in pairwise(own)):
        if any(d > m.pts for d, m in zip(own, marks, strict=True)):
            raise UnfitError("some of its pictures are shown before they are decoded")
        return tuple(own)
    ordered = sorted(m.pts for m in marks)
    rank = {pts: i for i, pts in enumerate(ordered)}
    if len(rank) < len(marks):
        raise UnfitError("two of its pictures have the same time")
    delay = max(i - rank[m.pts] for i, m in enumerate(marks))
    before = [ordered[0] - i for i in range(delay, 0, -1)]
    return tuple(before + ordered)[: len(marks)]
