"""What a process that reads hostile files may do: read, compute, write where it is told, and no more.

Limits hold wherever `resource` does; no network, no other program and no writing elsewhere are the
kernel's to give (Linux: seccomp, Landlock). What this machine gives, every worker has or does not start:
`isolation` says it, and the run and `scanner doctor` repeat it.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from scanner.engine import landlock, seccomp

OPEN_FILES = 256
"""A reader has a handful open, and no file opens others."""

NONE: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("limits", "network", "programs", "writing"), "not confined: read in the main process")
)
"""What holds where there is no worker."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process may have.

    Attributes:
        memory: Bytes of address space.
        file_bytes: The largest file that it may write, in bytes; None where only the disk ends it.
        writes: Folders below which it may write, where the kernel can say so; None leaves that to rights.
    """

    memory: int
    file_bytes: int | None = None
    writes: tuple[Path, ...] | None = ()


def isolation() -> dict[str, str]:
    """Say what a worker on this machine is kept from, and by what; the same for every run on it."""
    filtered, known = seccomp.offered(), landlock.version()
    by = [*(["seccomp"] if filtered else []), *([f"Landlock {known}"] if known >= 4 else [])]
    how = " and ".join(by)
    limited = sys.platform != "win32"
    return {
        "limits": "memory, processor time, size and number of files" if limited else "none on Windows",
        "network": f"denied by {how}" if filtered else f"TCP denied by {how}" if by else _not("network"),
        "programs": "denied by seccomp"
        if filtered
        else "running denied by Landlock"
        if known
        else _not("calls"),
        "writing": f"denied by Landlock {known} but for folders named to it" if known else _not("writing"),
    }


def _not(what: str) -> str:
    return f"not denied: no filter for {what} in this system ({sys.platform})"


def confine(bounds: Bounds) -> None:
    """Confine this process, for good. Called before it starts a thread: Landlock binds the caller alone.

    Raises:
        OSError: this machine offers what it then refuses; a worker without it must not read.
    """
    if sys.platform == "win32":
        return  # neither limits nor filters there
    import resource  # noqa: PLC0415 - POSIX only

    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    if bounds.file_bytes is not None:
        _lower(resource.RLIMIT_FSIZE, bounds.file_bytes)
    if bounds.writes is not None and landlock.version():
        landlock.apply(bounds.writes)
    if seccomp.offered():
        seccomp.apply()


def _lower(which: int, wanted: int) -> None:
    import resource  # noqa: PLC0415 - POSIX only

    _, hard = resource.getrlimit(which)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (most, most))


def allow_seconds(seconds: float) -> None:
    """Give this process so many more seconds of processor time; then the system ends it (SIGXCPU).

    Whoever started it counts the time on the clock; this holds even where that one is gone or stopped.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - POSIX only

    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds * (os.cpu_count() or 1)) + 1, hard))
