"""What a review comes to: the state of a clip, and the log of what was withheld and what was not."""

from enum import StrEnum

from scanner.findings import Exemption
from scanner.footage.decide import Decision
from scanner.footage.edits import Edits
from scanner.footage.exemptions import covered
from scanner.footage.manifest import Manifest


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


def log_rows(decision: Decision, edits: Edits) -> tuple[Exemption, ...]:
    """Give the whole exemption log: what was decided, and every cover of a detector that stands."""
    machine = covered(decision.tracks, edits.tracks, edits.standing)
    return tuple(sorted((*decision.log, *machine), key=lambda row: (row.start_s, row.treatment, row.what)))
