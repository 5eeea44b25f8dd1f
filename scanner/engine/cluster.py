"""Runs units on many machines: the workers of a Dask scheduler, named by its address.

Each worker gives a unit to a process of its own, as on one machine, so that limits and blame hold there too;
Dask places the units, and places them again when a worker is lost. Whoever may talk to a scheduler may run
code as its workers: an address beyond this machine must be `tls://`, where both sides show certificates.
"""

import ipaddress
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from scanner.engine.alone import LostError, Task
from scanner.engine.confine import isolation
from scanner.engine.interface import Ended, Limits
from scanner.engine.local import AHEAD, CHUNK, chunks
from scanner.engine.there import Around, Recipe, ask_there, attempt_there, checked, nothing_around
from scanner.errors import EngineError, ScannerError, UsageError

if TYPE_CHECKING:
    from distributed import Client, Future, Security

Item = TypeVar("Item")
U = TypeVar("U")
R = TypeVar("R")
Q = TypeVar("Q")
T = TypeVar("T", bound=msgspec.Struct)
S = TypeVar("S", bound=msgspec.Struct)

CONNECT_S = 20.0
"""How long a scheduler may take to answer, and then to have a worker."""
WORKERLESS_S = 120.0
"""How long a run waits for a worker when the last one is gone; what restarts them may take its time."""
_LOOK_UP_S = 5.0
TLS_FILES = ("ca.pem", "cert.pem", "key.pem")
"""What a folder for TLS holds: whom to trust, who we are, and the key to it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a scheduler is, and how to show who we are.

    Attributes:
        url: `tcp://HOST:PORT` on this machine, `tls://HOST:PORT` anywhere.
        tls: A folder with `TLS_FILES`.
    """

    url: str
    tls: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what is no address, and what would be open to everybody.

        Raises:
            UsageError: it is.
        """
        scheme, host, port = _parts(self.url)
        if scheme not in ("tcp", "tls") or not host or not port:
            raise UsageError(
                f"{self.url} is no address of a cluster.",
                "Write it as tls://HOST:PORT, or tcp://127.0.0.1:PORT.",
            )
        if scheme == "tcp" and not _here(host):
            raise UsageError(
                f"{self.url} is another machine, and tcp:// lets everybody on the way run code there.",
                "Start the scheduler with certificates, and name it as tls:// (docs/scale.md).",
            )
        if scheme == "tls":
            if self.tls is None:
                raise UsageError(f"{self.url} asks for certificates.", "Name their folder with --tls.")
            for name in TLS_FILES:
                if not (self.tls / name).is_file():
                    raise UsageError(f"{self.tls} has no {name}.", "Make a folder as docs/scale.md shows.")


def _parts(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        found = parts.scheme, parts.hostname or "", parts.port or 0
    except ValueError:
        return "", "", 0
    return found


def _here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class Cluster:
    """A connection to a scheduler, and what runs through it."""

    def __init__(self, address: Address, alike: Callable[[str], str], of: str = "") -> None:
        """Connect.

        Args:
            address: Where to.
            alike: Names what must be the same on every machine (versions, rules); a module-level function.
            of: What it is asked.

        Raises:
            EngineError: nobody answers, or there is no worker.
            UsageError: the extra is not installed.
        """
        self._address = address.url
        self._alike = alike, of, alike(of)
        self._client = _connected(address)
        self._name = f"scanner-{self._client.id}"
        self._counted, self._counted_at = 0, 0.0

    def run(
        self, task: Callable[[U], R], units: Iterable[U], recipe: Recipe, most: int = CHUNK
    ) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit; see `scanner.engine.interface.Engine`.

        Raises:
            EngineError: the cluster was lost, or its workers are of another version.
        """

        def submit(some: list[U]) -> "Future[list[Ended[U, R]]]":
            return self._submit(attempt_there, self._name, recipe, task, some)

        lost: list[U] = []
        for some, outcome in self._spread(submit, chunks(units, recipe.weigh, most)):
            if isinstance(outcome, list):
                yield from outcome
            else:
                lost += some
        # Their workers died again and again, and not only the processes in them: which unit was it?
        for (unit,), outcome in self._spread(submit, ([unit] for unit in lost)):
            if isinstance(outcome, list):
                yield from outcome
            else:
                yield Ended(unit, None, f"ended the workers it was given to ({outcome})")

    def ask(
        self, task: Task[Q, T, S], questions: Iterable[Q], limits: Limits, around: Around = nothing_around
    ) -> Iterator[tuple[Q, S | ScannerError]]:
        """Ask every question, each in a process that may die alone; answers come in any order.

        Args:
            task: What is asked.
            questions: Of what.
            limits: Of each process.
            around: What the machine does around it, outside of that process; a module-level function.

        Raises:
            EngineError: the cluster was lost, or its workers are of another version.
        """

        def submit(question: Q) -> "Future[S | ScannerError]":
            return self._submit(ask_there, self._name, limits, task, around, question)

        for question, outcome in self._spread(submit, questions):
            if isinstance(outcome, str):
                yield question, LostError(f"reading it ended the workers it was given to ({outcome}).")
            else:
                yield question, outcome

    @property
    def isolation(self) -> dict[str, str]:
        """What the units' processes are kept from; all answers, where the machines differ."""
        told = list(self._client.run(isolation).values())
        return {key: "; or ".join(sorted({each[key] for each in told})) for key in (told[0] if told else ())}

    def _submit(self, call: Callable[..., R], *args: Any) -> "Future[R]":
        return self._client.submit(checked, *self._alike, call, args, pure=False)

    def _spread(
        self, submit: Callable[[Item], "Future[R]"], items: Iterable[Item]
    ) -> Iterator[tuple[Item, R | str]]:
        """Keep every worker busy; give each item with what came of it, or with whom it took along."""
        from distributed import KilledWorker  # noqa: PLC0415 - an extra

        feed = iter(items)
        flying: dict[Any, tuple[Future[R], Item]] = {}
        ended: SimpleQueue[Any] = SimpleQueue()
        try:
            while True:
                room = max(self._threads(), 1) * AHEAD
                while len(flying) < room and (item := next(feed, None)) is not None:
                    future = submit(item)
                    flying[future.key] = future, item
                    future.add_done_callback(lambda done: ended.put(done.key))
                if not flying:
                    return
                future, item = flying.pop(self._next(ended))
                try:
                    outcome: R | str = future.result()
                except KilledWorker as error:
                    outcome = f"{error.last_worker.address} was the last"
                future.release()
                yield item, outcome
        except (CancelledError, OSError, TimeoutError) as error:
            raise EngineError(
                f"The cluster at {self._address} was lost ({type(error).__name__}).",
                "Start it again; the same command goes on where it was.",
            ) from error
        except BrokenExecutor as error:
            raise EngineError(
                f"A worker could not start its processes ({error or 'no reason given'}).",
                "Free memory there; the same command goes on where it was.",
            ) from error
        except (ImportError, AttributeError) as error:
            raise EngineError(
                f"The workers at {self._address} cannot run scanner ({error}).",
                "Install the same version of scanner where the scheduler and the workers run.",
            ) from error
        finally:
            with suppress(Exception):  # a cluster that is gone needs no telling
                self._client.cancel([future for future, _ in flying.values()])

    def _next(self, ended: "SimpleQueue[Any]") -> Any:
        alone_since = 0.0
        while True:
            with suppress(Empty):
                return ended.get(timeout=_LOOK_UP_S)
            if self._threads():
                alone_since = 0.0
            elif not alone_since:
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > WORKERLESS_S:
                raise EngineError(
                    f"The cluster at {self._address} lost its last worker {WORKERLESS_S:.0f} s ago.",
                    "Start workers again; the same command goes on where it was.",
                )

    def _threads(self) -> int:
        """How many threads all workers have; asked for now and then, since workers come and go."""
        if time.monotonic() - self._counted_at > _LOOK_UP_S:
            self._counted = int(self._client.scheduler_info(n_workers=0)["total_threads"])
            self._counted_at = time.monotonic()
        return self._counted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # likewise
            self._client.close(timeout=5)


