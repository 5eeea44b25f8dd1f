"""What a run says of footage that was redacted for release: who approved it, and the exemption log."""

from scanner.findings import Exemption, Recorded, Run
from scanner.report import content
from scanner.report.sections import Section, grid_of


def redaction_sections(run: Run) -> list[Section]:
    """Give the part about redactions, where the run holds records of some."""
    records = run.redactions
    if not records:
        return []
    exceptions = sum(len(r.log) for r in records)
    approved = sum(r.approved for r in records)
    return [
        Section(
            "redactions",
            "Redacted for release",
            [
                f"{content.count(len(records), 'record')} of a redaction; {approved:,} approved by a person, "
                f"{content.count(exceptions, 'decision')} of a person beyond what a detector covered.",
                "As the records say it. A record is no signature: that the files beside them are the ones "
                "that were verified stands with each clip.",
            ],
            [
                *grid_of(
                    "Records of redactions",
                    ("File", "Faces covered", "Style", "Verification", "Review", "Decisions"),
                    (_row(r) for r in records),
                    1,
                    5,
                ),
                *grid_of(
                    "Exemption log",
                    ("File", "From", "To", "What", "Treatment", "Basis", "By", "When"),
                    (_line(r, row) for r in records for row in r.log),
                    1,
                    2,
                ),
            ],
        )
    ]


def _row(record: Recorded) -> tuple[str, ...]:
    verified = "passed" if record.verified else "not passed"
    return (
        record.output,
        f"{record.faces:,}",
        record.style,
        f"{verified}, written all the same" if record.forced else verified,
        _review(record),
        f"{len(record.log):,}",
    )


def _review(record: Recorded) -> str:
    if not (record.approved or record.rejected):
        return "nobody looked yet"
    word = "approved" if record.approved else "rejected"
    return f"{word} by {record.reviewed_by}, {content.moment(record.reviewed_at)}"


def _line(record: Recorded, row: Exemption) -> tuple[str, ...]:
    return (
        record.output,
        f"{row.start_s:.2f} s",
        "the end" if row.end_s is None else f"{row.end_s:.2f} s",
        row.what,
        row.treatment,
        row.basis or "none given",
        row.by or "nobody named",
        content.moment(row.at) if row.at else "not recorded",
    )
