"""What every report says, in words and in one order, whatever its format.

Formats differ in how they look, never in what they say: order, wording and counts are made here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from scanner.findings import (
    Capability,
    Confidence,
    ControlResult,
    Evidence,
    Finding,
    Lines,
    Location,
    Pointer,
    Result,
    Run,
    Span,
    Status,
    Table,
    Whole,
)

DISCLAIMER = (
    "This report says what was found in the inputs named here and nothing about anything else. "
    "It is evidence for a person to judge, and it is not legal advice."
)
NOTHING_FOUND = "Nothing was found. That proves nothing about what was not scanned."

RESULT_WORDS: Mapping[Result, str] = MappingProxyType(
    {
        Result.NOT_SATISFIED: "not satisfied",
        Result.NEEDS_REVIEW: "needs review",
        Result.NOT_TESTED: "not tested",
        Result.SATISFIED: "satisfied",
    }
)
"""The words of results, the worst first."""

CAPABILITY_WORDS: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.FACE_RECOGNITION: "Face recognition",
        Capability.BIOMETRIC_DATA: "Stored biometric data",
        Capability.VOICE_RECOGNITION: "Voice recognition",
        Capability.GAIT_RECOGNITION: "Gait recognition",
        Capability.OTHER_REMOTE_BIOMETRIC: "Other remote biometric recognition",
        Capability.FACE_ANALYSIS: "Face analysis",
        Capability.FACE_VISIBLE: "Face visible in footage",
        Capability.FACE_DETECTION: "Face detection",
        Capability.REDACTION: "Redaction",
    }
)
"""The names of capabilities, in the order of how much they weigh."""

CAPABILITY_MEANING: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.FACE_RECOGNITION: "Tells who a person is by the face: comparing two faces, searching "
        "one among many, or computing an embedding that makes this possible.",
        Capability.BIOMETRIC_DATA: "Templates, galleries or information derived from biometric processing.",
        Capability.VOICE_RECOGNITION: "Tells who is speaking.",
        Capability.GAIT_RECOGNITION: "Tells who is walking.",
        Capability.OTHER_REMOTE_BIOMETRIC: "Recognises people at a distance by another trait.",
        Capability.FACE_ANALYSIS: "Infers emotion, age, attributes or activity from a face.",
        Capability.FACE_VISIBLE: "Footage shows a face that is not covered.",
        Capability.FACE_DETECTION: "Finds that there is a face and where, without telling whose.",
        Capability.REDACTION: "Finds faces in order to cover them.",
    }
)

_WEIGHT = {capability: index for index, capability in enumerate(CAPABILITY_WORDS)}
_STANDING = {Status.NEW: 0, Status.WAIVED: 1, Status.BASELINE: 2}
_CONTEXT = {"product": 0, "test": 1, "documentation": 2}


def plain(text: str) -> str:
    """Make text safe to show: control, invisible and direction-changing characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cut(text: str, length: int) -> str:
    """Shorten to at most `length` characters, with an ellipsis where something went."""
    return text if len(text) <= length else text[: length - 1] + "…"


def squeezed(text: str) -> str:
    """Join the lines of a text that was wrapped for its own file."""
    return " ".join(text.split())


