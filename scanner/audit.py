"""From targets to a run: scan, mark what is accepted, assess under the policy, count."""

import datetime as dt
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanner import __version__
from scanner.config import Config
from scanner.discover.walk import Found
from scanner.engine.cache import Cache
from scanner.engine.interface import Engine
from scanner.findings import SCHEMA_VERSION, Run, RunInfo, Tool
from scanner.policy.accept import Baseline, accept
from scanner.policy.assess import Gate, assess, policy_info, summarise
from scanner.policy.pack import Pack
from scanner.rules import RuleSet
from scanner.scan import Progress, ScanOptions, Seen, scan


@dataclass(frozen=True, slots=True)
class Terms:
    """What the evidence is held against."""

    pack: Pack
    config: Config = field(default_factory=Config)
    baseline: Baseline | None = None
    gate: Gate = field(default_factory=Gate)


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
    return make_run(seen, rules, terms, options, started, now())


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
    controls = assess(terms.pack, accepted.findings, seen.coverage, seen.not_tested)
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
            },
            options={
                "allow-incomplete": str(terms.gate.allow_incomplete).lower(),
                "fail-on": terms.gate.fail_on,
                "footage": options.footage,
                "preset": options.preset,
            },
            not_tested=seen.not_tested,
            coverage=seen.coverage,
            notices=(*_identity(terms.config), *accepted.notices, *seen.notices),
        ),
        policy=policy_info(terms.pack),
        findings=accepted.findings,
        controls=controls,
        summary=summarise(terms.pack, accepted.findings, controls, seen.not_tested, terms.gate),
    )


def now() -> dt.datetime:
    """The present in UTC, or SOURCE_DATE_EPOCH where it is set (for reproducible reports)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.now(dt.UTC)


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _identity(config: Config) -> Sequence[str]:
    lines = []
    if config.agency.name:
        signer = f"; to be signed by {config.agency.signer}" if config.agency.signer else ""
        lines.append(f"agency: {config.agency.name}{signer}")
    for award in config.award:
        named = " ".join(filter(None, (award.program, f"ALN {award.aln}" if award.aln else "")))
        lines.append(f"award: {award.fain} {named}".rstrip())
    return lines
