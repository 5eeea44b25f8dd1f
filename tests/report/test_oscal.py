"""OSCAL: accepted by trestle, every reference resolves, times are zoned, names are the same every time."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
import pydantic
import pytest
from trestle.oscal.assessment_results import Model

from scanner.findings import Result, Run
from scanner.report import WRITERS
from scanner.report.oscal import token
from tests.agency_runs import agency_run, hostile_agency_run
from tests.example_runs import bad_run, clean_run, finding, lines, make_run
from tests.strange_runs import hostile_run

Make = Callable[[], Run]
every_run = pytest.mark.parametrize("make", [bad_run, clean_run, hostile_run, agency_run, hostile_agency_run])


@cache
def document(make: Make) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(WRITERS["oscal"](make()))
    return made


def copy(make: Make) -> Any:
    return json.loads(json.dumps(document(make)))


def valid(made: Any) -> bool:
    try:
        Model.model_validate_json(json.dumps(made))
    except pydantic.ValidationError:
        return False
    return True


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def dangling(made: Any) -> set[str]:
    """References that nothing in the document defines; trestle and the schema accept them."""
    pairs = list(walk(made))
    uuids = [v for k, v in pairs if k == "uuid"]
    assert len(uuids) == len(set(uuids)), "a UUID stands for two things"
    objectives = made["assessment-results"].get("local-definitions", {}).get("objectives-and-methods", [])
    controls = {o["control-id"] for o in objectives}
    parts = {p["id"] for o in objectives for p in o["parts"]}
    roles = {r["id"] for r in made["assessment-results"]["metadata"].get("roles", [])}
    defined = {*uuids, *controls, *parts, *roles}
    used = {v for k, v in pairs if k.endswith(("-uuid", "-id")) and isinstance(v, str)}
    used |= {u for k, v in pairs if k.endswith("-uuids") for u in v}
    used |= {v[1:] for k, v in pairs if k == "href" and v.startswith("#")}
    return used - defined


@every_run
def test_trestle_accepts_it_and_every_reference_resolves(make: Make) -> None:
    assert valid(document(make))
    assert dangling(document(make)) == set()


def _drop(path: list[Any]) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for key in path[:-1]:
            made = made[key]
        del made[path[-1]]

    return change


def _set(path: list[Any], value: Any) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for key in path[:-1]:
            made = made[key]
        made[path[-1]] = value

    return change


ROOT = ["assessment-results"]
FIRST = [*ROOT, "results", 0]


@pytest.mark.parametrize(
    "change",
    [
        _drop([*ROOT, "import-ap"]),
        _drop([*FIRST, "reviewed-controls"]),
        _drop([*FIRST, "observations", 0, "collected"]),
        _set([*FIRST, "observations", 0, "collected"], "2026-11-24T09:00:00"),
        _set([*FIRST, "findings", 0, "target", "status", "state"], "needs-review"),
        _set([*ROOT, "uuid"], "not-a-uuid"),
        _set([*FIRST, "surprise"], "unknown key"),
        _set([*FIRST, "title"], "two\nlines"),
    ],
)
def test_trestle_refuses_a_broken_file(change: Callable[[Any], None]) -> None:
    made = copy(bad_run)
    change(made)
    assert not valid(made)


@pytest.mark.parametrize(
    "path",
    [
        [*FIRST, "findings", 0, "related-observations", 0, "observation-uuid"],
        [*FIRST, "findings", 0, "target", "target-id"],
        [*FIRST, "observations", 0, "subjects", 0, "subject-uuid"],
        [*ROOT, "import-ap", "href"],
    ],
)
def test_a_dangling_reference_is_seen_by_our_own_check(path: list[Any]) -> None:
    made = copy(bad_run)
    _set(path, "#a" if path[-1] == "href" else "6f3c1c52-0a2f-4b0e-9d53-3b1f3f6f7f4e")(made)
    assert dangling(made)


def test_every_finding_is_an_observation_with_the_time_of_the_run() -> None:
    run = bad_run()
    result = document(bad_run)["assessment-results"]["results"][0]
    seen = [o for o in result["observations"] if o["title"] != "Not tested"]
    prints = {p["value"] for o in seen for p in o["props"] if p["name"] == "fingerprint"}
    assert prints == {f.fingerprint for f in run.findings}
    assert len(seen) == len(run.findings)
    assert {o["collected"] for o in result["observations"]} == {run.run.finished}
    assert len(result["observations"]) == len(run.findings) + len(run.run.not_tested)


def test_what_oscal_has_no_state_for_is_never_satisfied_and_says_what_it_is() -> None:
    run = bad_run()
    findings = document(bad_run)["assessment-results"]["results"][0]["findings"]
    for control, made in zip(run.controls, findings, strict=True):
        status = made["target"]["status"]
        assert (status["state"] == "satisfied") == (control.result is Result.SATISFIED)
        assert {p["value"] for p in made["props"] if p["name"] == "result"} == {control.result.value}
    reasons = {c.result: f["target"]["status"]["reason"] for c, f in zip(run.controls, findings, strict=True)}
    assert reasons[Result.NEEDS_REVIEW] == reasons[Result.NOT_TESTED] == "other"


def test_each_control_names_all_it_rests_on() -> None:
    run = bad_run()
    findings = document(bad_run)["assessment-results"]["results"][0]["findings"]
    for control, made in zip(run.controls, findings, strict=True):
        named = len({*control.findings, *control.waived})
        untested = len(run.run.not_tested) if control.result is Result.NOT_TESTED else 0
        assert len(made.get("related-observations", [])) == named + untested


def test_uuids_are_those_of_the_run() -> None:
    run = bad_run()
    assert WRITERS["oscal"](run) == WRITERS["oscal"](run)
    other = msgspec.structs.replace(
        run, run=msgspec.structs.replace(run.run, finished="2026-11-25T09:00:12Z")
    )
    again = json.loads(WRITERS["oscal"](other))
    assert again["assessment-results"]["uuid"] != document(bad_run)["assessment-results"]["uuid"]


def test_names_stay_apart_when_they_have_to_change() -> None:
    assert token("fine-name.1") == "fine-name.1"
    assert len({token("a b"), token("a/b"), token("1ab"), token("a_b")}) == 4


def test_markup_in_a_name_is_escaped() -> None:
    observations = document(hostile_run)["assessment-results"]["results"][0]["observations"]
    prose = " ".join(o["description"] for o in observations)
    assert r"\<script\>" in prose
    assert "[link]" not in prose


def test_places_left_out_are_counted() -> None:
    many = make_run([finding("a.py", *(lines(i) for i in range(1, 101)))], [])
    observation = json.loads(WRITERS["oscal"](many))["assessment-results"]["results"][0]["observations"][0]
    assert len(observation["relevant-evidence"]) == 25
    assert observation["remarks"] == "75 more places in the JSON report."
