"""Runs for the tests of reports, of the real types: a bad pipeline, a clean, a hostile and a large one."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from scanner.findings import (
    SCHEMA_VERSION,
    ArtifactRef,
    Box,
    Capability,
    Confidence,
    ControlResult,
    Coverage,
    Evidence,
    Finding,
    Input,
    Lines,
    Location,
    NotTested,
    Pointer,
    PolicyInfo,
    Result,
    Run,
    RunInfo,
    Span,
    Status,
    Summary,
    Table,
    Tool,
    Whole,
    make_finding,
)

POLICY = PolicyInfo(
    id="us-moratorium",
    title="Facial Recognition and Biometric Technology Moratorium Act",
    version="S.681, 118th Congress (introduced 2023-03-07)",
    status="proposed",
    status_note="Proposed, not law. This pack follows S.681 of the 118th Congress, the latest text at hand; "
    "that bill lapsed with its Congress. This is not legal advice.",
    sha256="5c" * 32,
)
QUOTE = (
    "an automated or semi-automated process that- (A) assists in identifying an individual, capturing "
    "information about an individual, or otherwise generating or assisting in generating surveillance "
    "information about an individual based on the physical characteristics of the individual's face"
)


def finding(
    path: str,
    location: Location,
    *more: Location,
    rule: str = "face-recognition-library",
    capability: Capability = Capability.FACE_RECOGNITION,
    confidence: Confidence = Confidence.HIGH,
    message: str = "A face recognition library is used: face_recognition.compare_faces",
    subject: str = "face_recognition.compare_faces",
    excerpt: str = "if face_recognition.compare_faces(known, probe)[0]:",
    note: str = "",
    kind: str = "python",
    status: Status = Status.NEW,
    waiver: str = "",
    context: str = "product",
) -> Finding:
    made = make_finding(
        rule=rule,
        capability=capability,
        confidence=confidence,
        message=message,
        artifact=ArtifactRef(path=path, sha256="ab" * 32, kind=kind),
        evidence=tuple(
            Evidence(subject=subject, signal="call", location=spot, excerpt=excerpt, note=note)
            for spot in (location, *more)
        ),
        context=context,
    )
    return msgspec.structs.replace(made, status=status, waiver=waiver)


def lines(first: int, last: int | None = None) -> Lines:
    return Lines(start_line=first, end_line=last or first)


def span(start: float, end: float, *, step: float = 0.5) -> Span:
    count = max(1, int((end - start) / step))
    boxes = tuple(
        Box(t_s=round(start + i * step, 3), x=100.0 + i, y=80.0, w=40.0, h=52.0, score=0.91)
        for i in range(count)
    )
    return Span(start_s=start, end_s=end, boxes=boxes)


def summary_of(
    findings: Sequence[Finding], controls: Sequence[ControlResult], gate: str, exit_code: int
) -> Summary:
    status = Counter(f.status for f in findings)
    return Summary(
        gate=gate,
        exit_code=exit_code,
        findings=len(findings),
        new=status[Status.NEW],
        baseline=status[Status.BASELINE],
        waived=status[Status.WAIVED],
        by_capability=dict(sorted(Counter(f.capability for f in findings).items())),
        by_confidence=dict(sorted(Counter(f.confidence for f in findings).items())),
        by_result=dict(sorted(Counter(c.result for c in controls).items())),
    )


def control(
    name: str,
    title: str,
    result: Result,
    findings: Sequence[Finding] = (),
    *,
    quote: str = "",
    verified: str = "not-quoted",
    reason: str = "",
) -> ControlResult:
    return ControlResult(
        id=name,
        title=title,
        citation="S.681 (118th) sec. 2(3)(A), 3(a)(1)",
        quote=quote,
        quote_verified=verified,
        result=result,
        reason=reason or f"{sum(f.status is Status.NEW for f in findings)} of medium or high confidence.",
        findings=tuple(f.id for f in findings if f.status is not Status.WAIVED),
        waived=tuple(f.id for f in findings if f.status is Status.WAIVED),
    )


def make_run(
    findings: Sequence[Finding],
    controls: Sequence[ControlResult],
    *,
    gate: str = "closed",
    exit_code: int = 1,
    not_tested: Sequence[NotTested] = (),
    notices: Sequence[str] = (),
    options: dict[str, str] | None = None,
    coverage: Coverage | None = None,
    policy: PolicyInfo = POLICY,
) -> Run:
    return Run(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="scanner", version="0.1.0"),
        run=RunInfo(
            started="2026-11-24T09:00:00Z",
            finished="2026-11-24T09:00:12Z",
            inputs=(
                Input(target="pipeline", kind="folder", sha256="1d" * 32, artifacts=312, bytes=48_211_904),
            ),
            versions={"python": "3.11.2", "rules": "212 rules, sha256 " + "9e" * 32, "scanner": "0.1.0"},
            options=options
            or {
                "allow-incomplete": "false",
                "fail-on": "not-satisfied",
                "footage": "auto",
                "preset": "balanced",
            },
            not_tested=tuple(not_tested),
            coverage=coverage
            or Coverage(
                seen=312,
                inspected=204,
                skipped=108 - len(not_tested),
                failed=len(not_tested),
                bytes=48_211_904,
                kinds={"python": 121, "yaml": 40, "picture": 22, "video": 9, "json": 12},
                skipped_reasons={"ignored by .gitignore": 86, "no inspector for this kind": 20},
            ),
            notices=tuple(notices),
        ),
        policy=policy,
        findings=tuple(findings),
        controls=tuple(controls),
        summary=summary_of(findings, controls, gate, exit_code),
    )


def bad_run() -> Run:
    """A pipeline that recognises, with every kind of location, a waiver, a baseline and damaged inputs."""
    recognition = [
        finding("src/match.py", lines(14), lines(31), lines(58, 60)),
        finding(
            "config/frigate.yml",
            Pointer(pointer="/face_recognition/enabled", start_line=42),
            rule="frigate-face-recognition",
            message="Frigate recognises faces: frigate:face_recognition.enabled=true",
            subject="frigate:face_recognition.enabled=true",
            excerpt="enabled: true",
            kind="yaml",
        ),
        finding(
            "models/arcface.onnx",
            Whole(),
            rule="face-embedding-model",
            message="A face embedding network: role:face-embedding",
            subject="role:face-embedding",
            excerpt="",
            note="input 112x112x3, output a vector of 512, no class labels",
            kind="onnx",
        ),
        finding(
            "requirements.txt",
            lines(7),
            rule="face-recognition-library",
            confidence=Confidence.MEDIUM,
            message="A face recognition library is used: pkg:pypi/face-recognition",
            subject="pkg:pypi/face-recognition",
            excerpt="face-recognition==1.3.0",
            kind="manifest-text",
        ),
        finding(
            "vendor/demo.py",
            lines(3),
            confidence=Confidence.MEDIUM,
            status=Status.WAIVED,
            waiver="demo of the vendor, not deployed; approved by J. Doe until 2027-01-31",
        ),
        finding("legacy/old.py", lines(9), status=Status.BASELINE),
    ]
    stored = [
        finding(
            "data/faces.sqlite",
            Table(table="face_embeddings", column="embedding"),
            rule="template-store",
            capability=Capability.BIOMETRIC_DATA,
            message="A store of face templates: sqlite:face_embeddings.embedding",
            subject="sqlite:face_embeddings.embedding",
            excerpt="",
            note="512 numbers a row, beside a column of names",
            kind="sqlite",
        )
    ]
    analysis = [
        finding(
            "src/mood.ts",
            lines(77),
            rule="emotion-analysis",
            capability=Capability.FACE_ANALYSIS,
            message="Emotion is inferred from faces: faceapi.withFaceExpressions",
            subject="faceapi.withFaceExpressions",
            excerpt="const m = await faceapi.detectAllFaces(v).withFaceExpressions()",
            kind="typescript",
            confidence=Confidence.LOW,
            context="test",
        )
    ]
    visible = [
        finding(
            clip,
            span(start, end),
            rule="face-visible",
            capability=Capability.FACE_VISIBLE,
            message="A face is visible: face",
            subject="face",
            excerpt="",
            note=f"{start:g} to {end:g} s",
            kind="video",
        )
        for clip, start, end in (
            ("footage/gate.mp4", 2.0, 6.4),
            ("footage/gate.mp4", 11.2, 19.0),
            ("footage/gate.mp4", 71.5, 84.0),
            ("footage/lobby.mkv", 0.0, 33.6),
        )
    ]
    visible = [msgspec.structs.replace(f, id=f"{f.id[:15]}{i}") for i, f in enumerate(visible)]
    still = finding(
        "footage/still.jpg",
        Span(start_s=0.0, end_s=0.0, boxes=(Box(t_s=0.0, x=10.0, y=10.0, w=20.0, h=22.0, score=0.98),)),
        rule="face-visible",
        capability=Capability.FACE_VISIBLE,
        message="A face is visible: face",
        subject="face",
        excerpt="",
        kind="picture",
    )
    covered = finding(
        "src/redact.py",
        lines(20),
        rule="detector-for-redaction",
        capability=Capability.REDACTION,
        confidence=Confidence.MEDIUM,
        message="A detector whose boxes only reach a blur: cv2.FaceDetectorYN.create",
        subject="cv2.FaceDetectorYN.create",
        excerpt="detector = cv2.FaceDetectorYN.create(weights, '', (640, 360))",
    )
    findings = [*recognition, *stored, *analysis, *visible, still, covered]
    controls = [
        control(
            "face-recognition",
            "No facial recognition",
            Result.NOT_SATISFIED,
            recognition,
            quote=QUOTE,
            verified="verbatim",
        ),
        control(
            "derived-information",
            "No information derived from it",
            Result.NOT_SATISFIED,
            stored,
            quote="information derived from a biometric surveillance system operated by another entity",
            verified="secondary",
        ),
        control(
            "face-analysis",
            "No inference from face, head or body",
            Result.NEEDS_REVIEW,
            analysis,
            reason="Only hints: 1 finding of low confidence.",
        ),
        control(
            "redaction-only",
            "Detection serves redaction alone",
            Result.NEEDS_REVIEW,
            [*visible, still, covered],
            reason="6 findings of medium or high confidence. A person must say whether this is allowed.",
        ),
        control(
            "voice",
            "No voice recognition",
            Result.NOT_TESTED,
            reason="2 inputs could not be read, so nothing can be said of the whole.",
        ),
        control(
            "gait",
            "No gait recognition",
            Result.SATISFIED,
            reason="Nothing found in 204 artifacts inspected.",
        ),
    ]
    return make_run(
        findings,
        controls,
        not_tested=(
            NotTested(
                path="backup/old.zip", reason="the archive is damaged: bad magic number in its directory"
            ),
            NotTested(path="footage/broken.mp4", reason="no frame could be decoded: moov atom not found"),
        ),
        notices=(
            "agency: Springfield Police Department; to be signed by A. Clerk",
            "award: 15PBJA-25-GG-00001-JAGX Byrne JAG ALN 16.738",
            "waiver for vendor/demo.py expires in 68 days",
        ),
    )


def clean_run() -> Run:
    """Nothing found, everything satisfied."""
    controls = [
        control(
            "face-recognition",
            "No facial recognition",
            Result.SATISFIED,
            quote=QUOTE,
            verified="verbatim",
            reason="Nothing found in 204 artifacts inspected.",
        )
    ]
    return make_run((), controls, gate="open", exit_code=0)
