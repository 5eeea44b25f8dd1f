"""Holds records of redactions against the files of a scan: the same bytes are what was verified.

A record is no signature: whoever can write the file can write the record. It shows that nothing happened to
the file since somebody with access to both verified it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from scanner.findings import (
    ArtifactRef,
    Capability,
    Confidence,
    Evidence,
    Exemption,
    Finding,
    Looked,
    Recorded,
    Span,
    Whole,
    make_finding,
)
from scanner.inspect.record import SIGNAL, summary
from scanner.rules import Rule, RuleSet
from scanner.rules.model import FootageSignal
from scanner.scan import Seen


def held_against_records(seen: Seen, rules: RuleSet) -> Seen:
    """Say of every clip and picture how it stands to the records; a pure function of what was seen."""
    rule = next((r for r, s in rules.signals(FootageSignal) if SIGNAL in s.match), None)
    records = [f for f in seen.facts if isinstance(f, Recorded)]
    if rule is None or not records:
        return seen
    by_path = {m.path: m for m in seen.media}
    by_digest: dict[str, list[ArtifactRef]] = defaultdict(list)
    for media in seen.media:
        by_digest[media.sha256].append(media)
    found: dict[str, Finding] = {}
    says: dict[str, str] = {}
    notices: list[str] = []
    at_home: set[str] = set()
    for record in records:
        beside = by_path.get(_beside(record))
        if beside is not None and beside.sha256 != record.output_sha256:
            at_home.add(record.path)
            found[beside.path] = _broken(rule, beside, record)
            says[beside.path] = f"is not what {record.path} says: its content is another"
            notices.append(f"{beside.path} {says[beside.path]}.")
    for record in records:
        for media in by_digest[record.output_sha256]:
            at_home.add(record.path)
            found[media.path] = _kept(rule, media, record)
            how = "redacted and verified" if record.verified else "redacted, verification not passed"
            says[media.path] = f"{how} ({record.path})"
    kept = [f for f in seen.findings if not (f.rule == rule.id and f.artifact.path in at_home)]
    findings = {f.id: f for f in (*kept, *found.values())}
    return replace(
        seen,
        findings=tuple(sorted(findings.values(), key=lambda f: (f.artifact.path, f.rule, f.id))),
        facts=tuple(_told(f, says) for f in seen.facts),
        notices=tuple(sorted((*seen.notices, *notices))),
    )


def _beside(record: Recorded) -> str:
    folder, slash, _ = record.path.rpartition("/")
    return folder + slash + record.output


def _told(fact: Looked | Recorded, says: dict[str, str]) -> Looked | Recorded:
    if isinstance(fact, Looked) and fact.path in says:
        return msgspec.structs.replace(fact, record=says[fact.path])
    return fact


def _kept(rule: Rule, media: ArtifactRef, record: Recorded) -> Finding:
    outcome = "verified" if record.verified else "not verified"
    return _finding(
        rule,
        media,
        Confidence.HIGH if record.verified else Confidence.MEDIUM,
        f"redacted and {outcome} by {record.path}",
        Evidence(
            subject="record of a redaction",
            signal="footage",
            location=Whole(),
            excerpt=summary(record),
            note=f"its bytes are those that {record.path} names",
        ),
        *(_exempted(row) for row in record.log),
    )


def _exempted(row: Exemption) -> Evidence:
    """One line of the exemption log, where it holds in the clip."""
    end = "" if row.end_s is not None else "to the end"
    return Evidence(
        subject=row.treatment,
        signal="exemption",
        location=Span(start_s=row.start_s, end_s=row.start_s if row.end_s is None else row.end_s),
        excerpt=f"{row.treatment}: {row.what}",
        note=", ".join(filter(None, (row.basis, end, row.by, row.at))),
    )


def _broken(rule: Rule, media: ArtifactRef, record: Recorded) -> Finding:
    return _finding(
        rule,
        media,
        Confidence.LOW,
        f"the file is not what {record.path} says",
        Evidence(
            subject="record of another content",
            signal="footage",
            location=Whole(),
            excerpt=f"SHA-256 of the record {record.output_sha256[:16]}…, of the file {media.sha256[:16]}…",
            note="It was changed or exchanged since; nothing that the record says holds for it.",
        ),
    )


def _finding(rule: Rule, media: ArtifactRef, confidence: Confidence, says: str, *shown: Evidence) -> Finding:
    return make_finding(
        rule=rule.id,
        capability=Capability.REDACTION,
        confidence=confidence,
        message=f"{rule.title}: {says}",
        artifact=media,
        evidence=shown,
    )


def redactions_of(facts: Iterable[Looked | Recorded]) -> tuple[Recorded, ...]:
    """Give what the records claim, in the order of their paths."""
    return tuple(sorted((f for f in facts if isinstance(f, Recorded)), key=lambda f: f.path))


def clips_of(facts: Iterable[Looked | Recorded]) -> tuple[Looked, ...]:
    """Give what was looked at."""
    return tuple(f for f in facts if isinstance(f, Looked))
