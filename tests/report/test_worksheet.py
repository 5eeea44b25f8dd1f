"""The auditor's worksheet: what an auditor fills in makes records that the clearinghouse's schemas accept."""

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.findings import Result, Run
from scanner.report import WRITERS
from scanner.report.worksheet import NOTICE
from tests.agency_runs import agency_run, hostile_agency_run
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run

DATA = Path(__file__).parents[1] / "data"
SECTIONS = {
    "FindingsUniformGuidance": "fac-FederalAwardsAuditFindings.schema.json",
    "FindingsText": "fac-AuditFindingsText.schema.json",
    "CorrectiveActionPlan": "fac-CorrectiveActionPlan.schema.json",
}
AUDITOR: dict[str, Any] = {
    "auditee_uei": "ABCDEFGHJKL1",
    "award_reference": "AWARD-0001",
    "compliance_requirement": "N",
    "is_valid": "Y",
    "prior_references": "N/A",
    "repeat_prior_reference": "N",
    "modified_opinion": "N",
    "other_matters": "Y",
    "material_weakness": "N",
    "significant_deficiency": "N",
    "other_findings": "N",
    "questioned_costs": "N",
    "planned_action": "The feature is switched off.",
}
"""What a person decides; a program cannot."""


@cache
def validator(section: str) -> jsonschema.protocols.Validator:
    return jsonschema.Draft201909Validator(json.loads((DATA / SECTIONS[section]).read_text()))


def sheet(run: Run) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(WRITERS["worksheet-json"](run))
    return made


def filled(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: filled(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v) for v in value]
    return AUDITOR[key] if value is None else value


def table(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(WRITERS["worksheet"](run).decode(), newline="")))


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("make", [bad_run, agency_run, clean_run, hostile_run, hostile_agency_run])
def test_completed_by_an_auditor_it_holds_against_the_schemas(make: Any, section: str) -> None:
    part = sheet(make())[section]
    assert not validator(section).is_valid(part), "what is for a person is open"
    validator(section).validate(filled(part))


@pytest.mark.parametrize(
    ("section", "entries", "key", "value"),
    [
        ("FindingsText", "findings_text_entries", "reference_number", "26-1"),
        ("FindingsText", "findings_text_entries", "contains_chart_or_table", "perhaps"),
        ("FindingsUniformGuidance", "findings_uniform_guidance_entries", "material_weakness", "Y?"),
        ("CorrectiveActionPlan", "corrective_action_plan_entries", "surprise", "x"),
    ],
)
def test_a_broken_record_is_refused(section: str, entries: str, key: str, value: str) -> None:
    part = filled(sheet(agency_run())[section])
    part[section][entries][0][key] = value
    assert not validator(section).is_valid(part)


def test_it_has_a_row_for_each_open_control_and_award_and_calls_itself_no_filing() -> None:
    rows = table(agency_run())
    open_ones = [
        c.id for c in agency_run().controls if c.result in (Result.NOT_SATISFIED, Result.NEEDS_REVIEW)
    ]
    assert [r["control"] for r in rows] == open_ones
    assert {r["award_reference"] for r in rows} == {"AWARD-0001"}
    assert {r["assistance_listing_number"] for r in rows} == {"16.738"}
    assert rows[0]["reference_number"] == "2026-001"
    assert {r["notice"] for r in rows} == {NOTICE}
    assert "Not a filing" in sheet(agency_run())["notice"]


def test_a_row_gives_criteria_condition_and_evidence_and_leaves_the_rest_open() -> None:
    row = table(bad_run())[0]
    assert "assists in identifying an individual" in row["text_of_finding"]
    assert "(proposed)" in row["text_of_finding"]
    assert "src/match.py:14" in row["text_of_finding"]
    assert "2 inputs could not be tested" in row["text_of_finding"]
    assert row["material_weakness"] == row["questioned_costs"] == row["compliance_requirement"] == ""


def test_nothing_open_makes_no_row() -> None:
    assert table(clean_run()) == []
    assert sheet(clean_run())["FindingsText"]["FindingsText"]["findings_text_entries"] == []
