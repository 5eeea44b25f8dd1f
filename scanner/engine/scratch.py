"""A private folder for what workers must have on disk for a moment; gone afterwards, however they end.

It is locked by the process that made it for as long as that lives. A process that is killed leaves it,
unlocked; its workers remove it where they notice, and the next one to make such a folder where not.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "scanner-work-"


class Scratch:
    """The folder, from its making to `remove`."""

    def __init__(self) -> None:
        """Make it, for this user alone, and remove what others of this user left behind."""
        _sweep()
        self.folder, self._lock = _locked()

    def remove(self) -> None:
        """Remove it with all that is in it."""
        remove(self.folder)
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = None


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as it goes."""
    shutil.rmtree(folder, ignore_errors=True)


def use(folder: Path) -> None:
    """Let temporary files of this process, and of the libraries in it, be made in a folder."""
    tempfile.tempdir = str(folder)
    os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = str(folder)


def _locked() -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        if sys.platform == "win32":
            return folder, None
        lock = _try_lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:  # else somebody is sweeping it, in the moment before it was locked
            os.close(lock)


def _sweep() -> None:
    """Remove folders that nobody holds any more."""
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            lock = _try_lock(folder)
            if lock is not None:
                remove(folder)
                os.close(lock)


def _try_lock(folder: Path) -> int | None:
    """Lock a folder, until the descriptor that is given is closed; None where another holds it."""
    if sys.platform == "win32":
        return None  # nothing asks there
    import fcntl  # noqa: PLC0415 - POSIX only

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None  # gone already
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
