"""What an engine is: it runs one function over many units and says how each one ended.

A unit is small and picklable (a path, a span of a clip), the function a module-level one; neither knows
where it runs. That keeps limits, caches and clusters out of the inspectors.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

U = TypeVar("U")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one unit: wall-clock seconds (and more for a large one), and bytes of address space."""

    seconds: float = 60.0
    seconds_a_mib: float = 4.0
    memory: int = 12 * 2**30


@dataclass(frozen=True, slots=True)
class Ended(Generic[U, R]):
    """How a unit ended: with a result, or with the reason why there is none."""

    unit: U
    result: R | None
    reason: str = ""


class Engine(Protocol):
    """Runs units; results come in any order."""

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit. A unit that fails or dies is reported, never raised."""
        ...
