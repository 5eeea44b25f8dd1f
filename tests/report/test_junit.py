"""JUnit: what a build server reads out of it."""

from xml.etree import ElementTree

import msgspec
import pytest

from scanner.findings import NotTested, Run
from scanner.report import WRITERS
from tests.example_runs import bad_run, clean_run, make_run
from tests.strange_runs import hostile_run


def suites(run: Run) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(WRITERS["junit"](run))
    assert root.tag == "testsuites"
    found = root.findall("testsuite")
    for suite in found:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases)
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == sum(c.find(tag) is not None for c in cases)
    assert int(root.get("tests", "")) == sum(int(s.get("tests", "")) for s in found)
    return {suite.get("name", ""): suite for suite in found}


def outcome(run: Run) -> dict[str, str]:
    controls = next(iter(suites(run).values()))
    return {
        case.get("name", "").split()[0]: next((child.tag for child in case), "passed")
        for case in controls.findall("testcase")
    }


def test_controls_become_cases() -> None:
    assert outcome(bad_run()) == {
        "face-recognition": "failure",
        "derived-information": "failure",
        "face-analysis": "skipped",
        "redaction-only": "skipped",
        "voice": "skipped",
        "gait": "passed",
    }


def test_a_needed_review_fails_where_the_gate_says_so() -> None:
    run = bad_run()
    info = msgspec.structs.replace(run.run, options={"fail-on": "needs-review"})
    gated = msgspec.structs.replace(run, run=info)
    assert outcome(gated)["redaction-only"] == "failure"
    assert outcome(gated)["voice"] == "skipped"


def test_the_suite_names_the_policy_and_its_status() -> None:
    name = next(iter(suites(bad_run())))
    assert "Moratorium Act" in name
    assert "(proposed)" in name


def test_a_failure_names_the_findings_with_their_place() -> None:
    suite = next(iter(suites(bad_run()).values()))
    text = suite.findall("testcase")[0].findtext("failure") or ""
    assert "src/match.py:14" in text
    assert "config/frigate.yml:42" in text


def test_what_was_not_tested_is_an_error_unless_it_was_allowed() -> None:
    run = bad_run()
    assert [c.get("name") for c in suites(run)["inputs"].findall("testcase[error]")] == [
        "backup/old.zip",
        "footage/broken.mp4",
    ]
    allowed = msgspec.structs.replace(
        run, run=msgspec.structs.replace(run.run, options={"allow-incomplete": "true"})
    )
    assert len(suites(allowed)["inputs"].findall("testcase[skipped]")) == 2


def test_hostile_names_stay_text() -> None:
    cases = suites(hostile_run())["inputs"].findall("testcase")
    names = [c.get("name") for c in cases]
    assert "a<script>alert(1)</script>.py" in names
    assert r"b\x1b[31mred\x1b[0m\x07.py" in names


def test_many_untested_inputs_are_counted() -> None:
    many = [NotTested(path=f"{i}.mp4", reason="damaged") for i in range(1_500)]
    cases = suites(make_run([], [], not_tested=many))["inputs"].findall("testcase")
    assert len(cases) == 1_001
    assert cases[-1].get("name") == "and 500 more"


@pytest.mark.parametrize("run", [clean_run(), bad_run()], ids=["clean", "bad"])
def test_the_time_is_that_of_the_run(run: Run) -> None:
    suite = next(iter(suites(run).values()))
    assert suite.get("time") == "12.000"
    assert suite.get("timestamp") == "2026-11-24T09:00:00"
