"""What is asked of a redaction, and what it tells; light to import, for the command line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from scanner.footage.edits import Script
from scanner.footage.jobs import Job
from scanner.footage.manifest import Manifest
from scanner.footage.options import MARGIN, Style

WARNINGS: dict[str, str] = {
    "solid": "",
    "pixelate": "Pixelation keeps coarse features of a face; networks re-identify some such faces "
    "(arXiv 1609.00408). Prefer the solid style for release.",
    "blur": "Blurred faces can be re-identified (arXiv 2506.12344, arXiv 1609.00408). "
    "Prefer the solid style for release.",
}


@dataclass(frozen=True, slots=True)
class Order:
    """How to redact.

    Attributes:
        preset: Name in `PRESETS`.
        style: What is drawn.
        keep_audio: Whether audio packets are copied.
        detector: A file that the user brings instead of the preset's detectors.
        keep_metadata: Keys of the container's metadata that are not dropped.
        summary: Whether the manifest leaves the boxes out.
        force: Whether an output that fails its verification gets its name all the same.
        script: What a person decided: edits, regions to keep or to cover.
        margin: How far every edge of a cover is pushed out, as a share of the face's longer side.
        overwrite: Whether an output that exists is replaced, even one that this order made before.
    """

    preset: str = "balanced"
    style: Style = "solid"
    keep_audio: bool = True
    detector: Path | None = None
    keep_metadata: tuple[str, ...] = ()
    summary: bool = False
    force: bool = False
    script: Script = field(default_factory=Script)
    margin: float = MARGIN
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One file to redact, and how."""

    job: Job
    order: Order


class Step(msgspec.Struct, frozen=True):
    """How far a redaction is.

    `doing` is `looking`, `covering` or `verifying`; `done` and `total` are frames (0 where the total is
    unknown); `faces` are tracks, or while looking the most faces that were in one picture.
    """

    doing: str
    done: int
    total: int
    faces: int


Tell = Callable[[Step], None]


class Result(msgspec.Struct, frozen=True):
    """What came of a request: where it is, its record, and whether it had been there already."""

    output: str
    manifest: Manifest
    stood: bool = False
