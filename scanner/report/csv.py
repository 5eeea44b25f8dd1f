"""CSV: one row for each place that shows something, for sorting and counting in a spreadsheet.

RFC 4180, UTF-8. A cell that a spreadsheet would run as a formula is led by an apostrophe.
"""

import csv
import io
from collections.abc import Iterator

from scanner.findings import ControlResult, Evidence, Finding, Lines, Pointer, Run, Span, Table
from scanner.report import content

COLUMNS = (
    "finding",
    "fingerprint",
    "status",
    "capability",
    "confidence",
    "rule",
    "message",
    "controls",
    "path",
    "sha256",
    "kind",
    "context",
    "place",
    "start_line",
    "end_line",
    "pointer",
    "table",
    "column",
    "start_s",
    "end_s",
    "boxes",
    "signal",
    "subject",
    "excerpt",
    "note",
    "waiver",
)

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def render(run: Run) -> bytes:
    """Write a header and one row a place, findings worst first."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(run))
    return out.getvalue().encode()


def _rows(run: Run) -> Iterator[list[str]]:
    controls = content.controls_of(run)
    for finding in content.worst_first(run.findings):
        for evidence in finding.evidence:
            row = _row(finding, evidence, controls.get(finding.id, []))
            yield [guarded(row[column]) for column in COLUMNS]


def _row(finding: Finding, evidence: Evidence, controls: list[ControlResult]) -> dict[str, str]:
    return {
        **dict.fromkeys(COLUMNS, ""),
        "finding": finding.id,
        "fingerprint": finding.fingerprint,
        "status": finding.status.value,
        "capability": finding.capability.value,
        "confidence": finding.confidence.value,
        "rule": finding.rule,
        "message": finding.message,
        "controls": " ".join(c.id for c in controls),
        "path": finding.artifact.path,
        "sha256": finding.artifact.sha256,
        "kind": finding.artifact.kind,
        "context": finding.context,
        "place": content.place(evidence.location),
        **_location(evidence),
        "signal": evidence.signal,
        "subject": evidence.subject,
        "excerpt": evidence.excerpt,
        "note": evidence.note,
        "waiver": finding.waiver,
    }


def _location(evidence: Evidence) -> dict[str, str]:
    match evidence.location:
        case Lines(start_line=first, end_line=last):
            return {"start_line": str(first), "end_line": str(last)}
        case Pointer(pointer=pointer, start_line=line):
            return {"pointer": pointer, "start_line": "" if line is None else str(line)}
        case Table(table=table, column=column):
            return {"table": table, "column": column}
        case Span(start_s=start, end_s=end, boxes=boxes):
            return {"start_s": f"{start:.3f}", "end_s": f"{end:.3f}", "boxes": str(len(boxes))}
        case _:
            return {}


def guarded(cell: str) -> str:
    """Spell out control characters, and keep a spreadsheet from running the cell."""
    cell = content.plain(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_ACTIVE) else cell
