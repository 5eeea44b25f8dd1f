"""The rules of one language, indexed: one byte filter over all their words, and a table a kind of signal."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from scanner.inspect.source.languages import family
from scanner.inspect.source.names import singular, words
from scanner.rules import Rule, RuleSet
from scanner.rules.model import CallSignal, ImportSignal, NameSignal, StringSignal, SymbolSignal

_CONSTRUCTOR = re.compile(r"([\w$]+)\(([^()]*)\)\.")


@dataclass(frozen=True, slots=True)
class CallPattern:
    """One name of a call signal: `whole` must match the resolved name, `argument` the call's arguments."""

    rule: Rule
    signal: CallSignal
    name: str
    whole: re.Pattern[str]
    method: bool
    argument: Any


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the rules know of one language.

    Attributes:
        words: The filter: a file in which it finds nothing needs no parse (None: no rule speaks of it).
        calls: By the last part of the name.
        constructors: (function, argument) whose result is remembered: `("client", "rekognition")`.
    """

    words: Any
    calls: dict[str, tuple[CallPattern, ...]]
    symbols: dict[str, tuple[tuple[Rule, SymbolSignal], ...]]
    names: tuple[tuple[str, Rule, NameSignal], ...]
    strings: tuple[tuple[Any, Rule, StringSignal], ...]
    imports: tuple[tuple[str, Rule, ImportSignal], ...]
    constructors: frozenset[tuple[str, str]]
    _by_words: dict[str, tuple[tuple[str, Rule, NameSignal], ...]] = field(default_factory=dict)

    def named(self, identifier: str) -> tuple[tuple[str, Rule, NameSignal], ...]:
        """Give the name signals whose words an identifier holds, one in a row after another."""
        known = self._by_words.get(identifier)
        if known is None:
            known = self._by_words[identifier] = self._named(identifier)
        return known

    def _named(self, identifier: str) -> tuple[tuple[str, Rule, NameSignal], ...]:
        split = words(identifier)
        run = split.strip()
        return tuple(
            (phrase, rule, signal)
            for phrase, rule, signal in self.names
            if (f" {phrase} " in split or (" " not in run and run.startswith(phrase.replace(" ", ""))))
            and not any(f" {singular(word)} " in split for word in signal.unless)
        )


@lru_cache(maxsize=64)
def lexicon(rules: RuleSet, language: str) -> Lexicon:
    """Index the rules that speak of a language."""
    spoken = {"any", language, family(language)}
    calls: dict[str, list[CallPattern]] = defaultdict(list)
    symbols: dict[str, list[tuple[Rule, SymbolSignal]]] = defaultdict(list)
    constructors: set[tuple[str, str]] = set()
    parts: dict[str, None] = {}
    for rule, call in rules.signals(CallSignal):
        if call.language in spoken:
            for name in call.match:
                constructors.update(_CONSTRUCTOR.findall(name))
                last = name.rsplit(".", 1)[-1]
                calls[last].append(_call_pattern(rule, call, name))
                parts[re.escape(last)] = None
    for callee, argument in constructors:
        parts[re.escape(argument or callee)] = None
    for rule, symbol in rules.signals(SymbolSignal):
        if symbol.language in spoken:
            for name in symbol.match:
                symbols[name].append((rule, symbol))
                parts[re.escape(name)] = None
    imports = [
        (module, rule, signal)
        for rule, signal in rules.signals(ImportSignal)
        if signal.language in spoken
        for module in signal.match
    ]
    parts.update((_import_words(module), None) for module, _, _ in imports)
    names = [
        (" ".join(singular(w) for w in phrase.split()), rule, signal)
        for rule, signal in rules.signals(NameSignal)
        if signal.language in spoken
        for phrase in signal.match
    ]
    parts.update((_name_words(phrase), None) for phrase, _, _ in names)
    strings = [(p, rule, signal) for rule, signal in rules.signals(StringSignal) for p in signal.match]
    # Anchors hold for a whole value, of which the filter knows nothing.
    parts.update((pattern.removeprefix("^").removesuffix("$"), None) for pattern, _, _ in strings)
    return Lexicon(
        words=_compile("|".join(f"(?:{p})" for p in parts)) if parts else None,
        calls={k: tuple(v) for k, v in calls.items()},
        symbols={k: tuple(v) for k, v in symbols.items()},
        names=tuple(names),
        strings=tuple((re2.compile(p), rule, signal) for p, rule, signal in strings),
        imports=tuple(imports),
        constructors=frozenset(constructors),
    )


def _compile(pattern: str) -> Any:
    options = re2.Options()
    # Bytes as they come: a file need not be valid UTF-8 to be filtered.
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 256 << 20
    return re2.compile(pattern.encode(), options)


def _call_pattern(rule: Rule, signal: CallSignal, name: str) -> CallPattern:
    bare = name.removeprefix(".")
    escaped = re.escape(bare).replace(r"\*", ".*")
    method = name.startswith(".")
    return CallPattern(
        rule=rule,
        signal=signal,
        name=name,
        whole=re.compile(rf"(?:.*\.)?{escaped}" if method else escaped, re.DOTALL),
        method=method,
        argument=re2.compile(signal.argument) if signal.argument else None,
    )


def _import_words(module: str) -> str:
    """What must stand in a file that imports `a.b.c`: its last two parts, also as `from a.b import c`."""
    parts = [re.escape(p) for p in re.split(r"[./:\\]+", module) if p]
    if len(parts) == 1 or "/" in module:
        return rf"\b{re.escape(module)}" if module[0].isalnum() else re.escape(module)
    return rf"\b{parts[-2]}(?:[./:\\]+\{{?|\s+import\s+\(?\s*){parts[-1]}\b"


def _name_words(phrase: str) -> str:
    return "(?i:" + "s?[_-]?".join(re.escape(w) for w in phrase.split()) + ")"
