"""An artifact: one inspectable thing, with its bytes at hand, wherever it lies."""

import hashlib
import os
from pathlib import Path

from scanner.discover.kind import UTF16, classify
from scanner.errors import LimitError, UnreadableError

HEAD = 8192
"""How many bytes decide what a file is."""
AT_ONCE = 2**20
"""A file on disk up to this size is read whole at the first look: one opening instead of two."""
_BINARY = getattr(os, "O_BINARY", 0)
"""Windows alone tells text from bytes here."""
MAX_READ = 256 * 1024 * 1024
"""The largest artifact that is read into memory as a whole."""


class Artifact:
    """One file or archive member.

    `path` is how it is shown: relative to its target, with `!/` before a member of an archive.
    `local` is the file on disk, for what must be opened by name (footage, SQLite); None for a member.

    There is one for every file of a tree, so its attributes are plain ones, filled at the first look.

    Raises:
        OSError: from any attribute, when the file cannot be opened.
        UnreadableError: from any attribute, when the file changes while it is read.
    """

    __slots__ = ("_data", "_head", "_kind", "_local", "_seen", "_sha256", "_size", "_text", "name", "path")

    def __init__(self, path: str, *, local: Path | str | None = None, data: bytes | None = None) -> None:
        if (local is None) == (data is None):
            raise ValueError("an artifact is either a file on disk or bytes in memory")
        self.path = path
        self.name = path[path.rfind("/") + 1 :]
        self._local = local
        self._data = data
        self._size = -1 if data is None else len(data)
        self._head = None if data is None else data[:HEAD]
        self._kind = ""
        self._sha256 = ""
        self._seen: tuple[int, int, int] | None = None
        self._text: str | None = None

    def _look(self) -> None:
        """Open the file once: its size, its first bytes, and the whole where it is small."""
        assert self._local is not None
        descriptor = os.open(self._local, os.O_RDONLY | _BINARY)
        try:
            before = os.fstat(descriptor)
            data = os.read(descriptor, min(before.st_size, AT_ONCE) + 1)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        whole = before.st_size <= AT_ONCE
        if (
            before.st_mtime_ns != after.st_mtime_ns
            or before.st_size != after.st_size
            or (whole and len(data) != before.st_size)
        ):
            raise self._changed()
        self._size = before.st_size
        self._seen = _identity(before)
        self._head = data[:HEAD]
        if whole:
            self._data = data

    def _changed(self) -> UnreadableError:
        return UnreadableError(f"{self.path} changed while it was read; scan it again when it is at rest.")

    def unchanged(self) -> None:
        """Make sure that a file which is read in pieces, or by its name, is still the one first looked at.

        Raises:
            UnreadableError: it was written to, cut, replaced or removed meanwhile.
        """
        if self._seen is None or self._data is not None:
            return  # what was read whole at the first look cannot change any more
        assert self._local is not None
        try:
            now = os.stat(self._local)  # noqa: PTH116 - see _look
        except FileNotFoundError as error:
            raise self._changed() from error
        if _identity(now) != self._seen:
            raise self._changed()

    @property
    def local(self) -> Path | None:
        """The file on disk."""
        return None if self._local is None else Path(self._local)

    @property
    def size(self) -> int:
        """Length in bytes."""
        if self._size < 0:
            self._look()
        return self._size

    @property
    def head(self) -> bytes:
        """The first bytes, enough to tell the kind."""
        if self._head is None:
            self._look()
            assert self._head is not None
        return self._head

    @property
    def kind(self) -> str:
        """What it is, by content first and name second (see `scanner.discover.kind`)."""
        if not self._kind:
            self._kind = classify(self.name, self.head)
        return self._kind

    def read(self, limit: int = MAX_READ) -> bytes:
        """Give the whole content; kept, so that several inspectors read it once.

        Raises:
            LimitError: it is larger than `limit` bytes.
            UnreadableError: the system refuses.
        """
        if self.size > limit:
            raise LimitError(f"{self.path} is larger than {limit // 2**20} MiB and was not read.")
        if self._data is None:
            assert self._local is not None
            try:
                with open(self._local, "rb") as file:  # noqa: PTH123 - see _look
                    data = file.read(self._size + 1)
                    if _identity(os.fstat(file.fileno())) != self._seen or len(data) != self._size:
                        raise self._changed()
            except FileNotFoundError as error:
                raise self._changed() from error
            except OSError as error:
                raise UnreadableError(f"{self.path} cannot be read: {error.strerror}.") from error
            self._data = data
        return self._data

    @property
    def text(self) -> str:
        """The content as text: UTF-8 (or UTF-16 by its mark), anything else replaced."""
        if self._text is None:
            data = self.read()
            utf16 = data.startswith(UTF16)
            self._text = data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
        return self._text

    @property
    def sha256(self) -> str:
        """Hex digest of the content, streamed from disk where it lies there.

        Empty where the file is no longer the one that was inspected: no digest is better than another's.
        """
        if not self._sha256:
            self._sha256 = self._digest()
        return self._sha256

    def _digest(self) -> str:
        if self.size <= AT_ONCE or self._data is not None:
            return hashlib.sha256(self.read()).hexdigest()
        assert self._local is not None
        try:
            with open(self._local, "rb") as file:  # noqa: PTH123 - see _look
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.unchanged()
        except (FileNotFoundError, UnreadableError):
            return ""
        return digest


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    """What changes when a file is written to or replaced."""
    return status.st_ino, status.st_size, status.st_mtime_ns
