"""A policy pack: a version of a law as data. Loaded, checked, never interpreted beyond its fields."""

import datetime as dt
import hashlib
import tomllib
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import msgspec

from scanner.errors import UsageError
from scanner.findings import Capability, Confidence, Result

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
    needs: tuple[str, ...] = ()
    manual: bool = False
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

    @property
    def sha256(self) -> str:
        """Digest of the pack's content."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


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


def _parse(name: str, text: str) -> Pack:
    try:
        pack = msgspec.convert(tomllib.loads(text), Pack)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(
            f"{name} is not a policy pack: {error}.", "See docs/policy.md for the format."
        ) from error
    problem = _problem(pack)
    if problem:
        raise UsageError(f"policy pack {name}: {problem}.", "See docs/policy.md for the format.")
    return pack


def _problem(pack: Pack) -> str:
    seen: set[str] = set()
    for control in pack.control:
        if control.id in seen:
            return f"control {control.id!r} stands twice"
        seen.add(control.id)
        if control.on_finding not in (Result.NOT_SATISFIED, Result.NEEDS_REVIEW):
            return f"control {control.id!r}: on_finding must be not-satisfied or needs-review"
        if bool(control.capabilities) == control.manual:
            return f"control {control.id!r} must cover capabilities, or be manual"
        if bool(control.quote) == (control.quote_verified is Reading.NOT_QUOTED):
            return f"control {control.id!r}: quote and quote_verified do not agree"
    return "" if pack.control else "it has no controls"
