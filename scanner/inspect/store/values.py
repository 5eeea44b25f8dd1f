"""Finds vectors in nested values, be they of JSON or of a pickle that was only walked."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scanner.errors import LimitError
from scanner.inspect.pickled import Blob, Made, Named, Pairs
from scanner.inspect.store.evidence import Vectors, unit_length

_MAX_VALUES = 2_000_000
_MIN_WIDTH = 64
_MAX_WIDTH = 5000
_SAMPLE = 4
_DTYPES: dict[str, np.dtype[Any]] = {
    "f4": np.dtype("<f4"),
    "f8": np.dtype("<f8"),
    "f2": np.dtype("<f2"),
}


@dataclass(slots=True)
class Group:
    """Vectors of one dimension under one key."""

    width: int
    count: int = 0
    rows: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a nested value holds: vectors by key, and the keys themselves."""

    groups: dict[tuple[str, int], Group]
    keys: frozenset[str]
    calls: frozenset[str]

    def vectors(self, names: tuple[str, ...]) -> list[Vectors]:
        """Give the vectors, each with the key it stands under and the names around it."""
        return [
            Vectors(g.width, g.count, unit_length(g.rows), (key, *names))
            for (key, _), g in sorted(self.groups.items())
        ]


def contents(root: object, path: str) -> Contents:
    """Walk a nested value; shared and cyclic parts once.

    Raises:
        LimitError: it has more than two million parts; `path` names the file.
    """
    groups: dict[tuple[str, int], Group] = {}
    keys: set[str] = set()
    calls: set[str] = set()
    seen: set[int] = set()
    todo: list[tuple[str, object]] = [("", root)]
    for _ in range(_MAX_VALUES):
        if not todo:
            break
        key, value = todo.pop()
        if value is None or isinstance(value, str | int | float | Blob):
            continue
        if isinstance(value, Named):
            calls.add(str(value))
            continue
        if found := _array(value) or _numbers(value):
            width, count, rows = found
            group = groups.setdefault((key, width), Group(width))
            group.count += count
            group.rows.extend(rows[: _SAMPLE - len(group.rows)])
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        for name, inner in _children(value):
            if isinstance(name, str) and len(keys) < 10_000:
                keys.add(name)
            todo.append((name if isinstance(name, str) else key, inner))
    else:
        raise LimitError(f"{path} holds more than {_MAX_VALUES:,} values.")
    return Contents(groups, frozenset(keys), frozenset(calls))


def _children(value: object) -> Iterator[tuple[object, object]]:
    match value:
        case dict():
            yield from value.items()
        case Pairs(pairs=pairs):
            yield from pairs
        case Made(call=call, args=args, state=state, content=content, pairs=pairs):
            yield from ((None, v) for v in (call, *args, state, *content))
            yield from pairs
        case list() | tuple():
            yield from ((None, v) for v in value)
        case _:
            return


def _numbers(value: object) -> tuple[int, int, list[list[float]]] | None:
    """A plain list of numbers as long as a template."""
    if not isinstance(value, list | tuple) or not _MIN_WIDTH <= len(value) <= _MAX_WIDTH:
        return None
    row = [_scalar(v) for v in value]
    if any(v is None for v in row) or (
        not any(isinstance(v, float) for v in value[:8]) and not _made(value[0])
    ):
        return None
    return len(row), 1, [[v for v in row if v is not None]]


def _made(value: object) -> bool:
    return isinstance(value, Made)


def _scalar(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e30 else None
    match value:
        case Made(call=Named(name="scalar"), args=(_, Blob(length=8, head=head))):
            number = float(np.frombuffer(head, "<f8")[0])
            return number if math.isfinite(number) else None
        case Made(call=Named(name="scalar"), args=(_, Blob(length=4, head=head))):
            number = float(np.frombuffer(head, "<f4")[0])
            return number if math.isfinite(number) else None
        case _:
            return None


def _array(value: object) -> tuple[int, int, list[list[float]]] | None:
    """An array of numpy's as a pickle makes it: `_reconstruct` and then its state, or `_frombuffer`."""
    match value:
        case Made(call=Named(name="_reconstruct"), state=(_, tuple(shape), dtype, _, Blob() as blob)):
            return rows_of(shape, _kind(dtype), blob.head)
        case Made(call=Named(name="_frombuffer"), args=(Blob() as blob, dtype, tuple(shape), *_)):
            return rows_of(shape, _kind(dtype), blob.head)
        case Made(
            call=Named(name="_frombuffer"), args=(Made(args=(Blob() as blob,)), dtype, tuple(shape), *_)
        ):
            return rows_of(shape, _kind(dtype), blob.head)
        case Made(call=Named(name="NumpyArrayWrapper"), state=Pairs(pairs=pairs)):
            held = {k: v for k, v in pairs if isinstance(k, str)}
            sizes, head = held.get("shape"), held.get("scanner:head")
            if isinstance(sizes, tuple) and isinstance(head, Blob):
                return rows_of(sizes, _kind(held.get("dtype")), head.head)
            return None
        case _:
            return None


def _kind(dtype: object) -> str:
    match dtype:
        case Made(args=(str(kind), *_)):
            return kind.lstrip("<=|")
        case _:
            return ""


def rows_of(shape: tuple[object, ...], kind: str, head: bytes) -> tuple[int, int, list[list[float]]] | None:
    """Read an array of one or two dimensions as rows; only its first rows are looked at.

    Args:
        shape: Its shape.
        kind: The type of its numbers (`f4`, `f8`), little-endian.
        head: The bytes it starts with.
    """
    sizes = [d for d in shape if isinstance(d, int)]
    if kind not in _DTYPES or len(sizes) != len(shape) or len(sizes) not in (1, 2, 3):
        return None
    width = sizes[-1]
    if not _MIN_WIDTH <= width <= _MAX_WIDTH or (len(sizes) == 3 and 1 not in sizes[:2]):
        return None
    count = max(1, math.prod(sizes[:-1]))
    dtype = _DTYPES[kind]
    whole = min(count, _SAMPLE, len(head) // (width * dtype.itemsize))
    sample = np.frombuffer(head[: whole * width * dtype.itemsize], dtype).reshape(whole, width)
    if not np.isfinite(sample).all():
        return width, count, []
    return width, count, sample.astype(float).tolist()
