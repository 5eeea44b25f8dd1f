"""Addresses, commands and model names among the values of a configuration."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from scanner.rules import Rule, RuleSet
from scanner.rules.model import StringSignal


class Strings:
    """The expressions of all rules: one pass tells whether any matches, then each is asked."""

    def __init__(self, rules: RuleSet) -> None:
        entries = [(rule, signal, m) for rule, signal in rules.signals(StringSignal) for m in signal.match]
        self._each: list[tuple[Rule, StringSignal, Any]] = [(r, s, re2.compile(m)) for r, s, m in entries]
        options = re2.Options()
        options.never_capture = True
        options.max_mem = 64 << 20
        self._any: Any = re2.compile("|".join(f"(?:{m})" for _, _, m in entries) or r"\z.\A", options)

    def hits(self, text: str) -> Iterator[tuple[int, Rule, StringSignal, str]]:
        """Every match, with the line that it lies on from 0; a line that is a comment holds none."""
        text = text.encode("utf-8", "replace").decode("utf-8")
        if self._any.search(text) is None:
            return
        for offset, line in enumerate(text.split("\n")):
            if line.lstrip().startswith(("#", "//")) or self._any.search(line) is None:
                continue
            for rule, signal, expression in self._each:
                found = expression.search(line)
                if found is not None:
                    yield offset, rule, signal, found.group()


@lru_cache(maxsize=8)
def strings_of(rules: RuleSet) -> Strings:
    """The expressions of a set of rules, compiled once a worker."""
    return Strings(rules)
