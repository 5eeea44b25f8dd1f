"""What a clip holds beside what it shows: keys, streams and hidden sound that a redaction drops."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_HARMLESS = frozenset(
    {"major_brand", "minor_version", "compatible_brands", "language", "handler_name", "vendor_id", "encoder"}
    | {"DURATION", "BPS", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES"}
)
"""Keys that say nothing of a place, a person or a device. `handler_name` only with a stock value."""
_STOCK_HANDLERS = frozenset({"VideoHandler", "SoundHandler", "Core Media Video", "Core Media Audio", ""})
_CHAPTER_CODECS = frozenset({"", "bin_data", "text"})
"""What the track looks like in which an MP4 keeps its chapters."""

_PRIMING = 3
"""How many audio packets before the start may be an encoder's priming (2,112 samples of AAC are three)."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A stream: its kind, the name of its codec, its metadata, and whether it is a cover picture."""

    kind: str
    codec: str
    metadata: Mapping[str, str]
    is_thumbnail: bool


def leftovers(
    metadata: Mapping[str, str], streams: Iterable[StreamFacts], chapters: Iterable[Mapping[str, str]]
) -> tuple[str, ...]:
    """List by key what could leak; never a value.

    Args:
        metadata: Of the container.
        streams: All of them.
        chapters: The metadata of each chapter.
    """
    titles = list(chapters)
    found = {f"metadata:{key}" for key in metadata if key not in _HARMLESS}
    for stream in streams:
        if stream.kind == "data" and titles and stream.codec in _CHAPTER_CODECS:
            continue
        if stream.kind not in ("video", "audio"):
            found.add(f"stream:{stream.kind}")
        elif stream.is_thumbnail:
            found.add("stream:thumbnail")
        for key, value in stream.metadata.items():
            if key not in _HARMLESS or (key == "handler_name" and value not in _STOCK_HANDLERS):
                found.add(f"metadata:{stream.kind}:{key}")
    for chapter in titles:
        found.update(f"metadata:chapter:{key}" for key, value in chapter.items() if value)
    return tuple(sorted(found))


class Audible:
    """Lets through the audio packets that are played, and the few before them that a decoder needs.

    An encoder's priming lies before the start that the edit list sets, and so does sound that somebody cut
    off: only the last packets before the start are kept.
    """

    def __init__(self) -> None:
        self._before: dict[int, list[Any]] = {}

    def of(self, packet: Any) -> list[Any]:
        """Give the packets that this one lets through, in order."""
        if packet.size == 0:
            return []
        if packet.is_discard:
            waiting = self._before.setdefault(packet.stream.index, [])
            waiting.append(packet)
            del waiting[:-_PRIMING]
            return []
        return [*self._before.pop(packet.stream.index, []), packet]


def bare_sound(packet: bytes, codec: str) -> bytes:
    """Take the transport header (ADTS, ISO/IEC 13818-7 6.2) off AAC: MP4 and Matroska keep it elsewhere."""
    if codec != "aac" or len(packet) < 7 or packet[0] != 0xFF or packet[1] & 0xF6 != 0xF0:
        return packet
    return packet[7 if packet[1] & 1 else 9 :]
