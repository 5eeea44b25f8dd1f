"""What a redaction that is under way leaves beside its output, so that it can be taken up again.

A hidden file `.NAME.checkpoint` holds, line by line, what the detectors said of each picture they were
shown (boxes and scores, found again by the picture's number and checksum), under a first line that says for
which clip, parameters and models that holds. It is locked while a run uses it, so that two runs never write
one output, and it is gone when the output is there.
"""

import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from scanner.errors import ScannerError, UsageError, WriteError
from scanner.footage.detect import Detections, Detector
from scanner.footage.jobs import checkpoint_for, discard

if sys.platform != "win32":
    import fcntl

Row = tuple[str, list[list[float]]]
"""A look's name, and for each face x1 y1 x2 y2 score, in pixels of the picture shown."""

_SURE = 0.6
_PATIENCE_S = 2.0
"""The worker of a run that was just killed may take a moment to notice."""


class Checkpoint:
    """What is known so far; it grows with every look."""

    # reused: how many looks were spared. most: faces seen at once.

    def __init__(self, file: IO[bytes], path: Path, known: dict[str, Detections]) -> None:
        self._file, self._path, self._known = file, path, known
        self._looks: dict[str, int] = {}
        self.reused = 0
        self.most = 0

    def name(self, detector: str, picture: NDArray[np.uint8], floor: float) -> str:
        """Name a look: which one it is, and at what. Detectors look in the same order in every run."""
        number = self._looks[detector] = self._looks.get(detector, 0) + 1
        return f"{detector} {number} {picture.shape} {floor} {zlib.crc32(np.ascontiguousarray(picture).data)}"

    def find(self, key: str) -> Detections | None:
        """Give what was said of a picture, where that is known."""
        found = self._known.get(key)
        self.reused += found is not None
        return found

    def keep(self, key: str, found: Detections) -> None:
        """Write down what was said of a picture."""
        self._known[key] = found
        self.most = max(self.most, int((found.scores >= _SURE).sum()))
        row = np.column_stack([found.boxes, found.scores]).tolist()
        try:
            self._file.write(msgspec.json.encode((key, row)) + b"\n")
        except OSError as error:
            raise WriteError(f"{self._path} could not be written: {error.strerror}.", "Make room.") from error

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
        checkpoint = Checkpoint(file, path, _resume(file, msgspec.json.encode(state, order="sorted")))
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


def _resume(file: IO[bytes], state: bytes) -> dict[str, Detections]:
    """Read rows on, up to the first that is damaged; begin anew where the first line is another's."""
    lines = file.read().split(b"\n")
    known: dict[str, Detections] = {}
    end = 0
    if lines[0] == state:
        end = len(state) + 1
        for line in lines[1:-1]:
            try:
                key, rows = msgspec.json.decode(line, type=Row)
                table = np.array(rows, dtype=np.float64).reshape(-1, 5)
            except (msgspec.DecodeError, ValueError):
                break
            known[key] = Detections(table[:, :4], table[:, 4])
            end += len(line) + 1
    file.seek(end)
    file.truncate()
    if not end:
        file.write(state + b"\n")
    return known


@dataclass(frozen=True, slots=True, eq=False)
class Remembering(Detector):
    """A detector that is not asked again what a checkpoint knows."""

    _checkpoint: Checkpoint

    def detect_many(self, pictures: NDArray[np.uint8], floor: float) -> list[Detections]:
        """Find faces in N x H x W x 3 pictures of one size."""
        keys = [self._checkpoint.name(self.id, p, floor) for p in pictures]
        found = [self._checkpoint.find(k) for k in keys]
        missing = [i for i, f in enumerate(found) if f is None]
        if missing:
            fresh = Detector.detect_many(self, pictures[missing], floor)
            for i, detections in zip(missing, fresh, strict=True):
                self._checkpoint.keep(keys[i], detections)
                found[i] = detections
        return [f for f in found if f is not None]


def remembering(detectors: Sequence[Detector], checkpoint: Checkpoint) -> tuple[Detector, ...]:
    """Let detectors write down what they say, and not say it twice."""
    return tuple(
        Remembering(**{f.name: getattr(d, f.name) for f in fields(Detector)}, _checkpoint=checkpoint)
        for d in detectors
    )
