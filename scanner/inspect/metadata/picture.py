"""Finds XMP and EXIF in JPEG, PNG, TIFF, WebP and HEIC, by walking their segments; pixels are never read."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import LimitError
from scanner.inspect.metadata.boxes import exif_and_xmp_items
from scanner.inspect.metadata.xmp import MAX_PACKET
from scanner.inspect.reading import Reading

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_JPEG_EXIF = b"Exif\0\0"
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_MAX_SEGMENTS = 20_000
_TIFF_XMP = 700


class Packet(NamedTuple):
    """A piece of metadata: `xmp` as XML or `exif` as a TIFF structure."""

    kind: str
    data: bytes


def packets(data: Reading) -> Iterator[Packet]:
    """Give every packet of metadata in a picture.

    Raises:
        UnreadableError: the segments do not hold together.
    """
    head = data.upto(0, 16)
    if head.startswith(b"\xff\xd8"):
        yield from _jpeg(data)
    elif head.startswith(b"\x89PNG"):
        yield from _png(data)
    elif head[:4] in (b"II*\0", b"MM\0*"):
        yield from _tiff(data)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        yield from _webp(data)
    elif head[4:8] == b"ftyp":
        yield from (Packet(kind, content) for kind, content in exif_and_xmp_items(data))


def _jpeg(data: Reading) -> Iterator[Packet]:
    at = 2
    extended: dict[bytes, dict[int, bytes]] = {}
    for _ in range(_MAX_SEGMENTS):
        if at + 4 > data.size:
            break
        mark, code = data.at(at, 2)
        if mark != 0xFF:
            raise data.damaged("is a JPEG whose segments do not follow each other")
        if code == 0xFF or code in _BARE_MARKERS:
            at += 1 if code == 0xFF else 2
            continue
        if code in (0xD9, 0xDA):
            break
        length = int.from_bytes(data.at(at + 2, 2), "big")
        if length < 2:
            raise data.damaged("is a JPEG with a segment of impossible length")
        if code == 0xE1:
            body = data.at(at + 4, length - 2)
            if body.startswith(_JPEG_XMP):
                yield Packet("xmp", body[len(_JPEG_XMP) :])
            elif body.startswith(_JPEG_EXTENDED) and len(body) > len(_JPEG_EXTENDED) + 40:
                rest = body[len(_JPEG_EXTENDED) :]
                extended.setdefault(rest[:32], {})[int.from_bytes(rest[36:40], "big")] = rest[40:]
            elif body.startswith(_JPEG_EXIF):
                yield Packet("exif", body[len(_JPEG_EXIF) :])
        at += 2 + length
    for parts in extended.values():
        joined = b"".join(parts[offset] for offset in sorted(parts))
        yield Packet("xmp", joined)


def _png(data: Reading) -> Iterator[Packet]:
    at = 8
    for _ in range(_MAX_SEGMENTS):
        if at + 12 > data.size:
            return
        head = data.at(at, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND":
            return
        if kind == b"iTXt" and data.upto(at + 8, 18) == b"XML:com.adobe.xmp\0":
            yield Packet("xmp", _itxt(data, data.at(at + 8, length)))
        elif kind == b"eXIf":
            yield Packet("exif", data.at(at + 8, length))
        at += 12 + length


def _itxt(data: Reading, body: bytes) -> bytes:
    """keyword NUL compressed method language NUL translated NUL text."""
    rest = body[18:]
    compressed = rest[:1] == b"\1"
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        raise data.damaged("is a PNG with a text chunk that is cut short")
    if not compressed:
        return parts[2]
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(parts[2], MAX_PACKET)
    except zlib.error as error:
        raise data.damaged("is a PNG with a text chunk that cannot be unpacked") from error
    if unpacker.unconsumed_tail:
        raise LimitError(f"{data.path} holds metadata of more than {MAX_PACKET // 2**20} MiB.")
    return text


def _tiff(data: Reading) -> Iterator[Packet]:
    order = "little" if data.at(0, 2) == b"II" else "big"
    first = int.from_bytes(data.at(4, 4), order)  # type: ignore[arg-type]
    count = int.from_bytes(data.at(first, 2), order)  # type: ignore[arg-type]
    for index in range(count):
        entry = data.at(first + 2 + index * 12, 12)
        if int.from_bytes(entry[:2], order) == _TIFF_XMP:  # type: ignore[arg-type]
            length, start = (int.from_bytes(entry[i : i + 4], order) for i in (4, 8))  # type: ignore[arg-type]
            yield Packet("xmp", data.at(start, min(length, MAX_PACKET)))
    # The structure of EXIF is the file itself; its directories stand at the front or the end.
    if data.size <= MAX_PACKET:
        yield Packet("exif", data.at(0, data.size))


def _webp(data: Reading) -> Iterator[Packet]:
    at = 12
    for _ in range(_MAX_SEGMENTS):
        if at + 8 > data.size:
            return
        head = data.at(at, 8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"XMP ":
            yield Packet("xmp", data.at(at + 8, length))
        elif head[:4] == b"EXIF":
            body = data.at(at + 8, length)
            yield Packet("exif", body[6:] if body.startswith(_JPEG_EXIF) else body)
        at += 8 + length + length % 2
