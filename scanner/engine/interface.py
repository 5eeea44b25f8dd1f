"""What an engine is: it runs one function over many units and says how each one ended.

A unit is small and picklable (a path, a span of a clip), the function a module-level one; neither knows
where it runs. That keeps limits, caches and clusters out of the inspectors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

U = TypeVar("U")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one unit: wall-clock seconds (and more for a large one), and bytes of address space.

    `file_bytes` is the largest file that a worker may write: the copy of a member of an archive.
    """

    seconds: float = 60.0
    seconds_a_mib: float = 4.0
    memory: int = 12 * 2**30
    file_bytes: int = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Ended(Generic[U, R]):
    """How a unit ended: with a result, or with the reason why there is none."""

    unit: U
    result: R | None
    reason: str = ""


class Engine(Protocol):
    """Runs units; results come in any order."""

    @property
    def isolation(self) -> Mapping[str, str]:
        """What the processes that units run in are kept from, and by what."""
        ...

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit. A unit that fails or dies is reported, never raised."""
        ...
