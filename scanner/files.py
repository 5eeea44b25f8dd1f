"""Writes files so that a reader never sees half of one, and tells what is in one by its digest."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import UnreadableError, UsageError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; renamed into place when the block ends well, else removed.

    Raises:
        UsageError: the folder is missing or cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Name a folder you may write to."
        ) from error
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        umask = os.umask(0)
        os.umask(umask)
        partial.chmod(0o666 & ~umask)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` in one step."""
    with whole_file(path) as partial:
        partial.write_bytes(data)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder of files in one step; `path` must not exist, or be an empty folder.

    Raises:
        UsageError: it holds something already, or its parent cannot be written.
    """
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Name a folder you may write to."
        ) from error
    try:
        for name, data in files.items():
            (partial / name).write_bytes(data)
        umask = os.umask(0)
        os.umask(umask)
        partial.chmod(0o777 & ~umask)
        partial.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Name a folder that is new or empty."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sha256(path: Path) -> str:
    """Hash a file without reading it into memory as a whole.

    Raises:
        UnreadableError: it is gone, or cannot be read any more.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableError(
            f"{path} cannot be read: {error.strerror}.", "Check that nothing moves or removes it meanwhile."
        ) from error
