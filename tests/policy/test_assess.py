import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import Exit
from scanner.findings import (
    ArtifactRef,
    Capability,
    Confidence,
    ControlResult,
    Coverage,
    Evidence,
    Finding,
    NotTested,
    Result,
    Status,
    Whole,
    make_finding,
)
from scanner.policy.assess import Gate, assess, summarise
from scanner.policy.pack import DEFAULT, Reading, load_pack, shipped

PACK = load_pack(DEFAULT)
LOOKED = Coverage(
    seen=3, inspected=3, kinds={"python": 2, "video": 1}, inspectors={"source": 2, "footage": 1}
)
BROKEN = (NotTested(path="x.mp4", reason="damaged"),)


def finding(
    capability: Capability,
    confidence: Confidence = Confidence.HIGH,
    status: Status = Status.NEW,
    path: str = "a",
) -> Finding:
    made = make_finding(
        rule="r",
        capability=capability,
        confidence=confidence,
        message="m",
        artifact=ArtifactRef(path=path, sha256="0" * 64, kind="python"),
        evidence=(Evidence(subject="s", signal="call", location=Whole()),),
    )
    import msgspec

    return msgspec.structs.replace(made, status=status)


def results(
    *findings: Finding, coverage: Coverage = LOOKED, broken: tuple[NotTested, ...] = ()
) -> dict[str, ControlResult]:
    return {c.id: c for c in assess(PACK, findings, coverage, broken)}


def gate(
    *findings: Finding,
    broken: tuple[NotTested, ...] = (),
    fail_on: str = "not-satisfied",
    allow: bool = False,
) -> int:
    controls = assess(PACK, findings, LOOKED, broken)
    return summarise(PACK.status, findings, controls, broken, Gate(fail_on, allow)).exit_code


def test_recognition_is_not_satisfied_and_rests_on_its_finding() -> None:
    found = finding(Capability.FACE_RECOGNITION)
    control = results(found)["face-recognition"]
    assert control.result is Result.NOT_SATISFIED
    assert control.findings == (found.id,)


def test_every_capability_touches_a_control() -> None:
    covered = set(itertools.chain.from_iterable(c.capabilities for c in PACK.control))
    assert covered == set(Capability)


def test_detection_needs_a_person() -> None:
    assert results(finding(Capability.FACE_DETECTION))["face-detection"].result is Result.NEEDS_REVIEW


def test_a_hint_alone_is_never_not_satisfied_and_never_satisfied() -> None:
    control = results(finding(Capability.FACE_RECOGNITION, Confidence.LOW))["face-recognition"]
    assert control.result is Result.NEEDS_REVIEW


def test_unread_is_not_tested_never_satisfied() -> None:
    for control in results(broken=BROKEN).values():
        assert control.result in (Result.NOT_TESTED, Result.NEEDS_REVIEW)


def test_nothing_inspected_is_not_tested() -> None:
    assert results(coverage=Coverage())["face-recognition"].result is Result.NOT_TESTED


def test_without_footage_nothing_is_said_of_footage() -> None:
    code_only = Coverage(seen=1, inspected=1, kinds={"picture": 1}, inspectors={"metadata": 1})
    assert results(coverage=code_only)["footage-for-release"].result is Result.NOT_TESTED
    assert results()["footage-for-release"].result is Result.SATISFIED


def test_the_grant_condition_is_never_decided_here() -> None:
    assert results()["grant-condition"].result is Result.NEEDS_REVIEW


def test_a_waived_finding_is_named_and_does_not_count() -> None:
    waived = finding(Capability.FACE_RECOGNITION, status=Status.WAIVED)
    control = results(waived)["face-recognition"]
    assert control.result is Result.SATISFIED
    assert control.waived == (waived.id,)
    assert "waived" in control.reason


def test_a_baseline_finding_does_not_gate_but_is_not_called_satisfied() -> None:
    known = finding(Capability.FACE_RECOGNITION, status=Status.BASELINE)
    assert results(known)["face-recognition"].result is Result.NEEDS_REVIEW
    assert gate(known) == Exit.OPEN


@pytest.mark.parametrize(
    ("fail_on", "code"), [("not-satisfied", Exit.OPEN), ("needs-review", Exit.CLOSED), ("never", Exit.OPEN)]
)
def test_what_closes_the_gate(fail_on: str, code: Exit) -> None:
    assert gate(finding(Capability.FACE_DETECTION), fail_on=fail_on) == code


def test_incomplete_closes_the_gate_unless_allowed() -> None:
    assert gate(broken=BROKEN) == Exit.INCOMPLETE
    assert gate(broken=BROKEN, allow=True) == Exit.OPEN
    assert gate(finding(Capability.FACE_RECOGNITION), broken=BROKEN, allow=True) == Exit.CLOSED


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Capability)),
            st.sampled_from(list(Confidence)),
            st.sampled_from(list(Status)),
        )
    ),
    st.booleans(),
)
def test_more_evidence_never_makes_a_control_better(
    facts: list[tuple[Capability, Confidence, Status]], broken: bool
) -> None:
    order = [Result.SATISFIED, Result.NOT_TESTED, Result.NEEDS_REVIEW, Result.NOT_SATISFIED]
    findings = tuple(finding(*f, path=str(n)) for n, f in enumerate(facts))
    unread = BROKEN if broken else ()
    before = results(*findings, broken=unread)
    more = finding(Capability.FACE_RECOGNITION, path="more")
    after = results(*findings, more, broken=unread)
    for name, control in after.items():
        assert order.index(control.result) >= order.index(before[name].result)


def test_every_shipped_pack_is_sound_and_quotes_what_it_says() -> None:
    for name in shipped():
        pack = load_pack(name)
        assert pack.id == name
        assert pack.status_note
        for control in pack.control:
            assert control.about
            assert (control.quote_verified is Reading.NOT_QUOTED) == (not control.quote)


def test_the_default_pack_says_that_it_is_proposed() -> None:
    assert PACK.status.value == "proposed"
    assert "not law" in PACK.status_note
