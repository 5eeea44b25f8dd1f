"""Engines of this machine: in this process, or in workers that can die without taking the run along."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, wait
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from scanner.engine import scratch
from scanner.engine.confine import NONE, Bounds, allow_seconds, confine, isolation
from scanner.engine.interface import Ended, Limits
from scanner.errors import EngineError

U = TypeVar("U")
R = TypeVar("R")

CHUNK = 48
"""Units a worker takes at once: large enough that hand-over costs little, small enough to share out."""
CHUNK_BYTES = 8 * 2**20
"""Together they are no larger than this, so that a clip goes alone."""
AHEAD = 4
"""Chunks in flight a worker, so that memory does not grow with the number of units."""
AHEAD_BYTES = 256 * 2**20
"""More than one chunk a worker is in flight up to this size, so that a spool of fetched units stays small."""

_PRELOAD = ("scanner.inspect.warm",)
_STARTING = threading.Lock()
"""The fork server is one for all pools of a process."""
_LOOK_UP_S = 0.25


class InProcess:
    """Runs units one after another, here. For tests and debugging: a crash is the end of the run."""

    isolation: Mapping[str, str] = NONE
    jobs = 1

    def attempt(
        self, task: Callable[[U], R], some: list[U], _gone: Callable[[], bool] = lambda: False
    ) -> list[Ended[U, R]]:
        """Run one chunk."""
        return [_attempt(task, unit) for unit in some]

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit."""
        for unit in units:
            yield _attempt(task, unit)


