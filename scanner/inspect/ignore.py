"""Inline waivers: `scanner: ignore[rule-id] reason` in a comment, on the line it speaks of or the one before.

What is ignored stays in the report, as waived with its reason. One without a reason has no effect, and
one that nothing answers to is told, so that none outlives its cause.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.findings import Lines, Location, Pointer
from scanner.inspect.interface import Sighting

MARK = b"scanner: ignore["
_IGNORE = re.compile(r"scanner: ignore\[([a-z0-9-]+)\][ \t]*(.*?)[ \t]*(?:\*/|-->)?[ \t]*$")
_COMMENT_ONLY = re.compile(r"^[\s#/*;<!-]*scanner: ignore\[")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One inline waiver: the line it stands on, the lines it covers, its rule and reason."""

    line: int
    covers: tuple[int, ...]
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """Sightings that stand, those that are ignored (by reason), and what the user should know."""

    standing: tuple[Sighting, ...]
    ignored: tuple[tuple[str, tuple[Sighting, ...]], ...]
    notices: tuple[str, ...]


def read_ignores(text: str) -> tuple[Ignore, ...]:
    """Find the inline waivers of a text."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _IGNORE.search(line)
        if match:
            covers = (number, number + 1) if _COMMENT_ONLY.match(line) else (number,)
            found.append(Ignore(number, covers, match.group(1), match.group(2)))
    return tuple(found)


def apply_ignores(path: str, sightings: Iterable[Sighting], ignores: tuple[Ignore, ...]) -> Sorted:
    """Part the sightings of one artifact."""
    valid = [i for i in ignores if i.reason]
    notices = [
        f"{path}:{i.line}: ignore[{i.rule}] gives no reason and has no effect"
        for i in ignores
        if not i.reason
    ]
    used: set[Ignore] = set()
    standing: list[Sighting] = []
    ignored: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        line = _line(sighting.location)
        ignore = next((i for i in valid if i.rule == sighting.rule.id and line in i.covers), None)
        if ignore is None:
            standing.append(sighting)
        else:
            used.add(ignore)
            ignored.setdefault(ignore.reason, []).append(sighting)
    notices += [
        f"{path}:{i.line}: ignore[{i.rule}] matches nothing; remove it" for i in valid if i not in used
    ]
    return Sorted(tuple(standing), tuple((k, tuple(v)) for k, v in ignored.items()), tuple(notices))


def _line(location: Location) -> int | None:
    match location:
        case Lines(start_line=line):
            return line
        case Pointer(start_line=line):
            return line
        case _:
            return None
