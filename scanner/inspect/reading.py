"""Random access to an artifact's bytes without loading it: models run to gigabytes, their headers do not."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_WINDOW = 64 * 1024
MAX_PIECE = 64 * 1024 * 1024
"""The largest piece that is copied at once."""


class Reading:
    """A window that moves over the bytes. Reads, never maps: a file cut short while it is read is an
    error that names it, where a mapping would end the process.
    """

    def __init__(self, path: str, size: int, *, file: BinaryIO | None = None, data: bytes = b"") -> None:
        self.path = path
        self.size = size
        self._file = file
        self._window = data
        self._start = 0

    def at(self, start: int, count: int) -> bytes:
        """Give exactly `count` bytes from `start`.

        Raises:
            UnreadableError: the artifact ends earlier.
            LimitError: more than `MAX_PIECE` is asked for.
        """
        if start < 0 or count < 0 or start + count > self.size:
            raise self.damaged("ends before its contents do")
        if count > MAX_PIECE:
            raise LimitError(f"{self.path} holds a piece of more than {MAX_PIECE // 2**20} MiB.")
        offset = start - self._start
        if not (offset >= 0 and offset + count <= len(self._window)):
            self._move(start, max(count, _WINDOW))
            offset = 0
        piece = self._window[offset : offset + count]
        if len(piece) != count:
            raise UnreadableError(f"{self.path} changed while it was read; scan it again when it is at rest.")
        return piece

    def upto(self, start: int, count: int) -> bytes:
        """Give `count` bytes from `start`, or as many as there are."""
        start = min(start, self.size)
        return self.at(start, min(count, self.size - start))

    def _move(self, start: int, count: int) -> None:
        if self._file is None:
            return
        try:
            self._file.seek(start)
            self._window = self._file.read(count)
        except OSError as error:
            raise UnreadableError(f"{self.path} cannot be read: {error.strerror}.") from error
        self._start = start

    def damaged(self, what: str) -> UnreadableError:
        """Make the error for contents that do not hold together: `<path> <what>.`"""
        return UnreadableError(f"{self.path} {what}.")

    def ints(self, start: int, count: int, width: int) -> list[int]:
        """Give `count` unsigned little-endian integers of `width` bytes from `start`."""
        raw = self.at(start, count * width)
        return [int.from_bytes(raw[i : i + width], "little") for i in range(0, len(raw), width)]


@contextmanager
def reading(artifact: Artifact) -> Iterator[Reading]:
    """Open an artifact for random access.

    Raises:
        UnreadableError: the system refuses.
    """
    if artifact.local is None:
        data = artifact.read()
        yield Reading(artifact.path, len(data), data=data)
        return
    try:
        file = artifact.local.open("rb")
    except FileNotFoundError:
        artifact.unchanged()
        raise
    except OSError as error:
        raise UnreadableError(f"{artifact.path} cannot be read: {error.strerror}.") from error
    with file:
        yield Reading(artifact.path, artifact.size, file=file)


class _Raw(io.RawIOBase):
    """A reading as a file, for libraries that want one."""

    def __init__(self, data: Reading) -> None:
        self._reading = data
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._reading.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        piece = self._reading.upto(self._at, min(len(view), MAX_PIECE))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def as_file(data: Reading) -> io.BufferedReader:
    """Give a reading as a seekable binary file."""
    return io.BufferedReader(_Raw(data))


def json_of(data: Reading, limit: int = MAX_PIECE) -> object:
    """Decode the whole as JSON.

    Raises:
        UnreadableError: it is no JSON, or nested too deep.
        LimitError: it is larger than `limit` bytes.
    """
    if data.size > limit:
        raise LimitError(f"{data.path} is JSON of more than {limit // 2**20} MiB.")
    try:
        return msgspec.json.decode(data.at(0, data.size))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise data.damaged(f"is no JSON: {type(error).__name__}") from error
