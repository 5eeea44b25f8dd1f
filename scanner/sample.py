"""Draws clips from an archive that is too large to be looked at, and says what follows for all of it.

Clips are what is drawn: the frames of one clip are not independent. The bound is exact for a finite
population drawn without replacement (hypergeometric), one-sided: with the stated confidence no more clips
than `upper` would be found if all were inspected in the same way. It says nothing of what the inspection
itself misses.
"""

import hashlib
from collections.abc import Iterable
from math import exp, floor, lgamma

import msgspec

from scanner.errors import UsageError
from scanner.findings import Bound, Capability, Confidence, Finding, Sample

BOUNDED = (
    Capability.FACE_VISIBLE,
    Capability.FACE_RECOGNITION,
    Capability.FACE_ANALYSIS,
    Capability.FACE_DETECTION,
)
"""What footage can show; each is bounded by itself."""


def draw(names: Iterable[str], count: int, seed: str) -> frozenset[str]:
    """Draw `count` names: those whose SHA-256 behind the seed is lowest.

    Whoever knows seed and names can draw them again with any tool; nobody can choose names to be drawn or
    not without knowing the seed beforehand.
    """
    keyed = sorted(
        (hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogateescape")).digest(), name)
        for name in set(names)
    )
    return frozenset(name for _, name in keyed[:count])


def at_most(hits: int, population: int, bad: int, drawn: int) -> float:
    """Give the probability that a draw holds at most `hits` of the `bad` ones in the population."""
    low, high = max(0, drawn - (population - bad)), min(hits, bad, drawn)
    whole = _log_choose(population, drawn)
    terms = (
        _log_choose(bad, k) + _log_choose(population - bad, drawn - k) - whole for k in range(low, high + 1)
    )
    return min(1.0, sum(map(exp, terms)))


def upper(hits: int, population: int, drawn: int, confidence: float) -> int:
    """Give the largest number of bad ones in the population that such a draw does not rule out."""
    low, high = hits, population - (drawn - hits)
    while low < high:
        middle = (low + high + 1) // 2
        if at_most(hits, population, middle, drawn) > 1 - confidence:
            low = middle
        else:
            high = middle - 1
    return low


def needed(population: int, limit: float, confidence: float) -> int:
    """Give the smallest draw that, with no hit in it, bounds the share of bad ones by `limit`.

    Args:
        population: How many there are.
        limit: The share, from 0 to 1.
        confidence: From 0 to 1.

    Returns:
        From 0 to `population`: all of them where no smaller draw can tell.
    """
    allowed = floor(limit * population + 1e-9)
    low, high = 0, population
    while low < high:
        middle = (low + high) // 2
        if upper(0, population, middle, confidence) <= allowed:
            high = middle
        else:
            low = middle + 1
    return low


def bounded(
    sample: Sample, drawn: frozenset[str], unread: frozenset[str], found: Iterable[Finding]
) -> Sample:
    """Put the bounds into a sample whose clips were inspected.

    Args:
        sample: As drawn.
        drawn: Paths of the clips that were.
        unread: Those of them that could not be inspected.
        found: All findings of the run; those of low confidence are hints and do not count.
    """
    telling = [f for f in found if f.confidence is not Confidence.LOW and f.artifact.path in drawn]
    bounds = []
    for capability in BOUNDED:
        hit = {f.artifact.path for f in telling if f.capability is capability}
        doubtful = unread - hit
        most = upper(len(hit) + len(doubtful), sample.population, sample.drawn, sample.confidence)
        bounds.append(
            Bound(
                capability=capability,
                hits=len(hit),
                unread=len(doubtful),
                upper=most,
                share=round(most / sample.population, 6) if sample.population else 0.0,
            )
        )
    return msgspec.structs.replace(sample, bounds=tuple(bounds))


def share_of(text: str, name: str) -> float:
    """Read a percentage, as `1%`, `0.5` or `95`.

    Raises:
        UsageError: it is none between 0 and 100.
    """
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise UsageError(f"{name} {text} is no percentage between 0 and 100.", f"Write it as {name} 1%.")
    return share


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
