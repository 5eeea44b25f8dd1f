"""AV1 as bytes, as far as copying a clip needs it: the AV1 specification 5.3 to 5.8, and AV1-ISOBMFF 2.3."""

from collections.abc import Iterator

from scanner.footage.nals import UnfitError

_METADATA = 5
_PICTURE = frozenset({1, 3, 4, 6, 7})
"""The sequence's header, frame headers, groups of tiles, frames, repeated frame headers."""
_HARMLESS = frozenset({1, 2, 3})
"""Light levels, mastering display, scalability. User data (T.35), captions, time codes and others go."""
_HEADER = 4
"""Bytes of `av1C` before its units."""


def header(extradata: bytes) -> bytes:
    """Take the messages out of a stream's header.

    Raises:
        UnfitError: it is none.
    """
    if len(extradata) < _HEADER or extradata[0] != 0x81:
        raise UnfitError("it carries no parameters outside its pictures")
    return extradata[:_HEADER] + copied(extradata[_HEADER:])


def copied(packet: bytes) -> bytes:
    """Leave out what says something about the camera or the place.

    Raises:
        UnfitError: the packet is damaged, or holds more than one layer.
    """
    return b"".join(unit for kind, body, unit in _units(packet) if _stays(kind, body))


def _stays(kind: int, body: bytes) -> bool:
    if kind == _METADATA:
        return _number(body, 0)[0] in _HARMLESS
    return kind in _PICTURE


def _units(packet: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give the type, the payload and the whole of each unit."""
    at = 0
    while at < len(packet):
        first, begin = packet[at], at
        extended = first >> 2 & 1
        if first & 0x80 or at + extended >= len(packet):
            raise UnfitError("its units are damaged")
        if extended and packet[at + 1] & 0x18:
            raise UnfitError("it holds more than one layer, such as a second view")
        at += 1 + extended
        # The last unit of a packet may leave its size out; then it goes on to the end.
        size, at = _number(packet, at) if first & 2 else (len(packet) - at, at)
        if at + size > len(packet):
            raise UnfitError("its units are damaged")
        yield first >> 3 & 15, packet[at : at + size], packet[begin : at + size]
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to eight groups of seven bits, the lowest first; give where it ends."""
    value = 0
    for place, byte in enumerate(data[at : at + 8]):
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    raise UnfitError("its units are damaged")
