"""Makes findings of sightings: one finding a rule and capability in an artifact, with all its places."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from scanner.discover.artifact import Artifact
from scanner.findings import (
    ArtifactRef,
    Capability,
    Evidence,
    Finding,
    Lines,
    Pointer,
    make_finding,
)
from scanner.inspect.interface import Sighting
from scanner.inspect.mask import mask
from scanner.rules import Rule

MAX_EXCERPT = 160

_TEST_PARTS = frozenset(
    {"test", "tests", "testing", "__tests__", "spec", "specs", "fixtures", "testdata", "mocks"}
)
_DOC_PARTS = frozenset({"doc", "docs", "documentation"})
_TEST_NAME = re.compile(r"(^test_.*|.*[._-](test|spec)s?)\.[a-z]+$|^conftest\.py$", re.IGNORECASE)


def context_of(path: str) -> str:
    """Say what part of a project an artifact belongs to: `test`, `documentation` or `product`."""
    pure = PurePosixPath(path.replace("!/", "/").lower())
    if any(p in _TEST_PARTS for p in pure.parts[:-1]) or _TEST_NAME.match(pure.name):
        return "test"
    if any(p in _DOC_PARTS for p in pure.parts[:-1]):
        return "documentation"
    return "product"


def gather(artifact: Artifact, sightings: Iterable[Sighting]) -> list[Finding]:
    """Group sightings into findings, in a fixed order.

    In tests and documentation a sighting weighs one step less, and the finding says so.
    """
    context = context_of(artifact.path)
    groups: dict[tuple[str, Capability], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[sighting.rule.id, sighting.capability or sighting.rule.capability].append(sighting)
    if not groups:
        return []
    ref = ArtifactRef(path=artifact.path, sha256=artifact.sha256, kind=artifact.kind)
    return [
        _finding(ref, capability, members, context)
        for (_, capability), members in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1].value))
    ]


def _finding(ref: ArtifactRef, capability: Capability, members: list[Sighting], context: str) -> Finding:
    unique = {(s.subject, s.signal, _order(s)): s for s in members}
    ordered = sorted(unique.values(), key=lambda s: (_order(s), s.subject, s.signal))
    confidence = max((s.confidence for s in ordered), key=lambda c: c.rank)
    if context != "product":
        confidence = confidence.lowered()
    rule = ordered[0].rule
    return make_finding(
        rule=rule.id,
        capability=capability,
        confidence=confidence,
        message=_message(rule, ordered, context),
        artifact=ref,
        evidence=tuple(_evidence(s) for s in ordered),
        context=context,
    )


def _evidence(sighting: Sighting) -> Evidence:
    excerpt = mask(" ".join(sighting.excerpt.split()))
    if len(excerpt) > MAX_EXCERPT:
        excerpt = excerpt[: MAX_EXCERPT - 1] + "…"
    return Evidence(
        subject=sighting.subject,
        signal=sighting.signal,
        location=sighting.location,
        excerpt=excerpt,
        note=sighting.note,
    )


def _message(rule: Rule, members: list[Sighting], context: str) -> str:
    subjects = list(dict.fromkeys(s.subject for s in sorted(members, key=lambda s: -s.confidence.rank)))
    shown = ", ".join(subjects[:3]) + (f" and {len(subjects) - 3} more" if len(subjects) > 3 else "")
    where = {"test": " (in a test)", "documentation": " (in documentation)"}.get(context, "")
    return f"{rule.title}: {shown}{where}"


def _order(sighting: Sighting) -> tuple[int, str]:
    match sighting.location:
        case Lines(start_line=line):
            return (line, "")
        case Pointer(pointer=pointer, start_line=line):
            return (line or 0, pointer)
        case other:
            return (0, repr(other))
