"""The rules of one language, indexed: one byte filter over all their words, and a table a kind of signal."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from scanner.inspect.automaton import automaton
from scanner.inspect.source.languages import family
from scanner.inspect.source.names import singular, words
from scanner.rules import Rule, RuleSet
from scanner.rules.model import CallSignal, ImportSignal, NameSignal, StringSignal, SymbolSignal

_FIRST = re.compile(r"[^./:\\]*")
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
        gate: Finds something in every file that a signal standing alone speaks of.
        contexts: What must stand in a file, and the names that count there.
        any_context: Finds something where what any of `contexts` needs stands.
        any_contextual: Finds something where a name of any of `contexts` stands.
        places: Finds every place of a parsed file that a rule may speak of.
        calls: By the last part of the name.
        imports: By the first part of the name.
        beside: What must stand in a file beside a name, by its expression.
        any_string: Finds something where any of `strings` would.
        constructors: (function, argument) whose result is remembered: `("client", "rekognition")`.
    """

    gate: Any
    contexts: tuple[tuple[Any, Any], ...]
    any_context: Any
    any_contextual: Any
    places: Any
    calls: dict[str, tuple[CallPattern, ...]]
    symbols: dict[str, tuple[tuple[Rule, SymbolSignal], ...]]
    names: tuple[tuple[str, Rule, NameSignal], ...]
    strings: tuple[tuple[Any, Rule, StringSignal], ...]
    any_string: Any
    imports: dict[str, tuple[tuple[str, Rule, ImportSignal], ...]]
    constructors: frozenset[tuple[str, str]]
    beside: dict[str, Any]
    _by_words: dict[str, tuple[tuple[str, Rule, NameSignal], ...]] = field(default_factory=dict)

    def speaks_of(self, data: bytes) -> bool:
        """Whether a rule may find something; if not, the data needs no parse."""
        if self.gate.search(data):
            return True
        # Most files hold one without the other: two looks tell, before each pair is tried.
        if not self.any_context.search(data) or not self.any_contextual.search(data):
            return False
        return any(names.search(data) and needed.search(data) for needed, names in self.contexts)

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
    spoken = _spoken(language)
    calls: dict[str, list[CallPattern]] = defaultdict(list)
    constructors: set[tuple[str, str]] = set()
    for rule, call in rules.signals(CallSignal):
        for name in call.match if call.language in spoken else ():
            constructors.update(_CONSTRUCTOR.findall(name))
            calls[name.rsplit(".", 1)[-1]].append(_call_pattern(rule, call, name))
    symbols: dict[str, list[tuple[Rule, SymbolSignal]]] = defaultdict(list)
    for rule, symbol in rules.signals(SymbolSignal):
        for name in symbol.match if symbol.language in spoken else ():
            symbols[name].append((rule, symbol))
    imports = [
        (module, rule, signal)
        for rule, signal in rules.signals(ImportSignal)
        if signal.language in spoken
        for module in signal.match
    ]
    names = [
        (" ".join(singular(w) for w in phrase.split()), rule, signal)
        for rule, signal in rules.signals(NameSignal)
        if signal.language in spoken
        for phrase in signal.match
    ]
    strings = [(p, rule, signal) for rule, signal in rules.signals(StringSignal) for p in signal.match]
    contexts: dict[str, dict[str, None]] = defaultdict(dict)
    for phrase, _, named in names:
        if named.needs:
            contexts[named.needs][_name_words(phrase)] = None
    gate = {word: None for word in gate_words(rules, language) if word not in contexts}
    places = {**gate, **{rf"\b{re.escape(last)}\b": None for last in calls}}
    for context in contexts.values():
        places.update(context)
    places.update((re.escape(argument or callee), None) for callee, argument in constructors)
    return Lexicon(
        gate=automaton(gate),
        any_context=automaton(contexts),
        any_contextual=automaton(dict.fromkeys(word for words in contexts.values() for word in words)),
        contexts=tuple((automaton([needed]), automaton(context)) for needed, context in contexts.items()),
        places=automaton(places),
        calls={k: tuple(v) for k, v in calls.items()},
        symbols={k: tuple(v) for k, v in symbols.items()},
        names=tuple(names),
        any_string=re2.compile("|".join(f"(?:{p})" for p, _, _ in strings) or "$^"),
        strings=tuple((re2.compile(p), rule, signal) for p, rule, signal in strings),
        imports=_by_first_part(imports),
        constructors=frozenset(constructors),
        beside={e: automaton([e]) for _, _, s in names for e in (s.beside, s.needs) if e},
    )


