"""The inspector of dependencies: filter by the names that rules know, read, match package URLs."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from scanner.discover.artifact import Artifact
from scanner.findings import Lines, Location, Table
from scanner.inspect.automaton import automaton
from scanner.inspect.interface import Sighting
from scanner.inspect.packages.entry import Entry
from scanner.inspect.packages.installed import RPM_TABLE, is_rpm, refuse_old_rpm, rpm_names
from scanner.inspect.packages.readers import readers_of
from scanner.inspect.source.pieces import piece_of
from scanner.rules import Rule, RuleSet
from scanner.rules.model import PackageSignal

_SHORTEST = 4
"""Shorter parts of a name say too little to filter by."""
_NEAR = 400
"""How many lines below a list's key its items are looked for."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The package signals of a rule set: a filter over a file's bytes, and the patterns of names."""

    words: Any
    exact: dict[str, tuple[tuple[Rule, PackageSignal], ...]]
    patterns: tuple[tuple[re.Pattern[str], Rule, PackageSignal], ...]

    def matches(self, purl: str) -> Iterable[tuple[Rule, PackageSignal]]:
        name = purl.lower()
        yield from self.exact.get(name, ())
        for pattern, rule, signal in self.patterns:
            if pattern.fullmatch(name):
                yield rule, signal


class PackageInspector:
    """Reads manifests, lock files, install commands, bills of materials and records of what is installed."""

    name = "manifest"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether a reader knows the file."""
        return bool(readers_of(artifact)) or is_rpm(artifact)

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give every package that a rule knows; a file that names none of them is not parsed.

        Raises:
            UnreadableError: it is not of its format.
            LimitError: it is too large or too deep.
        """
        refuse_old_rpm(artifact)
        known = _known(rules)
        data = artifact.read()
        if not known.words.search(data):
            return
        if artifact.kind == "sqlite":
            yield from _rpm(artifact, known)
            return
        text = artifact.text
        place: Callable[[int, int], Location] = _lines
        if artifact.kind == "notebook":
            piece = piece_of(artifact, data, magics=True)
            if piece is None:
                return
            text, place = piece.data.decode("utf-8", "replace"), piece.place
        lines = text.split("\n")
        for reader in readers_of(artifact):
            for found in reader(artifact.path, text):
                for rule, signal in _unique(known, found):
                    line = _settled(found, lines).line
                    yield Sighting(
                        rule=rule,
                        subject=found.purl,
                        signal="package",
                        location=place(line, line),
                        confidence=signal.confidence,
                        excerpt=lines[line - 1] if 0 < line <= len(lines) else "",
                    )


def _rpm(artifact: Artifact, known: _Known) -> Iterable[Sighting]:
    for found in rpm_names(artifact):
        for rule, signal in _unique(known, found):
            yield Sighting(
                rule=rule,
                subject=found.purl,
                signal="package",
                location=Table(table=RPM_TABLE, column="key"),
                confidence=signal.confidence,
            )


_PACKAGED = re.compile(r"pkg:(?:deb|apk|rpm)/(?:[^/]+/)?(?:python3?|py3)-(.+)")
_LIBRARY = re.compile(r"pkg:(?:apk|rpm)/(?:[^/]+/)?(.+)")


def _also(purl: str) -> Iterable[str]:
    """The names under which the same thing is known elsewhere."""
    if purl.startswith("pkg:conda/"):
        # conda-forge calls a Python library as PyPI does.
        yield purl.replace("pkg:conda/", "pkg:pypi/", 1)
    # Distributions put `python3-` or `py3-` before the name that a library has on PyPI.
    if packaged := _PACKAGED.fullmatch(purl):
        yield "pkg:pypi/" + re.sub(r"[-_.]+", "-", packaged.group(1))
    elif library := _LIBRARY.fullmatch(purl):
        yield "pkg:generic/" + library.group(1).removesuffix("-devel").removesuffix("-dev")


def _unique(known: _Known, found: Entry) -> Iterable[tuple[Rule, PackageSignal]]:
    names = [found.purl, *_also(found.purl)]
    best: dict[str, tuple[Rule, PackageSignal]] = {}
    for rule, signal in (m for name in names for m in known.matches(name)):
        held = best.get(rule.id)
        if held is None or held[1].confidence.rank < signal.confidence.rank:
            best[rule.id] = (rule, signal)
    return best.values()


def _lines(start: int, end: int) -> Location:
    return Lines(start_line=start, end_line=end)


@lru_cache(maxsize=4)
def _known(rules: RuleSet) -> _Known:
    exact: dict[str, tuple[tuple[Rule, PackageSignal], ...]] = {}
    patterns = []
    words: dict[str, None] = {}
    for rule, signal in rules.signals(PackageSignal):
        for match in signal.match:
            name = match.lower()
            words[_word(name) if "*" in name else rf"\b{_word(name)}\b"] = None
            if "*" in name:
                patterns.append((re.compile(re.escape(name).replace(r"\*", ".*")), rule, signal))
            else:
                exact[name] = (*exact.get(name, ()), (rule, signal))
    return _Known(automaton(words, any_case=True), exact, tuple(patterns))


def _word(purl: str) -> str:
    """What must stand in a file that names a package; `-`, `_` and `.` alike, as in Python's names."""
    parts = re.split(r"[*/#]", unquote(purl.partition(":")[2].partition("/")[2]))
    literal = next((p for p in reversed(parts) if len(p) >= _SHORTEST), max(parts, key=len))
    return "[-_.]+".join(re.escape(p) for p in re.split(r"[-_.]+", literal) if p)


def _settled(found: Entry, lines: list[str]) -> Entry:
    """Correct a line that names only the list in which the package stands."""
    name = re.split(r"[/#]", unquote(found.purl))[-1]
    pattern = re.compile(r"[-_.]+".join(re.escape(p) for p in re.split(r"[-_.]+", name)), re.IGNORECASE)
    for number in range(found.line, min(found.line + _NEAR, len(lines) + 1)):
        if pattern.search(lines[number - 1]):
            return Entry(found.purl, number)
    return found
