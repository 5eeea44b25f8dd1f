"""An artifact: one inspectable thing, with its bytes at hand, wherever it lies."""

import hashlib
from functools import cached_property
from pathlib import Path

from scanner.discover.kind import classify
from scanner.errors import LimitError, UnreadableError

HEAD = 8192
"""How many bytes decide what a file is."""
MAX_READ = 256 * 1024 * 1024
"""The largest artifact that is read into memory as a whole."""


class Artifact:
    """One file or archive member.

    `path` is how it is shown: relative to its target, with `!/` before a member of an archive.
    `local` is the file on disk, for what must be opened by name (footage, SQLite); None for a member.
    """

    def __init__(self, path: str, *, local: Path | None = None, data: bytes | None = None) -> None:
        if (local is None) == (data is None):
            raise ValueError("an artifact is either a file on disk or bytes in memory")
        self.path = path
        self.local = local
        self._data = data

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("!/", 1)[-1].rsplit("/", 1)[-1]

    @cached_property
    def size(self) -> int:
        """Length in bytes."""
        if self.local is None:
            return len(self._data or b"")
        return self.local.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first bytes, enough to tell the kind."""
        if self.local is None:
            return (self._data or b"")[:HEAD]
        with self.local.open("rb") as file:
            return file.read(HEAD)

    @cached_property
    def kind(self) -> str:
        """What it is, by content first and name second (see `scanner.discover.kind`)."""
        return classify(self.name, self.head)

    def read(self, limit: int = MAX_READ) -> bytes:
        """Give the whole content; kept, so that several inspectors read it once.

        Raises:
            LimitError: it is larger than `limit` bytes.
            UnreadableError: the system refuses.
        """
        if self.size > limit:
            raise LimitError(f"{self.path} is larger than {limit // 2**20} MiB and was not read.")
        if self._data is None:
            assert self.local is not None
            try:
                self._data = self.local.read_bytes()
            except OSError as error:
                raise UnreadableError(f"{self.path} cannot be read: {error.strerror}.") from error
        return self._data

    @cached_property
    def text(self) -> str:
        """The content as text: UTF-8 (or UTF-16 by its mark), anything else replaced."""
        data = self.read()
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16", "replace")
        return data.decode("utf-8-sig", "replace")

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the content, streamed from disk where it lies there."""
        if self._data is not None:
            return hashlib.sha256(self._data).hexdigest()
        assert self.local is not None
        with self.local.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
