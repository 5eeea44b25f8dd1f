"""From targets to a run: scan, mark what is accepted, assess under the policy, count."""

import datetime as dt
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from scanner import __version__
from scanner.config import Config
from scanner.disclosures.control import ledger_control
from scanner.discover.walk import Found
from scanner.engine.cache import Cache
from scanner.engine.interface import Engine
from scanner.findings import (
    SCHEMA_VERSION,
    ControlResult,
    Disclosures,
    Finding,
    InventoryResult,
    Lead,
    PolicyText,
    Run,
    RunInfo,
    Tool,
)
from scanner.policy.accept import Baseline, accept
from scanner.policy.assess import FAIL_ON, Gate, assess, policy_info, summarise
from scanner.policy.grant import asking, grant_condition
from scanner.policy.inventory import cross_check, inventory_control
from scanner.policy.pack import Pack, Standing
from scanner.records import clips_of, held_against_records, redactions_of
from scanner.rules import RuleSet
from scanner.scan import Progress, ScanOptions, Seen, scan


@dataclass(frozen=True, slots=True)
class Papers:
    """What the agency hands in besides its pipelines and footage."""

    policy_text: PolicyText | None = None
    disclosures: Disclosures | None = None
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What the evidence is held against."""

    pack: Pack
    config: Config = field(default_factory=Config)
    baseline: Baseline | None = None
    gate: Gate = field(default_factory=Gate)
    papers: Papers = field(default_factory=Papers)


def audit(
    found: dict[Path, list[Found]],
    rules: RuleSet,
    terms: Terms,
    engine: Engine,
    options: ScanOptions,
    cache: Cache | None = None,
    progress: Progress = lambda _: None,
) -> Run:
    """Scan and assess."""
    started = now()
    seen = scan(found, engine, options, cache, progress)
    return make_run(held_against_records(seen, rules), rules, terms, options, started, now())


def make_run(
    seen: Seen,
    rules: RuleSet,
    terms: Terms,
    options: ScanOptions,
    started: dt.datetime,
    finished: dt.datetime,
) -> Run:
    """Put a run together; a pure function of what was seen and the terms."""
    accepted = accept(seen.findings, terms.config.waiver, terms.baseline, started.date())
    config, papers = terms.config, terms.papers
    inventory = cross_check(config.system, accepted.findings)
    controls = _controls(terms, accepted.findings, seen, inventory)
    return Run(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="scanner", version=__version__),
        run=RunInfo(
            started=_stamp(started),
            finished=_stamp(finished),
            inputs=seen.inputs,
            versions={
                "python": platform.python_version(),
                "rules": f"{len(rules)} rules, sha256 {rules.digest}",
                "scanner": __version__,
                "scanner.toml": f"sha256 {config.sha256}" if config != Config() else "none",
            },
            options={
                "allow-incomplete": str(terms.gate.allow_incomplete).lower(),
                "fail-on": terms.gate.fail_on,
                "footage": options.footage,
                "preset": options.preset,
                **_sampling(options),
            },
            not_tested=seen.not_tested,
            coverage=seen.coverage,
            notices=(*accepted.notices, *seen.notices),
            isolation=dict(seen.isolation),
        ),
        policy=policy_info(terms.pack),
        findings=accepted.findings,
        controls=controls,
        summary=summarise(terms.pack.status, accepted.findings, controls, seen.not_tested, terms.gate),
        agency=config.agency if config.agency.name else None,
        awards=config.award,
        systems=config.system,
        exclusions=config.scan.exclude,
        inventory=inventory,
        leads=papers.leads,
        policy_text=papers.policy_text,
        disclosures=papers.disclosures,
        footage=clips_of(seen.facts),
        redactions=redactions_of(seen.facts),
        sample=seen.sample,
    )


def _sampling(options: ScanOptions) -> dict[str, str]:
    how = options.wanted
    if how is None:
        return {}
    asked = f"limit {how.limit:g}" if how.limit is not None else f"{how.count} clips"
    return {"sample": f"{asked}, confidence {how.confidence:g}, seed {how.seed}"}


def _controls(
    terms: Terms, findings: tuple[Finding, ...], seen: Seen, inventory: tuple[InventoryResult, ...]
) -> tuple[ControlResult, ...]:
    """The controls of the law, and after them those that the agency's own files bring."""
    law = assess(terms.pack, findings, seen.coverage, seen.not_tested, terms.config.system)
    asked = asking(terms.pack)
    if asked:
        others = tuple(c for c in law if c.id != asked.id)
        text = terms.papers.policy_text
        law = tuple(grant_condition(c, others, text) if c.id == asked.id else c for c in law)
    own: list[ControlResult] = []
    if terms.config.system:
        own.append(inventory_control(inventory, seen.coverage, seen.not_tested))
    if terms.papers.disclosures:
        own.append(ledger_control(terms.papers.disclosures))
    return (*law, *own)


def with_disclosures(run: Run, disclosures: Disclosures) -> Run:
    """Put a checked ledger into an earlier run, and decide its gate anew; a pure function."""
    control = ledger_control(disclosures)
    controls = (*(c for c in run.controls if c.id != control.id), control)
    told = run.run.options
    fail_on = told.get("fail-on", "")
    gate = Gate(fail_on if fail_on in FAIL_ON else Gate().fail_on, told.get("allow-incomplete") == "true")
    standing = Standing.EXPIRED if run.policy.status == Standing.EXPIRED else Standing.PROPOSED
    summary = summarise(standing, run.findings, controls, run.run.not_tested, gate)
    return msgspec.structs.replace(run, controls=controls, summary=summary, disclosures=disclosures)


def now() -> dt.datetime:
    """The present in UTC, or SOURCE_DATE_EPOCH where it is set (for reproducible reports)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.now(dt.UTC)


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
