"""What policy tells a person and a program, as a whole value: every field, every place of a list."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from scanner.errors import UsageError
from scanner.findings import (
    Capability,
    ControlResult,
    Coverage,
    InventoryResult,
    Level,
    NotTested,
    Result,
    Status,
)
from scanner.policy.accept import Baseline, accept, baseline_of, load_baseline
from scanner.policy.inventory import cross_check, inventory_control
from tests.policy.evidence import finding, system

LOOKED = Coverage(seen=3, inspected=3)
TODAY = dt.date(2026, 11, 1)
WRITE = "Write one with `scanner scan --write-baseline FILE`."


def recognised(*paths: str) -> tuple:  # type: ignore[type-arg]
    return tuple(finding(Capability.FACE_RECOGNITION, path) for path in paths)


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["c.py", "a.py"], "a.py, c.py"),
        (["c.py", "a.py", "b.py"], "a.py, b.py, c.py"),
        (["c.py", "a.py", "b.py", "d.py"], "a.py, b.py, c.py and 1 more"),
        (["c.py", "a.py", "b.py", "e.py", "d.py"], "a.py, b.py, c.py and 2 more"),
    ],
)
def test_what_nobody_declared_is_told_with_three_places_and_a_count(paths: list[str], said: str) -> None:
    found = recognised(*paths)
    blur = (finding(Capability.REDACTION), finding(Capability.FACE_DETECTION))
    assert cross_check((system(),), (*blur, *found))[2:] == (
        InventoryResult(
            check="undeclared",
            level=Level.FAIL,
            system="",
            capability=Capability.FACE_RECOGNITION,
            says=f"face-recognition was found in {said}, and no system of the inventory declares it there.",
            findings=tuple(f.id for f in found),
        ),
    )


def test_every_system_is_compared_not_the_last_alone() -> None:
    other = msgspec.structs.replace(system(), name="second", paths=("elsewhere/*",))
    names = [r.system for r in cross_check((system(), other), (finding(Capability.REDACTION),))]
    assert set(names) == {system().name, "second"}


def result(level: Level, says: str, *ids: str) -> InventoryResult:
    return InventoryResult(
        check="c", level=level, system="s", capability=Capability.REDACTION, says=says, findings=ids
    )


FAIL, FAIL_2 = result(Level.FAIL, "One.", "1", "2"), result(Level.FAIL, "Two.", "2", "3")
WARN, WARN_2 = result(Level.WARN, "Three.", "4"), result(Level.WARN, "Four.", "5")
AGREED = "Every system found is declared, and every one declared was found."
OPEN = "Some input could not be read, so the inventory cannot be closed."
NOT_DRAWN = "Clips that were not drawn may hold a system that is not declared."
UNREAD = NotTested(path="a.py", reason="damaged")
UNDRAWN = NotTested(path="a.mp4", reason="not drawn", undrawn=True)


@pytest.mark.parametrize(
    ("results", "coverage", "not_tested", "expected", "reason", "ids"),
    [
        ((), LOOKED, (), Result.SATISFIED, AGREED, ""),
        ((FAIL, WARN, FAIL_2), LOOKED, (UNREAD,), Result.NOT_SATISFIED, "One. Two.", "1234"),
        ((), LOOKED, (UNDRAWN, UNREAD), Result.NOT_TESTED, OPEN, ""),
        ((WARN,), Coverage(seen=3, inspected=0), (), Result.NOT_TESTED, OPEN, "4"),
        ((), LOOKED, (UNDRAWN,), Result.NEEDS_REVIEW, NOT_DRAWN, ""),
        ((WARN, WARN_2), LOOKED, (), Result.NEEDS_REVIEW, "Three. Four.", "45"),
    ],
)  # fmt: skip
def test_the_control_of_the_inventory(
    results: tuple[InventoryResult, ...],
    coverage: Coverage,
    not_tested: tuple[NotTested, ...],
    expected: Result,
    reason: str,
    ids: str,
) -> None:
    assert inventory_control(results, coverage, not_tested) == ControlResult(
        id="systems-inventory",
        title="The systems inventory says what was found",
        citation="the agency's own inventory in scanner.toml",
        quote="",
        quote_verified="not-quoted",
        result=expected,
        reason=reason,
        findings=tuple(ids),
        about="Found but undeclared fails; declared but not found, or of another make, is for review.",
        basis="agency",
    )


def test_a_baseline_counts_all_of_a_kind_and_comes_back_from_its_file(tmp_path: Path) -> None:
    one = recognised("a.py")[0]
    made = baseline_of([one, one, msgspec.structs.replace(one, fingerprint="0")], "2026-11-01")
    assert made == Baseline(
        schema_version="1.0", accepted_on="2026-11-01", occurrences={"0": 1, one.fingerprint: 2}
    )
    path = tmp_path / "baseline.json"
    path.write_bytes(msgspec.json.encode(made))
    assert load_baseline(path) == made


@pytest.mark.parametrize(
    ("content", "message", "remedy"),
    [
        (None, "baseline {} cannot be read: No such file or directory.", WRITE),
        ("[]", "{} is not a baseline: Expected `object`, got `array`.", WRITE),
        (
            '{"schema_version": "9.0", "accepted_on": "", "occurrences": {}}',
            "{} has baseline version '9.0'.",
            "This scanner reads 1.0.",
        ),
    ],
)
def test_what_is_no_baseline_is_told_with_what_to_do(
    content: str | None, message: str, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / "b.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError) as raised:
        load_baseline(path)
    assert (raised.value.message, raised.value.remedy) == (message.format(path), remedy)


def test_what_its_own_comment_waives_stays_as_it_is_and_the_next_is_looked_at() -> None:
    one, two = recognised("a.py", "b.py")
    waived = msgspec.structs.replace(one, status=Status.WAIVED, waiver="by a comment")
    accepted = accept([waived, two], (), baseline_of([two], "2026-11-01"), TODAY)
    assert accepted.findings == (waived, msgspec.structs.replace(two, status=Status.BASELINE))
    assert accepted.notices == ()
