"""H.264 as bytes: units, parameter sets and messages, as ITU-T H.264 (08/2021) 7.3 and Annex B write them.

Nothing is decoded here. A picture that is copied keeps its slices bit for bit; what goes are messages that
say something about the camera or the place, and what a container has its own field for.
"""

import re
from dataclasses import dataclass

START = b"\0\0\1"
IDR, MESSAGE, SPS, PPS = 5, 6, 7, 8
_PICTURE = frozenset({1, 2, 3, 4, IDR, 10, 11})
"""Slices, their partitions, and the marks that a sequence or the stream ends."""
_DROPPED = frozenset({9, 12, *range(16, 19), *range(21, 32)})
"""Delimiters and filler say nothing; what is reserved or private may say anything."""
_HARMLESS_MESSAGES = frozenset({0, 1, 6, 45, 47, 137, 144, 147})
"""Buffering period, picture timing, recovery point, frame packing, orientation, and what describes colours.

Everything else goes: user data (4, 5) holds an encoder's settings, captions, serial numbers and places.
"""
_HIGH = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
"""Profiles whose sequence parameter set tells chroma format and bit depth."""


class UnfitError(Exception):
    """Why a stream cannot be copied in part; the caller encodes it as a whole instead."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first picture.

    Attributes:
        sps: Sequence parameter sets, as units.
        pps: Picture parameter sets, as units.
    """

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    def __add__(self, other: "ParameterSets") -> "ParameterSets":
        return ParameterSets(self.sps + other.sps, self.pps + other.pps)

    @property
    def profile(self) -> int:
        """`profile_idc` of the first sequence parameter set."""
        return self.sps[0][1]

    @property
    def level(self) -> int:
        """`level_idc`, ten times the level."""
        return self.sps[0][3]

    def spare_id(self) -> int:
        """Find an id that neither kind uses.

        Raises:
            UnfitError: all 31 that an encoder can be told are taken.
        """
        used = {_Bits(s[4:]).number() for s in self.sps} | {_Bits(p[1:]).number() for p in self.pps}
        free = set(range(1, 32)) - used
        if not free:
            raise UnfitError("every id of a parameter set is taken")
        return min(free)


class _Bits:
    """Reads a unit's payload from its most significant bit on."""

    def __init__(self, payload: bytes) -> None:
        raw = _bare(payload[:64])
        self._bits = f"{int.from_bytes(raw, 'big'):0{len(raw) * 8}b}" if raw else ""
        self._at = 0

    def number(self) -> int:
        """Read an unsigned Exp-Golomb number."""
        one = self._bits.find("1", self._at)
        end = 2 * one - self._at + 1
        if one < 0 or end > len(self._bits):
            raise UnfitError("a parameter set is cut off")
        self._at = end
        return int(self._bits[one:end], 2) - 1

    def skip(self, count: int) -> None:
        """Go on by so many bits."""
        self._at += count


def _bare(payload: bytes) -> bytes:
    """Take out the bytes that keep a payload from looking like a start code."""
    return payload.replace(b"\0\0\3", b"\0\0")


def _guarded(payload: bytes) -> bytes:
    """Put them in again."""
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", payload)


def units(data: bytes, length_bytes: int) -> list[bytes]:
    """Take an access unit apart.

    Args:
        data: One packet.
        length_bytes: How many bytes tell the length of each unit; 0 where start codes stand between them.

    Raises:
        UnfitError: lengths and data disagree.
    """
    if not length_bytes:
        return [unit for part in data.split(START)[1:] if (unit := part.rstrip(b"\0"))]
    found, at = [], 0
    while at < len(data):
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data):
            raise UnfitError("a packet is not made of whole units")
        if at > start:
            found.append(data[start:at])
    return found


def kind(unit: bytes) -> int:
    """Give `nal_unit_type`."""
    return unit[0] & 31


def joined(some: list[bytes]) -> bytes:
    """Put units together as MP4 and Matroska store them, each after its length in four bytes."""
    return b"".join(len(u).to_bytes(4, "big") + u for u in some)


