"""What a value may hold of a face, and under which conditions code is run."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a value may hold.

    `WEIGHTS` name a detector's file, a `MODEL` is a detector, `FACES` are boxes, landmarks, scores and all
    that is computed of them, a `CROP` is the picture cut out by a box, `SMALL` a crop scaled down to a few
    cells, a `MASK` a picture of where the boxes are and `OUTSIDE` one of where none is, `COUNT` their number;
    `COVER` is what may be put over a face: blurred, in cells, of one colour; `DONE` is a picture that has
    got it.
    """

    WEIGHTS = 1
    MODEL = 2
    FACES = 3
    CROP = 4
    SMALL = 5
    MASK = 6
    COUNT = 7
    COVER = 8
    OUTSIDE = 9
    DONE = 10


SEEN = frozenset({Kind.FACES, Kind.CROP, Kind.SMALL, Kind.MASK, Kind.OUTSIDE})
"""What tells where a face is or how it looks."""


class Guard(NamedTuple):
    """A condition that does not depend on faces: the branch taken, of how many."""

    at: int
    branch: int
    branches: int


Path = tuple[Guard, ...]


class Origin(NamedTuple):
    """One run of a detector: where it is called, through which calls, under which conditions."""

    at: int
    through: tuple[int, ...]
    path: Path


class Tag(NamedTuple):
    """One thing that a value may hold, and which run of a detector it comes from, if from one."""

    kind: Kind
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """All that a value may hold; `items` are those of a tuple whose parts are known one by one."""

    tags: frozenset[Tag] = frozenset()
    items: tuple["Value", ...] = ()

    def has(self, *kinds: Kind) -> bool:
        """Whether it may hold one of these."""
        return any(t.kind in kinds for t in self.tags)

    @property
    def seen(self) -> bool:
        """Whether it tells where a face is or how it looks."""
        return any(t.kind in SEEN for t in self.tags)

    @property
    def covers(self) -> bool:
        """Whether it is fit to be put over a face: blurred or filled, and nothing else."""
        return self.has(Kind.COVER) and not self.seen

    def origins(self) -> frozenset[Origin]:
        """Which runs of a detector it comes from."""
        return frozenset(t.origin for t in self.tags if t.origin and t.kind is not Kind.COUNT)

    def without(self, *kinds: Kind) -> "Value":
        """The same without these."""
        return Value(frozenset(t for t in self.tags if t.kind not in kinds))

    def inverted(self) -> "Value":
        """The mask of all that this one leaves out."""
        return Value(frozenset(t._replace(kind=_INVERSE.get(t.kind, t.kind)) for t in self.tags))

    def turned(self, kind: Kind) -> "Value":
        """Of the same origin, and of another kind: `COVER` made of a `CROP`."""
        return Value(frozenset(Tag(kind, o) for o in self.origins())) if self.origins() else of(kind)


_INVERSE = {Kind.MASK: Kind.OUTSIDE, Kind.OUTSIDE: Kind.MASK}
CLEAN = Value()


def of(kind: Kind, origin: Origin | None = None) -> Value:
    """A value that holds one thing."""
    return Value(frozenset({Tag(kind, origin)}))


def join(values: Iterable[Value]) -> Value:
    """A value that is one of these, or made of all of them."""
    known = [v for v in values if v.tags]
    if len(known) == 1:
        return known[0]
    return Value(frozenset(t for v in known for t in v.tags))


def merge(a: Value, b: Value) -> Value:
    """What a variable holds that was `a` on one way and `b` on another; tuples stay tuples."""
    if len(a.items) == len(b.items) and a.items:
        items = tuple(merge(x, y) for x, y in zip(a.items, b.items, strict=True))
        return Value(a.tags | b.tags, items)
    return Value(a.tags | b.tags)


def always(paths: Iterable[Path]) -> bool:
    """Whether on every way one of these paths is taken.

    >>> always([(Guard(1, 0, 2),), (Guard(1, 1, 2),)])
    True
    >>> always([(Guard(1, 0, 2),)])
    False
    """
    left = list(paths)
    if any(not path for path in left):
        return True
    for at, branches in {(path[0].at, path[0].branches) for path in left}:
        ways = [[p[1:] for p in left if p[0].at == at and p[0].branch == b] for b in range(branches)]
        if all(always(way) for way in ways):
            return True
    return False
