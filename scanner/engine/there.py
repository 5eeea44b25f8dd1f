"""What runs in the workers of a cluster: each thread keeps a process of its own for the units it is given."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import process
from multiprocessing.util import Finalize
from typing import Any, TypeVar

import msgspec

from scanner.engine.alone import Alone, Task
from scanner.engine.fetching import attempt
from scanner.engine.interface import Ended, Limits
from scanner.engine.local import LocalPool
from scanner.errors import EngineError, ScannerError

U = TypeVar("U")
R = TypeVar("R")
Q = TypeVar("Q")
T = TypeVar("T", bound=msgspec.Struct)
S = TypeVar("S", bound=msgspec.Struct)
P = TypeVar("P", LocalPool, Alone[Any, Any, Any])

Ask = Callable[[Any, Callable[[Any], None]], Any]
Around = Callable[[Ask], Ask]
"""Makes, of a way to have a question answered, another."""


def nothing_around(ask: Ask) -> Ask:
    """Ask as it is."""
    return ask


@dataclass(frozen=True, slots=True)
class Recipe:
    """How workers run units: what `LocalPool` takes, besides the number of processes."""

    limits: Limits
    weigh: Callable[[Any], int]
    prepare: Callable[[], object] | None = None


_kept = threading.local()
"""Each thread of a worker keeps the processes of the last run it worked for."""


def checked(
    alike: Callable[[str], str], of: str, expected: str, call: Callable[..., R], args: tuple[Any, ...]
) -> R:
    """Call, where this machine is like the one that asks.

    Raises:
        EngineError: it is not.
    """
    here = _cached(alike, of)
    if here != expected:
        raise EngineError(
            f"A worker has {here}, and here it is {expected}.", "Install the same version on all machines."
        )
    # The worker is the child of Dask's nanny, and marked as one that has no children itself.
    process.current_process().daemon = False
    return call(*args)


@cache
def _cached(alike: Callable[[str], str], of: str) -> str:
    return alike(of)


def attempt_there(name: str, recipe: Recipe, task: Callable[[U], R], some: list[U]) -> list[Ended[U, R]]:
    """Run a chunk in the process that this thread keeps for it."""
    pool = _keep(name, lambda: LocalPool(1, recipe.limits, weigh=recipe.weigh, prepare=recipe.prepare))
    with _rescheduled():
        return attempt(pool, task, some, _gone())


def ask_there(
    name: str, limits: Limits, task: Task[Q, T, S], around: Around, question: Q
) -> S | ScannerError:
    """Have one question answered in the process that this thread keeps for it; errors are answers."""
    alone = _keep(name, lambda: Alone(task, limits))
    gone = _gone()
    try:
        with _rescheduled():
            answer: S = around(lambda asked, tell: alone.ask(asked, tell, gone))(question, lambda _: None)
            return answer
    except ScannerError as error:
        return error


def _keep(name: str, make: Callable[[], P]) -> P:
    if getattr(_kept, "name", "") != name:
        if hasattr(_kept, "end"):
            _kept.end()
        _kept.name, _kept.what = name, make()
        # Or a worker that ends would wait for processes that wait for it.
        _kept.end = Finalize(None, _kept.what.stop, exitpriority=1)
    what: P = _kept.what
    return what


@contextmanager
def _rescheduled() -> Iterator[None]:
    """Let a worker that is asked to end in the middle of a unit give it back."""
    from distributed import Reschedule  # noqa: PLC0415 - an extra

    try:
        yield
    except CancelledError as error:
        raise Reschedule from error


def _gone() -> Callable[[], bool]:
    """Give a function that says whether the scheduler no longer wants what this thread is doing."""
    from distributed import get_worker  # noqa: PLC0415 - an extra

    worker = get_worker()
    key = worker.get_current_task()

    def gone() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state != "executing" or worker.status.name != "running"

    return gone
