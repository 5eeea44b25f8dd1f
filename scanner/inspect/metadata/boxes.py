"""Walks the boxes of ISO media files (MP4, MOV, HEIC); no sample is decoded."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import LimitError
from scanner.inspect.reading import Reading

_MAX_BOXES = 50_000
_MAX_ITEM = 16 * 1024 * 1024
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
FULL_BOX = 4
"""Bytes of version and flags before the content of a full box."""


class Box(NamedTuple):
    """A box's type and where its content lies."""

    kind: bytes
    start: int
    stop: int


def walk(data: Reading, start: int = 0, stop: int | None = None) -> Iterator[Box]:
    """Give the boxes that lie side by side in `start:stop`.

    Raises:
        UnreadableError: a box is longer than what holds it.
    """
    stop = data.size if stop is None else stop
    for _ in range(_MAX_BOXES):
        if start + 8 > stop:
            return
        head = data.at(start, 8)
        length, kind, used = int.from_bytes(head[:4], "big"), head[4:], 8
        if length == 1:
            length, used = int.from_bytes(data.at(start + 8, 8), "big"), 16
        elif length == 0:
            length = stop - start
        if length < used or start + length > stop:
            # A recording that was cut off ends within its last box; what came before it counts.
            if stop == data.size and length >= used:
                yield Box(kind, start + used, stop)
                return
            raise data.damaged("holds a box of impossible length")
        yield Box(kind, start + used, start + length)
        start += length
    raise LimitError(f"{data.path} holds more than {_MAX_BOXES:,} boxes in a row.")


def child(data: Reading, parent: Box, kind: bytes, skip: int = 0) -> Box | None:
    """Give the first box of a kind within another, after `skip` bytes."""
    return next((b for b in walk(data, parent.start + skip, parent.stop) if b.kind == kind), None)


def exif_and_xmp_items(data: Reading) -> Iterator[tuple[str, bytes]]:
    """Give EXIF and XMP items of a HEIC or AVIF picture."""
    meta = next((b for b in walk(data) if b.kind == b"meta"), None)
    if meta is None:
        return
    info = child(data, meta, b"iinf", FULL_BOX)
    places = child(data, meta, b"iloc", FULL_BOX)
    if info is None or places is None:
        return
    wanted = _items(data, info)
    for item, start, length in _places(data, places):
        if item not in wanted or length > _MAX_ITEM:
            continue
        content = data.at(start, length)
        if wanted[item] == "xmp":
            yield "xmp", content
        elif len(content) > 4:
            skip = 4 + int.from_bytes(content[:4], "big")
            yield "exif", content[skip:]


def _items(data: Reading, info: Box) -> dict[int, str]:
    version = data.at(info.start, 1)[0]
    wanted: dict[int, str] = {}
    for box in walk(data, info.start + FULL_BOX + (2 if version == 0 else 4), info.stop):
        if box.kind != b"infe":
            continue
        body = data.at(box.start, min(box.stop - box.start, 512))
        wide = 4 if body[:1] == b"\3" else 2
        item, rest = int.from_bytes(body[4 : 4 + wide], "big"), body[4 + wide + 2 :]
        if rest[:4] == b"Exif":
            wanted[item] = "exif"
        elif rest[:4] == b"mime" and b"application/rdf+xml" in rest:
            wanted[item] = "xmp"
    return wanted


def _places(data: Reading, box: Box) -> Iterator[tuple[int, int, int]]:
    """Give item, start and length of every item that lies in the file in one piece."""
    body = data.at(box.start, min(box.stop - box.start, 1 << 20))
    cursor = _Cursor(data, body)
    version = cursor.take(1)
    cursor.take(3)
    sizes = cursor.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> s & 15 for s in (12, 8, 4, 0))
    for _ in range(cursor.take(4 if version == 2 else 2)):
        item = cursor.take(4 if version == 2 else 2)
        method = cursor.take(2) & 15 if version in (1, 2) else 0
        cursor.take(2)
        base = cursor.take(base_size)
        extents = []
        for _ in range(cursor.take(2)):
            if version in (1, 2):
                cursor.take(index_size)
            extents.append((base + cursor.take(offset_size), cursor.take(length_size)))
        if method == 0 and len(extents) == 1:
            yield item, *extents[0]


class _Cursor:
    def __init__(self, data: Reading, body: bytes) -> None:
        self._data, self._body, self._at = data, body, 0

    def take(self, count: int) -> int:
        piece = self._body[self._at : self._at + count]
        if len(piece) < count:
            raise self._data.damaged("holds a table of items that is cut short")
        self._at += count
        return int.from_bytes(piece, "big")
