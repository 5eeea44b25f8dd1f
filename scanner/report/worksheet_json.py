"""The auditor's worksheet in JSON: sections shaped as the Federal Audit Clearinghouse names them.

`null` is what the auditor or the auditee has to fill in; with that filled in, the sections hold against the
clearinghouse's public schemas. It is no filing.
"""

from typing import Any

import msgspec

from scanner.findings import Run
from scanner.report import content
from scanner.report.worksheet import NOTICE, Row, rows

FAC_VERSION = "1.1.10"
"""The version of the clearinghouse's templates whose sections these are."""

Object = dict[str, Any]


def render(run: Run) -> bytes:
    """Write the worksheet."""
    every = rows(run)
    by_reference = {row.reference_number: row for row in every}
    sheet = {
        "notice": NOTICE,
        "policy": content.plain(content.policy_line(run)),
        "made": {"by": f"{run.tool.name} {run.tool.version}", "at": run.run.finished},
        "awards": [
            {
                "award_reference": f"AWARD-{n:04}",
                "aln": award.aln,
                "program_name": content.plain(award.program),
                "additional_award_identification": content.plain(award.fain),
            }
            for n, award in enumerate(run.awards, 1)
        ],
        "FindingsUniformGuidance": _section(
            "FindingsUniformGuidance",
            "findings_uniform_guidance_entries",
            [_entry(row) for row in every],
        ),
        "FindingsText": _section(
            "FindingsText",
            "findings_text_entries",
            [
                {
                    "reference_number": row.reference_number,
                    "text_of_finding": row.text_of_finding,
                    "contains_chart_or_table": row.contains_chart_or_table,
                }
                for row in by_reference.values()
            ],
        ),
        "CorrectiveActionPlan": _section(
            "CorrectiveActionPlan",
            "corrective_action_plan_entries",
            [
                {
                    "reference_number": row.reference_number,
                    "planned_action": None,
                    "contains_chart_or_table": row.contains_chart_or_table,
                }
                for row in by_reference.values()
            ],
        ),
    }
    return msgspec.json.format(msgspec.json.encode(sheet), indent=1) + b"\n"


def _section(name: str, entries: str, made: list[Object]) -> Object:
    return {
        "Meta": {"section_name": name, "version": FAC_VERSION},
        name: {"auditee_uei": None, entries: made},
    }


def _entry(row: Row) -> Object:
    return {
        "program": {
            "award_reference": row.award_reference or None,
            "compliance_requirement": None,
        },
        "findings": {
            "reference_number": row.reference_number,
            "is_valid": None,
            "prior_references": None,
            "repeat_prior_reference": None,
        },
        "modified_opinion": None,
        "other_matters": None,
        "material_weakness": None,
        "significant_deficiency": None,
        "other_findings": None,
        "questioned_costs": None,
    }
