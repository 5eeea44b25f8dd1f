"""The retention test: redaction is satisfied only where every condition holds, and says why where not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.findings import (
    Capability,
    Confidence,
    ControlResult,
    Coverage,
    Finding,
    Kept,
    NotTested,
    Release,
    Result,
    Status,
    System,
)
from scanner.policy.assess import assess
from scanner.policy.pack import load_pack, shipped
from tests.policy.evidence import finding, system

LOOKED = Coverage(seen=3, inspected=3, inspectors={"source": 3, "footage": 1})
REDACTION = finding(Capability.REDACTION)
DETECTION = finding(Capability.FACE_DETECTION)


def control(
    *findings: Finding,
    systems: tuple[System, ...] = (),
    pack: str = "us-moratorium",
    name: str = "redaction",
    broken: tuple[NotTested, ...] = (),
) -> ControlResult:
    results = assess(load_pack(pack), findings, LOOKED, broken, systems)
    return next(c for c in results if c.id == name)


def test_redaction_that_releases_and_keeps_nothing_is_satisfied() -> None:
    result = control(REDACTION, DETECTION, systems=(system(),))
    assert result.result is Result.SATISFIED
    assert result.excused == (REDACTION.id,)
    assert [p.holds for p in result.predicates] == [True] * 4
    assert "borrowed" in result.reason
    assert "own declaration" in result.reason


def test_its_detector_is_satisfied_by_the_same_test() -> None:
    result = control(REDACTION, DETECTION, systems=(system(),), name="face-detection")
    assert result.result is Result.SATISFIED
    assert result.excused == (DETECTION.id,)


def test_without_an_inventory_a_person_must_review() -> None:
    result = control(REDACTION)
    assert result.result is Result.NEEDS_REVIEW
    assert all(p.holds is None for p in result.predicates)
    assert "No system in scanner.toml" in result.predicates[0].says


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (system(release=Release.INSIDE_AGENCY), "release inside-agency"),
        (system(release=None), "nothing about release"),
        (system(retains=None, release=None), "nothing about what is kept"),
        (system(retains=(Kept.CROP,)), "that it keeps: crop"),
        (system(Capability.FACE_DETECTION), "face-detection"),
    ],
)
def test_one_condition_that_does_not_hold_leaves_it_for_review(declared: System, says: str) -> None:
    result = control(REDACTION, systems=(declared,))
    assert result.result is Result.NEEDS_REVIEW
    assert not result.excused
    assert any(p.holds is not True and says in p.says for p in result.predicates)


def test_recognition_beside_the_redaction_speaks_against_it() -> None:
    beside = finding(Capability.FACE_RECOGNITION, "release/match.py", rule="r")
    result = control(REDACTION, beside, systems=(system(),))
    assert result.result is Result.NEEDS_REVIEW
    assert result.predicates[-1].holds is False
    assert result.predicates[-1].findings == (beside.id,)


def test_recognition_elsewhere_does_not() -> None:
    elsewhere = finding(Capability.FACE_RECOGNITION, "other/match.py", rule="r")
    assert control(REDACTION, elsewhere, systems=(system(),)).result is Result.SATISFIED


@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        ("mediapipe", "mediapipe.face_landmarks"),
        ("mediapipe", "mediapipe.solutions.face_mesh.FaceMesh"),
        ("metadata-face-track", "a stream"),
        ("some", "save_face_crop"),
    ],
)
def test_what_handles_it_speaks_against_a_declaration_of_keeping_none(rule: str, subject: str) -> None:
    handles = finding(Capability.FACE_DETECTION, rule=rule, subject=subject)
    result = control(REDACTION, handles, systems=(system(),))
    assert result.result is Result.NEEDS_REVIEW
    asked = result.predicates[2]
    assert asked.holds is None
    assert asked.findings == (handles.id,)


def test_a_finding_outside_the_systems_paths_is_not_excused() -> None:
    outside = finding(Capability.REDACTION, "elsewhere/blur.py")
    result = control(REDACTION, outside, systems=(system(),))
    assert result.result is Result.NEEDS_REVIEW
    assert result.excused == (REDACTION.id,)


def test_what_could_not_be_read_stays_not_tested_though_all_conditions_hold() -> None:
    broken = (NotTested(path="x.py", reason="damaged"),)
    assert control(REDACTION, systems=(system(),), broken=broken).result is Result.NOT_TESTED


def test_an_exception_that_a_person_must_answer_excuses_nothing() -> None:
    found = finding(Capability.FACE_RECOGNITION, rule="r")
    everything = system(*Capability, paths=())
    for pack in ("boston-16-62", "va-23-1-815-1"):
        result = next(
            c for c in assess(load_pack(pack), (found,), LOOKED, (), (everything,)) if found.id in c.findings
        )
        assert result.result is Result.NOT_SATISFIED
        assert result.predicates[0].holds is None
        assert "A person must answer" in result.predicates[0].says


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(shipped()),
    st.lists(st.tuples(st.sampled_from(list(Capability)), st.sampled_from(list(Confidence)))),
    st.sampled_from([None, *Release]),
    st.sampled_from([None, (), (Kept.TEMPLATE,)]),
)
def test_no_declaration_ever_excuses_recognition(
    pack: str,
    facts: list[tuple[Capability, Confidence]],
    release: Release | None,
    retains: tuple[Kept, ...] | None,
) -> None:
    findings = tuple(finding(c, f"{n}.py", confidence=k, rule="r") for n, (c, k) in enumerate(facts))
    declared = system(*Capability, paths=(), release=release, retains=retains)
    recognised = {
        f.id for f in findings if f.capability is Capability.FACE_RECOGNITION and f.status is Status.NEW
    }
    for result in assess(load_pack(pack), findings, LOOKED, (), (declared,)):
        assert not recognised & set(result.excused)
