"""What a review comes to: the state of a clip, and the log of what was withheld and what was not."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from scanner.footage.decide import Decision
from scanner.footage.edits import Cover, Edits, Keep, Mute
from scanner.footage.manifest import Manifest

FACE = "a face that was found"
"""What a covered track is, where nobody said otherwise."""


class State(StrEnum):
    """How far a clip is."""

    TO_CHECK = "to check"
    IN_WORK = "in work"
    APPROVED = "approved"
    REJECTED = "rejected"


def state_of(manifest: Manifest, output_sha256: str, edits: Edits, edits_sha256: str) -> State:
    """Tell how far a clip is.

    Args:
        manifest: Of the redacted file as it is.
        output_sha256: Digest of the redacted file as it is; asked for where somebody ruled on it.
        edits: The edit file, or an empty one.
        edits_sha256: Its digest; empty where there is none.
    """
    # Edits that were rendered and then all taken back are work as well: the released file still has them.
    edited = bool(edits.standing or manifest.edits_sha256)
    if edits_sha256 not in ("", manifest.edits_sha256) and edited:
        return State.IN_WORK
    ruled = manifest.review
    if ruled is None or ruled.output_sha256 != output_sha256:
        return State.TO_CHECK
    return State.APPROVED if ruled.approved else State.REJECTED


class Withheld(msgspec.Struct, frozen=True):
    """One line of the exemption log. Times in seconds from the beginning of the clip."""

    start_s: float
    end_s: float | None
    what: str
    treatment: str
    basis: str
    by: str
    at: str


def withheld(decision: Decision, edits: Edits) -> tuple[Withheld, ...]:
    """Give the log: every covered track, covered or muted span, and what a person left visible and why."""
    return tuple(sorted(_rows(decision, edits), key=lambda row: (row.start_s, row.treatment, row.what)))


def _rows(decision: Decision, edits: Edits) -> Iterator[Withheld]:
    for track in decision.tracks:
        yield Withheld(track.start_s, track.end_s, f"track {track.id}", "covered", FACE, "", "")
    for change in edits.standing:
        match change:
            case Keep():
                what = f"track {change.track}" if change.track is not None else f"region {change.region}"
                yield Withheld(
                    change.start_s, change.end_s, what, "left visible", change.reason, change.by, change.at
                )
            case Cover():
                what = "whole picture" if change.region is None else f"region {change.region}"
                yield Withheld(
                    change.start_s, change.end_s, what, "covered", change.basis, change.by, change.at
                )
            case Mute():
                yield Withheld(
                    change.start_s, change.end_s, "audio", "muted", change.basis, change.by, change.at
                )
            case _:
                pass
