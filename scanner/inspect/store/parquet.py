"""Reads a Parquet file's footer for the names of its columns: Thrift's compact protocol, and nothing else."""

from collections.abc import Iterator

from scanner.errors import LimitError
from scanner.findings import Table
from scanner.inspect.reading import Reading
from scanner.inspect.store.evidence import Evidence, Vectors, judge, says_face, says_template, words_of

_MAX_FOOTER = 16 * 1024 * 1024
_MAX_STEPS = 500_000
_MAX_DEPTH = 20
_BOOLS, _STRING, _LISTS, _STRUCT, _MAP = (1, 2), 8, (9, 10), 12, 11
_FIXED = {1: 0, 2: 0, 3: 1, 7: 8}
"""Bytes of truth values (their type is their value), of a byte and of a double."""


def read_parquet(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge columns by their names; a footer does not tell how long a vector is.

    Raises:
        UnreadableError: the footer is damaged.
    """
    tail = data.at(data.size - 8, 8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != b"PAR1" or length > data.size - 12:
        raise data.damaged("is a Parquet file whose footer is missing")
    if length > _MAX_FOOTER:
        raise LimitError(f"{data.path} has a footer of more than {_MAX_FOOTER // 2**20} MiB.")
    thrift = _Thrift(data, data.at(data.size - 8 - length, length))
    columns = thrift.columns()
    near = tuple(c for c in columns if len(c) < 100)[:40]
    for column in columns:
        words = words_of((column,))
        if says_template(words) and (says_face(words) or says_face(words_of((*near, *names)))):
            evidence = judge(
                Vectors(0, thrift.rows, None, (column, *near, *names), Table(table="", column=column))
            )
            if evidence:
                yield evidence


class _Thrift:
    """A cursor over a struct in the compact protocol."""

    def __init__(self, data: Reading, body: bytes) -> None:
        self._data, self._body, self._at, self._left = data, body, 0, _MAX_STEPS
        self.rows = 0

    def columns(self) -> list[str]:
        """Walk FileMetaData: schema elements are field 2, each with its name in field 4; rows are field 3."""
        found: list[str] = []
        for field, kind in self._fields():
            if field == 2 and kind == 9:
                for _ in range(self._list_size()):
                    for inner, inner_kind in self._fields():
                        if inner == 4 and inner_kind == _STRING:
                            found.append(self._string())
                        else:
                            self._skip(inner_kind)
            elif field == 3:
                self.rows = max(0, self._zigzag())
                break
            else:
                self._skip(kind)
        return found

    def _byte(self) -> int:
        self._left -= 1
        if self._at >= len(self._body) or self._left < 0:
            raise self._data.damaged("is a Parquet file whose footer is damaged")
        self._at += 1
        return self._body[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise self._data.damaged("is a Parquet file whose footer is damaged")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _fields(self) -> Iterator[tuple[int, int]]:
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            yield field, head & 15

    def _list_size(self) -> int:
        head = self._byte()
        return head >> 4 if head >> 4 != 15 else self._varint()

    def _string(self) -> str:
        length = self._varint()
        piece = self._body[self._at : self._at + length]
        if len(piece) != length:
            raise self._data.damaged("is a Parquet file whose footer is damaged")
        self._at += length
        return piece.decode("utf-8", "replace")[:300]

    def _skip(self, kind: int, depth: int = 0) -> None:
        if depth > _MAX_DEPTH:
            raise self._data.damaged("is a Parquet file whose footer is nested too deep")
        if kind in _FIXED:
            for _ in range(_FIXED[kind]):
                self._byte()
        elif kind in (4, 5, 6):
            self._varint()
        elif kind == _STRING:
            self._string()
        elif kind in _LISTS:
            inner = self._body[self._at] & 15 if self._at < len(self._body) else 0
            for _ in range(self._list_size()):
                self._skip_item(inner, depth + 1)
        elif kind == _STRUCT:
            for _, inner in self._fields():
                self._skip(inner, depth + 1)
        elif kind == _MAP:
            count = self._varint()
            kinds = self._byte() if count else 0
            for _ in range(count):
                self._skip_item(kinds >> 4, depth + 1)
                self._skip_item(kinds & 15, depth + 1)
        else:
            raise self._data.damaged("is a Parquet file whose footer is damaged")

    def _skip_item(self, kind: int, depth: int) -> None:
        """In a list a truth value takes a byte."""
        if kind in _BOOLS:
            self._byte()
        else:
            self._skip(kind, depth)
