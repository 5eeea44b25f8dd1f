"""Each rule flags what it says, and leaves a record in order alone."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner.disclosures.check import Reported, check, load_clips, load_transparency
from scanner.disclosures.control import QUOTE, ledger_control
from scanner.disclosures.ledger import Audio, Downstream, Holds, Ledger, Record, load_ledger
from scanner.disclosures.rules import COUNT_DIFFERS, RULES, Terms, flags_of
from scanner.findings import Basis, Result
from tests.policy.test_packs import LAW, plain

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "disclosures"
CLIP = "ab" * 32
TERMS = Terms(as_of=dt.date(2026, 7, 1), clips=frozenset({CLIP}))

GOOD = Record(
    id="D-1",
    provider="Example Doorbells",
    agency="Sample City",
    basis=Basis.EMERGENCY,
    holds=Holds.CONTENT,
    requested_at="2026-03-01T09:00:00Z",
    decided_at="2026-03-01T09:30:00Z",
    disclosed_at="2026-03-01T10:00:00Z",
    requester="badge 4101",
    requester_verified="call back",
    approver="staff 17",
    process="W-1",
    facts="a child of six is missing in frost",
    form_sha256="cd" * 32,
    window_start="2026-03-01T07:00:00Z",
    window_end="2026-03-01T08:00:00Z",
    justified_start="2026-03-01T07:00:00Z",
    justified_end="2026-03-01T08:00:00Z",
    clips=(CLIP,),
    audio=Audio.REMOVED,
    owner_notified_at="2026-03-01T12:00:00Z",
    follow_up_at="2026-03-08",
    follow_up_process="W-1",
    downstream_recognition=Downstream.NONE,
)

CASES: list[tuple[str, dict[str, Any]]] = [
    ("emergency-without-facts", {"facts": ""}),
    ("emergency-without-facts", {"facts": "urgent"}),
    ("emergency-without-form", {"form_sha256": None}),
    ("emergency-without-decider", {"approver": ""}),
    ("emergency-without-decider", {"decided_at": None}),
    ("content-on-subpoena", {"basis": Basis.SUBPOENA}),
    ("content-on-subpoena", {"basis": Basis.SUBPOENA, "holds": Holds.BOTH}),
    ("disclosed-before-decided", {"decided_at": "2026-03-01T10:01:00Z"}),
    ("disclosed-before-decided", {"decided_at": "2026-03-01T06:00:00-05:00"}),
    ("disclosed-before-requested", {"requested_at": "2026-03-02", "decided_at": "2026-03-01"}),
    ("requester-is-approver", {"approver": "Badge 4101"}),
    ("requester-unverified", {"requester_verified": ""}),
    ("requester-unverified", {"requester_verified": "No"}),
    ("process-unnamed", {"basis": Basis.COURT_ORDER, "process": ""}),
    ("window-too-wide", {"window_start": "2026-03-01T06:59:00Z"}),
    ("window-too-wide", {"window_end": "2026-03-01T08:00:01Z"}),
    ("recognition-downstream", {"downstream_recognition": Downstream.USED}),
    ("window-unstated", {"justified_end": None}),
    ("no-follow-up", {"follow_up_at": None}),
    ("no-follow-up", {"follow_up_at": "2026-03-09"}),
    ("no-owner-notice", {"owner_notified_at": None}),
    ("audio-unstated", {"audio": None}),
    ("clip-unknown", {"clips": ("ef" * 32,)}),
    ("clip-unknown", {"clips": ()}),
    ("recognition-unstated", {"downstream_recognition": Downstream.UNKNOWN}),
    ("recognition-unstated", {"downstream_recognition": None}),
]


def flagged(record: Record, terms: Terms = TERMS) -> set[str]:
    return {flag.rule for flag in flags_of(record, terms)}


def test_a_record_in_order_has_no_flag() -> None:
    assert flagged(GOOD) == set()


@pytest.mark.parametrize(("rule", "changes"), CASES)
def test_a_rule_flags_what_it_says_and_nothing_else(rule: str, changes: dict[str, Any]) -> None:
    assert flagged(msgspec.structs.replace(GOOD, **changes)) == {rule}


def test_every_rule_has_a_case_and_stands_in_the_documentation() -> None:
    assert {rule for rule, _ in CASES} == {rule.id for rule in RULES}
    page = (ROOT / "docs" / "disclosures.md").read_text()
    for rule in RULES:
        assert f"| `{rule.id}` | {rule.weight} |" in page
        assert rule.citation
        assert rule.about


@pytest.mark.parametrize(
    "changes",
    [
        {"basis": Basis.WARRANT, "facts": "", "form_sha256": None, "follow_up_at": None},
        {"basis": Basis.CONSENT, "owner_notified_at": None, "requester_verified": "", "process": ""},
        {"basis": Basis.SUBPOENA, "holds": Holds.RECORDS, "clips": (), "audio": None, "window_start": None},
        {"owner_notified_at": None, "delay_order": "O-7"},
        {"disclosed_at": "2026-03-01", "decided_at": "2026-03-01T23:00:00Z"},
    ],
)
def test_what_a_ground_does_not_ask_is_not_flagged(changes: dict[str, Any]) -> None:
    assert flagged(msgspec.structs.replace(GOOD, **changes)) == set()


def test_a_follow_up_that_is_not_due_yet_is_not_missing() -> None:
    waiting = msgspec.structs.replace(GOOD, follow_up_at=None)
    assert flagged(waiting, Terms(dt.date(2026, 3, 8), 7, TERMS.clips)) == set()
    assert flagged(waiting, Terms(dt.date(2026, 3, 9), 7, TERMS.clips)) == {"no-follow-up"}


def test_without_an_inventory_of_clips_none_is_unknown() -> None:
    assert flagged(msgspec.structs.replace(GOOD, clips=()), Terms(dt.date(2026, 7, 1))) == set()


def test_flags_name_a_record_and_no_person() -> None:
    record = msgspec.structs.replace(GOOD, requester="Jane Roe", approver="Jane Roe", facts="", audio=None)
    said = msgspec.json.encode(check(Ledger("l.csv", "0" * 64, (record,)), TERMS))
    assert b"D-1" in said
    assert b"Roe" not in said


def reported(count: int, **changes: Any) -> Reported:
    line = Reported(
        vendor="example doorbells",
        basis=Basis.EMERGENCY,
        first=dt.date(2026, 1, 1),
        last=dt.date(2026, 3, 1),
        count=count,
    )
    return msgspec.structs.replace(line, **changes)


@pytest.mark.parametrize(
    ("line", "counted", "differs"),
    [
        (reported(1), 1, False),
        (reported(11), 1, True),
        (reported(0, last=dt.date(2026, 2, 28)), 0, False),
        (reported(1, basis=Basis.WARRANT), 0, True),
        (reported(1, vendor="another"), 0, True),
    ],
)
def test_counts_are_held_against_the_vendors(line: Reported, counted: int, differs: bool) -> None:
    result = check(Ledger("l.csv", "0" * 64, (GOOD,)), TERMS, (line,))
    assert result.compared[0].counted == counted
    assert any(f.rule == COUNT_DIFFERS for f in result.flags) is differs


def test_years_add_up_by_basis() -> None:
    records = (
        GOOD,
        msgspec.structs.replace(GOOD, id="D-2", basis=Basis.CONSENT, audio=None, agency="Another"),
        msgspec.structs.replace(GOOD, id="D-3", disclosed_at="2025-12-31T23:30:00-02:00"),
        msgspec.structs.replace(GOOD, id="D-4", disclosed_at="2025-12-31", requested_at="2025-12-30"),
    )
    years = check(Ledger("l.csv", "0" * 64, records), TERMS).years
    assert [(y.year, y.records) for y in years] == [(2025, 1), (2026, 3)]
    assert years[1].by_basis == {Basis.CONSENT: 1, Basis.EMERGENCY: 2}
    assert [y.agencies for y in years] == [1, 2]
    assert years[1].flagged == 2  # D-2, and D-3, which was disclosed before it was asked for


def test_the_ledger_becomes_a_control() -> None:
    def result(*records: Record) -> Result:
        return ledger_control(check(Ledger("l.csv", "0" * 64, records), TERMS)).result

    warned = msgspec.structs.replace(GOOD, id="D-2", audio=None)
    failed = msgspec.structs.replace(GOOD, id="D-3", facts="")
    assert result(GOOD) is Result.SATISFIED
    assert result(GOOD, warned) is Result.NEEDS_REVIEW
    assert result(GOOD, warned, failed) is Result.NOT_SATISFIED


def test_the_words_of_the_control_are_those_of_the_code() -> None:
    assert plain(QUOTE) in plain((LAW / "18-usc-2702.txt").read_text())


def test_the_sample_flags_what_was_put_out_of_order() -> None:
    terms = Terms(dt.date(2026, 7, 1), 7, load_clips(SAMPLE / "clips.txt"))
    result = check(load_ledger(SAMPLE / "ledger.csv"), terms, load_transparency(SAMPLE / "transparency.csv"))
    assert {(f.record, f.rule) for f in result.flags} == {
        ("D-003", "emergency-without-facts"),
        ("D-003", "emergency-without-form"),
        ("D-005", "requester-is-approver"),
        ("D-007", "disclosed-before-decided"),
        ("D-008", "window-too-wide"),
        ("D-009", "no-follow-up"),
        ("D-009", "audio-unstated"),
        ("D-011", "recognition-downstream"),
        ("D-011", "clip-unknown"),
        ("D-035", "content-on-subpoena"),
        ("D-036", "requester-unverified"),
        ("D-036", "no-owner-notice"),
        ("", COUNT_DIFFERS),
    }
    assert result.years[0].by_basis[Basis.EMERGENCY] == 11
