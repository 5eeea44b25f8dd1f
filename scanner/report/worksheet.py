"""A worksheet for an auditor, in CSV: one row for each control to look into and each award.

Its columns are named as those of the Federal Audit Clearinghouse's record of a finding, so that an auditor
who makes a finding of a row copies nothing by hand. It is no filing and decides nothing: whether a row is a
finding, of what weight, with what cause, effect and costs, stays empty for the auditor.
"""

import csv
import io
from dataclasses import asdict, dataclass, fields

from scanner.findings import Award, ControlResult, Finding, Result, Run
from scanner.report import content, guide
from scanner.report.csv import guarded

NOTICE = (
    "Working paper for an auditor. Not a filing, not an audit finding and not legal advice; empty fields are "
    "for the auditor and the auditee."
)
MAX_PLACES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One control under one award; what is empty is not for a program to fill."""

    reference_number: str
    award_reference: str
    assistance_listing_number: str
    program_name: str
    additional_award_identification: str
    result: str
    control: str
    text_of_finding: str
    contains_chart_or_table: str = "N"
    compliance_requirement: str = ""
    modified_opinion: str = ""
    other_matters: str = ""
    material_weakness: str = ""
    significant_deficiency: str = ""
    other_findings: str = ""
    questioned_costs: str = ""
    repeat_prior_reference: str = ""
    prior_references: str = ""
    planned_action: str = ""


def render(run: Run) -> bytes:
    """Write a header and the rows; the notice stands in a column of its own, so that every row carries it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(f.name for f in fields(Row)), "notice"])
    for row in rows(run):
        writer.writerow([guarded(cell) for cell in (*asdict(row).values(), NOTICE)])
    return out.getvalue().encode()


def rows(run: Run) -> list[Row]:
    """The controls that are not satisfied or need review, each under every award (or under none)."""
    by_id = {f.id: f for f in run.findings}
    year = run.run.finished[:4]
    open_ones = [c for c in run.controls if c.result in (Result.NOT_SATISFIED, Result.NEEDS_REVIEW)]
    return [
        Row(
            reference_number=f"{year}-{number:03}",
            award_reference=f"AWARD-{position:04}" if award else "",
            assistance_listing_number=award.aln if award else "",
            program_name=award.program if award else "",
            additional_award_identification=award.fain if award else "",
            result=content.RESULT_WORDS[control.result],
            control=control.id,
            text_of_finding=text(run, control, by_id),
        )
        for number, control in enumerate(open_ones, 1)
        for position, award in enumerate(_awards(run), 1)
    ]


def _awards(run: Run) -> tuple[Award | None, ...]:
    return run.awards or (None,)


def text(run: Run, control: ControlResult, by_id: dict[str, Finding]) -> str:
    """Criteria, condition and evidence; cause and effect are named as open."""
    found = content.worst_first(by_id[i] for i in dict.fromkeys(control.findings) if i in by_id)
    places = [f"{f.message} ({content.where(f)}; {f.confidence.value})" for f in found[:MAX_PLACES]]
    if len(found) > MAX_PLACES:
        places.append(f"and {len(found) - MAX_PLACES:,} more in the JSON report")
    quoted = f' "{content.squeezed(control.quote)}"' if control.quote else ""
    reading = guide.PROVENANCE.get(control.quote_verified, control.quote_verified)
    parts = [
        f"Criteria: {content.policy_line(run)}, {control.citation}.{quoted} {reading}",
        f"Condition: {content.RESULT_WORDS[control.result]}. {content.squeezed(control.reason)}",
        f"Evidence: {'; '.join(places) or 'see the report'}.",
        f"Tested: {run.run.coverage.inspected:,} of {content.count(run.run.coverage.seen, 'artifact')}; "
        f"{content.untested(run)}",
        "Cause: for the auditor. Effect: for the auditor. Recommendation: for the auditor.",
    ]
    return content.plain(" ".join(parts))
