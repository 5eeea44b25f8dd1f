"""Remembers results, so that an unchanged file costs one look at its metadata.

A result is kept under what decides it: the file as the system describes it, the rules, the options and
our version. It holds what a report holds (findings with masked excerpts, boxes), nothing more: no
picture, no template. A damaged or locked cache is worked without, never an error.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR
from types import TracebackType
from typing import Self

import platformdirs

_SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_SETTLED_NS = 2_000_000_000
"""A file touched this recently may change again within its time stamp's resolution: not remembered."""


def default_path() -> Path:
    """Where the cache lies: the user's cache folder, or $SCANNER_CACHE."""
    named = os.environ.get("SCANNER_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("scanner")) / "results-1.sqlite"


class Cache:
    """Results by key; used by the main process only."""

    def __init__(self, path: Path, config: str) -> None:
        self._config = config.encode()
        self._db: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=1, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute(_SCHEMA)
            path.chmod(0o600)
        except (OSError, sqlite3.Error):
            self._give_up()

    @property
    def empty(self) -> bool:
        """Whether nothing is remembered yet."""
        try:
            return self._db is None or self._db.execute("SELECT 1 FROM results LIMIT 1").fetchone() is None
        except sqlite3.Error:
            return True

    def key(self, path: str, local: str, mark: str = "") -> bytes | None:
        """Name a file's present state; None when it must not be remembered.

        Args:
            path: How the run names it.
            local: Where it lies: on disk, or by its URL.
            mark: What a store says of the object's state.
        """
        now = mark or _state(local)
        if not now:
            return None
        state = "\0".join((local if mark else os.path.abspath(local), path, now))  # noqa: PTH100 - likewise
        return hashlib.blake2b(
            state.encode("utf-8", "surrogateescape"), key=self._config[:64], digest_size=20
        ).digest()

    def get(self, key: bytes) -> bytes | None:
        """Give the result kept under a key."""
        if self._db is None:
            return None
        try:
            row = self._db.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row else None

    def put(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep results."""
        if self._db is None:
            return
        try:
            with self._db:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT OR REPLACE INTO results VALUES (?, ?)", entries)
        except sqlite3.Error:
            self._give_up()

    def _give_up(self) -> None:
        """Work on without what is remembered."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._db is not None:
            self._db.close()


def _state(local: str) -> str:
    """Name the state of a file on disk, or of a folder with all that is in it; empty while it may change."""
    try:
        stat = os.stat(local)  # noqa: PTH116 - once a file: the path object would cost more than the call
        if not S_ISDIR(stat.st_mode):
            return _settled(stat)
        below = sorted(path for path in Path(local).rglob("*") if not path.is_dir())
        states = [f"{path} {_settled(path.lstat())}" for path in below]
    except OSError:
        return ""
    return "" if any(each.endswith(" ") for each in states) else "\0".join(states)


def _settled(stat: os.stat_result) -> str:
    if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) < _SETTLED_NS:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"
