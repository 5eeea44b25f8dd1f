"""A run: one execution, its inputs, what was found, what was not tested. Every report is made from it."""

from enum import StrEnum
from typing import Any

import msgspec

from scanner.findings.agency import Agency, Award, Exclusion, InventoryResult, Lead, PolicyText, System
from scanner.findings.capability import Capability, Confidence
from scanner.findings.disclosure import Disclosures
from scanner.findings.finding import Finding
from scanner.findings.footage import Looked, Recorded, Sample
from scanner.findings.schema import schema_of
from scanner.findings.trend import Trend

SCHEMA_VERSION = "1.0"


class Outcome(StrEnum):
    """How every artifact ends; never silently."""

    INSPECTED = "inspected"
    SKIPPED = "skipped"
    FAILED = "failed"


class Result(StrEnum):
    """What the evidence says of one control."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not-satisfied"
    NEEDS_REVIEW = "needs-review"
    NOT_TESTED = "not-tested"


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Who made the run."""

    name: str
    version: str


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A target as the user named it; `sha256` of a folder is over its sorted (path, sha256) pairs."""

    target: str
    kind: str
    sha256: str
    artifacts: int
    bytes: int


class NotTested(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An artifact that could not be read or inspected, and why.

    `undrawn`: it could have been, and was left out because a sample was asked for.
    """

    path: str
    reason: str
    undrawn: bool = False


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at. `kinds` counts inspected artifacts by kind, `inspectors` by who read them.

    `files` are those of `seen` that are no members of archives.
    """

    seen: int = 0
    files: int = 0
    inspected: int = 0
    skipped: int = 0
    failed: int = 0
    bytes: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    inspectors: dict[str, int] = msgspec.field(default_factory=dict)
    skipped_reasons: dict[str, int] = msgspec.field(default_factory=dict)


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """When, on what, with what. Times are RFC 3339 in UTC.

    `isolation` says what the processes that read the inputs were kept from, and by what.
    """

    started: str
    finished: str
    inputs: tuple[Input, ...]
    versions: dict[str, str]
    options: dict[str, str]
    not_tested: tuple[NotTested, ...]
    coverage: Coverage
    notices: tuple[str, ...] = ()
    isolation: dict[str, str] = msgspec.field(default_factory=dict)


class PredicateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of an exception, asked of one declared system.

    `holds` is None where neither the evidence nor the agency's declaration answers it: a person must.
    """

    exception: str
    predicate: str
    system: str
    holds: bool | None
    says: str
    findings: tuple[str, ...] = ()


class ControlResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence says of one control, and the findings (by id) that it rests on.

    `basis` is `law` for a control of the policy pack, `agency` for one that the agency's own files bring
    (its inventory, its disclosure ledger). `excused` are those of `findings` that an exception covers.
    """

    id: str
    title: str
    citation: str
    quote: str
    quote_verified: str
    result: Result
    reason: str
    findings: tuple[str, ...]
    waived: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    predicates: tuple[PredicateResult, ...] = ()
    about: str = ""
    source: str = ""
    source_url: str = ""
    verified_on: str = ""
    basis: str = "law"


class PolicyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which pack was used; its status and notes stand on every page of a report."""

    id: str
    title: str
    version: str
    status: str
    status_note: str
    sha256: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of findings that gate (new, medium and above) and of everything else."""

    gate: str
    exit_code: int
    findings: int
    new: int
    baseline: int
    waived: int
    by_capability: dict[Capability, int]
    by_confidence: dict[Confidence, int]
    by_result: dict[Result, int]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The file every report is made from."""

    schema_version: str
    tool: Tool
    run: RunInfo
    policy: PolicyInfo
    findings: tuple[Finding, ...]
    controls: tuple[ControlResult, ...]
    summary: Summary
    agency: Agency | None = None
    awards: tuple[Award, ...] = ()
    systems: tuple[System, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    inventory: tuple[InventoryResult, ...] = ()
    leads: tuple[Lead, ...] = ()
    policy_text: PolicyText | None = None
    disclosures: Disclosures | None = None
    trend: Trend | None = None
    footage: tuple[Looked, ...] = ()
    redactions: tuple[Recorded, ...] = ()
    sample: Sample | None = None

    @property
    def unread(self) -> tuple[NotTested, ...]:
        """What could not be read or inspected though it was to be."""
        return tuple(n for n in self.run.not_tested if not n.undrawn)


def to_json(run: Run) -> bytes:
    """Encode with fields in declared order and an ending newline; equal runs give equal bytes.

    A name that is not UTF-8 on disk reaches us with lone surrogates, which JSON cannot hold: each is
    spelled as `\\udcXX`, so that the name stays findable and the run whole.
    """
    try:
        encoded = msgspec.json.encode(run, order="deterministic")
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_spelled(msgspec.to_builtins(run, order="deterministic")))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _spelled(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_spelled(k): _spelled(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(v) for v in value]
    return value


def from_json(data: bytes) -> Run:
    """Decode a run file.

    Raises:
        msgspec.DecodeError: not JSON, or not a run (the message names the key).
    """
    return msgspec.json.decode(data, type=Run)


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a run file."""
    return schema_of(Run, address=f"urn:scanner:run:{SCHEMA_VERSION}", title="scanner run")