@dataclass(frozen=True, slots=True)
class ClusterPool:
    """A cluster as an `Engine`."""

    cluster: Cluster
    recipe: Recipe

    @property
    def isolation(self) -> Mapping[str, str]:
        """What the units' processes are kept from, on each kind of machine that is there."""
        return self.cluster.isolation

    def run(self, task: Callable[[U], R], units: Iterable[U]) -> Iterator[Ended[U, R]]:
        """Run `task` on every unit."""
        return self.cluster.run(task, units, self.recipe)


def _connected(address: Address) -> "Client":
    try:
        from distributed import Client, Security  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "--cluster needs Dask distributed, which is not installed.",
            # Not 'scanner[cluster]': on PyPI that name is somebody else's.
            "In your copy of the repository: pip install '.[cluster]'",
        ) from error
    # What happens to a connection is said once, by us.
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(
            address.url, security=_security(Security, address), timeout=CONNECT_S, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise EngineError(
            f"No scheduler answers at {address.url} ({error}).",
            "Look whether it runs, and whether its certificates are of the same authority.",
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except (OSError, CancelledError) as error:  # a timeout, or the scheduler ends as we come
        with suppress(Exception):
            client.close(timeout=5)
        raise EngineError(
            f"The scheduler at {address.url} has no workers.", "Start some: docs/scale.md shows how."
        ) from error
    return client


def _security(kind: "type[Security]", address: Address) -> "Security | None":
    if address.tls is None or not address.url.startswith("tls"):
        return None
    ca, cert, key = (str(address.tls / name) for name in TLS_FILES)
    return kind(require_encryption=True, tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key)
