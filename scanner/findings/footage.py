"""What looking at footage came to besides findings: how much of a clip was seen, and what a sample bounds."""

import msgspec

from scanner.findings.capability import Capability
from scanner.findings.exemption import Exemption

RECORD_SUFFIX = ".manifest.json"
"""What follows the name of a redacted file in that of its record (manifest)."""


class Looked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="looked"):
    """How a clip was looked at, and how much of it shows a face.

    `frames` were decoded; a detector looked at `looks` of them, and where nothing moved since a look, what it
    saw still stands. `with_face` are those of `frames` with a face; `visible_s` is the time in which there is
    at least one. `longest_gap_s` is the longest time in which nobody looked. `largest_px` is the
    longer side of the largest face, `largest_share` its part of the picture's area. `record` says how the
    clip stands to a record of redaction (a manifest) in the same run.
    """

    path: str
    depth: str
    duration_s: float
    frames: int
    looks: int
    longest_gap_s: float
    with_face: int = 0
    appearances: int = 0
    visible_s: float = 0.0
    most_at_once: int = 0
    largest_px: int = 0
    largest_share: float = 0.0
    record: str = ""


class Recorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="recorded"):
    """What a manifest of a redaction claims. `path` is its own; `kept` counts what a person left visible.

    `reviewed_by` and `reviewed_at` say who ruled on these very bytes, and when; `log` is the exemption log.
    """

    path: str
    output: str
    output_sha256: str
    style: str
    faces: int
    verified: bool
    forced: bool = False
    approved: bool = False
    rejected: bool = False
    reviewed_by: str = ""
    reviewed_at: str = ""
    kept: int = 0
    log: tuple[Exemption, ...] = ()


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """How many clips of the population show a capability at most, with the sample's confidence.

    `hits` were drawn and show it; `upper` of the population may. Clips that were drawn and could not be read
    (`unread`) count as if they showed it.
    """

    capability: Capability
    hits: int
    unread: int
    upper: int
    share: float


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A sample of clips: drawn from a population by a seed, and what follows for all of it.

    `confidence` is a share (0.95). `limit` is the share that was asked to be bounded; None where the number
    of clips was asked for.
    """

    seed: str
    population: int
    drawn: int
    confidence: float
    limit: float | None
    bounds: tuple[Bound, ...] = ()
