"""What the tests of configuration share: the real inspectors on a file of bytes."""

from scanner.discover.artifact import Artifact
from scanner.errors import ScannerError
from scanner.findings import Finding
from scanner.inspect.config import ConfigInspector
from scanner.inspect.config.pipeline import PipelineInspector
from scanner.inspect.gather import gather
from scanner.inspect.infrastructure.dockerfile import DockerfileInspector
from scanner.inspect.interface import Sighting
from scanner.rules import load_rules

INSPECTORS = (ConfigInspector(), PipelineInspector(), DockerfileInspector())


def look(path: str, content: str | bytes) -> list[Finding]:
    """The findings that the inspectors of configuration make of one file."""
    findings, errors = look_hard(path, content)
    assert not errors, errors
    return findings


def look_hard(path: str, content: str | bytes) -> tuple[list[Finding], list[ScannerError]]:
    """The findings of one file, and what was said of it where it could not be read."""
    artifact = Artifact(path, data=content.encode() if isinstance(content, str) else content)
    sightings: list[Sighting] = []
    errors: list[ScannerError] = []
    for inspector in INSPECTORS:
        if inspector.accepts(artifact):
            try:
                sightings.extend(inspector.inspect(artifact, load_rules()))
            except ScannerError as error:
                errors.append(error)
    return gather(artifact, sightings), errors


def shown(path: str, content: str | bytes) -> dict[str, str]:
    """Rule and confidence of each finding."""
    return {f.rule: f.confidence.value for f in look(path, content)}


def firm(path: str, content: str | bytes) -> dict[str, str]:
    """The same without hints: what a gate would act on."""
    return {rule: confidence for rule, confidence in shown(path, content).items() if confidence != "low"}


def subjects(path: str, content: str | bytes) -> set[str]:
    """What was seen, in the normal form that makes a fingerprint."""
    return {e.subject for f in look(path, content) for e in f.evidence}
