"""The auditor passes its own audit: nothing in a default installation can identify a person."""

from pathlib import Path

import pytest

from scanner import own
from scanner.errors import Exit
from scanner.findings import Capability, Finding
from scanner.footage import weights
from tests.conftest import Cli

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    ended = own.inspect()
    assert len(ended) > 1000
    assert not [e.reason for e in ended if e.result is None]
    return [f for e in ended if e.result for f in e.result.findings]


def test_a_default_installation_holds_nothing_that_identifies(found: list[Finding]) -> None:
    bad = own.objections(found)
    assert not [(f.artifact.path, f.rule, f.message) for f in bad if f.artifact.path not in own.WAIVED]
    assert {f.artifact.path for f in bad} == set(own.WAIVED)  # a waiver that covers nothing goes


def test_a_default_installation_holds_no_network_but_the_detectors(found: list[Finding]) -> None:
    models = {f.artifact.path for f in found if any(e.signal == "model" for e in f.evidence)}
    assert models == {f"weights/{m.file}" for m in weights.manifest()}


def test_the_detectors_themselves_are_seen(found: list[Finding]) -> None:
    seen = {f.artifact.path for f in found if f.capability is Capability.FACE_DETECTION}
    assert {f"weights/{m.file}" for m in weights.manifest()} <= seen


def test_the_extra_is_not_part_of_the_default() -> None:
    assert not {"dlib", "dlib-bin", "face-recognition", "face-recognition-models"} & own.distributions()


def test_this_repository_passes(cli: Cli) -> None:
    done = cli("scan", ROOT, "--footage", "off")
    assert done.returncode == Exit.OPEN, done.stdout + done.stderr
