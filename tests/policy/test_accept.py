import datetime as dt
from pathlib import Path

import pytest

from scanner.config import Waiver, load_config
from scanner.errors import UsageError
from scanner.findings import (
    ArtifactRef,
    Capability,
    Confidence,
    Evidence,
    Finding,
    Lines,
    Status,
    make_finding,
)
from scanner.policy.accept import accept, baseline_of, load_baseline

TODAY = dt.date(2026, 11, 24)


def found(path: str, places: int = 1) -> Finding:
    return make_finding(
        rule="dlib-call",
        capability=Capability.FACE_RECOGNITION,
        confidence=Confidence.HIGH,
        message="m",
        artifact=ArtifactRef(path=path, sha256="0" * 64, kind="python"),
        evidence=tuple(
            Evidence(subject="dlib.f", signal="call", location=Lines(start_line=n, end_line=n))
            for n in range(1, places + 1)
        ),
    )


def waiver(**keys: object) -> Waiver:
    base = {"owner": "o", "reason": "r", "approver": "a", "expires": dt.date(2027, 1, 1)}
    return Waiver(**{**base, **keys})  # type: ignore[arg-type]


def test_a_baseline_counts_places_so_that_one_more_is_new() -> None:
    baseline = baseline_of([found("a.py", 2)], "2026-11-24")
    assert accept([found("a.py", 2)], (), baseline, TODAY).findings[0].status is Status.BASELINE
    assert accept([found("a.py", 3)], (), baseline, TODAY).findings[0].status is Status.NEW


def test_a_second_copy_of_a_known_finding_is_new() -> None:
    baseline = baseline_of([found("a.py")], "2026-11-24")
    marked = accept([found("a.py"), found("b.py")], (), baseline, TODAY).findings
    assert [f.status for f in marked] == [Status.BASELINE, Status.NEW]


def test_a_waiver_by_rule_and_path_covers_only_that_path() -> None:
    marked = accept([found("a/x.py"), found("b/x.py")], (waiver(rule="dlib-call", path="a/*"),), None, TODAY)
    assert [f.status for f in marked.findings] == [Status.WAIVED, Status.NEW]
    assert "approved by a" in marked.findings[0].waiver


def test_an_expired_waiver_counts_as_none_and_is_told() -> None:
    old = waiver(fingerprint=found("a.py").fingerprint, expires=dt.date(2026, 11, 23))
    marked = accept([found("a.py")], (old,), None, TODAY)
    assert marked.findings[0].status is Status.NEW
    assert "expired on 2026-11-23" in marked.notices[0]


def test_a_waiver_holds_on_its_last_day() -> None:
    last = waiver(fingerprint=found("a.py").fingerprint, expires=TODAY)
    assert accept([found("a.py")], (last,), None, TODAY).findings[0].status is Status.WAIVED


def test_an_unused_waiver_is_told() -> None:
    assert "matches no finding" in accept([], (waiver(fingerprint="f"),), None, TODAY).notices[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[agency]\nnmae = 'x'", "nmae"),
        ("[[waiver]]\nowner='o'\nreason='r'\napprover='a'\nexpires=2027-01-01", "must name a fingerprint"),
        (
            "[[waiver]]\nfingerprint='f'\nowner=''\nreason='r'\napprover='a'\nexpires=2027-01-01",
            "lacks an owner",
        ),
        ("[[waiver]]\nfingerprint='f'\nowner='o'\nreason='r'\napprover='a'\nexpires='soon'", "expires"),
        ("[scan]\nfail_on = 'always'", "fail_on"),
        ("not toml", "not a valid scanner.toml"),
    ],
)
def test_a_wrong_scanner_toml_is_one_clear_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "scanner.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        load_config(path)


def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text("[]")
    with pytest.raises(UsageError, match="not a baseline"):
        load_baseline(path)
