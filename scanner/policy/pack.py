"""A policy pack: a version of a law as data. Loaded, checked, never interpreted beyond its fields."""

import datetime as dt
import hashlib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from scanner.errors import UsageError
from scanner.findings import Capability, Confidence, Result
from scanner.findings.schema import schema_of
from scanner.policy.predicate import Exemption, PersonDecides
from scanner.typed import from_toml

DEFAULT = "us-moratorium"


class Standing(StrEnum):
    """Where the law stands; an expired one never gates."""

    PROPOSED = "proposed"
    ENACTED = "enacted"
    EXPIRED = "expired"


class Reading(StrEnum):
    """How well a quotation is known."""

    VERBATIM = "verbatim"
    SECONDARY = "secondary"
    SUMMARY = "summary"
    NOT_QUOTED = "not-quoted"


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the words come from, how they were read, and when."""

    id: str
    name: str
    url: str
    read: Reading
    verified_on: dt.date
    note: str = ""


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing the law asks for.

    `capabilities` are those whose findings touch it; `on_finding` is what such a finding makes of it.
    `needs` are inspectors that must have read something for `satisfied` to mean anything.
    `manual` controls rest on a person's judgement and are never more than `needs-review`.
    `source` is the id of the source whose words are quoted or, without a quotation, summed up.
    `policy_text` marks the control that a document of the agency's own is held against (`--policy-text`).
    """

    id: str
    title: str
    citation: str
    quote: str
    quote_verified: Reading
    verbs: tuple[str, ...]
    objects: tuple[str, ...]
    actors: tuple[str, ...]
    capabilities: tuple[Capability, ...]
    on_finding: Result
    about: str
    source: str = ""
    exception: tuple[Exemption, ...] = ()
    needs: tuple[str, ...] = ()
    manual: bool = False
    policy_text: bool = False
    min_confidence: Confidence = Confidence.MEDIUM


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole pack."""

    id: str
    title: str
    version: str
    status: Standing
    status_note: str
    jurisdiction: str
    source: tuple[Source, ...]
    control: tuple[Control, ...]
    introduced_on: dt.date | None = None
    effective_from: dt.date | None = None
    expired_on: dt.date | None = None

    @property
    def sha256(self) -> str:
        """Digest of the pack's content."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    def source_of(self, control: Control) -> Source | None:
        """The source of a control's words, if it names one."""
        return next((s for s in self.source if s.id == control.source), None)


@cache
def shipped() -> tuple[str, ...]:
    """Name the packs that come with scanner."""
    folder = files("scanner.policy") / "packs"
    return tuple(sorted(e.name.removesuffix(".toml") for e in folder.iterdir() if e.name.endswith(".toml")))


def load_pack(name: str) -> Pack:
    """Load a shipped pack by id, or a pack of the user's by file name.

    Raises:
        UsageError: there is none of that name, or the file is not a pack.
    """
    if name in shipped():
        return _parse(name, (files("scanner.policy") / "packs" / f"{name}.toml").read_text(encoding="utf-8"))
    path = Path(name)
    if path.suffix != ".toml":
        raise UsageError(
            f"there is no policy pack {name!r}.", f"Shipped are: {', '.join(shipped())}; or name a TOML file."
        )
    try:
        return _parse(name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"policy pack {name} cannot be read: {error}.", "Name a readable TOML file."
        ) from error


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a policy pack, as it is once read from TOML."""
    return schema_of(Pack, address="urn:scanner:policy:1.0", title="scanner policy pack")


def _parse(name: str, text: str) -> Pack:
    remedy = "See docs/policy.md for the format."
    try:
        pack = from_toml(text, Pack)
    except ValueError as error:
        said = str(error)
        raise UsageError(
            f"{name} is not a policy pack: {said if said.endswith('?') else said.rstrip('.') + '.'}", remedy
        ) from error
    if problem := _problem(pack) or _dates_problem(pack):
        raise UsageError(f"policy pack {name}: {problem}.", remedy)
    return pack


def _problem(pack: Pack) -> str:
    sources = {s.id: s for s in pack.source}
    if len(sources) != len(pack.source):
        return "two sources have the same id"
    seen: set[str] = set()
    for control in pack.control:
        if control.id in seen:
            return f"control {control.id!r} stands twice"
        seen.add(control.id)
        if control.on_finding not in (Result.NOT_SATISFIED, Result.NEEDS_REVIEW):
            return f"control {control.id!r}: on_finding must be not-satisfied or needs-review"
        if control.policy_text and not control.manual:
            return f"control {control.id!r}: policy_text is for a manual control"
        if bool(control.capabilities) == control.manual:
            return f"control {control.id!r} must cover capabilities, or be manual"
        if problem := _quotation_problem(control, sources) or _exception_problem(control, sources):
            return f"control {control.id!r}: {problem}"
    return "" if pack.control else "it has no controls"


def _quotation_problem(control: Control, sources: dict[str, Source]) -> str:
    if bool(control.quote) == (control.quote_verified is Reading.NOT_QUOTED):
        return "quote and quote_verified do not agree"
    source = sources.get(control.source)
    if control.source and not source:
        return f"there is no source {control.source!r}"
    if control.quote and not source:
        return "it quotes without naming a source"
    if control.quote and source and source.read is not control.quote_verified:
        return f"the quotation is called {control.quote_verified.value}, its source {source.read.value}"
    return ""


def _exception_problem(control: Control, sources: dict[str, Source]) -> str:
    for exception in control.exception:
        if not exception.predicate:
            return f"exception {exception.id!r} has no predicate: it would excuse everything"
        if exception.quote and exception.source not in sources:
            return f"exception {exception.id!r} quotes without naming a source"
        if outside := set(exception.capabilities) - set(control.capabilities):
            return f"exception {exception.id!r} covers {min(outside).value}, which the control does not"
        if any(isinstance(p, PersonDecides) and not p.question.strip() for p in exception.predicate):
            return f"exception {exception.id!r} asks a person nothing"
    return ""


def _dates_problem(pack: Pack) -> str:
    if (pack.status is Standing.EXPIRED) != (pack.expired_on is not None):
        return "status and expired_on do not agree"
    if pack.status is Standing.PROPOSED and pack.effective_from is not None:
        return "a proposed law has no effective_from"
    return ""
