"""What a worker that was taken over may write into its pipe."""

import io
import os
import pickle
import subprocess
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

import pytest

from scanner.engine.border import Context, ForeignError, Guarded
from scanner.engine.interface import Ended
from scanner.engine.local import LocalPool, chunks
from scanner.errors import EngineError
from scanner.findings import Outcome
from scanner.inspect.task import Inspected, Record, Unit


class Names:
    """Names a function, to be called by whoever reads it."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.what = (call, arguments)

    def __reduce__(self) -> Any:
        return self.what


def heard(sent: object) -> Any:
    hears, speaks = Context().Pipe(duplex=False)
    assert isinstance(hears, Guarded)
    speaks.send(sent)
    return hears.recv()


@pytest.mark.parametrize(
    "hostile",
    [
        Names(os.system, "true"),
        Names(eval, "1"),
        Names(subprocess.run, ["true"]),
        Names(getattr, "x", "upper"),
        Names(pickle.loads, pickle.dumps(1)),
        Names(Path, "x"),
        Names(io.FileIO, os.devnull),
        chunks,  # ours, but no data
        Guarded,
        LocalPool,
    ],
    ids=repr,
)
def test_a_name_that_is_no_result_is_refused(hostile: object) -> None:
    with pytest.raises(ForeignError):
        heard(hostile)


def test_a_name_of_ours_that_is_not_loaded_is_not_loaded() -> None:
    sent = b"\x80\x04\x8c\x0fscanner.surplus\x8c\x01A\x93."
    hears, speaks = Context().Pipe(duplex=False)
    speaks.send_bytes(sent)
    with pytest.raises(ForeignError, match=r"scanner\.surplus"):
        hears.recv()


def test_results_pass_unchanged() -> None:
    record = Record("a/b", "code", 3, "ab", Outcome.FAILED, "why", ("source",))
    ended = [Ended(Unit("a/b", "/a/b"), Inspected((record,), ()), ""), Ended(1, None, "no")]
    assert heard(ended) == ended
    assert isinstance(heard(ValueError("x")), ValueError)


def speak(unit: str) -> None:
    """Write to every pipe that is open, as a decoder does that was taken over."""
    hostile = pickle.dumps(Names(os.system, f"touch {unit}"))
    for number in range(3, 64):
        try:
            os.write(number, len(hostile).to_bytes(4, "big") + hostile)
        except OSError:
            continue


def test_a_worker_that_was_taken_over_runs_nothing_in_the_main_process(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        list(LocalPool(1).run(speak, [str(tmp_path / "canary")]))
    assert not (tmp_path / "canary").exists()


def test_it_would_without_the_guard(tmp_path: Path) -> None:
    hears, speaks = Pipe(duplex=False)
    speaks.send(Names(os.system, f"touch {tmp_path / 'canary'}"))
    hears.recv()
    assert (tmp_path / "canary").exists()
