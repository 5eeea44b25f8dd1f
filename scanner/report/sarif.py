"""SARIF 2.1.0: one result for each finding, for code hosts and viewers that annotate lines.

The level follows what the controls say of a finding: `error` where a control that is not satisfied rests
on it, `warning` where one needs review or none names it, `note` for what is accepted, a hint, or harmless.
"""

from typing import Any
from urllib.parse import quote

import msgspec

from scanner.findings import (
    Capability,
    Confidence,
    ControlResult,
    Evidence,
    Finding,
    Lines,
    Location,
    Pointer,
    Result,
    Run,
    Span,
    Status,
    Table,
)
from scanner.report import content

MAX_RESULTS = 5000
"""What code hosts take in one run."""
MAX_RELATED = 50
MAX_NOTIFICATIONS = 1000
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT = "%SRCROOT%"
Object = dict[str, Any]


def render(run: Run) -> bytes:
    """Write one SARIF run, results worst first."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(run)]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


def _run(run: Run) -> Object:
    findings = content.worst_first(run.findings)
    shown, left = findings[:MAX_RESULTS], len(findings) - MAX_RESULTS
    by_rule = {rule: [f for f in shown if f.rule == rule] for rule in sorted({f.rule for f in shown})}
    rules = {rule: index for index, rule in enumerate(by_rule)}
    first_of_each = {f.artifact.path: f for f in reversed(shown)}
    artifacts = {path: index for index, path in enumerate(first_of_each)}
    controls = content.controls_of(run)
    return {
        "tool": {
            "driver": {
                "name": run.tool.name,
                "version": run.tool.version,
                "semanticVersion": run.tool.version,
                "rules": [_rule(rule, members) for rule, members in by_rule.items()],
                "supportedTaxonomies": [{"name": run.policy.id, "index": 0}],
            }
        },
        "invocations": [_invocation(run, left)],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder that was scanned."}},
        },
        "artifacts": [_artifact(finding) for finding in first_of_each.values()],
        "results": [_result(f, rules, artifacts, controls.get(f.id, [])) for f in shown],
        "taxonomies": [_taxonomy(run)],
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "redactionTokens": ["•••"],
        "properties": {"gate": run.summary.gate, "policyStatus": run.policy.status},
    }


def _rule(rule: str, findings: list[Finding]) -> Object:
    capabilities = sorted({f.capability for f in findings}, key=list(content.CAPABILITY_WORDS).index)
    names = ", ".join(content.CAPABILITY_WORDS[c] for c in capabilities)
    meaning = " ".join(content.CAPABILITY_MEANING[c] for c in capabilities)
    return {
        "id": rule,
        "name": "".join(word.title() for word in rule.split("-")),
        "shortDescription": {"text": f"{names}."},
        "fullDescription": {"text": meaning},
        "help": {"text": f"{meaning} Why this rule shows it: scanner rules show {rule}"},
        "properties": {"tags": ["privacy", "biometrics", *(c.value for c in capabilities)]},
    }


def _invocation(run: Run, left: int) -> Object:
    notes = [
        {
            "level": "note" if entry.undrawn else "error",
            "descriptor": {"id": "not-tested"},
            "message": {"text": _text(f"Not tested: {content.squeezed(entry.reason)}")},
            "locations": [{"physicalLocation": {"artifactLocation": _uri(entry.path)}}],
        }
        for entry in run.run.not_tested[:MAX_NOTIFICATIONS]
    ]
    unnamed = len(run.run.not_tested) - MAX_NOTIFICATIONS
    if unnamed > 0:
        notes.append(_note("not-tested", "error", f"{unnamed:,} more inputs were not tested; see the JSON."))
    if left > 0:
        notes.append(
            _note(
                "results-left-out",
                "warning",
                f"{content.count(left, 'finding')} of lesser weight left out, because code hosts take "
                f"{MAX_RESULTS:,} results; the JSON report holds all {len(run.findings):,}.",
            )
        )
    notes.extend(_note("notice", "note", notice) for notice in run.run.notices)
    return {
        "executionSuccessful": run.summary.exit_code in (0, 1),
        "exitCode": run.summary.exit_code,
        "startTimeUtc": run.run.started,
        "endTimeUtc": run.run.finished,
        "toolExecutionNotifications": notes,
    }


def _note(name: str, level: str, text: str) -> Object:
    return {"level": level, "descriptor": {"id": name}, "message": {"text": _text(text)}}


def _artifact(finding: Finding) -> Object:
    return {
        "location": _uri(finding.artifact.path),
        "hashes": {"sha-256": finding.artifact.sha256},
        "properties": {"kind": finding.artifact.kind},
    }


def _result(
    finding: Finding, rules: dict[str, int], artifacts: dict[str, int], controls: list[ControlResult]
) -> Object:
    index = artifacts[finding.artifact.path]
    first, *others = finding.evidence
    result: Object = {
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": _level(finding, controls),
        "message": {"text": _text(finding.message)},
        "locations": [_location(finding, first, index)],
        "partialFingerprints": {"scannerFingerprint/v1": finding.fingerprint, "scannerId/v1": finding.id},
        "baselineState": "new" if finding.status is Status.NEW else "unchanged",
        "taxa": [
            {"id": control.id, "toolComponent": {"index": 0}}
            for control in controls
            if finding.id in control.findings
        ],
        "properties": {
            "capability": finding.capability.value,
            "confidence": finding.confidence.value,
            "context": finding.context,
            "occurrences": finding.occurrences,
        },
    }
    if others:
        result["relatedLocations"] = [
            {"id": number, **_location(finding, evidence, index)}
            for number, evidence in enumerate(others[:MAX_RELATED], 1)
        ]
    if finding.status is Status.WAIVED:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": content.plain(finding.waiver)}
        ]
    return result


def _level(finding: Finding, controls: list[ControlResult]) -> str:
    results = {control.result for control in controls if finding.id in control.findings}
    if Result.NOT_SATISFIED in results and finding.status is Status.NEW:
        return "error"
    if (
        finding.status is not Status.NEW
        or finding.confidence is Confidence.LOW
        or finding.capability is Capability.REDACTION
    ):
        return "note"
    return "warning"


def _location(finding: Finding, evidence: Evidence, index: int) -> Object:
    physical: Object = {"artifactLocation": {**_uri(finding.artifact.path), "index": index}}
    region = _region(evidence)
    if region:
        physical["region"] = region
    location: Object = {"physicalLocation": physical}
    logical = _logical(evidence.location)
    if logical:
        location["logicalLocations"] = [logical]
    said = evidence.note or evidence.subject
    if said:
        location["message"] = {"text": _text(said)}
    return location


def _region(evidence: Evidence) -> Object:
    match evidence.location:
        case Lines(start_line=first, end_line=last):
            region: Object = {"startLine": max(first, 1), "endLine": max(first, last, 1)}
        case Pointer(start_line=int(line)):
            region = {"startLine": max(line, 1)}
        case _:
            return {}
    if evidence.excerpt:
        region["snippet"] = {"text": content.plain(evidence.excerpt)}
    return region


def _logical(location: Location) -> Object:
    match location:
        case Pointer(pointer=pointer):
            return {"fullyQualifiedName": content.plain(pointer) or "/", "kind": "property"}
        case Table(table=table, column=column):
            return {"fullyQualifiedName": content.plain(f"{table}.{column}"), "kind": "column"}
        case Span(start_s=start, end_s=end):
            name = content.place(location)
            return {"name": name, "kind": "time span", "properties": {"start_s": start, "end_s": end}}
        case _:
            return {}


def _taxonomy(run: Run) -> Object:
    policy = run.policy
    return {
        "name": policy.id,
        "version": policy.version or "0",
        "shortDescription": {"text": _text(content.policy_line(run))},
        "fullDescription": {"text": _text(f"{policy.status_note} {content.DISCLAIMER}".strip())},
        "isComprehensive": True,
        "taxa": [
            {
                "id": control.id,
                "name": content.plain(control.title),
                "shortDescription": {"text": _text(control.citation or control.title or control.id)},
                "fullDescription": {"text": _text(content.squeezed(control.reason) or control.title)},
                "properties": {"result": control.result.value, "findings": len(control.findings)},
            }
            for control in run.controls
        ],
    }


def _uri(path: str) -> Object:
    """A relative reference (RFC 3986): no scheme, no host, every byte outside the plain set encoded."""
    return {"uri": quote(path.lstrip("/"), safe="/!$&'()*+,;=@~") or ".", "uriBaseId": _ROOT}


def _text(text: str) -> str:
    """A message in plain text: brackets are escaped, since they would make a link of it."""
    safe = content.plain(content.squeezed(text)) or "-"
    return safe.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
