"""OSCAL 1.2 assessment results: what auditors' tools of the NIST family read.

The controls are those of the policy pack, defined in the file itself, so that every reference resolves
within it. OSCAL knows two states of an objective; what needs review or was not tested is `not-satisfied`
with the reason `other`, and the property `result` tells which. Nothing of a run is left out but places
beyond `MAX_EVIDENCE` a finding, which are counted.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import msgspec

from scanner.findings import ControlResult, Evidence, Finding, NotTested, Result, Run, to_json
from scanner.report import content, guide

OSCAL_VERSION = "1.2.1"
MAX_EVIDENCE = 25
SPACE = UUID("6f3c1c52-0a2f-5b0e-9d53-3b1f3f6f7f4e")
"""The namespace of all UUIDs here: made once, at random."""
NS = "urn:scanner:oscal"

Object = dict[str, Any]

_STATES = {
    Result.SATISFIED: ("satisfied", "pass"),
    Result.NOT_SATISFIED: ("not-satisfied", "fail"),
    Result.NEEDS_REVIEW: ("not-satisfied", "other"),
    Result.NOT_TESTED: ("not-satisfied", "other"),
}


def render(run: Run) -> bytes:
    """Write one `assessment-results` document."""
    return msgspec.json.format(msgspec.json.encode(_Document(run).whole()), indent=1) + b"\n"


class _Document:
    """One run with the UUIDs of its parts: each is a hash of the run and the part's name."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.space = uuid5(SPACE, hashlib.sha256(to_json(run)).hexdigest())
        self.tool = self.uuid("tool")
        self.origins = [{"actors": [{"type": "tool", "actor-uuid": self.tool}]}]
        self.tokens = {control.id: token(control.id) for control in run.controls}

    def uuid(self, name: str) -> str:
        return str(uuid5(self.space, name))

    def whole(self) -> Object:
        run = self.run
        document: Object = {
            "uuid": self.uuid("assessment-results"),
            "metadata": self.metadata(),
            "import-ap": {
                "href": f"#{self.uuid('plan')}",
                "remarks": "There is no separate plan: the resource tells what was run under which policy.",
            },
            "results": [self.result()],
            "back-matter": {"resources": [self.plan(), *self.sources()]},
        }
        if run.controls:
            document["local-definitions"] = {
                "objectives-and-methods": [self.objective(c) for c in run.controls]
            }
        return {"assessment-results": document}

    def metadata(self) -> Object:
        run = self.run
        metadata: Object = {
            "title": one_line(f"Biometric processing under {content.policy_line(run)}"),
            "last-modified": run.run.finished,
            "version": run.schema_version,
            "oscal-version": OSCAL_VERSION,
            "props": props(gate=run.summary.gate, policy_status=run.policy.status),
            "remarks": prose(f"{run.policy.status_note} {content.DISCLAIMER}"),
        }
        if run.agency and run.agency.name:
            party = self.uuid("agency")
            metadata["roles"] = [{"id": "asset-owner", "title": "The agency whose systems were inspected"}]
            metadata["parties"] = [{"uuid": party, "type": "organization", "name": one_line(run.agency.name)}]
            metadata["responsible-parties"] = [{"role-id": "asset-owner", "party-uuids": [party]}]
        return metadata

    def objective(self, control: ControlResult) -> Object:
        name = self.tokens[control.id]
        part: Object = {
            "id": f"{name}_obj",
            "name": "assessment-objective",
            "title": one_line(control.title or control.id),
            "props": props(
                citation=control.citation,
                quotation=guide.PROVENANCE.get(control.quote_verified, control.quote_verified),
                control_id=control.id,
            ),
        }
        if control.quote:
            part["prose"] = prose(control.quote)
        return {"control-id": name, "parts": [part]}

    def result(self) -> Object:
        run = self.run
        result: Object = {
            "uuid": self.uuid("result"),
            "title": one_line(f"Gate {content.verdict(run).word}"),
            "description": prose(content.verdict(run).sentence),
            "start": run.run.started,
            "end": run.run.finished,
            "local-definitions": self.subjects(),
            "reviewed-controls": self.reviewed(),
            "props": props(
                seen=str(run.run.coverage.seen),
                inspected=str(run.run.coverage.inspected),
                skipped=str(run.run.coverage.skipped),
                failed=str(run.run.coverage.failed),
            ),
        }
        observations = [
            *(self.observation(f) for f in content.worst_first(run.findings)),
            *(self.untested(n, entry) for n, entry in enumerate(run.run.not_tested)),
        ]
        if observations:
            result["observations"] = observations
        if run.controls:
            result["findings"] = [self.finding(control) for control in run.controls]
        return result

    def subjects(self) -> Object:
        run = self.run
        tool = {
            "uuid": self.tool,
            "type": "software",
            "title": one_line(f"{run.tool.name} {run.tool.version}"),
            "description": "Inspects files and footage without running them.",
            "props": props(version=run.tool.version, **run.run.versions),
            "status": {"state": "operational"},
        }
        defined: Object = {
            "assessment-assets": {
                "components": [tool],
                "assessment-platforms": [
                    {
                        "uuid": self.uuid("platform"),
                        "title": one_line(run.tool.name),
                        "props": props(**run.run.options),
                        "uses-components": [{"component-uuid": self.tool}],
                    }
                ],
            }
        }
        if run.run.inputs:
            defined["inventory-items"] = [
                {
                    "uuid": self.uuid(f"input {n}"),
                    "description": one_line(i.target),
                    "props": props(
                        kind=i.kind, sha256=i.sha256, artifacts=str(i.artifacts), bytes=str(i.bytes)
                    ),
                }
                for n, i in enumerate(run.run.inputs)
            ]
        return defined

    def reviewed(self) -> Object:
        if not self.run.controls:
            return {"control-selections": [{"description": "No control was assessed."}]}
        names = list(self.tokens.values())
        return {
            "control-selections": [{"include-controls": [{"control-id": n} for n in names]}],
            "control-objective-selections": [
                {"include-objectives": [{"objective-id": f"{n}_obj"} for n in names]}
            ],
        }

    def observation(self, finding: Finding) -> Object:
        shown = finding.evidence[:MAX_EVIDENCE]
        made: Object = {
            "uuid": self.uuid(f"finding {finding.id}"),
            "title": one_line(content.CAPABILITY_WORDS[finding.capability]),
            "description": prose(finding.message),
            "methods": ["EXAMINE"],
            "types": ["finding"],
            "origins": self.origins,
            "collected": self.run.run.finished,
            "props": props(
                id=finding.id,
                fingerprint=finding.fingerprint,
                rule=finding.rule,
                capability=finding.capability.value,
                confidence=finding.confidence.value,
                status=finding.status.value,
                context=finding.context,
                path=finding.artifact.path,
                sha256=finding.artifact.sha256,
                kind=finding.artifact.kind,
                waiver=finding.waiver,
            ),
            "relevant-evidence": [_evidence(e) for e in shown],
        }
        subjects = list(self.inputs_of(finding.artifact.path))
        if subjects:
            made["subjects"] = subjects
        left = len(finding.evidence) - len(shown)
        if left:
            made["remarks"] = f"{content.count(left, 'more place')} in the JSON report."
        return made

    def untested(self, number: int, entry: NotTested) -> Object:
        return {
            "uuid": self.uuid(f"not tested {number}"),
            "title": "Not tested",
            "description": prose(entry.reason),
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "origins": self.origins,
            "collected": self.run.run.finished,
            "props": props(path=entry.path, result=Result.NOT_TESTED.value),
        }

    def inputs_of(self, path: str) -> Iterator[Object]:
        """Name the input that holds a path; with several, paths begin with the name of theirs."""
        inputs = self.run.run.inputs
        first = path.partition("/")[0].partition("!")[0]
        named = [n for n, i in enumerate(inputs) if i.target.rstrip("/").rpartition("/")[2] == first]
        for n in (named if len(inputs) > 1 else []) or range(len(inputs)):
            yield {"subject-uuid": self.uuid(f"input {n}"), "type": "inventory-item"}

    def finding(self, control: ControlResult) -> Object:
        state, reason = _STATES[control.result]
        made: Object = {
            "uuid": self.uuid(f"control {control.id}"),
            "title": one_line(control.title or control.id),
            "description": prose(control.reason),
            "origins": self.origins,
            "props": props(result=control.result.value, control_id=control.id),
            "target": {
                "type": "objective-id",
                "target-id": f"{self.tokens[control.id]}_obj",
                "status": {
                    "state": state,
                    "reason": reason,
                    "remarks": prose(f"{content.RESULT_WORDS[control.result]}: {control.reason}"),
                },
            },
        }
        known = {f.id for f in self.run.findings}
        rests = [f"finding {i}" for i in dict.fromkeys((*control.findings, *control.waived)) if i in known]
        if control.result is Result.NOT_TESTED:
            rests += [f"not tested {n}" for n in range(len(self.run.run.not_tested))]
        if rests:
            made["related-observations"] = [{"observation-uuid": self.uuid(name)} for name in rests]
        return made

    def plan(self) -> Object:
        run = self.run
        return {
            "uuid": self.uuid("plan"),
            "title": one_line(f"Policy pack {run.policy.id}"),
            "description": prose(f"{content.policy_line(run)}. {run.policy.status_note}"),
            "props": props(sha256=run.policy.sha256, **run.run.options),
            "citation": {"text": one_line(content.policy_line(run))},
        }

    def sources(self) -> Iterator[Object]:
        urls = {
            c.source_url: c for c in self.run.controls if c.source_url.startswith(("https://", "http://"))
        }
        for url, control in urls.items():
            yield {
                "uuid": self.uuid(f"source {url}"),
                "title": one_line(control.source or url),
                "citation": {"text": one_line(control.source or url)},
                "rlinks": [{"href": url}],
            }


def _evidence(evidence: Evidence) -> Object:
    shown = content.shows(evidence)
    return {
        "description": prose(shown),
        "props": props(
            place=content.place(evidence.location) or "the whole file",
            subject="" if evidence.subject == shown else evidence.subject,
            note=evidence.note,
        ),
    }


def props(**named: str) -> list[Object]:
    """Properties of our own namespace; those without a value are left out, underscores are hyphens."""
    return [
        {"name": token(name.replace("_", "-")), "ns": NS, "value": one_line(value)}
        for name, value in named.items()
        if value.strip()
    ]


def one_line(text: str) -> str:
    """A string as OSCAL wants it: one line, not empty, no blank at its ends."""
    return content.plain(content.squeezed(text)) or "-"


def prose(text: str) -> str:
    """Prose is Markdown in OSCAL: what could open markup, HTML or an insertion in it is escaped."""
    return re.sub(r"([\\`*_{}\[\]<>&#|~])", r"\\\1", one_line(text))


def token(text: str) -> str:
    """A name as OSCAL wants it; one that had to be changed carries a digest, so that names stay apart."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", text)
    if not re.match(r"[A-Za-z_]", safe):
        safe = f"_{safe}"
    return safe if safe == text else f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
