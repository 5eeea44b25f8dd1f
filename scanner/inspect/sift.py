"""One look over code that most files do not pass: does it hold a word of any rule at all?

The inspectors of code each begin with a filter over the file's bytes. Nearly every file of a tree passes
none of them, so here they are one automaton, run once; a file that passes is then read as ever. What it
costs is that of the slowest thing a scan does to most files: reading past every byte.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

from scanner.discover.artifact import AT_ONCE, Artifact
from scanner.discover.kind import UTF16
from scanner.inspect.automaton import automaton
from scanner.inspect.config.pipeline import launch_words
from scanner.inspect.ignore import MARK
from scanner.inspect.interface import Inspector
from scanner.inspect.source.languages import SYNTAXES
from scanner.inspect.source.lexicon import gate_words
from scanner.inspect.source.pieces import language_of
from scanner.rules import RuleSet

_OF_CODE = frozenset({"source", "pipeline"})
"""The inspectors whose filters are joined here."""


def says_nothing(artifact: Artifact, readers: Sequence[Inspector], rules: RuleSet) -> bool:
    """Whether all its readers would read the artifact and find nothing, told without asking them."""
    for reader in readers:
        if reader.name not in _OF_CODE:
            return False
    language = language_of(artifact)
    if language not in SYNTAXES or artifact.size > AT_ONCE or artifact.head.startswith(UTF16):
        return False
    gate = _gate(rules, language)
    return gate.search(artifact.read()) is None and gate.search(artifact.name.encode()) is None


@lru_cache(maxsize=64)
def _gate(rules: RuleSet, language: str) -> Any:
    words = [*gate_words(rules, language), *launch_words(rules), re2.escape(MARK.decode())]
    return automaton(dict.fromkeys(map(loosen, words)), any_case=True)


_RUN_BEFORE = re.compile(r"^(?:\\b)?\[[^\]]*\][+*]")
_LITERAL = re.compile(r"(?:[\w/:@ -]|\\[.-])+(?![\w/:@ -]|[?*+{]|\\[.-])")
_LONG = 9
"""A shorter piece of a word stands in too many files."""


def loosen(expression: str) -> str:
    """Give an expression that matches wherever this one does in any case, and needs a smaller automaton.

    A class repeated at the start, and what stands around a long literal, only narrow a match; each costs the
    automaton states, and every worker builds its own. A short literal keeps its borders: it stands inside
    too many other words.
    """
    if "|" in _GROUP.sub("", expression):
        return expression
    open_start = _RUN_BEFORE.sub("", expression)
    literal = _LITERAL.match(open_start.removeprefix(r"\b"))
    return literal.group() if literal and len(literal.group()) >= _LONG else open_start


_GROUP = re.compile(r"\[[^\]]*\]|\\.|\([^()]*(?:\([^()]*\)[^()]*)*\)")
"""A class, an escape, or a group of at most two levels: an alternative inside stays inside."""
