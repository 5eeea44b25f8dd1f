"""The reasoning behind a control or a finding, in plain words, from a run file alone.

Every sentence repeats something that stands in the run; nothing is judged anew.
"""

from collections.abc import Iterable, Iterator

from scanner.errors import UsageError
from scanner.findings import (
    ControlResult,
    Evidence,
    Finding,
    Lines,
    Location,
    Pointer,
    PredicateResult,
    Run,
    Span,
    Status,
    Table,
)
from scanner.typed import nearest

MAX_SHOWN = 20

_STANDING = {
    Status.NEW: "It is new: neither waived nor in the baseline, so it counts.",
    Status.BASELINE: "It is in the baseline: known, so it does not close the gate, and satisfies nothing.",
}
_QUOTED = {
    "verbatim": "read word for word",
    "secondary": "as somebody else quotes it",
    "summary": "from a summary, not the words of the law",
}


def explain(run: Run, name: str) -> list[str]:
    """Explain a control by its id, or a finding by its id or fingerprint (or the beginning of one).

    Returns:
        Lines; those that belong to another are indented by two spaces.

    Raises:
        UsageError: nothing in the run is called so.
    """
    control = next((c for c in run.controls if c.id == name), None)
    if control:
        return list(_control(run, control))
    found = [
        f
        for f in run.findings
        if len(name) >= 6 and (f.id.startswith(name) or f.fingerprint.startswith(name))
    ]
    if found:
        return [line for finding in found[:MAX_SHOWN] for line in (*_finding(run, finding), "")][:-1]
    ids = [c.id for c in run.controls]
    near = nearest(name, ids)
    hint = f"Did you mean {near}? " if near else ""
    raise UsageError(
        f"the run has no control and no finding {name!r}.",
        f"{hint}Controls are: {', '.join(ids)}; a finding is named by its fingerprint, from the report.",
    )


def _control(run: Run, control: ControlResult) -> Iterator[str]:
    yield f"{control.id}: {control.title}"
    yield f"Result: {control.result.value}. {control.reason}"
    yield ""
    yield from _law(run, control)
    if control.about:
        yield f"Reading: {control.about}"
    yield ""
    by_id = {f.id: f for f in run.findings}
    yield from _findings("It rests on", [by_id[i] for i in control.findings if i in by_id], control)
    yield from _findings("Waived by name", [by_id[i] for i in control.waived if i in by_id], control)
    yield from _predicates(control.predicates)
    yield from _extras(run, control)
    yield from _coverage(run)


def _law(run: Run, control: ControlResult) -> Iterator[str]:
    yield f"Citation: {control.citation}"
    if control.quote:
        how = _QUOTED.get(control.quote_verified, control.quote_verified)
        yield f'Words: "{control.quote}" ({how})'
    else:
        yield "Words: none are quoted."
    if control.source:
        when = f", read {control.verified_on}" if control.verified_on else ""
        yield f"Source: {control.source}{when} {control.source_url}".rstrip()
    if control.basis == "law":
        yield f"Law: {run.policy.title}, {run.policy.version} ({run.policy.status})"
    else:
        yield "This control comes from the agency's own files, not from the law of the pack."


def _findings(title: str, findings: list[Finding], control: ControlResult) -> Iterator[str]:
    if not findings:
        return
    yield f"{title} ({len(findings)}):"
    for finding in findings[:MAX_SHOWN]:
        standing = "excused" if finding.id in control.excused else finding.status.value
        yield (
            f"  {finding.fingerprint[:12]} {_where(finding)}: {finding.capability.value}, "
            f"{finding.confidence.value}, {standing} [{finding.rule}]"
        )
        if finding.waiver:
            yield f"    waiver: {finding.waiver}"
    if len(findings) > MAX_SHOWN:
        yield f"  and {len(findings) - MAX_SHOWN} more"


def _predicates(predicates: Iterable[PredicateResult]) -> Iterator[str]:
    words = {True: "holds", False: "does not hold", None: "open"}
    last = None
    for predicate in predicates:
        group = (predicate.exception, predicate.system)
        if group != last and predicate.exception:
            of = f", asked of system {predicate.system!r}" if predicate.system else ""
            yield f"Exception {predicate.exception}{of}:"
        elif group != last:
            yield "Conditions:"
        last = group
        yield f"  {words[predicate.holds]}: {predicate.predicate}. {predicate.says}"


def _extras(run: Run, control: ControlResult) -> Iterator[str]:
    if run.policy_text and any(p.predicate.startswith("(a)") for p in control.predicates):
        yield f"Policy text {run.policy_text.file}:"
        for item in run.policy_text.items:
            place = f" (line {item.line}): {item.passage}" if item.passage else ""
            yield f"  {item.found}: {item.asks}{place}"
    if control.id == "systems-inventory":
        yield "Inventory:"
        yield from (f"  {r.level.value}: {r.says}" for r in run.inventory)
    if run.disclosures and control.id == "disclosure-ledger":
        yield "Flags:"
        for flag in run.disclosures.flags:
            about = flag.record or "whole ledger"
            yield f"  {about}: {flag.weight}: {flag.reason} [{flag.rule}; {flag.citation}]"


def _coverage(run: Run) -> Iterator[str]:
    seen = run.run.coverage
    yield (
        f"Looked at: {seen.inspected} of {seen.seen} artifacts; {seen.skipped} skipped, "
        f"{len(run.unread)} could not be read"
        + (f", {len(run.run.not_tested) - len(run.unread)} were not drawn." if run.sample else ".")
    )
    for missing in run.run.not_tested[:MAX_SHOWN]:
        yield f"  not tested: {missing.path}: {missing.reason}"


def _finding(run: Run, finding: Finding) -> Iterator[str]:
    yield f"{finding.message}"
    yield f"  where: {_where(finding)} (sha256 {finding.artifact.sha256[:12]}…, {finding.artifact.kind})"
    yield f"  rule: {finding.rule} (`scanner rules show {finding.rule}` says why)"
    yield f"  capability: {finding.capability.value}; confidence: {finding.confidence.value}"
    if finding.context != "product":
        yield f"  It lies in {finding.context}, so its confidence is one step lower."
    yield f"  evidence ({finding.occurrences}):"
    for evidence in finding.evidence[:MAX_SHOWN]:
        yield f"    {_evidence(evidence)}"
    yield f"  {_STANDING.get(finding.status) or f'It is waived: {finding.waiver}'}"
    touched = [c for c in run.controls if finding.id in (*c.findings, *c.waived)]
    for control in touched:
        excused = " (an exception covers it)" if finding.id in control.excused else ""
        yield f"  control {control.id}: {control.result.value}{excused}. {control.citation}"
    if not touched:
        yield "  No control of this policy rests on it."
    yield f"  fingerprint: {finding.fingerprint}"


def _evidence(evidence: Evidence) -> str:
    place = _place(evidence.location)
    said = (
        f"{place}: {evidence.excerpt or evidence.subject}" if place else evidence.excerpt or evidence.subject
    )
    note = f" ({evidence.note})" if evidence.note else ""
    return f"{said} [{evidence.signal} {evidence.subject}]{note}"


def _where(finding: Finding) -> str:
    place = _place(finding.location)
    return f"{finding.artifact.path}, {place}" if place else finding.artifact.path


def _place(location: Location) -> str:
    match location:
        case Lines(start_line=line):
            return f"line {line}"
        case Pointer(pointer=pointer):
            return pointer
        case Table(table=table, column=column):
            return f"table {table}, column {column}"
        case Span(start_s=start, end_s=end):
            return f"{start:.1f} s to {end:.1f} s"
        case _:
            return ""
