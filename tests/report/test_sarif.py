"""SARIF: valid, relative, one result a finding, the worst 5,000 of many."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from scanner.findings import Confidence, Run, Status
from scanner.report import WRITERS
from tests.example_runs import bad_run, clean_run, finding, lines, make_run
from tests.strange_runs import hostile_run

SCHEMA = Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json"


@cache
def validator() -> jsonschema.protocols.Validator:
    return jsonschema.Draft7Validator(
        json.loads(SCHEMA.read_text()), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )


def sarif(run: Run) -> dict[str, Any]:
    log = json.loads(WRITERS["sarif"](run))
    results = log["runs"][0]["results"]
    log["runs"][0]["results"] = results[:50]  # more of the same kind cost half a minute
    validator().validate(log)
    return {**log["runs"][0], "results": results}


@pytest.mark.parametrize("run", [bad_run(), clean_run(), hostile_run()], ids=["bad", "clean", "hostile"])
def test_it_validates_and_has_one_result_a_finding(run: Run) -> None:
    assert len(sarif(run)["results"]) == len(run.findings)


def test_a_broken_file_is_told_by_the_validator() -> None:
    log = json.loads(WRITERS["sarif"](bad_run()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator().is_valid(log)


def test_addresses_are_relative_and_give_the_path_back() -> None:
    run = sarif(hostile_run())
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        parts = urlsplit(uri)
        assert not parts.scheme
        assert not parts.netloc
        assert not parts.query
        assert not parts.fragment
        assert uri.isascii()
    uris = [a["location"]["uri"] for a in run["artifacts"]]
    paths = {unquote(uri) for uri in uris}
    assert "j-é人😀.py" in paths
    assert "i/../../etc/pass wd%00?query#fragment:colon.py" in paths


def test_every_index_points_at_what_it_names() -> None:
    run = sarif(bad_run())
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        at = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][at["index"]]["location"]["uri"] == at["uri"]
        taxa = {taxon["id"] for taxon in run["taxonomies"][0]["taxa"]}
        assert {taxon["id"] for taxon in result["taxa"]} <= taxa


def test_places_become_regions_and_logical_locations() -> None:
    by_rule = {r["ruleId"]: r["locations"][0] for r in sarif(bad_run())["results"]}
    frigate = by_rule["frigate-face-recognition"]
    assert frigate["physicalLocation"]["region"]["startLine"] == 42
    assert frigate["logicalLocations"][0]["fullyQualifiedName"] == "/face_recognition/enabled"
    store = by_rule["template-store"]["logicalLocations"][0]
    assert store["fullyQualifiedName"] == "face_embeddings.embedding"
    assert "region" not in by_rule["face-embedding-model"]["physicalLocation"]


def test_all_places_of_a_finding_are_there() -> None:
    result = next(r for r in sarif(bad_run())["results"] if r.get("relatedLocations"))
    first = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    others = [r["physicalLocation"]["region"] for r in result["relatedLocations"]]
    assert first == 14
    assert [(o["startLine"], o["endLine"]) for o in others] == [(31, 31), (58, 60)]


def test_levels_follow_the_controls() -> None:
    levels = {
        (r["properties"]["capability"], r["properties"]["confidence"], r["baselineState"]): r["level"]
        for r in sarif(bad_run())["results"]
        if "suppressions" not in r
    }
    assert levels["face-recognition", "high", "new"] == "error"
    assert levels["face-recognition", "high", "unchanged"] == "note"
    assert levels["face-visible", "high", "new"] == "warning"
    assert levels["face-analysis", "low", "new"] == "note"
    assert levels["redaction", "medium", "new"] == "note"


def test_a_waiver_is_a_suppression_with_its_reason() -> None:
    waived = [r for r in sarif(bad_run())["results"] if "suppressions" in r]
    assert [s["justification"] for r in waived for s in r["suppressions"]] == [
        "demo of the vendor, not deployed; approved by J. Doe until 2027-01-31"
    ]
    assert waived[0]["suppressions"][0]["kind"] == "external"
    assert waived[0]["suppressions"][0]["status"] == "accepted"


def test_what_was_not_tested_is_notified() -> None:
    invocation = sarif(bad_run())["invocations"][0]
    texts = [n["message"]["text"] for n in invocation["toolExecutionNotifications"]]
    assert "Not tested: no frame could be decoded: moov atom not found" in texts
    assert invocation["exitCode"] == 1


def test_brackets_of_a_name_make_no_link() -> None:
    text = next(
        r["message"]["text"] for r in sarif(hostile_run())["results"] if "tick" in r["message"]["text"]
    )
    assert r"\[link\](http" in text


def test_the_worst_5000_are_kept_and_the_rest_is_counted() -> None:
    hints = [finding("a.py", lines(i + 1), subject=f"s{i}", confidence=Confidence.LOW) for i in range(5_100)]
    worst = finding("z.py", lines(1))
    accepted = finding("y.py", lines(1), status=Status.BASELINE)
    run = sarif(make_run([*hints, accepted, worst], []))
    assert len(run["results"]) == 5_000
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "z.py"
    assert "y.py" not in json.dumps(run["results"])
    note = next(
        n["message"]["text"]
        for n in run["invocations"][0]["toolExecutionNotifications"]
        if n["descriptor"]["id"] == "results-left-out"
    )
    assert "102 findings" in note
    assert "5,102" in note
