"""CycloneDX 1.6: the models, libraries, images and stores that findings name, and each control's result.

It lists what the rules know as biometric and nothing else, and says so (`compositions`: incomplete): it is
no bill of materials of the whole. Attestations give no score of conformance; that is for a person.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid5

import msgspec
from packageurl import PackageURL

from scanner.findings import Capability, ControlResult, Evidence, Finding, Result, Run, to_json
from scanner.report import content

SPACE = UUID("0b8a6c0e-6b0f-5d6e-8f4b-6f6d0a3c2c11")
"""The namespace of serial numbers: made once, at random."""
MODELS = frozenset(
    {
        "onnx",
        "tflite",
        "openvino-ir",
        "keras",
        "hdf5",
        "tensorflow",
        "pytorch",
        "torchscript",
        "safetensors",
        "dlib",
        "caffe",
        "ncnn",
        "coreml",
        "tensorrt",
        "mxnet",
    }
)
MAX_OCCURRENCES = 100
MAX_EVIDENCE = 25

Object = dict[str, Any]


def render(run: Run) -> bytes:
    """Write one bill of materials."""
    return msgspec.json.format(msgspec.json.encode(_bom(run)), indent=1) + b"\n"


def _bom(run: Run) -> Object:
    name = ", ".join(i.target for i in run.run.inputs) or "no input"
    root = {"type": "application", "bom-ref": "scanned", "name": _text(name)}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(SPACE, hashlib.sha256(to_json(run)).hexdigest())}",
        "version": 1,
        "metadata": {
            "timestamp": run.run.finished,
            "tools": {
                "components": [{"type": "application", "name": run.tool.name, "version": run.tool.version}]
            },
            "component": root,
            "properties": _properties(policy=content.policy_line(run), gate=run.summary.gate),
        },
        "components": [*_models(run), *_packages(run), *_images(run), *_stores(run)],
        "compositions": [{"aggregate": "incomplete", "assemblies": ["scanned"]}],
        "declarations": _declarations(run, name),
        "definitions": {"standards": [_standard(run)]},
    }


def _models(run: Run) -> Iterator[Object]:
    """One component for each model file, by digest: the same file in two places is one."""
    by_digest: dict[str, list[Finding]] = defaultdict(list)
    for finding in content.worst_first(run.findings):
        if finding.artifact.kind in MODELS:
            by_digest[finding.artifact.sha256].append(finding)
    for digest, findings in by_digest.items():
        capabilities = _capabilities(findings)
        yield {
            "type": "machine-learning-model",
            "bom-ref": f"model-{digest[:32]}",
            "name": _text(findings[0].artifact.path.rpartition("/")[2]),
            "description": _text(findings[0].message),
            "hashes": [{"alg": "SHA-256", "content": digest}],
            "modelCard": {"modelParameters": {"task": ", ".join(c.value for c in capabilities)}},
            "evidence": {"occurrences": _occurrences((f, f.evidence[0]) for f in findings)},
            "properties": _properties(format=findings[0].artifact.kind, **_said(findings)),
        }


def _packages(run: Run) -> Iterator[Object]:
    """One component for each package that a manifest, an image or an import names as purl."""
    by_purl: dict[str, list[tuple[Finding, Evidence]]] = defaultdict(list)
    for finding in content.worst_first(run.findings):
        for evidence in finding.evidence:
            if evidence.subject.startswith("pkg:"):
                by_purl[evidence.subject].append((finding, evidence))
    for purl, places in by_purl.items():
        try:
            package = PackageURL.from_string(purl)
        except ValueError:
            continue  # a damaged name stays a finding; as purl no reader would take it
        component: Object = {
            "type": "library",
            "bom-ref": f"package-{hashlib.sha256(purl.encode()).hexdigest()[:32]}",
            "name": _text(package.name),
            "purl": package.to_string(),
            "evidence": {"occurrences": _occurrences(places)},
            "properties": _properties(**_said([f for f, _ in places])),
        }
        if package.namespace:
            component["group"] = _text(package.namespace)
        if package.version:
            component["version"] = _text(package.version)
        yield component


def _images(run: Run) -> Iterator[Object]:
    """One component for each container image that is named; without its registry, it has no purl."""
    by_name: dict[str, list[tuple[Finding, Evidence]]] = defaultdict(list)
    for finding in content.worst_first(run.findings):
        for evidence in finding.evidence:
            if evidence.signal == "image":
                by_name[evidence.subject].append((finding, evidence))
    for name, places in by_name.items():
        yield {
            "type": "container",
            "bom-ref": f"image-{hashlib.sha256(name.encode()).hexdigest()[:32]}",
            "name": _text(name),
            "evidence": {"occurrences": _occurrences(places)},
            "properties": _properties(**_said([f for f, _ in places])),
        }


def _stores(run: Run) -> Iterator[Object]:
    """One component for each file that stores biometric data; what it stores is named, never copied."""
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in content.worst_first(run.findings):
        if finding.capability is Capability.BIOMETRIC_DATA and finding.artifact.kind not in MODELS:
            by_path[finding.artifact.path].append(finding)
    for path, findings in by_path.items():
        yield {
            "type": "data",
            "bom-ref": f"store-{hashlib.sha256(path.encode()).hexdigest()[:32]}",
            "name": _text(path.rpartition("/")[2]),
            "description": _text(findings[0].message),
            "hashes": [{"alg": "SHA-256", "content": findings[0].artifact.sha256}],
            "data": [{"type": "dataset", "classification": "biometric"}],
            "evidence": {"occurrences": _occurrences((f, f.evidence[0]) for f in findings)},
            "properties": _properties(format=findings[0].artifact.kind, **_said(findings)),
        }


def _occurrences(places: Iterable[tuple[Finding, Evidence]]) -> list[Object]:
    found: dict[tuple[str, int | None], Object] = {}
    for finding, evidence in places:
        line = content.line_of(evidence.location)
        place: Object = {"location": _text(finding.artifact.path)}
        if line is not None:
            place["line"] = line
        found.setdefault((finding.artifact.path, line), place)
    return list(found.values())[:MAX_OCCURRENCES]


def _capabilities(findings: list[Finding]) -> list[Capability]:
    present = {f.capability for f in findings}
    return [c for c in content.CAPABILITY_WORDS if c in present]


def _said(findings: list[Finding]) -> dict[str, str]:
    surest = max((f.confidence for f in findings), key=lambda c: c.rank)
    return {
        "capability": " ".join(c.value for c in _capabilities(findings)),
        "confidence": surest.value,
        "fingerprint": " ".join(dict.fromkeys(f.fingerprint for f in findings[:MAX_EVIDENCE])),
    }


def _standard(run: Run) -> Object:
    return {
        "bom-ref": "policy",
        "name": _text(run.policy.title or run.policy.id),
        "version": _text(run.policy.version or "not stated"),
        "description": _text(f"{run.policy.status}. {run.policy.status_note}"),
        "requirements": [
            {
                "bom-ref": f"requirement-{n}",
                "identifier": _text(control.id),
                "title": _text(control.title or control.id),
                **({"text": _text(control.quote)} if control.quote else {}),
                "descriptions": [_text(control.citation)],
            }
            for n, control in enumerate(run.controls, 1)
        ],
    }


def _declarations(run: Run, name: str) -> Object:
    by_id = {f.id: f for f in run.findings}
    claims, evidence, rows = [], {}, []
    for n, control in enumerate(run.controls, 1):
        cited = content.worst_first(by_id[i] for i in dict.fromkeys(control.findings) if i in by_id)
        shown = cited[:MAX_EVIDENCE]
        evidence.update({f"finding-{f.id}": _evidence(run, f) for f in shown})
        claims.append(_claim(n, control, shown, len(cited)))
        rows.append(_mapped(n, control))
    return {
        "assessors": [{"bom-ref": "assessor", "thirdParty": False, "organization": {"name": run.tool.name}}],
        "attestations": [
            {"summary": _text(content.verdict(run).sentence), "assessor": "assessor", "map": rows}
        ],
        "claims": claims,
        "evidence": list(evidence.values()),
        "targets": {"components": [{"type": "application", "bom-ref": "target", "name": _text(name)}]},
    }


def _mapped(number: int, control: ControlResult) -> Object:
    """Say how a control and its claim stand: for it, against it, or (a person must judge) neither."""
    row: Object = {
        "requirement": f"requirement-{number}",
        "conformance": {"rationale": _text(f"{content.RESULT_WORDS[control.result]}: {control.reason}")},
    }
    match control.result:
        case Result.SATISFIED:
            row["claims"] = [f"claim-{number}"]
        case Result.NOT_SATISFIED:
            row["counterClaims"] = [f"claim-{number}"]
    return row


def _claim(number: int, control: ControlResult, shown: list[Finding], total: int) -> Object:
    left = f" {total - len(shown):,} further findings are in the JSON." if total > len(shown) else ""
    claim: Object = {
        "bom-ref": f"claim-{number}",
        "target": "target",
        "predicate": _text(f"{control.title or control.id}: {content.RESULT_WORDS[control.result]}"),
        "reasoning": _text(f"{control.reason}{left}"),
    }
    if shown:
        claim["counterEvidence"] = [f"finding-{f.id}" for f in shown]
    return claim


def _evidence(run: Run, finding: Finding) -> Object:
    return {
        "bom-ref": f"finding-{finding.id}",
        "propertyName": f"scanner:rule:{finding.rule}",
        "description": _text(f"{finding.message}, {content.where(finding)}"),
        "created": run.run.finished,
    }


def _properties(**named: str) -> list[Object]:
    return [{"name": f"scanner:{name}", "value": _text(value)} for name, value in named.items() if value]


def _text(text: str) -> str:
    return content.plain(content.squeezed(text)) or "-"
