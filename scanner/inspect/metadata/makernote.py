"""Finds what cameras note of faces while they focus: in the maker notes of EXIF, by the maker's own tags."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from scanner.inspect.metadata.tag import Tag

_EXIF_IFD, _MAKER_NOTE = 0x8769, 0x927C
_MAX_ENTRIES = 2_000
_WIDTHS = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8)
Order = Literal["little", "big"]


class _Entry(NamedTuple):
    tag: int
    length: int
    data: bytes
    start: int


# How a note starts, its maker, and how far behind its start the directory lies (the first two: see `_note`).
_MAKERS: tuple[tuple[bytes, str, int], ...] = (
    (b"Nikon\0\2", "nikon", 0),
    (b"FUJIFILM", "fujifilm", 0),
    (b"Panasonic\0", "panasonic", 12),
    (b"PENTAX \0", "pentax", 10),
    (b"AOC\0", "pentax", 6),
)
# Where the number of faces stands in a tag: offset and width.
_COUNTS = {
    ("canon", 0x0024): (4, 2),
    ("nikon", 0x0021): (6, 2),
    ("fujifilm", 0x4100): (0, 2),
    ("panasonic", 0x004E): (0, 2),
    ("pentax", 0x0060): (0, 1),
}
# Cameras that keep a register of people write whom they saw: a number of people, or the length of a record.
_RECOGNISED = {("panasonic", 0x0061): (0, 2), ("fujifilm", 0x4282): (4, 4)}
_MAX_FACES = 64


def maker_tags(exif: bytes) -> Iterator[Tag]:
    """Give tags of faces in the maker's note of an EXIF structure; damage in it is passed over."""
    order: Order = "little" if exif[:2] == b"II" else "big"
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return
    main = {e.tag: e for e in _directory(exif, _int(exif, 4, 4, order), order)}
    make = main[0x010F].data.rstrip(b"\0 ").lower() if 0x010F in main else b""
    pointer = main.get(_EXIF_IFD)
    if pointer is None:
        return
    inner = _directory(exif, int.from_bytes(pointer.data[:4], order), order)
    note = next((e for e in inner if e.tag == _MAKER_NOTE), None)
    if note is None:
        return
    faces = recognised = 0
    for maker, entry in _note(exif, note, make, order):
        faces += 0 < _count(_COUNTS, maker, entry, order) <= _MAX_FACES
        recognised += _count(_RECOGNISED, maker, entry, order) > 0
    if faces:
        yield Tag("makernote:faces", remark="noted by the camera while it focused")
    if recognised:
        yield Tag("makernote:recognised", remark="the camera knew a person from its register; name masked")


def _count(places: dict[tuple[str, int], tuple[int, int]], maker: str, entry: _Entry, order: Order) -> int:
    """Read a number out of a tag; a tag that is there and says 0 says that nobody was seen."""
    at, width = places.get((maker, entry.tag), (0, 0))
    return int.from_bytes(entry.data[at : at + width], order)


def _note(exif: bytes, note: _Entry, make: bytes, order: Order) -> Iterator[tuple[str, _Entry]]:
    body = exif[note.start : note.start + note.length]
    for mark, maker, skip in _MAKERS:
        if body.startswith(mark):
            base = exif
            start = note.start + skip
            inner = order
            if maker == "nikon":
                base, inner = body[10:], "little" if body[10:12] == b"II" else "big"
                start = _int(base, 4, 4, inner)
            elif maker == "fujifilm":
                base, inner = body, "little"
                start = _int(body, 8, 4, "little")
            yield from ((maker, e) for e in _directory(base, start, inner))
            return
    if make.startswith(b"canon"):
        yield from (("canon", e) for e in _directory(exif, note.start, order))


def _int(raw: bytes, at: int, width: int, order: Order) -> int:
    return int.from_bytes(raw[at : at + width], order)


def _directory(raw: bytes, start: int, order: Order) -> Iterator[_Entry]:
    """Give the entries of a TIFF directory that lie within the bytes at hand."""
    if not 0 < start <= len(raw) - 2:
        return
    for index in range(min(_int(raw, start, 2, order), _MAX_ENTRIES)):
        at = start + 2 + index * 12
        if at + 12 > len(raw):
            return
        tag, kind, count = (_int(raw, at, 2, order), _int(raw, at + 2, 2, order), _int(raw, at + 4, 4, order))
        width = _WIDTHS[kind] if kind < len(_WIDTHS) else 0
        length = width * count
        place = at + 8 if length <= 4 else _int(raw, at + 8, 4, order)
        yield _Entry(tag, length, raw[place : place + min(length, 4096)], place)
