"""Units that lie in an object store: fetched where they are worked on, a few at a time, and removed again.

Who fetches reads nothing of it; who reads it has no network.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from scanner.discover import store
from scanner.engine.interface import Ended
from scanner.engine.local import InProcess, LocalPool, chunks
from scanner.engine.scratch import Scratch
from scanner.errors import UnreadableError

R = TypeVar("R")

_AT_ONCE = 8
"""Objects that are fetched side by side for one chunk: the way there is long, not narrow."""


class Unit(Protocol):
    """What is fetched, where it has a mark: `local` is then a URL. A struct."""

    @property
    def local(self) -> str: ...  # noqa: D102
    @property
    def mark(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102


U = TypeVar("U", bound=Any)


def attempt(
    pool: LocalPool | InProcess,
    task: Callable[[U], R],
    some: list[U],
    gone: Callable[[], bool] = lambda: False,
) -> list[Ended[U, R]]:
    """Run a chunk as `LocalPool.attempt` does; what lies in a store is fetched first."""
    if not any(getattr(unit, "mark", "") for unit in some):
        return pool.attempt(task, some, gone)
    with closing(_Spool()) as spool, ThreadPoolExecutor(_AT_ONCE) as threads:
        ended: list[Ended[U, R]] = []
        here: dict[U, U] = {}
        for unit, near in zip(some, threads.map(spool.near, enumerate(some)), strict=True):
            if isinstance(near, UnreadableError):
                ended.append(Ended(unit, None, near.message))
            else:
                here[near] = unit
        ended += [Ended(here[e.unit], e.result, e.reason) for e in pool.attempt(task, list(here), gone)]
    return ended


class Fetching:
    """An engine of this machine for units of a store: fetches some while it works on others."""

    def __init__(self, pool: LocalPool | InProcess) -> None:
        """Start nothing yet."""
        self.pool = pool

    @property
    def isolation(self) -> Mapping[str, str]:
        """What the units' processes are kept from."""
        return self.pool.isolation

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit; at most two chunks a worker are here at a time."""
        jobs = self.pool.jobs
        waiting: deque[Future[list[Ended[U, R]]]] = deque()
        with ThreadPoolExecutor(2 * jobs) as threads:
            for some in chunks(units, lambda unit: int(unit.size)):
                waiting.append(threads.submit(attempt, self.pool, task, some))
                if len(waiting) >= 2 * jobs:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()


class _Spool:
    """A private folder; gone afterwards, or with the next run where this one is killed."""

    def __init__(self) -> None:
        self._scratch = Scratch()

    def near(self, numbered: tuple[int, U]) -> U | UnreadableError:
        """Fetch a unit, and give it as one that lies here."""
        number, unit = numbered
        if not unit.mark:
            return unit
        path = self._scratch.folder / f"{number}{Path(unit.local).suffix[:16]}"
        try:
            store.fetch(unit.local, path, unit.mark)
        except UnreadableError as error:
            return error
        near: U = msgspec.structs.replace(unit, local=str(path), mark="")
        return near

    def close(self) -> None:
        """Remove it."""
        self._scratch.remove()
