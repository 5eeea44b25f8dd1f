"""What a redaction tells while it goes on. Light to import."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """How far a redaction is.

    Attributes:
        doing: `looking`, `covering` or `verifying`.
        done: Frames done.
        total: Of how many; 0 where that is unknown.
        faces: Tracks; while looking, the most faces that were in one picture.
    """

    doing: str
    done: int
    total: int
    faces: int


Progress = Callable[[Step], None]
