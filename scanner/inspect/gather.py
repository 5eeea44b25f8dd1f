"""Makes findings of sightings: one finding a rule and capability in an artifact, with all its places."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

import msgspec

from scanner.discover.artifact import Artifact
from scanner.findings import (
    ArtifactRef,
    Capability,
    Evidence,
    Finding,
    Lines,
    Location,
    Pointer,
    Span,
    Status,
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


def gather(artifact: Artifact, sightings: Iterable[Sighting], waiver: str = "") -> list[Finding]:
    """Group sightings into findings, in a fixed order.

    Each appearance in a clip is a finding of its own: two visits are two things that happened.
    In tests and documentation a sighting weighs one step less, and the finding says so.
    With `waiver`, an inline reason, all of them are waived; their ids differ from those that are not.
    """
    groups: dict[tuple[str, Capability, str], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        capability = sighting.capability or sighting.rule.capability
        place = _appearance(sighting.location) if artifact.kind == "video" else waiver
        groups[sighting.rule.id, capability, place].append(sighting)
    if not groups:
        return []
    context = context_of(artifact.path)
    ref = ArtifactRef(path=artifact.path, sha256=artifact.sha256, kind=artifact.kind)
    findings = [
        _finding(ref, capability, members, context, place)
        for (_, capability, place), members in sorted(
            groups.items(), key=lambda g: (g[0][0], g[0][1].value, _order(g[1][0]), g[0][2])
        )
    ]
    if not waiver:
        return findings
    return [msgspec.structs.replace(f, status=Status.WAIVED, waiver=f"{waiver} (inline)") for f in findings]


def _appearance(location: Location) -> str:
    """Tell one appearance in a clip from another; empty for everything that is none."""
    match location:
        case Span(start_s=start, end_s=end, boxes=boxes):
            corner = f" {boxes[0].x:.1f},{boxes[0].y:.1f}" if boxes else ""
            return f"{start:.3f}-{end:.3f}{corner}"
        case _:
            return ""


def _finding(
    ref: ArtifactRef, capability: Capability, members: list[Sighting], context: str, place: str
) -> Finding:
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
        place=place,
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
        case Span(start_s=start):
            return (round(start * 1000), repr(sighting.location))
        case other:
            return (0, repr(other))
