"""The auditor passes its own audit: nothing in a default installation can identify a person."""

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.engine.local import LocalPool, default_jobs
from scanner.errors import Exit
from scanner.findings import Capability, Confidence, Finding
from scanner.footage import weights
from scanner.inspect.unit import Unit, inspect_unit
from tests.conftest import Cli

ROOT = Path(__file__).parents[1]
ALLOWED = {Capability.FACE_DETECTION, Capability.REDACTION}
"""What a redaction tool must have; everything else would be biometric surveillance."""
WAIVED = {  # path: reason
    "opencv-python-headless/cv2/__init__.pyi": "declares a recogniser that needs weights; none are here"
}
"""What is found all the same, and why it stands. The next test holds that the weights are absent."""


def default_distributions() -> set[str]:
    """The distributions that `pip install scanner` brings, without extras and development tools."""
    wanted, todo = set[str](), ["scanner"]
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in wanted:
            continue
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        wanted.add(name)
        todo += [m.group() for r in requires if "extra ==" not in r and (m := re.match(r"[\w.-]+", r))]
    return wanted


def installed_files() -> Iterator[Unit]:
    for name in sorted(default_distributions() - {"scanner"}):
        for file in importlib.metadata.files(name) or ():
            path = Path(str(file.locate()))
            if path.is_file() and path.suffix != ".pyc":
                yield Unit(f"{name}/{file}", str(path), path.stat().st_size, footage="off")
    for model in weights.manifest():
        path = weights.folder() / "weights" / model.file
        yield Unit(f"weights/{model.file}", str(path), path.stat().st_size)


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    ended = list(LocalPool(default_jobs(), weigh=lambda u: u.size).run(inspect_unit, installed_files()))
    assert len(ended) > 1000
    assert not [e.reason for e in ended if e.result is None]
    return [f for e in ended if e.result for f in e.result.findings]


def test_a_default_installation_holds_nothing_that_identifies(found: list[Finding]) -> None:
    bad = [f for f in found if f.capability not in ALLOWED and f.confidence is not Confidence.LOW]
    assert not [(f.artifact.path, f.rule, f.message) for f in bad if f.artifact.path not in WAIVED]
    assert {f.artifact.path for f in bad} == set(WAIVED)  # a waiver that covers nothing goes


def test_a_default_installation_holds_no_network_but_the_detectors(found: list[Finding]) -> None:
    models = {f.artifact.path for f in found if any(e.signal == "model" for e in f.evidence)}
    assert models == {f"weights/{m.file}" for m in weights.manifest()}


def test_the_detectors_themselves_are_seen(found: list[Finding]) -> None:
    seen = {f.artifact.path for f in found if f.capability is Capability.FACE_DETECTION}
    assert {f"weights/{m.file}" for m in weights.manifest()} <= seen


def test_the_extra_is_not_part_of_the_default() -> None:
    assert not {"dlib", "dlib-bin", "face-recognition", "face-recognition-models"} & default_distributions()


def test_this_repository_passes(cli: Cli) -> None:
    done = cli("scan", ROOT, "--footage", "off")
    assert done.returncode == Exit.OPEN, done.stdout + done.stderr
