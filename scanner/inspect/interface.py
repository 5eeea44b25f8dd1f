"""What an inspector is: it reads one kind of artifact and says what signals it saw.

An inspector is a function of an artifact and the rules; it touches nothing else, so that it can run in
any worker. It yields sightings, one a place; `scanner.inspect.gather` makes findings of them, so that
grouping, masking, weighing by context and fingerprints are done once, the same for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence, Location, Looked, Recorded
from scanner.rules import Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Sighting:
    """One signal seen at one place.

    Attributes:
        rule: The rule whose signal it is.
        subject: What was seen, in a normal form without line numbers, paths, versions or secrets.
        signal: The kind of the signal (`call`, `package`, `config`, ...).
        location: Where.
        excerpt: The source line or value as it stands there; masked and cut later.
        confidence: That of the signal, or less where the inspector knows better.
        note: A remark for the reader (`disabled: set /face_recognition/enabled to true to switch it on`).
        capability: Another than the rule's, where the evidence shows so (`redaction`).
    """

    rule: Rule
    subject: str
    signal: str
    location: Location
    confidence: Confidence
    excerpt: str = ""
    note: str = ""
    capability: Capability | None = field(default=None)


class Inspector(Protocol):
    """Reads one kind of artifact."""

    name: str

    def accepts(self, artifact: Artifact) -> bool:
        """Whether this inspector has anything to say; decided from kind and name, cheaply."""
        ...

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting | Looked | Recorded]:
        """Give every signal seen, and facts that the run keeps beside the findings.

        Raises:
            UnreadableError: the artifact is damaged or hits a ceiling: it becomes `not tested`.
        """
        ...
