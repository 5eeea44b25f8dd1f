"""Permissions: actions that a policy allows, by name and by wildcard, and managed policies by their name."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

from scanner.findings import Confidence
from scanner.inspect.tree import Node, Path
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ActionSignal

_ACTION = re.compile(r"[a-z0-9-]+:[\w*?]+\Z", re.IGNORECASE)
_GRANTING = frozenset({"action", "actions", "dataactions", "data_actions"})

Granted = tuple[Rule, ActionSignal, str, Node, str]
"""Rule, signal, subject, the node to point at, and a note."""


@lru_cache(maxsize=8)
def _wanted(rules: RuleSet) -> tuple[tuple[str, Rule, ActionSignal], ...]:
    return tuple((m, rule, signal) for rule, signal in rules.signals(ActionSignal) for m in signal.match)


@lru_cache(maxsize=8)
def _names(rules: RuleSet) -> dict[str, tuple[str, Rule, ActionSignal]]:
    """Policies and roles that are granted by a name and not by an action."""
    return {m.casefold(): (m, r, s) for m, r, s in _wanted(rules) if ":" not in m and "/" not in m}


def allowed(node: Node, rules: RuleSet) -> Iterator[Granted]:
    """What a statement of a policy allows; one that denies gives nothing."""
    if not node.is_map or node.scalar("effect").casefold() == "deny":
        return
    for key, value in node.items:
        if key.casefold() in _GRANTING:
            for _, entry in value.walk():
                if entry.text is not None:
                    yield from _action(entry, rules)


def _action(entry: Node, rules: RuleSet) -> Iterator[Granted]:
    granted = (entry.text or "").strip().strip("\"'")
    azure = granted.casefold().startswith("microsoft.")
    if not azure and not _ACTION.match(granted):
        return
    lower = granted.casefold()
    covered: set[str] = set()  # a statement is one grant, however many actions its wildcard covers
    for name, rule, signal in _wanted(rules):
        wanted = name.casefold()
        if azure:
            if "/" in wanted and fnmatchcase(lower, wanted):
                yield rule, signal, name, entry, "a permission"
        elif ":" not in wanted:
            continue
        elif lower == wanted:
            yield rule, signal, name, entry, "a permission"
        elif rule.id not in covered and ("*" in lower or "?" in lower) and fnmatchcase(wanted, lower):
            covered.add(rule.id)
            # All of a service is a hint: who wants its labels only writes that as well.
            hint = msgspec.structs.replace(signal, confidence=Confidence.LOW)
            found = hint if lower.endswith(":*") else signal
            yield rule, found, lower, entry, f"a wildcard that covers {name}"


def by_name(path: Path, node: Node, rules: RuleSet) -> Iterator[Granted]:
    """Managed policies and roles attached by name or address, as a value or as a key of `Policies`."""
    names = _names(rules)
    if node.text is not None:
        text = node.text.strip()
        if len(text) <= 200 and (known := names.get(text.rsplit("/", 1)[-1].casefold())):
            yield known[1], known[2], known[0], node, "a managed policy or role"
    elif node.is_map and any(key.casefold() == "policies" for key in path):
        for key, value in node.items:
            if known := names.get(key.casefold()):
                yield known[1], known[2], known[0], value, "a policy template"
