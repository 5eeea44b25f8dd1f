"""H.265 as bytes, as far as copying a clip needs it: ITU-T H.265 (08/2021) 7.3, ISO/IEC 14496-15 8.3.3."""

from dataclasses import dataclass

from scanner.footage import nals
from scanner.footage.nals import UnfitError

_VPS, _PPS = 32, 34
_MESSAGES = (39, 40)
_MARKS = (36, 37)
_HARMLESS = frozenset({0, 1, 6, 45, 47, 129, 130, 131, 132, 137, 144, 147})
"""Buffering, timing, recovery point, packing, orientation, sets in use, dependency, picture hash, colours."""
_HEADER = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """How packets of a stream are copied.

    Attributes:
        header: What stands before the pictures, for the container.
        length_bytes: How many bytes tell the length of a unit; 0 where start codes stand between them.
        sets: The parameter sets in `header`.
    """

    header: bytes
    length_bytes: int
    sets: frozenset[bytes]

    def copied(self, packet: bytes) -> bytes:
        """Leave out what says something about the camera or the place.

        Raises:
            UnfitError: the packet brings other parameter sets, or a second view.
        """
        kept = []
        for unit in nals.units(packet, self.length_bytes):
            kept += self._kept(unit)
        if self.length_bytes:
            return b"".join(len(u).to_bytes(self.length_bytes, "big") + u for u in kept)
        return b"".join(b"\0" + nals.START + u for u in kept)

    def _kept(self, unit: bytes) -> list[bytes]:
        if len(unit) < _HEADER or (unit[0] & 1, unit[1] >> 3) != (0, 0):
            raise UnfitError("it holds more than one layer, such as a second view")
        kind = _kind(unit)
        if kind in _MESSAGES:
            return nals.harmless(unit, _HEADER, _HARMLESS)
        if _VPS <= kind <= _PPS:
            if unit not in self.sets:
                raise UnfitError("its parameter sets change on the way")
            return []
        return [unit] if kind < _VPS or kind in _MARKS else []


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63


def passage(extradata: bytes) -> Passage:
    """Read a stream's header, and take the messages out of it.

    Raises:
        UnfitError: it has none.
    """
    if extradata[:1] != b"\1":
        some = [u for u in nals.units(extradata, 0) if _VPS <= _kind(u) <= _PPS]
        if not some:
            raise UnfitError("it carries no parameter sets outside its pictures")
        return Passage(b"".join(b"\0" + nals.START + u for u in some), 0, frozenset(some))
    if len(extradata) < 23:
        raise UnfitError("its parameter sets are cut off")
    sets: list[bytes] = []
    arrays, at = [], 23
    for _ in range(extradata[22]):
        start, kind = at, extradata[at] & 63 if at < len(extradata) else 0
        count, at = int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            unit, at = extradata[at + 2 : at + 2 + size], at + 2 + size
            sets += [unit] if kind not in _MESSAGES else []
        if at > len(extradata):
            raise UnfitError("its parameter sets are cut off")
        arrays += [extradata[start:at]] if _VPS <= kind <= _PPS else []
    header = extradata[:22] + bytes([len(arrays)]) + b"".join(arrays)
    return Passage(header, (extradata[21] & 3) + 1, frozenset(sets))
