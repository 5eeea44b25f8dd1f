"""The short answer of a run: does this recognise faces, through what, and where to look first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scanner.findings import Capability, Confidence, Finding, Run, Status
from scanner.report.content import CAPABILITY_WORDS, count, plain, squeezed, where, worst_first

DOES: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.FACE_RECOGNITION: "recognises faces",
        Capability.BIOMETRIC_DATA: "holds biometric data",
        Capability.VOICE_RECOGNITION: "recognises voices",
        Capability.GAIT_RECOGNITION: "recognises people by their gait",
        Capability.OTHER_REMOTE_BIOMETRIC: "recognises people by another trait",
        Capability.FACE_ANALYSIS: "analyses faces",
        Capability.FACE_VISIBLE: "shows faces that are not covered",
        Capability.FACE_DETECTION: "detects faces",
        Capability.REDACTION: "covers faces",
    }
)
MEANS = 3
"""How many of the things it is done through are named."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done, through what (the most frequent first), in how many files, and the first place to see."""

    capability: Capability
    does: str
    through: tuple[str, ...]
    files: int
    first: str

    @property
    def sentence(self) -> str:
        """The answer in one line."""
        more = f" and {count(self.files - 1, 'more file')}" if self.files > 1 else ""
        return f"{self.does}: yes, through {'; '.join(self.through)} ({self.first}{more})"


def answers(run: Run) -> Iterator[Answer]:
    """Answer for each capability that findings of medium or high confidence show, the weightiest first.

    What is waived is accepted, not gone: it counts here too.
    """
    telling = [f for f in worst_first(run.findings) if f.confidence is not Confidence.LOW]
    for capability in CAPABILITY_WORDS:
        shown = [f for f in telling if f.capability is capability]
        if shown:
            yield _answer(capability, shown)


def said_in_short(run: Run) -> list[str]:
    """Give the answers as sentences; whether faces are recognised is always among them."""
    said = [answer.sentence for answer in answers(run)]
    if not any(f.capability is Capability.FACE_RECOGNITION for f in run.findings):
        said.insert(0, f"{DOES[Capability.FACE_RECOGNITION]}: no sign of it in what was inspected")
    return said


def _answer(capability: Capability, findings: list[Finding]) -> Answer:
    titles = Counter(_title(f) for f in findings)
    names = [title for title, _ in titles.most_common(MEANS)]
    if len(titles) > MEANS:
        names.append(f"{len(titles) - MEANS:,} more")
    waived = " (waived)" if all(f.status is Status.WAIVED for f in findings) else ""
    return Answer(
        capability=capability,
        does=DOES[capability] + waived,
        through=tuple(names),
        files=len({f.artifact.path for f in findings}),
        first=where(findings[0]),
    )


def _title(finding: Finding) -> str:
    """The rule's title, which every message begins with."""
    return plain(squeezed(finding.message.partition(": ")[0]))
