"""An artifact: one inspectable thing, with its bytes at hand, wherever it lies."""

import hashlib
import os
from functools import cached_property
from pathlib import Path

from scanner.discover.kind import classify
from scanner.errors import LimitError, UnreadableError

HEAD = 8192
"""How many bytes decide what a file is."""
AT_ONCE = 2**20
"""A file on disk up to this size is read whole at the first look: one opening instead of two."""
MAX_READ = 256 * 1024 * 1024
"""The largest artifact that is read into memory as a whole."""


class Artifact:
    """One file or archive member.

    `path` is how it is shown: relative to its target, with `!/` before a member of an archive.
    `local` is the file on disk, for what must be opened by name (footage, SQLite); None for a member.
    """

    def __init__(self, path: str, *, local: Path | str | None = None, data: bytes | None = None) -> None:
        if (local is None) == (data is None):
            raise ValueError("an artifact is either a file on disk or bytes in memory")
        self.path = path
        self.name = path[path.rfind("/") + 1 :]
        self._local = local
        self._data = data

    @cached_property
    def local(self) -> Path | None:
        """The file on disk."""
        return None if self._local is None else Path(self._local)

    @cached_property
    def size(self) -> int:
        """Length in bytes."""
        if self._data is not None:
            return len(self._data)
        assert self._local is not None
        return os.stat(self._local).st_size  # noqa: PTH116 - once a file: a path object would cost more

    @cached_property
    def head(self) -> bytes:
        """The first bytes, enough to tell the kind."""
        if self._data is None:
            assert self._local is not None
            with open(self._local, "rb") as file:  # noqa: PTH123 - likewise
                data = file.read(AT_ONCE + 1)
            if len(data) > AT_ONCE:
                return data[:HEAD]
            self._data = data
        return self._data[:HEAD]

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
