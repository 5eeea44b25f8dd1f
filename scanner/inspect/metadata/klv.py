"""Finds MISB ST 0601 packets in a transport stream and, in them, moving-target reports (ST 0903, VMTI)."""

from collections.abc import Iterator

from scanner.inspect.metadata.tag import Tag
from scanner.inspect.reading import Reading

_KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
_VMTI = 74
_PACKET = 188
_SCAN = 8 * 1024 * 1024
_MAX_PACKETS = 64


def klv_tags(data: Reading) -> Iterator[Tag]:
    """Give one tag for target reports, and another where their vocabulary names faces."""
    reports = faces = 0
    for packet in _packets(_payload(data.upto(0, _SCAN))):
        vmti = dict(_items(packet)).get(_VMTI)
        if vmti is None:
            continue
        reports += 1
        # What the targets are is said in words, in an ontology or a label; the boxes alone do not tell.
        faces += b"face" in vmti.lower() and b"surface" not in vmti.lower()
    if reports:
        yield Tag(
            "klv:st0903", count=reports, remark="reports of moving targets; of what, the boxes do not say"
        )
    if faces:
        yield Tag("klv:st0903-face", count=faces, remark="reports of targets whose vocabulary names faces")


def _payload(raw: bytes) -> bytes:
    """Join the payloads of transport packets; private data are in streams of their own, so order is kept."""
    if raw[:1] != b"G" or raw[_PACKET : _PACKET + 1] != b"G":
        return raw
    streams: dict[int, list[bytes]] = {}
    for at in range(0, len(raw) - _PACKET + 1, _PACKET):
        packet = raw[at : at + _PACKET]
        if packet[0] != 0x47 or not packet[3] & 0x10:
            continue
        skip = 5 + packet[4] if packet[3] & 0x20 else 4
        streams.setdefault((packet[1] & 0x1F) << 8 | packet[2], []).append(packet[skip:])
    return b"\0".join(b"".join(parts) for _, parts in sorted(streams.items()))


def _packets(raw: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_MAX_PACKETS):
        at = raw.find(_KEY, at)
        if at < 0:
            return
        at += len(_KEY)
        length, start = _length(raw, at)
        if length is not None:
            yield raw[start : start + length]


def _length(raw: bytes, at: int) -> tuple[int | None, int]:
    """Read a length: one byte, or as many as the first byte says."""
    if at >= len(raw):
        return None, at
    first = raw[at]
    if first < 0x80:
        return first, at + 1
    width = first & 0x7F
    if not 1 <= width <= 4 or at + 1 + width > len(raw):
        return None, at + 1
    return int.from_bytes(raw[at + 1 : at + 1 + width], "big"), at + 1 + width


def _items(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and value of a local set."""
    at = 0
    while at < len(packet):
        tag = packet[at]
        at += 1
        while tag >= 0x80 and at < len(packet) and packet[at - 1] >= 0x80:
            tag = (tag & 0x7F) << 7 | packet[at] & 0x7F
            at += 1
        length, at = _length(packet, at)
        if length is None:
            return
        yield tag, packet[at : at + length]
        at += length
