"""Reads protobuf's wire format field by field, skipping what is not asked for without copying it."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import LimitError
from scanner.inspect.reading import Reading

MAX_FIELDS = 3_000_000
"""Ceiling of fields looked at in one file; a network of 20,000 nodes has some 300,000."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """One field: `value` of a number, or `start` and `stop` of a string or message."""

    number: int
    value: int
    start: int
    stop: int

    @property
    def is_bytes(self) -> bool:
        """Whether it is a string, a message or packed numbers."""
        return self.stop >= 0


class Wire:
    """A message tree over a reading, with one budget of fields for the whole file."""

    def __init__(self, data: Reading) -> None:
        self.data = data
        self._left = MAX_FIELDS

    def fields(self, start: int = 0, stop: int | None = None) -> Iterator[Field]:
        """Walk the fields of the message that lies in `start:stop`.

        Raises:
            UnreadableError: the bytes are no message.
            LimitError: too many fields.
        """
        stop = self.data.size if stop is None else stop
        while start < stop:
            self._left -= 1
            if self._left < 0:
                raise LimitError(f"{self.data.path} holds more than {MAX_FIELDS:,} fields.")
            head = self.data.at(start, min(20, stop - start))
            key, used = self._varint(head, 0)
            number, kind = key >> 3, key & 7
            if number == 0:
                raise self.data.damaged("holds a message with a field 0")
            if kind == _VARINT:
                value, used = self._varint(head, used)
                yield Field(number, value, -1, -1)
                start += used
            elif kind == _BYTES:
                length, used = self._varint(head, used)
                begin = start + used
                if length > stop - begin:
                    raise self.data.damaged("holds a message that is cut short")
                yield Field(number, 0, begin, begin + length)
                start = begin + length
            elif kind in (_FIXED32, _FIXED64):
                width = 4 if kind == _FIXED32 else 8
                if len(head) < used + width:
                    raise self.data.damaged("holds a message that is cut short")
                yield Field(number, int.from_bytes(head[used : used + width], "little"), -1, -1)
                start += used + width
            else:
                raise self.data.damaged(f"holds a field of the unknown wire type {kind}")

    def inside(self, field: Field) -> Iterator[Field]:
        """Walk the fields of a message field; a field that is a number holds none."""
        return self.fields(field.start, field.stop) if field.is_bytes else iter(())

    def text(self, field: Field, limit: int = 4096) -> str:
        """Give a string field, cut at `limit` bytes."""
        if not field.is_bytes:
            return ""
        return self.data.at(field.start, min(field.stop - field.start, limit)).decode("utf-8", "replace")

    def numbers(self, field: Field, limit: int = 64) -> list[int]:
        """Give a repeated integer field, packed or not, as signed 64-bit numbers."""
        if not field.is_bytes:
            return [_signed(field.value)]
        raw = self.data.at(field.start, min(field.stop - field.start, limit * 10))
        found: list[int] = []
        at = 0
        while at < len(raw) and len(found) < limit:
            value, at = self._varint(raw, at)
            found.append(_signed(value))
        return found

    def _varint(self, raw: bytes, at: int) -> tuple[int, int]:
        value = shift = 0
        for index in range(at, min(at + 10, len(raw))):
            byte = raw[index]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, index + 1
            shift += 7
        raise self.data.damaged("holds a number that does not end")


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >= 1 << 63 else value
