"""Reads the catalogue, checks it against its schema, and indexes its signals by kind."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from scanner.errors import UsageError
from scanner.rules.model import Rule, RuleFile, Signal

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")

S = TypeVar("S")


class RuleSet:
    """The rules of one run, with their digest for caches and reports."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda r: r.id))
        self.by_id = {r.id: r for r in self.rules}
        self.digest = hashlib.sha256(msgspec.json.encode(self.rules, order="deterministic")).hexdigest()
        self._by_kind: dict[type, tuple[tuple[Rule, Signal], ...]] = {}

    def signals(self, kind: type[S]) -> tuple[tuple[Rule, S], ...]:
        """All signals of one kind, each with the rule that it belongs to."""
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(
                (rule, signal) for rule in self.rules for signal in rule.signals if isinstance(signal, kind)
            )
        return self._by_kind[kind]  # type: ignore[return-value]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)


def _parse(name: str, text: str) -> tuple[Rule, ...]:
    try:
        rules = msgspec.convert(tomllib.loads(text), RuleFile).rule
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(
            f"{name} is not a rule file: {error}.", "See docs/rules.md for the format."
        ) from error
    for rule in rules:
        _check(name, rule)
    return rules


def _check(name: str, rule: Rule) -> None:
    def bad(what: str) -> UsageError:
        return UsageError(f"{name}: rule {rule.id!r} {what}.", "See docs/rules.md for the format.")

    if not _ID.match(rule.id):
        raise bad("needs an id of lower-case words joined by hyphens")
    if not rule.signals:
        raise bad("has no signals")
    if not rule.examples.match or not rule.examples.no_match:
        raise bad("needs examples that match and examples that must not")
    if not rule.references or not all(r.source.strip() for r in rule.references):
        raise bad("needs references, each with its source")


def load_rules(extra: Path | None = None) -> RuleSet:
    """Load the shipped catalogue and, where given, a folder of the user's own rules.

    Raises:
        UsageError: a file does not fit the schema, or an id stands twice.
    """
    rules = list(_shipped())
    if extra is not None:
        found = sorted(extra.glob("*.toml"))
        if not found:
            raise UsageError(f"{extra} holds no rule files.", "Put one topic a file there, named *.toml.")
        for file in found:
            rules.extend(_parse(str(file), file.read_text(encoding="utf-8")))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise UsageError(f"rule {rule.id!r} stands twice.", "Give each rule an id of its own.")
        seen.add(rule.id)
    return RuleSet(rules)


@cache
def _shipped() -> tuple[Rule, ...]:
    folder = files("scanner.rules") / "catalogue"
    entries = sorted((e for e in folder.iterdir() if e.name.endswith(".toml")), key=lambda e: e.name)
    return tuple(rule for e in entries for rule in _parse(e.name, e.read_text(encoding="utf-8")))
