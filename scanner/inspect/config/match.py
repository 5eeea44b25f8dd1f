"""Matches the pointers of rules against a tree."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from scanner.findings import Confidence
from scanner.inspect.tree import Node, Path
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ConfigSignal

_TRUE = frozenset({"true", "yes", "on", "1", "y", "enable", "enabled"})
_FALSE = frozenset({"false", "no", "off", "0", "n", "disable", "disabled"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal found: `enabled` is false where the setting leaves the thing installed but off."""

    rule: Rule
    signal: ConfigSignal
    path: Path
    node: Node
    enabled: bool
    value: str

    @property
    def confidence(self) -> Confidence:
        """That of the signal; what is installed but off is strongly implied at most."""
        if self.enabled:
            return self.signal.confidence
        return min(self.signal.confidence, Confidence.MEDIUM, key=lambda c: c.rank)


class Pointers:
    """The signals of one product, found by the last key of their pointer."""

    def __init__(self, entries: Iterable[tuple[Rule, ConfigSignal]]) -> None:
        self._by_last: dict[str, list[tuple[Rule, ConfigSignal, Path]]] = defaultdict(list)
        for rule, signal in entries:
            pattern = tuple(signal.pointer.casefold().split("/"))
            self._by_last["*" if "*" in pattern[-1] else pattern[-1]].append((rule, signal, pattern))

    def hits(self, root: Node) -> Iterator[Hit]:
        """Every signal that the tree below `root` shows."""
        for path, node in root.walk():
            if not path:
                continue
            lower = tuple(key.casefold() for key in path)
            for rule, signal, pattern in (*self._by_last.get(lower[-1], ()), *self._by_last.get("*", ())):
                if fits(pattern, lower):
                    hit = _judge(rule, signal, path, node)
                    if hit is not None:
                        yield hit


@lru_cache(maxsize=8)
def pointers_of(rules: RuleSet) -> dict[str, Pointers]:
    """The signals of every product."""
    by_product: dict[str, list[tuple[Rule, ConfigSignal]]] = defaultdict(list)
    for rule, signal in rules.signals(ConfigSignal):
        by_product[signal.product].append((rule, signal))
    return {product: Pointers(entries) for product, entries in by_product.items()}


def fits(pattern: Path, path: Path) -> bool:
    """Whether a path of keys fits a pattern, where `*` stands for one key and `**` for any number."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(fits(pattern[1:], path[i:]) for i in range(len(path) + 1))
    if not path:
        return False
    return (pattern[0] == path[0] or fnmatchcase(path[0], pattern[0])) and fits(pattern[1:], path[1:])


def _judge(rule: Rule, signal: ConfigSignal, path: Path, node: Node) -> Hit | None:
    if not signal.equals and not signal.disabled:
        return Hit(rule, signal, path, node, enabled=True, value="")
    if node.text is None or node.tag:
        return None
    value = node.text.strip().casefold()
    if _is_one_of(value, signal.disabled):
        return Hit(rule, signal, path, node, enabled=False, value=_shown(value))
    if _is_one_of(value, signal.equals) or not signal.equals:
        return Hit(rule, signal, path, node, enabled=True, value=_shown(value) if signal.equals else "")
    return None


def _is_one_of(value: str, allowed: tuple[str, ...]) -> bool:
    for one in allowed:
        same_meaning = (one in _TRUE and value in _TRUE) or (one in _FALSE and value in _FALSE)
        if value == one or same_meaning or ("*" in one and fnmatchcase(value, one)):
            return True
    return False


def _shown(value: str) -> str:
    """The value as a subject holds it: the truth in one spelling, a path without its folders."""
    if value in _TRUE:
        return "true"
    if value in _FALSE:
        return "false"
    return re.split(r"[/\\]", value)[-1][:80]
