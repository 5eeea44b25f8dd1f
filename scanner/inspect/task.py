"""The work on one file as the main process knows it: what goes in, what comes out, and how to ask for it.

Light to import: the inspectors and their tables are loaded where the work is done, which is in a worker.
"""

import msgspec

from scanner.findings import Finding, Looked, Outcome, Recorded


class Unit(msgspec.Struct, frozen=True):
    """One file on disk (or a folder that is a container image), and the options that inspectors take.

    With a `mark`, `local` is the URL of an object, which is fetched before it is inspected.
    """

    path: str
    local: str
    size: int = 0
    folder: bool = False
    rules_dir: str = ""
    footage: str = "auto"
    preset: str = "balanced"
    mark: str = ""


class Record(msgspec.Struct, frozen=True):
    """How one artifact ended; `facts` is what inspectors say of it besides findings."""

    path: str
    kind: str
    size: int
    sha256: str
    outcome: Outcome
    reason: str = ""
    readers: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    facts: tuple[Looked | Recorded, ...] = ()


class Inspected(msgspec.Struct, frozen=True):
    """All that came of one unit; an archive holds many artifacts."""

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]


def prepare(rules_dir: str, footage: str, preset: str) -> None:
    """Load what every unit needs."""
    from scanner.inspect import unit  # noqa: PLC0415

    unit.prepare(rules_dir, footage, preset)


def inspect_unit(unit: Unit) -> Inspected:
    """Inspect one file and, where it is an archive, everything inside."""
    from scanner.inspect.unit import inspect_unit as call  # noqa: PLC0415

    return call(unit)