class LocalPool:
    """Runs units in worker processes.

    A chunk that kills its worker or runs out of time is taken apart and each unit tried again alone;
    the one that does it again is reported with the reason, and the rest goes on.
    """

    def __init__(
        self,
        jobs: int,
        limits: Limits | None = None,
        weigh: Callable[[Any], int] = lambda _: 0,
        chunk: int = CHUNK,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            jobs: How many workers.
            limits: Of one unit and one worker.
            weigh: Gives a unit's size in bytes.
            chunk: Most units a worker takes at once.
            prepare: Called once in every worker before its first unit; a module-level function.
        """
        self.jobs = jobs
        self.prepare = prepare
        self._started: ProcessPool | None = None
        self._scratch: scratch.Scratch | None = None
        self.isolation: Mapping[str, str] = isolation()
        self.limits = limits or Limits()
        self.weigh = weigh
        self.chunk = chunk

    def start(self) -> None:
        """Start the workers now, while the caller still lists its units. Follow with `run` or `stop`."""
        self._started = self._pool()
        for _ in range(self.jobs):
            self._started.schedule(_nothing)

    def stop(self) -> None:
        """End workers that were started and not used."""
        if self._started is not None:
            self._started.stop()  # type: ignore[no-untyped-call]
            self._started.join()
            self._started = None
        self._clear()

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit, in workers that start when the first unit comes."""
        feed = chunks(units, self.weigh, self.chunk)
        waiting: deque[tuple[list[U], ProcessFuture[list[Ended[U, R]]]]] = deque()
        ready, self._started = self._started, None
        with ExitStack() as last:
            last.callback(self._clear)
            pool = last.enter_context(ready or self._pool())
            try:
                while True:
                    while self._room(some for some, _ in waiting) and (some := next(feed, None)):
                        waiting.append((some, self._submit(pool, task, some)))
                    if not waiting:
                        return
                    yield from self._collect(pool, task, *waiting.popleft())
            except (BrokenExecutor, RuntimeError) as error:  # the latter is how a broken pool answers
                pool.stop()  # type: ignore[no-untyped-call]
                raise EngineError(
                    f"The worker processes could not be started or kept ({error or 'no reason given'}).",
                    "Free memory or processes and run again; --jobs 0 works without them.",
                ) from error
            except BaseException:
                pool.stop()  # type: ignore[no-untyped-call]
                raise

    def attempt(
        self, task: Callable[[U], R], some: list[U], gone: Callable[[], bool] = lambda: False
    ) -> list[Ended[U, R]]:
        """Run one chunk in workers that stay for the next one, until `stop`.

        Args:
            task: As in `run`.
            some: The chunk.
            gone: Asked now and then whether nobody waits for the results any more.

        Raises:
            CancelledError: nobody does; what was running is killed.
            BrokenExecutor: the workers cannot be started or kept.
        """
        if self._started is None:
            self.start()
        pool = self._started
        assert pool is not None
        try:
            future = self._submit(pool, task, some)
            _patient(future, gone)
            return list(self._collect(pool, task, some, future))
        except BaseException:
            self.stop()
            raise

    def _pool(self) -> ProcessPool:
        self._scratch = scratch.Scratch()
        folder = self._scratch.folder
        bounds = Bounds(self.limits.memory, self.limits.file_bytes, (folder,))
        return _pool(self.jobs, bounds, folder, self.prepare)

    def _clear(self) -> None:
        """Remove what workers that died have left."""
        kept, self._scratch = self._scratch, None
        if kept is not None:
            kept.remove()

    def _room(self, waiting: Iterable[list[U]]) -> bool:
        """Whether one more chunk may be handed over."""
        sizes = [sum(map(self.weigh, some)) for some in waiting]
        return len(sizes) < self.jobs or (len(sizes) < self.jobs * AHEAD and sum(sizes) < AHEAD_BYTES)

    def _seconds(self, some: list[U]) -> float:
        return self.limits.seconds + self.limits.seconds_a_mib * sum(map(self.weigh, some)) / 2**20

    def _submit(
        self, pool: ProcessPool, task: Callable[[U], R], some: list[U]
    ) -> "ProcessFuture[list[Ended[U, R]]]":
        seconds = self._seconds(some)
        return pool.schedule(_attempt_all, args=(task, some, seconds), timeout=seconds)

    def _collect(
        self,
        pool: ProcessPool,
        task: Callable[[U], R],
        some: list[U],
        future: "ProcessFuture[list[Ended[U, R]]]",
    ) -> Iterator[Ended[U, R]]:
        try:
            yield from future.result()
        except (ProcessExpired, FutureTimeout, OSError):
            for unit in some:
                yield self._alone(pool, task, unit)

    def _alone(self, pool: ProcessPool, task: Callable[[U], R], unit: U) -> Ended[U, R]:
        try:
            ended: list[Ended[U, R]] = self._submit(pool, task, [unit]).result()
        except FutureTimeout:
            return Ended(unit, None, f"took longer than {self._seconds([unit]):.0f} s and was stopped")
        except (ProcessExpired, OSError) as error:
            return Ended(unit, None, f"ended its worker process ({_death(error)})")
        return ended[0]


def chunks(units: Iterable[U], weigh: Callable[[U], int], most: int = CHUNK) -> Iterator[list[U]]:
    """Cut units into what a worker takes at once: up to `most` of them, and up to `CHUNK_BYTES`."""
    some: list[U] = []
    weight = 0
    for unit in units:
        heavy = weigh(unit)
        if some and (len(some) >= most or weight + heavy > CHUNK_BYTES):
            yield some
            some, weight = [], 0
        some.append(unit)
        weight += heavy
    if some:
        yield some


def _patient(future: "ProcessFuture[Any]", gone: Callable[[], bool]) -> None:
    while not wait([future], _LOOK_UP_S).done:
        if gone():
            raise CancelledError


def _pool(jobs: int, bounds: Bounds, folder: Path, prepare: Callable[[], object] | None) -> ProcessPool:
    if sys.platform == "win32":
        context = multiprocessing.get_context("spawn")
    else:
        # A fork server: workers start from a clean, single-threaded parent that has our modules loaded.
        from scanner.engine import border  # noqa: PLC0415 - POSIX only

        context = border.Context()
        context.set_forkserver_preload(list(_PRELOAD))
        with _STARTING, _quiet():
            forkserver.ensure_running()
    return ProcessPool(
        max_workers=jobs, context=context, initializer=_begin, initargs=(bounds, folder, prepare)
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Start what starts here without our standard error: what a worker has to say comes as a reason."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _begin(bounds: Bounds, folder: Path, prepare: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process hears Ctrl-C
    confine(bounds)
    scratch.use(folder)
    die_with_parent(lambda: scratch.remove(folder))
    if prepare is not None:
        with suppress(Exception):  # the first unit meets it again, and is reported with it
            prepare()


def die_with_parent(last: Callable[[], object] = lambda: None) -> None:
    """Let no worker outlive a run that was killed; what it does `last` is done then."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def leave() -> None:
            parent.join()
            last()
            os._exit(1)

        threading.Thread(target=leave, daemon=True).start()


def _nothing() -> None:
    """Make the pool start its workers."""


def _attempt_all(task: Callable[[U], R], units: list[U], seconds: float) -> list[Ended[U, R]]:
    allow_seconds(seconds)
    return [_attempt(task, unit) for unit in units]


def _attempt(task: Callable[[U], R], unit: U) -> Ended[U, R]:
    try:
        return Ended(unit, task(unit))
    except MemoryError:
        return Ended(unit, None, "needs more memory than a worker may use")
    except Exception as error:  # noqa: BLE001 - one hostile unit must not end the run; it is reported
        return Ended(unit, None, f"could not be processed ({type(error).__name__}: {error})")


def _death(error: BaseException) -> str:
    code = getattr(error, "exitcode", None)
    return f"exit code {code}" if code is not None else str(error)
