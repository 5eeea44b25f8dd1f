"""What a redaction that is under way leaves beside its output, so that it can be taken up again.

A hidden file `.NAME.checkpoint` holds, line by line, what was seen in each segment of the clip that is done
(times, checksums, boxes and scores), under a first line that says for which clip, parameters and models that
holds. It is locked while a run uses it, so that two runs never write one output, and it is gone when the
output is there.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from scanner.errors import ScannerError, UsageError, WriteError
from scanner.footage.jobs import checkpoint_for, discard
from scanner.footage.watch import Glimpse

if sys.platform != "win32":
    import fcntl

_PATIENCE_S = 2.0
"""The worker of a run that was just killed may take a moment to notice."""


class Checkpoint:
    """What is known so far; it grows with every segment."""

    def __init__(self, file: IO[bytes], path: Path, known: dict[str, Glimpse]) -> None:
        self._file, self._path, self._known = file, path, known

    def find(self, key: str) -> Glimpse | None:
        """Give what was seen in a segment, where that is known."""
        return self._known.get(key)

    def keep(self, key: str, seen: Glimpse) -> None:
        """Write down what was seen in a segment."""
        self._known[key] = seen
        with _writing(self._path):
            self._file.write(msgspec.json.encode((key, seen)) + b"\n")

    @property
    def empty(self) -> bool:
        """Whether nothing was seen yet."""
        return not self._known


@contextmanager
def claim(output: Path, state: dict[str, object]) -> Iterator[Checkpoint]:
    """Take an output for this run alone, with what an earlier run of the same `state` found out.

    What a killed run left half written is removed. The checkpoint is kept when the run is interrupted or
    finds no room, and removed when it ends in any other way.

    Args:
        output: What will be written.
        state: Everything that decides what detectors say; JSON.

    Raises:
        UsageError: another run is writing this output, or its folder cannot be written.
    """
    path = checkpoint_for(output)
    file = _locked(path, output)
    with file:
        discard(output, keep_checkpoint=True)
        with _writing(path):
            known = _resume(file, msgspec.json.encode(state, order="sorted"))
        checkpoint = Checkpoint(file, path, known)
        try:
            yield checkpoint
        except WriteError:
            raise
        except (ScannerError, OSError):
            path.unlink(missing_ok=True)
            raise
        except BaseException:
            if checkpoint.empty:
                path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path} could not be written: {error.strerror}.", "Make room.") from error


def _locked(path: Path, output: Path) -> IO[bytes]:
    patience = time.monotonic() + _PATIENCE_S
    try:
        while True:
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
            if sys.platform == "win32":
                return file  # no such locks there: two runs with one output are up to the user
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                if time.monotonic() < patience:
                    time.sleep(0.05)
                    continue
                raise UsageError(
                    f"{output} is being written by another run.", "Wait for it, or name another output."
                ) from None
            # The run before may have ended, and removed the file, between our opening and our locking it.
            with suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    return file
            file.close()
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written: {error.strerror}.", "Name a folder you may write to."
        ) from error


def _resume(file: IO[bytes], state: bytes) -> dict[str, Glimpse]:
    """Read lines on, up to the first that is damaged; begin anew where the first line is another's."""
    lines = file.read().split(b"\n")
    known: dict[str, Glimpse] = {}
    end = 0
    if lines[0] == state:
        end = len(state) + 1
        for line in lines[1:-1]:
            try:
                key, seen = msgspec.json.decode(line, type=tuple[str, Glimpse])
            except msgspec.DecodeError:
                break
            known[key] = seen
            end += len(line) + 1
    file.seek(end)
    file.truncate()
    if not end:
        file.write(state + b"\n")
    return known
