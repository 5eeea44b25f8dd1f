import msgspec
import pytest

from scanner.findings import (
    ArtifactRef,
    Capability,
    Confidence,
    Evidence,
    Finding,
    Lines,
    Whole,
    make_finding,
)


def finding(path: str = "a.py", line: int = 1, *subjects: str) -> Finding:
    return make_finding(
        rule="r",
        capability=Capability.FACE_RECOGNITION,
        confidence=Confidence.HIGH,
        message="m",
        artifact=ArtifactRef(path=path, sha256="0" * 64, kind="python"),
        evidence=tuple(
            Evidence(subject=s, signal="call", location=Lines(start_line=line, end_line=line))
            for s in subjects or ("x",)
        ),
    )


def test_a_moved_line_and_a_renamed_file_keep_the_fingerprint() -> None:
    assert finding("a.py", 1).fingerprint == finding("b/c.py", 99).fingerprint


def test_the_id_tells_files_apart() -> None:
    assert finding("a.py").id != finding("b.py").id


def test_another_subject_is_another_fingerprint() -> None:
    assert finding("a.py", 1, "x").fingerprint != finding("a.py", 1, "y").fingerprint


def test_a_finding_without_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="needs evidence"):
        make_finding(
            rule="r",
            capability=Capability.FACE_DETECTION,
            confidence=Confidence.LOW,
            message="m",
            artifact=ArtifactRef(path="a", sha256="", kind="text"),
            evidence=(),
        )


def test_a_location_survives_the_way_through_json() -> None:
    for location in (Lines(start_line=1, end_line=2), Whole()):
        evidence = Evidence(subject="s", signal="call", location=location)
        assert msgspec.json.decode(msgspec.json.encode(evidence), type=Evidence) == evidence
