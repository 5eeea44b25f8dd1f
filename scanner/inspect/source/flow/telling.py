"""What the purpose of a detector makes of the sightings of a file."""

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from scanner.findings import Capability, Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.source.engine import Hit
from scanner.inspect.source.flow.purpose import Purpose, purpose_of
from scanner.inspect.source.flow.state import Seeds
from scanner.inspect.source.places import Places

_FINDS_ONLY = frozenset({Capability.FACE_DETECTION, Capability.REDACTION})
_NONE = Purpose()


def purpose_in(language: str, root: Node, modules: Mapping[str, str], hits: tuple[Hit, ...]) -> Purpose:
    """Follow what detectors find; only in a file that has one, and nothing that does more than detect."""
    detecting = [h for h in hits if is_detection(h) and h.end]
    more = [h for h in hits if h.rule.capability not in _FINDS_ONLY and h.confidence is not Confidence.LOW]
    if not detecting or more:
        return _NONE
    seeds = Seeds(
        names=frozenset(h.start for h in detecting if h.signal != "string"),
        texts=tuple(sorted(h.start for h in detecting if h.signal in {"string", "name"})),
    )
    return purpose_of(language, root, seeds, modules) or _NONE


def is_detection(hit: Hit) -> bool:
    """Whether a hit shows that faces are found, and no more."""
    return hit.rule.capability is Capability.FACE_DETECTION


def note_of(purpose: Purpose, places: Places) -> str:
    """Tell where faces are covered, or what speaks against it; nothing of a file that covers none."""
    if not purpose.covers:
        return ""
    if purpose.against:
        where = f" ({places.words(purpose.place)})" if purpose.place >= 0 else ""
        return f"covers faces, and is not taken for redaction: it {purpose.against}{where}"
    found = dict.fromkeys(places.words(at) for at, _ in purpose.covers)
    covered = dict.fromkeys(places.words(at) for _, at in purpose.covers)
    return f"what is found on {', '.join(found)} is only covered, on {', '.join(covered)}"


def covers_of(purpose: Purpose, places: Places, hits: tuple[Hit, ...]) -> Iterator[Sighting]:
    """Give the places that cover as evidence of redaction, under the rule that is surest of the detector."""
    if not purpose.redacts:
        return
    surest = max((h for h in hits if is_detection(h)), key=lambda h: h.confidence.rank)
    for at in dict.fromkeys(at for _, at in purpose.covers):
        found = dict.fromkeys(places.words(origin) for origin, cover in purpose.covers if cover == at)
        yield Sighting(
            rule=surest.rule,
            subject="cover",
            signal="flow",
            location=places.location(at, at),
            confidence=surest.confidence,
            excerpt=places.excerpt(at),
            note=f"covers what is found on {', '.join(found)}",
            capability=Capability.REDACTION,
        )
