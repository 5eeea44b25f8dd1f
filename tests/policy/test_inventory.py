import pytest

from scanner.findings import (
    Capability,
    Confidence,
    Coverage,
    Finding,
    InventoryResult,
    Level,
    NotTested,
    Result,
    Status,
)
from scanner.policy.inventory import cross_check, inventory_control
from tests.policy.evidence import finding, system

LOOKED = Coverage(seen=3, inspected=3)
BOTH = (finding(Capability.REDACTION), finding(Capability.FACE_DETECTION))


def told(*results: InventoryResult) -> list[tuple[str, Level]]:
    return [(r.check, r.level) for r in results]


def test_without_an_inventory_nothing_is_compared() -> None:
    assert cross_check((), BOTH) == ()


def test_what_is_declared_and_found_is_well() -> None:
    results = cross_check((system(),), BOTH)
    assert told(*results) == [("declared", Level.OK)] * 2
    assert inventory_control(results, LOOKED, ()).result is Result.SATISFIED


def test_found_but_undeclared_fails_and_names_the_place() -> None:
    secret = finding(Capability.FACE_RECOGNITION, "app/match.py", rule="r")
    results = cross_check((system(),), (*BOTH, secret))
    assert results[-1].check == "undeclared"
    assert results[-1].findings == (secret.id,)
    control = inventory_control(results, LOOKED, ())
    assert control.result is Result.NOT_SATISFIED
    assert "app/match.py" in control.reason
    assert control.basis == "agency"


def test_declared_for_other_paths_is_undeclared_here() -> None:
    results = cross_check((system(),), (*BOTH, finding(Capability.REDACTION, "elsewhere/blur.py")))
    assert told(*results)[-1] == ("undeclared", Level.FAIL)


def test_declared_but_not_found_warns() -> None:
    results = cross_check((system(),), BOTH[:1])
    assert ("not-found", Level.WARN) in told(*results)
    assert inventory_control(results, LOOKED, ()).result is Result.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("excerpt", "differs"),
    [
        ("deface==1.5.0", False),
        ("deface==1.4.2", True),
        ('"deface": "^1.4.2"', True),
        ("image: example/deface:1.4.2", True),
        ("deface", False),
        ("typeface==9.9.9", False),
    ],
)
def test_another_version_warns(excerpt: str, differs: bool) -> None:
    seen = finding(Capability.REDACTION, excerpt=excerpt, subject="pkg:pypi/deface")
    results = cross_check((system(Capability.REDACTION, version="1.5.0"),), (seen,))
    assert (("version-differs", Level.WARN) in told(*results)) is differs


@pytest.mark.parametrize(
    ("vendor", "differs"), [("Amazon Web Services", False), ("AWS Amazon", False), ("Acme", True)]
)
def test_another_vendor_warns(vendor: str, differs: bool) -> None:
    seen = finding(
        Capability.FACE_RECOGNITION, rule="aws-rekognition-faces", subject=".search_faces_by_image"
    )
    declared = system(Capability.FACE_RECOGNITION, name="face search", vendor=vendor)
    results = cross_check((declared,), (seen,))
    assert (("vendor-differs", Level.WARN) in told(*results)) is differs


@pytest.mark.parametrize(
    "harmless",
    [
        finding(Capability.FACE_RECOGNITION, rule="r", confidence=Confidence.LOW),
        finding(Capability.FACE_RECOGNITION, rule="r", context="test"),
        finding(Capability.FACE_RECOGNITION, rule="r", status=Status.WAIVED),
        finding(Capability.FACE_VISIBLE, "clip.mp4", rule="footage"),
    ],
)
def test_hints_tests_waivers_and_footage_are_no_systems(harmless: Finding) -> None:
    assert all(r.level is Level.OK for r in cross_check((system(),), (*BOTH, harmless)))


def test_unread_input_leaves_the_inventory_open() -> None:
    results = cross_check((system(),), BOTH)
    assert inventory_control(results, LOOKED, (NotTested(path="x", reason="r"),)).result is Result.NOT_TESTED


def test_a_version_is_read_from_a_hint_too() -> None:
    hint = finding(
        Capability.FACE_RECOGNITION,
        "release/compose.yml",
        rule="container-recorder",
        subject="example/deface",
        excerpt="image: ghcr.io/example/deface:0.16.1",
        confidence=Confidence.LOW,
    )
    results = cross_check((system(version="1.5.0"),), (*BOTH, hint))
    assert ("version-differs", Level.WARN) in told(*results)
    assert "0.16.1 was found in release/compose.yml" in results[-1].says
