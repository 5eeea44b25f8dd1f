"""A finding: capability, rule, artifact, evidence and confidence, with a fingerprint that survives edits."""

import hashlib

import msgspec

from scanner.findings.capability import Capability, Confidence, Status
from scanner.findings.location import Location


class ArtifactRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which artifact: `path` is relative to the target, with `!/` before an archive member."""

    path: str
    sha256: str
    kind: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place that shows the capability.

    `subject` names what was seen in a normal form (`face_recognition.face_encodings`,
    `pkg:pypi/dlib`); it makes the fingerprint, so it holds no line number, path or secret.
    `excerpt` is what stands there, masked and cut; never a face, a vector or a person's name.
    """

    subject: str
    signal: str
    location: Location
    excerpt: str = ""
    note: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found in one artifact, with all the places that show it.

    `location` repeats that of the first evidence, so that a reader needs no second look-up.
    """

    id: str
    fingerprint: str
    rule: str
    capability: Capability
    confidence: Confidence
    message: str
    artifact: ArtifactRef
    location: Location
    evidence: tuple[Evidence, ...]
    context: str = "product"
    status: Status = Status.NEW
    waiver: str = ""

    @property
    def occurrences(self) -> int:
        """How many places show it; a baseline counts these."""
        return len(self.evidence)


def fingerprint_of(rule: str, capability: Capability, subjects: tuple[str, ...]) -> str:
    """Hash what was seen, not where: a moved line or a renamed file keeps it."""
    text = "\0".join((rule, capability.value, *sorted(set(subjects))))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def id_of(fingerprint: str, path: str, place: str = "") -> str:
    """Name a finding within a run: what was seen, in which artifact, and where, if it is there repeatedly."""
    where = f"{path}\0{place}" if place else path
    return hashlib.sha256(f"{fingerprint}\0{where}".encode("utf-8", "backslashreplace")).hexdigest()[:16]


def make_finding(
    *,
    rule: str,
    capability: Capability,
    confidence: Confidence,
    message: str,
    artifact: ArtifactRef,
    evidence: tuple[Evidence, ...],
    context: str = "product",
    place: str = "",
) -> Finding:
    """Build a finding and derive its id, fingerprint and first location.

    `place` tells findings apart that are equal but for their place: a face that appears twice in a clip.

    Raises:
        ValueError: when there is no evidence.
    """
    if not evidence:
        raise ValueError(f"rule {rule}: a finding needs evidence")
    fingerprint = fingerprint_of(rule, capability, tuple(e.subject for e in evidence))
    return Finding(
        id=id_of(fingerprint, artifact.path, place),
        fingerprint=fingerprint,
        rule=rule,
        capability=capability,
        confidence=confidence,
        message=message,
        artifact=artifact,
        location=evidence[0].location,
        evidence=evidence,
        context=context,
    )
