"""What a thing can do to a person, and how sure we are. The words are those of docs/words.md."""

from enum import StrEnum


class Capability(StrEnum):
    """What evidence shows. Which law that touches is for `scanner.policy` to say."""

    FACE_DETECTION = "face-detection"
    FACE_RECOGNITION = "face-recognition"
    FACE_ANALYSIS = "face-analysis"
    VOICE_RECOGNITION = "voice-recognition"
    GAIT_RECOGNITION = "gait-recognition"
    OTHER_REMOTE_BIOMETRIC = "other-remote-biometric"
    BIOMETRIC_DATA = "biometric-data"
    FACE_VISIBLE = "face-visible"
    REDACTION = "redaction"


class Confidence(StrEnum):
    """high: processing is shown; medium: strongly implied; low: a hint. Gates use medium and above."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 2 for high."""
        return _RANKS[self]

    def lowered(self) -> "Confidence":
        """One step less; low stays low."""
        return Confidence.MEDIUM if self is Confidence.HIGH else Confidence.LOW


_RANKS = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2}


class Status(StrEnum):
    """How a finding stands against what the agency has already accepted."""

    NEW = "new"
    BASELINE = "baseline"
    WAIVED = "waived"
