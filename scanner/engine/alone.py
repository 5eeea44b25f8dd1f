"""Runs calls one after another in a process of their own, which may die without taking the caller along.

What comes back crosses the border as MessagePack of known types, not as pickles: the process reads hostile
files, and the caller trusts nothing of it.
"""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Generic, Self, TypeVar

import msgspec

from scanner import errors
from scanner.engine.confine import Bounds, confine
from scanner.engine.interface import Limits
from scanner.engine.local import die_with_parent
from scanner.errors import LimitError, ScannerError, UnreadableError

Q = TypeVar("Q")
T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

_TELL_EVERY_S = 0.1
_LOOK_UP_S = 0.25
_PATIENCE_S = 20.0
"""How long a process that was asked to end may take to remove what it has half written."""


class LostError(UnreadableError):
    """The process died of its question."""


class _Failed(msgspec.Struct, frozen=True):
    kind: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Task(Generic[Q, T, R]):
    """A call that a process of its own can take.

    Attributes:
        call: A module-level function of a question and of a function to tell how far it is.
        told: What it tells.
        result: What it gives.
    """

    call: Callable[[Q, Callable[[T], None]], R]
    told: type[T]
    result: type[R]


class Alone(Generic[Q, T, R]):
    """A process that starts with the first question, and again after one that it died of."""

    def __init__(self, task: Task[Q, T, R], limits: Limits, writes: tuple[Path, ...] | None = None) -> None:
        """Start nothing yet.

        Args:
            task: What is run.
            limits: `memory`, and as `seconds` how long it may be silent.
            writes: Folders below which it writes, there with the first question; None: wherever it may.
        """
        self._task, self._limits = task, limits
        self._bounds = Bounds(limits.memory, writes=writes)
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def ask(self, question: Q, tell: Callable[[T], None], gone: Callable[[], bool] = lambda: False) -> R:
        """Run the task on a question.

        Args:
            question: What the task takes.
            tell: Told what the task tells.
            gone: Asked now and then whether nobody waits for the answer any more.

        Raises:
            CancelledError: nobody does; the process was asked to end, and tidied up.
            ScannerError: what the task raised.
            LostError: the process died.
            LimitError: it told nothing for too long.
        """
        line = self._started()
        try:
            line.send(question)
            while (heard := self._heard(line, gone))[0] == b"told":
                tell(msgspec.msgpack.decode(heard[1], type=self._task.told))
            if heard[0] == b"done":
                return msgspec.msgpack.decode(heard[1], type=self._task.result)
            failed = msgspec.msgpack.decode(heard[1], type=_Failed)
        except (EOFError, ConnectionError, msgspec.DecodeError) as error:
            raise LostError(
                f"reading it ended its process ({self._death()}).",
                "The file is damaged or hostile: export it again, or leave it out.",
            ) from error
        except BaseException:
            self._end()
            raise
        raise _raised(failed)

    def _heard(self, line: Connection, gone: Callable[[], bool]) -> tuple[bytes, bytes]:
        patience = time.monotonic() + self._limits.seconds
        while not line.poll(min(_LOOK_UP_S, self._limits.seconds)):
            if gone():
                raise CancelledError
            if time.monotonic() >= patience:
                raise LimitError(
                    f"nothing happened for {self._limits.seconds:.0f} s, and it was stopped.",
                    "Look at the file with a player; leave it out if it does not play.",
                )
        mark, _, body = line.recv_bytes().partition(b" ")
        return mark, body

    def _started(self) -> Connection:
        if self._line is None:
            context = multiprocessing.get_context("spawn")
            self._line, far = context.Pipe()
            self._process = context.Process(
                target=_serve, args=(far, self._task.call, self._bounds), daemon=True
            )
            try:
                with _deaf():
                    self._process.start()
            except BaseException:
                self._end()
                raise
            far.close()
        return self._line

    def _death(self) -> str:
        process = self._process
        assert process is not None
        process.join(_PATIENCE_S)
        code = process.exitcode
        self._end()
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"

    def stop(self) -> None:
        """End the process, if there is one; the next question starts another."""
        self._end()

    def _end(self) -> None:
        process, line, self._process, self._line = self._process, self._line, None, None
        if line is not None:
            line.close()
        if process is not None and process.pid is not None:
            process.terminate()
            process.join(_PATIENCE_S)
            process.kill()
            process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._line is not None and self._process is not None:
            self._line.close()  # nobody asks any more: it ends by itself
            self._process.join(_PATIENCE_S)
        self._end()


@contextmanager
def _deaf() -> Iterator[None]:
    """Let a process that starts now not hear Ctrl-C: its caller hears it, a moment late, and ends it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _raised(failed: _Failed) -> ScannerError:
    kind = getattr(errors, failed.kind, UnreadableError)
    if not (isinstance(kind, type) and issubclass(kind, ScannerError)):
        kind = UnreadableError
    return kind(failed.message, failed.remedy)


def _serve(line: Connection, call: Callable[[Any, Callable[[Any], None]], Any], bounds: Bounds) -> None:
    """Answer questions until the line is closed, or until asked to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks hears Ctrl-C
    confine(bounds)
    die_with_parent()
    signal.signal(signal.SIGTERM, _unwind)
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        _answer(line, call)


def _answer(line: Connection, call: Callable[[Any, Callable[[Any], None]], Any]) -> None:
    while True:
        question = line.recv()
        try:
            mark, answer = b"done", call(question, _Teller(line).tell)
        except ScannerError as error:
            mark, answer = b"failed", _Failed(type(error).__name__, error.message, error.remedy)
        except MemoryError:
            message = "it needs more memory than one file may use."
            mark, answer = b"failed", _Failed("LimitError", message, "Leave it out, or make it smaller.")
        except Exception as error:  # noqa: BLE001 - one hostile file must not end the run; it is reported
            message = f"it could not be processed ({type(error).__name__}: {error})."
            mark, answer = b"failed", _Failed("UnreadableError", message, "")
        line.send_bytes(mark + b" " + msgspec.msgpack.encode(answer))


def _unwind(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Teller:
    """Passes on what is told, but not more often than anybody can read."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._last = 0.0

    def tell(self, what: msgspec.Struct) -> None:
        now = time.monotonic()
        if now - self._last >= _TELL_EVERY_S:
            self._last = now
            self._line.send_bytes(b"told " + msgspec.msgpack.encode(what))
