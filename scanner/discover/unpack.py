"""Unpacks gzip, bzip2, xz and zstd as a stream that is metered while it flows, whoever reads it.

The meter stands behind the decompressor, so that what a reader skips, or swallows as a header of a tar,
counts as well. Windows and dictionaries that a stream demands have a ceiling of their own: a few bytes may
otherwise ask for gigabytes.
"""

import bz2
import io
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Protocol

from scanner.errors import LimitError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

WINDOW = 128 * 2**20
"""Bytes that a stream may demand for its window (zstd) or decoder (xz): what their best presets need."""
STREAMS = 100_000
"""Streams that may follow each other in one file; bgzip makes one of every 64 KiB."""
_CHUNK = 32 * 1024
_BUFFER = 128 * 1024

DAMAGE: tuple[type[Exception], ...] = (zlib.error, lzma.LZMAError, zstd.ZstdError, EOFError, OSError)
"""What the decompressors raise for a stream that does not hold together."""

_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}

Meter = Callable[[int], None]
"""Is told of bytes that came out; raises LimitError when they are too many."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the others."""

    needs_input = True

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail
        return out


_START: dict[str, Callable[[], _Decompressor]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=WINDOW),
    "zstd": lambda: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: WINDOW.bit_length() - 1}
    ),
}


def packing(head: bytes) -> str:
    """Tell by the first bytes how a stream is packed: `gzip`, `bzip2`, `xz`, `zstd`, or empty for none."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def unpacked(kind: str, file: IO[bytes], meter: Meter) -> io.BufferedReader:
    """Give what comes out of a packed file, as a file that cannot be sought in.

    Args:
        kind: As `packing` says.
        file: The packed bytes.
        meter: Called for every piece that comes out, with its length in bytes.

    Raises:
        LimitError: while reading, from the meter, or for more than `STREAMS` streams.
        DAMAGE: while reading, when the stream does not hold together.
    """
    return io.BufferedReader(_Unpacked(kind, file, meter), _BUFFER)


class _Unpacked(io.RawIOBase):
    """What comes out of a packed file: streams that follow each other are one, as every tool reads them."""

    def __init__(self, kind: str, file: IO[bytes], meter: Meter) -> None:
        self._start, self._meter = _START[kind], meter
        self._file: IO[bytes] | _Chained = file
        self._inner = self._start()
        self._streams = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        while True:
            if self._inner.eof and not self._next():
                return 0
            hungry = self._inner.needs_input
            fed = self._file.read(_CHUNK) if hungry else b""
            out = self._inner.decompress(fed, len(view))
            if out:
                self._meter(len(out))
                view[: len(out)] = out
                return len(out)
            if hungry and not fed and not self._inner.eof:
                raise EOFError("the packed stream ends too early")

    def _next(self) -> bool:
        """Begin the stream that follows, if one does; zeros between and behind streams are padding."""
        rest = self._inner.unused_data.lstrip(b"\0")
        while not rest:
            fed = self._file.read(_CHUNK)
            if not fed:
                return False
            rest = fed.lstrip(b"\0")
        self._streams += 1
        if self._streams > STREAMS:
            raise LimitError(f"more than {STREAMS} packed streams follow each other.")
        self._inner = self._start()
        self._file = _Chained(rest, self._file)
        return True


class _Chained:
    """Bytes that were read too many, and then the file they came from."""

    def __init__(self, first: bytes, then: "IO[bytes] | _Chained") -> None:
        self._first = first
        # Streams may follow each other by the thousand: never a chain of chains.
        self._then: IO[bytes] = then._then if isinstance(then, _Chained) else then

    def read(self, size: int) -> bytes:
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        return self._then.read(size)