def gate_words(rules: RuleSet, language: str) -> Iterator[str]:
    """Give the expressions one of which matches every file of a language that a rule speaks of."""
    spoken = _spoken(language)
    for _, call in rules.signals(CallSignal):
        if call.language in spoken:
            yield from (_call_words(name, call.argument) for name in call.match)
    for _, symbol in rules.signals(SymbolSignal):
        if symbol.language in spoken:
            yield from map(re.escape, symbol.match)
    for _, imported in rules.signals(ImportSignal):
        if imported.language in spoken:
            yield from map(_import_words, imported.match)
    for _, named in rules.signals(NameSignal):
        if named.language in spoken and named.needs:
            # The names alone stand in files of every sort.
            yield named.needs
        elif named.language in spoken:
            yield from (_name_words(" ".join(map(singular, phrase.split()))) for phrase in named.match)
    for _, string in rules.signals(StringSignal):
        # Anchors hold for a whole value, of which a filter over bytes knows nothing.
        yield from (pattern.removeprefix("^").removesuffix("$") for pattern in string.match)


def _spoken(language: str) -> frozenset[str]:
    return frozenset({"any", language, family(language)})


def _by_first_part(
    imports: list[tuple[str, Rule, ImportSignal]],
) -> dict[str, tuple[tuple[str, Rule, ImportSignal], ...]]:
    found: dict[str, list[tuple[str, Rule, ImportSignal]]] = defaultdict(list)
    for item in imports:
        found[first_part(item[0])].append(item)
    return {k: tuple(v) for k, v in found.items()}


def first_part(module: str) -> str:
    """The part of a module's name before its first separator."""
    match = _FIRST.match(module)
    return str(match.group()) if match else ""


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


_BROAD = frozenset({"cv2", "dlib", "skimage", "mediapipe", "boto3", "vosk", "openvino", "iris", "window"})
"""Libraries of many uses: their name says nothing of what is done with them."""


def _call_words(name: str, argument: str) -> str:
    """What must stand in a file that makes a call: the library's name, or the method's if that says more."""
    made = _CONSTRUCTOR.findall(name)
    if made:
        return re.escape(str(made[0][1] or made[0][0]))
    parts = [p for p in name.replace("*", "").split(".") if p]
    if argument and len(parts[-1]) < _SHORT and not argument.startswith("^"):
        return argument
    if name[0] in ".*" or "/" in name or parts[0] in _BROAD:
        # The longest part, and of those as long the last.
        return rf"\b{re.escape(max(reversed(parts), key=len))}\b"
    return rf"\b{re.escape(parts[0])}\b"


_SHORT = 6


def _import_words(module: str) -> str:
    """What must stand in a file that imports `a.b.c`: its last two parts, also as `from a.b import c`."""
    parts = [re.escape(p) for p in re.split(r"[./:\\]+", module) if p]
    if len(parts) == 1 or "/" in module:
        start = r"\b" if module[0].isalnum() else ""
        return rf"{start}{re.escape(module)}\b"
    return rf"\b{parts[-2]}(?:[./:\\]+\{{?|\s+import\s+\(?\s*){parts[-1]}\b"


def _name_words(phrase: str) -> str:
    return "(?i:" + "s?[_-]?".join(re.escape(w) for w in phrase.split()) + ")"