def copied(some: list[bytes], known: ParameterSets) -> list[bytes]:
    """Choose the units of a packet that a copy keeps.

    Raises:
        UnfitError: the packet brings other parameter sets, or a kind of unit that this cannot judge.
    """
    kept = []
    for unit in some:
        what = kind(unit)
        if what in _PICTURE:
            kept.append(unit)
        elif what == MESSAGE:
            kept += harmless(unit, 1, _HARMLESS_MESSAGES)
        elif what in (SPS, PPS):
            if unit not in known.sps + known.pps:
                raise UnfitError("its parameter sets change on the way")
        elif what not in _DROPPED:
            raise UnfitError(f"it holds units of kind {what}, of scalable or stereo video")
    return kept


def harmless(unit: bytes, header: int, allowed: frozenset[int]) -> list[bytes]:
    """Leave the allowed messages of a unit, whose header has so many bytes; none if none is left."""
    messages = _messages(_bare(unit[header:]))
    good = [m for number, m in messages if number in allowed]
    if len(good) == len(messages):
        return [unit]
    return [unit[:header] + _guarded(b"".join(good) + b"\x80")] if good else []


def _messages(payload: bytes) -> list[tuple[int, bytes]]:
    """Take a message unit apart: number and bytes of each, header included; -1 if cut off."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(payload) - 1 and payload[at:] != b"\x80":
        start = at
        header = []
        for _ in range(2):
            value = 0
            while at < len(payload) and payload[at] == 255:
                value, at = value + 255, at + 1
            header.append(value + (payload[at] if at < len(payload) else 0))
            at += 1
        at += header[1]
        found.append((header[0] if at <= len(payload) else -1, payload[start:at]))
    return found


def from_extradata(extradata: bytes) -> tuple[ParameterSets, int]:
    """Read a stream's own parameter sets, in the form of MP4 (ISO/IEC 14496-15, 5.3.3) or with start codes.

    Returns:
        The sets, and how many bytes tell the length of a unit in its packets (0: start codes).

    Raises:
        UnfitError: there are none.
    """
    if extradata[:1] == b"\1" and len(extradata) < 7:
        raise UnfitError("its parameter sets are cut off")
    if extradata[:1] != b"\1":
        some, length_bytes = units(extradata, 0), 0
    else:
        some, at = [], 5
        for mask in (31, 255):
            count, at = (extradata[at] if at < len(extradata) else 0) & mask, at + 1
            for _ in range(count):
                size = int.from_bytes(extradata[at : at + 2], "big")
                some.append(extradata[at + 2 : at + 2 + size])
                at += 2 + size
        length_bytes = (extradata[4] & 3) + 1
        if at > len(extradata):
            raise UnfitError("its parameter sets are cut off")
    sps = tuple(u for u in some if u and kind(u) == SPS)
    pps = tuple(u for u in some if u and kind(u) == PPS)
    if not sps or not pps or min(map(len, sps)) < 5:
        raise UnfitError("it carries no parameter sets outside its pictures")
    return ParameterSets(sps, pps), length_bytes


def to_extradata(sets: ParameterSets) -> bytes:
    """Write parameter sets as MP4 and Matroska store them, for packets that `joined` made."""
    first = sets.sps[0]
    level = max(s[3] for s in sets.sps)
    out = bytes([1, first[1], first[2], level, 0xFF, 0xE0 | len(sets.sps)])
    out += b"".join(len(s).to_bytes(2, "big") + s for s in sets.sps)
    out += bytes([len(sets.pps)]) + b"".join(len(p).to_bytes(2, "big") + p for p in sets.pps)
    if first[1] in _HIGH:
        chroma, luma_bits, chroma_bits = _depths(first)
        out += bytes([0xFC | chroma, 0xF8 | luma_bits, 0xF8 | chroma_bits, 0])
    return out


def _depths(sps: bytes) -> tuple[int, int, int]:
    """Give the chroma format and how many bits above eight brightness and colour have."""
    bits = _Bits(sps[4:])
    bits.number()
    chroma = bits.number()
    if chroma == 3:
        bits.skip(1)
    return chroma, bits.number(), bits.number()
