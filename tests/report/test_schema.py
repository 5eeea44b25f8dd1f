"""The exported schema is current, and real runs fit it."""

import json
from pathlib import Path

import jsonschema
import pytest

from scanner.findings import Run, json_schema, to_json
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "run.schema.json"


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(json_schema())), (
        "renew it: python -c 'import json; from scanner.findings import json_schema; "
        "print(json.dumps(json_schema(), indent=2))' > docs/schema/run.schema.json"
    )


@pytest.mark.parametrize("run", [bad_run(), clean_run(), hostile_run()], ids=["bad", "clean", "hostile"])
def test_runs_fit_the_schema(run: Run) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    validator.validate(json.loads(to_json(run)))


def test_a_broken_run_does_not_fit() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    broken = json.loads(to_json(bad_run()))
    broken["findings"][0]["confidence"] = "certain"
    assert not validator.is_valid(broken)


def test_the_contract_of_keys() -> None:
    run = json.loads(to_json(bad_run()))
    assert {"schema_version", "tool", "run", "findings", "controls", "summary"} <= run.keys()
    assert {"inputs", "versions", "not_tested", "started", "finished"} <= run["run"].keys()
    required = {
        "id", "fingerprint", "rule", "capability", "confidence", "message", "artifact", "location",
        "evidence", "status",
    }  # fmt: skip
    for finding in run["findings"]:
        assert required <= finding.keys()
        assert {"path", "sha256", "kind"} <= finding["artifact"].keys()
    places = [f["location"] for f in run["findings"]]
    for keys in ({"start_line", "end_line"}, {"pointer"}, {"table", "column"}, {"start_s", "end_s", "boxes"}):
        assert any(keys <= place.keys() for place in places)
    box = next(p["boxes"][0] for p in places if p.get("boxes"))
    assert set(box) == {"t_s", "x", "y", "w", "h", "score"}
    assert {"id", "citation", "result", "findings"} <= run["controls"][0].keys()
