"""What an agency has already accepted: waivers by name, a baseline by count."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from scanner.config import Waiver
from scanner.errors import UsageError
from scanner.findings import Finding, Status

BASELINE_VERSION = "1.0"


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Fingerprints accepted as of a day, with how many places showed each; one more is new."""

    schema_version: str
    accepted_on: str
    occurrences: dict[str, int]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Findings with their status, and what the user should know about waivers."""

    findings: tuple[Finding, ...]
    notices: tuple[str, ...]


def baseline_of(findings: Iterable[Finding], day: str) -> Baseline:
    """Accept these findings as of a day."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.fingerprint] += finding.occurrences
    return Baseline(
        schema_version=BASELINE_VERSION, accepted_on=day, occurrences=dict(sorted(counts.items()))
    )


def load_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        UsageError: it is missing or not a baseline.
    """
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        raise UsageError(
            f"baseline {path} cannot be read: {error.strerror}.",
            "Write one with `scanner scan --write-baseline FILE`.",
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{path} is not a baseline: {error}.", "Write one with `scanner scan --write-baseline FILE`."
        ) from error
    if baseline.schema_version != BASELINE_VERSION:
        raise UsageError(
            f"{path} has baseline version {baseline.schema_version!r}.",
            f"This scanner reads {BASELINE_VERSION}.",
        )
    return baseline


def accept(
    findings: Iterable[Finding], waivers: tuple[Waiver, ...], baseline: Baseline | None, today: dt.date
) -> Accepted:
    """Mark findings waived or known.

    A baseline is spent place by place in the order of the findings, so that one more of a kind is new.
    An expired waiver counts as none; it and an unused one are told.
    """
    left = Counter(baseline.occurrences) if baseline else Counter[str]()
    valid = [w for w in waivers if w.expires >= today]
    used: set[Waiver] = set()
    marked: list[Finding] = []
    for finding in findings:
        if finding.status is Status.WAIVED:  # by a comment in the artifact itself
            marked.append(finding)
            continue
        waiver = next((w for w in valid if _covers(w, finding)), None)
        if waiver:
            used.add(waiver)
            marked.append(msgspec.structs.replace(finding, status=Status.WAIVED, waiver=_told(waiver)))
        elif left[finding.fingerprint] >= finding.occurrences:
            left[finding.fingerprint] -= finding.occurrences
            marked.append(msgspec.structs.replace(finding, status=Status.BASELINE))
        else:
            marked.append(finding)
    notices = [
        f"waiver {w.named} expired on {w.expires} and counts as none" for w in waivers if w not in valid
    ]
    notices += [f"waiver {w.named} matches no finding; remove it" for w in valid if w not in used]
    return Accepted(tuple(marked), tuple(notices))


def _told(waiver: Waiver) -> str:
    return f"{waiver.reason} (approved by {waiver.approver}, owner {waiver.owner}, until {waiver.expires})"


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if waiver.fingerprint:
        return waiver.fingerprint == finding.fingerprint
    return waiver.rule == finding.rule and fnmatchcase(finding.artifact.path, waiver.path)
