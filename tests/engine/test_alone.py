"""A process for hostile files: what it tells and gives arrives, and its death is a sentence."""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path

import msgspec
import pytest

from scanner.engine.alone import Alone, LostError, Task
from scanner.engine.interface import Limits
from scanner.errors import LimitError, RedactionError, UnreadableError


class Told(msgspec.Struct, frozen=True):
    step: int


class Given(msgspec.Struct, frozen=True):
    text: str
    process: int


def work(question: str, tell: Callable[[Told], None]) -> Given:
    """Do as it is told."""
    tell(Told(1))
    match question:
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(7)
        case "hang":
            time.sleep(60)
        case "fill":
            bytes(8 * 2**30)
        case "unreadable":
            raise UnreadableError("a.mp4 is damaged.", "Export it again.")
        case "unverified":
            raise RedactionError("a.mp4 failed.")
        case "wrong":
            raise ZeroDivisionError(question)
        case "mark":
            Path(os.environ["MARK"]).touch()
            try:
                time.sleep(60)
            finally:
                Path(os.environ["MARK"]).unlink()
    return Given(question, os.getpid())


def alone(seconds: float = 30) -> "Alone[str, Told, Given]":
    return Alone(Task(work, Told, Given), Limits(seconds=seconds, memory=4 * 2**30))


def test_answers_come_from_one_other_process_and_errors_stay_what_they_are() -> None:
    told: list[Told] = []
    with alone() as process:
        first = process.ask("one", told.append)
        assert first.text == "one"
        assert first.process != os.getpid()
        for question, kind in (
            ("unreadable", UnreadableError),
            ("unverified", RedactionError),
            ("wrong", UnreadableError),
            ("fill", LimitError),
        ):
            with pytest.raises(kind):
                process.ask(question, told.append)
        assert process.ask("two", told.append).process == first.process
    assert told[0] == Told(1)
    with pytest.raises(ProcessLookupError):
        os.kill(first.process, 0)


def test_a_death_is_told_and_the_next_question_finds_another_process() -> None:
    with alone() as process:
        first = process.ask("one", lambda _: None)
        with pytest.raises(LostError, match="SIGSEGV"):
            process.ask("crash", lambda _: None)
        with pytest.raises(LostError, match="exit code 7"):
            process.ask("exit", lambda _: None)
        assert process.ask("two", lambda _: None).process != first.process


def test_silence_is_ended() -> None:
    with alone(seconds=3) as process:
        with pytest.raises(LimitError, match="3 s"):
            process.ask("hang", lambda _: None)
        assert process.ask("two", lambda _: None).text == "two"


def test_who_is_interrupted_lets_the_process_tidy_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "half-written"
    monkeypatch.setenv("MARK", str(mark))

    def interrupt() -> None:
        deadline = time.monotonic() + 20
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    with alone() as process:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            process.ask("mark", lambda _: None)
        thread.join()
    assert not mark.exists()


def test_an_interrupt_while_the_process_starts_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    real, started = SpawnProcess.start, []

    def interrupted(self: SpawnProcess) -> None:
        real(self)
        started.append(self.pid)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(SpawnProcess, "start", interrupted)
    with alone() as process, pytest.raises(KeyboardInterrupt):
        process.ask("one", lambda _: None)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
