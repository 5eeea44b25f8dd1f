"""What a clip carries beside pictures and sound, packet by packet: messages among the pictures, timed data.

Messages are those of H.264 and H.265 that anybody may fill: user data (4, 5) and annotated regions (202),
as ITU-T H.274 numbers them.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import av.error

from scanner.footage.media.reading import damaged, opened
from scanner.footage.nals import UnfitError, units

_TOLD = frozenset({4, 5, 202})
_PACKETS = 2000
"""So many packets are looked at: a camera that tells something of its pictures tells it all the time."""
_LARGEST = 1 << 20


def messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give where it stands (`sei`, `id3`, `data`) and the bytes, from the first packets of a clip.

    Raises:
        UnreadableError: the clip cannot be read.
    """
    with opened(path) as (container, stream):
        context = stream.codec_context
        codec, header = context.name, context.extradata or b""
        timed = {s.index for s in container.streams if s.type == "data" or s.type == "subtitle"}
        left = _PACKETS
        try:
            for packet in container.demux():
                left -= 1
                if left < 0:
                    return
                if not packet.size or packet.size > _LARGEST:
                    continue
                data = bytes(packet)
                if packet.stream.index == stream.index:
                    if codec in ("h264", "hevc"):
                        yield from (("sei", m) for m in _of_picture(data, codec, header))
                elif packet.stream.index in timed:
                    yield ("id3" if data[:3] == b"ID3" else "data"), data
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(path, error) from error


def _of_picture(data: bytes, codec: str, header: bytes) -> Iterator[bytes]:
    try:
        parts = units(data, _length_bytes(codec, header))
    except UnfitError:
        return
    for unit in parts:
        if codec == "h264" and unit[0] & 31 == 6:
            yield from _told(unit[1:])
        elif codec == "hevc" and unit[0] >> 1 & 63 in (39, 40):
            yield from _told(unit[2:])


def _length_bytes(codec: str, header: bytes) -> int:
    """How many bytes tell a unit's length; 0 where start codes part them, as without an MP4 header."""
    at = 4 if codec == "h264" else 21
    return (header[at] & 3) + 1 if header[:1] == b"\1" and len(header) > at else 0


def _told(payload: bytes) -> Iterator[bytes]:
    raw, at = payload.replace(b"\0\0\3", b"\0\0"), 0
    while at + 2 < len(raw):
        kind, at = _number(raw, at)
        size, at = _number(raw, at)
        if kind in _TOLD:
            yield raw[at : at + size]
        at += size


def _number(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(raw) and raw[at] == 0xFF:
        value, at = value + 255, at + 1
    return (value + raw[at], at + 1) if at < len(raw) else (value, at)
