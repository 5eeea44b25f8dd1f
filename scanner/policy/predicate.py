"""Exceptions of a law as conditions, and what the evidence and the agency's declarations say of each.

A condition holds, does not hold, or is left to a person. Only where all of an exception hold, for one
declared system, does it excuse a finding: never by default, and never because nothing is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from scanner.findings import (
    Capability,
    Confidence,
    Finding,
    Kept,
    PredicateResult,
    Release,
    Status,
    System,
)

_KEEPING = {
    Kept.LANDMARK: ("landmark", "face_mesh", "facemesh", "face-mesh", "face mesh", "shape_predictor"),
    Kept.CROP: ("crop",),
    Kept.TRACK: ("track",),
}
"""Words of rules and of what was seen that speak against a declaration of keeping nothing of the kind."""


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="declared", tag_field="fact"):
    """The agency's inventory declares this capability for the system."""

    capability: Capability


class Released(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="release", tag_field="fact"):
    """The agency declares that what the system makes goes there."""

    to: Release


class RetainsNone(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="retains-none", tag_field="fact"
):
    """The agency declares that none of these is kept, and nothing that was found speaks against it."""

    of: tuple[Kept, ...]


class FoundNone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="found-none", tag_field="fact"):
    """No finding of these capabilities, of medium confidence or above, in the system's artifacts."""

    of: tuple[Capability, ...]


class PersonDecides(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="person-decides", tag_field="fact"
):
    """Something no scan can see: a warrant, an authorisation, a purpose."""

    question: str


Predicate = Declared | Released | RetainsNone | FoundNone | PersonDecides


class Exemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exception of the law: whose findings it may excuse, and what must hold for it.

    `borrowed` says that the law of the pack does not hold it: the test comes from elsewhere.
    """

    id: str
    title: str
    citation: str
    capabilities: tuple[Capability, ...]
    predicate: tuple[Predicate, ...]
    quote: str = ""
    source: str = ""
    borrowed: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Excused:
    """Ids of the findings that an exception covers, and every condition that was asked."""

    ids: frozenset[str]
    asked: tuple[PredicateResult, ...]


def excuse(
    exemptions: Iterable[Exemption],
    touching: Iterable[Finding],
    findings: tuple[Finding, ...],
    systems: tuple[System, ...],
) -> Excused:
    """Ask every exception of every system that covers one of the findings; a pure function.

    Args:
        exemptions: The exceptions of one control.
        touching: The findings that touch that control.
        findings: All findings of the run; those beside a finding may speak against an exception.
        systems: The agency's inventory.
    """
    ids: set[str] = set()
    asked: list[PredicateResult] = []
    for exemption in exemptions:
        concerned = [f for f in touching if f.capability in exemption.capabilities]
        if not concerned:
            continue
        covering = [s for s in systems if any(covers(s, f) for f in concerned)]
        if not covering:
            asked += [_answer(exemption, p, None, findings) for p in exemption.predicate]
        for system in covering:
            answers = [_answer(exemption, p, system, findings) for p in exemption.predicate]
            asked += answers
            if all(a.holds is True for a in answers):
                ids.update(f.id for f in concerned if covers(system, f))
    return Excused(frozenset(ids), tuple(asked))


def covers(system: System, finding: Finding) -> bool:
    """Whether the finding lies in an artifact of the system; without paths, a system covers any."""
    return not system.paths or any(fnmatchcase(finding.artifact.path, p) for p in system.paths)


def _answer(
    exemption: Exemption, predicate: Predicate, system: System | None, findings: tuple[Finding, ...]
) -> PredicateResult:
    holds: bool | None = None
    rests: tuple[str, ...] = ()
    if isinstance(predicate, PersonDecides):
        says = f"A person must answer: {predicate.question}"
    elif system is None:
        says = "No system in scanner.toml covers these findings."
    else:
        beside = tuple(f for f in findings if covers(system, f) and f.status is not Status.WAIVED)
        holds, says, rests = _of_system(predicate, system, beside)
    return PredicateResult(
        exception=exemption.id,
        predicate=asks(predicate),
        system=system.name if system else "",
        holds=holds,
        says=says,
        findings=rests,
    )


def asks(predicate: Predicate) -> str:
    """Say a condition as a sentence without its full stop."""
    match predicate:
        case Declared(capability=capability):
            return f"the inventory declares {capability.value} for the system"
        case Released(to=to):
            side, _, _ = to.value.partition("-")
            return f"what the system makes is for release {side} the agency"
        case RetainsNone(of=of):
            return f"the system keeps none of: {', '.join(of)}"
        case FoundNone(of=of):
            return f"nothing was found in its artifacts of: {', '.join(of)}"
        case PersonDecides(question=question):
            return question.rstrip("?")


def _of_system(
    predicate: Predicate, system: System, beside: tuple[Finding, ...]
) -> tuple[bool | None, str, tuple[str, ...]]:
    name = f"scanner.toml declares of {system.name!r}"
    match predicate:
        case Declared(capability=capability):
            declared = ", ".join(system.capabilities)
            return capability in system.capabilities, f"{name}: {declared}.", ()
        case Released(to=to):
            if system.release is None:
                return None, f"{name} nothing about release.", ()
            return system.release is to, f"{name}: release {system.release.value}.", ()
        case RetainsNone(of=of):
            return _retention(of, system, beside, name)
        case FoundNone(of=of):
            sure = tuple(
                f.id for f in beside if f.capability in of and f.confidence.rank >= Confidence.MEDIUM.rank
            )
            said = f"{len(sure)} findings speak against it." if sure else "No such finding in its artifacts."
            return not sure, said, sure
    return None, "", ()  # pragma: no cover - every predicate is named above


def _named(finding: Finding) -> Iterable[str]:
    return (finding.rule, *(e.subject.lower() for e in finding.evidence))


def _retention(
    of: tuple[Kept, ...], system: System, beside: tuple[Finding, ...], name: str
) -> tuple[bool | None, str, tuple[str, ...]]:
    if system.retains is None:
        return None, f"{name} nothing about what is kept.", ()
    kept = [k for k in of if k in system.retains]
    if kept:
        return False, f"{name} that it keeps: {', '.join(kept)}.", ()
    words = [word for k in of for word in _KEEPING.get(k, ())]
    against = tuple(f.id for f in beside if any(w in named for named in _named(f) for w in words))
    if against:
        return None, f"{name} that nothing of this is kept, but what was found handles it.", against
    return True, f"{name} that nothing of this is kept, and nothing found speaks against it.", ()
