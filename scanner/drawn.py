"""Draws the clips of a scan's targets; all that is no clip is inspected as ever."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.discover.artifact import HEAD
from scanner.discover.kind import classify
from scanner.discover.walk import Found
from scanner.errors import UsageError
from scanner.findings import Sample
from scanner.sample import draw, needed, share_of

NOT_DRAWN = "not drawn"
"""Why a clip of the population was not inspected."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What sample the user asked for: so many clips, or as many as bound a share.

    Attributes:
        count: How many clips; None where `limit` decides.
        limit: The share of clips that the draw must bound when it holds no hit.
        confidence: A share, 0.95 unless told.
        seed: What decides which clips are drawn; recorded in the run.
    """

    count: int | None
    limit: float | None
    confidence: float
    seed: str


def wanted(count: int | None, confidence: str | None, limit: str | None, seed: str | None) -> Wanted | None:
    """Read the options of the command line.

    Raises:
        UsageError: they contradict each other, or say no percentage.
    """
    if count is None and limit is None:
        if confidence or seed:
            raise UsageError(
                f"{'--confidence' if confidence else '--seed'} needs a sample.",
                "Add --limit 1%, or --sample N.",
            )
        return None
    if count is not None and limit is not None:
        raise UsageError(
            "--sample and --limit both say how many clips to draw.", "Give one: the other follows from it."
        )
    return Wanted(
        count=count,
        limit=share_of(limit, "--limit") if limit else None,
        confidence=share_of(confidence or "95", "--confidence"),
        seed=seed or secrets.token_hex(8),
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The files with those that are left out marked, the sample, and the names of the clips in it."""

    found: dict[Path, list[Found]]
    sample: Sample
    names: frozenset[str]


def drawn_from(found: dict[Path, list[Found]], names: dict[str, str], how: Wanted) -> "Drawn":
    """Mark the clips that are not drawn.

    Args:
        found: The files of every target.
        names: Of those that are to be inspected, the path on disk and how the run names it.
        how: The sample.
    """
    clips = {local: names[local] for local in _clips(names)}
    count = needed(len(clips), how.limit, how.confidence) if how.limit is not None else how.count or 0
    chosen = draw(clips.values(), count, how.seed)
    out = {
        target: [
            replace(f, skipped=NOT_DRAWN) if f.local in clips and clips[f.local] not in chosen else f
            for f in files
        ]
        for target, files in found.items()
    }
    sample = Sample(
        seed=how.seed,
        population=len(clips),
        drawn=len(chosen),
        confidence=how.confidence,
        limit=how.limit,
    )
    return Drawn(out, sample, chosen)


def _clips(names: dict[str, str]) -> Iterator[str]:
    """Tell which files are clips by their first bytes; one that cannot be read is the worker's to tell."""
    for local, name in names.items():
        try:
            with Path(local).open("rb") as file:
                head = file.read(HEAD)
        except OSError:
            continue
        if classify(name.rpartition("/")[2], head) == "video":
            yield local
