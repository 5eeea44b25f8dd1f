"""The work on one file of a target: what is it, which inspectors read it, what did they see.

This is what the engine runs in its workers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from scanner.discover import archive, image
from scanner.discover.artifact import AT_ONCE, MAX_READ, Artifact
from scanner.discover.kind import CODE, is_archive
from scanner.errors import ScannerError
from scanner.findings import Finding, Looked, Outcome, Recorded
from scanner.inspect.gather import gather
from scanner.inspect.ignore import MARK, apply_ignores, read_ignores
from scanner.inspect.interface import Inspector, Sighting
from scanner.inspect.registry import inspectors
from scanner.inspect.sift import says_nothing
from scanner.inspect.task import Inspected, Record, Unit
from scanner.rules import RuleSet, load_rules


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reads, and by which rules."""

    inspectors: tuple[Inspector, ...]
    rules: RuleSet

    def readers(self, artifact: Artifact) -> list[Inspector]:
        """Give the inspectors that accept an artifact; only some are asked of code at all."""
        code = artifact.kind in CODE
        return [i for i in self.inspectors if (not code or i.name in _OF_CODE) and i.accepts(artifact)]


_OF_CODE = frozenset({"source", "manifest", "pipeline", "claims"})
"""The inspectors that read code; a manifest may be a program (setup.py, Podfile, build.gradle.kts)."""


def prepare(rules_dir: str, footage: str, preset: str) -> None:
    """Load what every unit needs, and let each inspector see one file so that its tables are built."""
    desk = Desk(inspectors(footage, preset), _rules(rules_dir))
    for name in ("a.py", "a.js", "a.yaml"):
        inspect_artifact(Artifact(name, data=b"# nothing\n"), desk)


def inspect_unit(unit: Unit) -> Inspected:
    """Inspect one file and, where it is an archive, everything inside."""
    desk = Desk(inspectors(unit.footage, unit.preset), _rules(unit.rules_dir))
    records: list[Record] = []
    findings: list[Finding] = []
    for record, found in _target(unit, desk):
        records.append(record)
        findings.extend(found)
    return Inspected(tuple(records), tuple(findings))


def inspect_artifact(artifact: Artifact, desk: Desk) -> tuple[Record, list[Finding]]:
    """Let every inspector that accepts the artifact read it.

    What one inspector cannot read makes the artifact `failed`; what the others saw is kept.
    """
    readers = desk.readers(artifact)
    if readers and says_nothing(artifact, readers, desk.rules):
        return _record(artifact, Outcome.INSPECTED, readers=tuple(i.name for i in readers)), []
    sightings: list[Sighting] = []
    facts: list[Looked | Recorded] = []
    reasons: list[str] = []
    for inspector in readers:
        try:
            for seen in inspector.inspect(artifact, desk.rules):
                if isinstance(seen, Sighting):
                    sightings.append(seen)
                else:
                    facts.append(seen)
        except ScannerError as error:
            reasons.append(error.message)
        except MemoryError:
            reasons.append("needs more memory than a worker may use")
        except Exception as error:  # noqa: BLE001 - fail closed: our own mistake is `not tested`, not a crash
            reasons.append(f"{inspector.name} failed ({type(error).__name__}: {error})")
    if not readers:
        return _record(artifact, Outcome.SKIPPED, f"no inspector reads {artifact.kind} files"), []
    findings, notices = _findings(artifact, sightings)
    try:
        artifact.unchanged()
    except ScannerError as error:
        # What it brought about while it was read (an end too early) is not worth a word beside this.
        reasons = [error.message]
    outcome = Outcome.FAILED if reasons else Outcome.INSPECTED
    names = tuple(i.name for i in readers)
    reason = "; ".join(dict.fromkeys(reasons))
    made = _record(artifact, outcome, reason, readers=names, notices=notices)
    return msgspec.structs.replace(made, facts=tuple(facts)), findings


def _findings(artifact: Artifact, sightings: list[Sighting]) -> tuple[list[Finding], tuple[str, ...]]:
    if artifact.size > AT_ONCE or MARK not in artifact.read():
        return gather(artifact, sightings), ()
    parted = apply_ignores(artifact.path, sightings, read_ignores(artifact.text))
    findings = gather(artifact, parted.standing)
    for reason, ignored in parted.ignored:
        findings += gather(artifact, ignored, reason)
    return findings, parted.notices


def _target(unit: Unit, desk: Desk) -> Iterator[tuple[Record, list[Finding]]]:
    if unit.folder or (unit.local.endswith(".tar") and image.is_image_tar(Path(unit.local))):
        yield from _image(unit.path, Path(unit.local), desk)
    else:
        yield from _file(Artifact(unit.path, local=unit.local), desk)


def _image(path: str, local: Path, desk: Desk) -> Iterator[tuple[Record, list[Finding]]]:
    try:
        for member in image.image_files(path, local):
            yield _member(member, desk)
        digest = Artifact(path, local=local / "index.json" if local.is_dir() else local)
        yield Record(path, "container-image", digest.size, digest.sha256, Outcome.INSPECTED), []
    except ScannerError as error:
        yield _unread(path, error.message), []


def _member(member: archive.Member, desk: Desk) -> tuple[Record, list[Finding]]:
    if member.artifact is not None:
        return inspect_artifact(member.artifact, desk)
    outcome = Outcome.FAILED if member.failed else Outcome.SKIPPED
    return Record(member.path, "member", 0, "", outcome, member.reason), []


def _file(artifact: Artifact, desk: Desk) -> Iterator[tuple[Record, list[Finding]]]:
    try:
        opens = is_archive(artifact.kind)
        yield inspect_artifact(artifact, desk) if not opens else _whole_archive(artifact, desk)
    except OSError as error:
        yield _unread(artifact.path, f"cannot be read: {error.strerror or error}"), []
        return
    except ScannerError as error:
        yield _unread(artifact.path, error.message), []
        return
    if not opens:
        return
    try:
        for member in archive.members(artifact):
            yield _member(member, desk)
        artifact.unchanged()
    except ScannerError as error:
        yield _unread(artifact.path, _reason(artifact, error)), []


def _reason(artifact: Artifact, error: ScannerError) -> str:
    """Give why a file could not be read: that it changed meanwhile, where it did, explains the rest."""
    try:
        artifact.unchanged()
    except ScannerError as changed:
        return changed.message
    return error.message


def _whole_archive(artifact: Artifact, desk: Desk) -> tuple[Record, list[Finding]]:
    """An archive may be something as a whole too (an npz gallery, a Keras model)."""
    record, found = inspect_artifact(artifact, desk)
    if record.outcome is Outcome.SKIPPED:
        record = _record(artifact, Outcome.INSPECTED)
    return record, found


def _record(
    artifact: Artifact,
    outcome: Outcome,
    reason: str = "",
    readers: tuple[str, ...] = (),
    notices: tuple[str, ...] = (),
) -> Record:
    size = artifact.size
    # Two gigabytes that nobody read need no digest: reading them would be all that is done to them.
    digest = artifact.sha256 if outcome is Outcome.INSPECTED or size <= MAX_READ else ""
    return Record(artifact.path, artifact.kind, size, digest, outcome, reason, readers, notices)


def _unread(path: str, reason: str) -> Record:
    return Record(path, "unknown", 0, "", Outcome.FAILED, reason)


@cache
def _rules(rules_dir: str) -> RuleSet:
    return load_rules(Path(rules_dir) if rules_dir else None)