def count(number: int, one: str, many: str = "") -> str:
    """Say a number with its noun: `1 finding`, `2,000 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Say a number of bytes: `48.2 MB`."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def result_count(result: Result, number: int) -> str:
    """Say a number of controls with a result: `1 needs review`, `2 need review`."""
    words = RESULT_WORDS[result]
    return f"{number:,} {words if number == 1 else words.replace('needs', 'need')}"


def moment(stamp: str) -> str:
    """Say a time as people write it, in UTC: `24 November 2026, 09:00 UTC`."""
    try:
        time = datetime.fromisoformat(stamp).astimezone(UTC)
    except ValueError:
        return stamp
    return f"{time.day} {_MONTHS[time.month - 1]} {time:%Y, %H:%M} UTC"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def seconds(value: float) -> str:
    """Say a time of footage: `4.2 s`, or `1:02:03.5` from a minute on."""
    if value < 60:
        return f"{value:.1f} s"
    whole, tenths = divmod(round(value * 10), 10)
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{secs:02}.{tenths}" if hours else f"{minutes}:{secs:02}.{tenths}"


def place(location: Location) -> str:
    """Say where in an artifact something lies; empty for the artifact as such."""
    match location:
        case Lines(start_line=first, end_line=last):
            return f"line {first}" if first == last else f"lines {first}–{last}"
        case Pointer(pointer=pointer, start_line=None):
            return pointer or "the whole document"
        case Pointer(pointer=pointer, start_line=line):
            return f"line {line}, {pointer}" if pointer else f"line {line}"
        case Table(table=table, column=column):
            return f"table {table}, column {column}"
        case Span(start_s=0, end_s=0, boxes=boxes):
            return count(len(boxes), "box", "boxes")
        case Span(start_s=start, end_s=end):
            return f"{seconds(start)} to {seconds(end)}"
        case Whole():
            return ""


def shows(evidence: Evidence) -> str:
    """Say what stands at a place: the line itself, or what was seen there and, of faces, their size."""
    match evidence.location:
        case Span(boxes=boxes) if boxes:
            largest = max(boxes, key=lambda box: box.w * box.h)
            size = f"{largest.w:.0f} × {largest.h:.0f} pixels"
            return f"{evidence.excerpt or evidence.subject}, {size if len(boxes) == 1 else f'largest {size}'}"
        case _:
            return evidence.excerpt or evidence.subject


def line_of(location: Location) -> int | None:
    """The line where it starts, where there are lines."""
    return location.start_line if isinstance(location, Lines | Pointer) else None


def where(finding: Finding) -> str:
    """Say artifact and place as an editor understands it: `path:12`, or `path, 1.0 s to 2.0 s`."""
    line = line_of(finding.location)
    path = plain(finding.artifact.path)
    if line is not None:
        return f"{path}:{line}"
    spot = plain(place(finding.location))
    return f"{path}, {spot}" if spot else path


def weight(finding: Finding) -> tuple[int, bool, int, int, int, str, str]:
    """Sort key: what gates before hints, then by capability; the same order every time."""
    return (
        _STANDING[finding.status],
        finding.confidence is Confidence.LOW,
        _WEIGHT[finding.capability],
        -finding.confidence.rank,
        _CONTEXT.get(finding.context, 0),
        finding.artifact.path,
        finding.id,
    )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Order findings by what a reader should see first."""
    return sorted(findings, key=weight)


def ordered_controls(run: Run) -> list[ControlResult]:
    """The controls in the order of the policy pack, which follows the law's own."""
    return list(run.controls)


def controls_of(run: Run) -> dict[str, list[ControlResult]]:
    """For each finding id, the controls that rest on it."""
    by_finding: dict[str, list[ControlResult]] = defaultdict(list)
    for control in run.controls:
        for finding in dict.fromkeys((*control.findings, *control.waived)):
            by_finding[finding].append(control)
    return by_finding


def grouped(findings: Iterable[Finding]) -> list[tuple[Capability, list[tuple[str, list[Finding]]]]]:
    """Group by capability (the weightiest first), then by artifact, worst first within each."""
    groups: dict[Capability, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in worst_first(findings):
        groups[finding.capability][finding.artifact.path].append(finding)
    return [(c, list(groups[c].items())) for c in CAPABILITY_WORDS if c in groups]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a run: a word for the eye (`open`, `closed`, `incomplete`) and a sentence."""

    word: str
    sentence: str


def verdict(run: Run) -> Verdict:
    """Say what the gate says, with the numbers it rests on."""
    results = {result: run.summary.by_result.get(result, 0) for result in RESULT_WORDS}
    said = ", ".join(result_count(result, number) for result, number in results.items() if number)
    tail = f"Of {count(len(run.controls), 'control')}: {said}." if said else "No control was assessed."
    if run.run.not_tested:
        tail += f" {untested(run)}"
    match run.summary.exit_code:
        case 0 if results[Result.NOT_SATISFIED]:
            why = "this policy has expired" if run.policy.status == "expired" else "it was told not to close"
            return Verdict("open", f"The gate is open only because {why}. {tail}")
        case 0 if run.sample and run.sample.drawn < run.sample.population:
            return Verdict("open", f"The gate is open for what was inspected, which is a sample. {tail}")
        case 0:
            return Verdict("open", f"The gate is open. {tail}")
        case 3:
            return Verdict("incomplete", f"The run is incomplete, which closes the gate. {tail}")
        case _:
            return Verdict("closed", f"The gate is closed. {tail}")


def untested(run: Run) -> str:
    """Say how many inputs could not be tested, and how many clips a sample left out."""
    said = f"{count(len(run.unread), 'input')} could not be tested."
    undrawn = len(run.run.not_tested) - len(run.unread)
    if not undrawn:
        return said
    drew = f"{undrawn:,} of {count(run.sample.population if run.sample else undrawn, 'clip')} were not drawn."
    return f"{said} {drew}" if run.unread else drew


def policy_line(run: Run) -> str:
    """Name the policy with its version and, always, its status."""
    policy = run.policy
    return (
        f"{policy.title}, {policy.version} ({policy.status})"
        if policy.version
        else (f"{policy.title} ({policy.status})")
    )


def by_confidence(run: Run) -> list[tuple[Confidence, int]]:
    """Counts of findings by confidence, the surest first."""
    return [(c, run.summary.by_confidence.get(c, 0)) for c in reversed(Confidence)]
