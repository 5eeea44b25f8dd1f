"""How a run stands against earlier ones; counts and what appeared or went, no copy of the earlier runs."""

import msgspec

from scanner.findings.capability import Capability


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of one run. `by_result` has the keys of `Result`."""

    finished: str
    sha256: str
    policy: str
    findings: int
    new: int
    not_tested: int
    by_capability: dict[Capability, int]
    by_result: dict[str, int]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that appeared since the latest earlier run, or is there no more."""

    fingerprint: str
    capability: Capability
    message: str
    where: str


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """The runs, oldest first, this one last; what changed since the one before; and why to be careful."""

    points: tuple[Point, ...]
    appeared: tuple[Seen, ...]
    gone: tuple[Seen, ...]
    cautions: tuple[str, ...] = ()
