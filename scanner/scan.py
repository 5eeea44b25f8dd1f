"""One scan: targets to findings, through the engine and the cache. What they mean is for the policy."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from scanner import __version__, sample
from scanner.discover.store import objects, url_of
from scanner.discover.walk import Found, walk
from scanner.drawn import NOT_DRAWN, Drawn, Wanted, drawn_from
from scanner.engine.cache import Cache
from scanner.engine.interface import Engine
from scanner.findings import (
    ArtifactRef,
    Coverage,
    Finding,
    Input,
    Looked,
    NotTested,
    Outcome,
    Recorded,
    Sample,
)
from scanner.inspect.task import Inspected, Record, Unit, inspect_unit
from scanner.rules import RuleSet

Progress = Callable[[int], None]
"""Called with the number of files that just ended."""

FLUSH = 500
FLUSH_S = 1.0
"""Results are kept after so many or so many seconds, so that a run that is killed goes on from there."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What decides a scan besides its targets and rules."""

    footage: str = "auto"
    preset: str = "balanced"
    rules_dir: str = ""
    exclude: tuple[tuple[str, str], ...] = ()
    """(glob, reason) pairs; left out and listed."""
    gitignore: bool = True
    """Whether what a `.gitignore` names is left out, too."""
    wanted: Wanted | None = None
    """Which clips are drawn; all of them where it is None."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a scan saw, before any law is asked."""

    inputs: tuple[Input, ...]
    findings: tuple[Finding, ...]
    not_tested: tuple[NotTested, ...]
    coverage: Coverage
    notices: tuple[str, ...] = ()
    isolation: Mapping[str, str] = field(default_factory=dict)
    sample: Sample | None = None
    facts: tuple[Looked | Recorded, ...] = ()
    media: tuple[ArtifactRef, ...] = ()
    """The clips and pictures that were inspected."""


@dataclass(slots=True)
class _Tally:
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, inspected: Inspected) -> None:
        self.records.extend(inspected.records)
        self.findings.extend(inspected.findings)


def discover(targets: Sequence[Path], *, gitignore: bool = True) -> dict[Path, list[Found]]:
    """List the files of every target, in order.

    Raises:
        UsageError: a target does not exist.
    """
    # Whole paths: a worker may be on another machine, and in another folder.
    return {
        target: list(
            objects(url) if (url := url_of(target)) else walk(target.absolute(), gitignore=gitignore)
        )
        for target in targets
    }


def scan(
    found: dict[Path, list[Found]],
    engine: Engine,
    options: ScanOptions,
    cache: Cache | None = None,
    progress: Progress = lambda _: None,
) -> Seen:
    """Inspect every file found, once each, and add up what was seen.

    With several targets, paths are shown with the target's name before them, so that they stay distinct.
    """
    drawn = drawn_from(found, _names(found, options), options.wanted) if options.wanted else None
    found = drawn.found if drawn else found
    tallies: dict[Path, _Tally] = {}
    units: dict[Unit, _Tally] = {}
    for target, files in found.items():
        prefix = _prefix(target, found)
        tally = tallies[target] = _Tally()
        for file in files:
            reason = file.skipped or _excluded(file.path, options.exclude)
            if reason:
                tally.records.append(_left_out(prefix + file.path, reason))
                progress(1)
            else:
                units[_unit(prefix + file.path, file, options)] = tally
    for unit, inspected in _through_cache(units, engine, cache, progress):
        units[unit].add(inspected)
    seen = replace(_sum(tallies), isolation=engine.isolation)
    return _bounded(seen, drawn) if drawn else seen


def _prefix(target: Path, found: dict[Path, list[Found]]) -> str:
    return f"{_shown(target)}/" if len(found) > 1 and _is_folder(target) else ""


def _names(found: dict[Path, list[Found]], options: ScanOptions) -> dict[str, str]:
    """How the run will name each file that is to be inspected, by its path on disk."""
    return {
        file.local: _prefix(target, found) + file.path
        for target, files in found.items()
        for file in files
        if not file.skipped and not _excluded(file.path, options.exclude)
    }


def _bounded(seen: Seen, drawn: Drawn) -> Seen:
    unread = drawn.names & {n.path for n in seen.not_tested}
    return replace(seen, sample=sample.bounded(drawn.sample, drawn.names, unread, seen.findings))


def cache_config(rules: RuleSet, options: ScanOptions) -> str:
    """Name everything besides the file that decides a result."""
    text = "\0".join((__version__, rules.digest, options.footage, options.preset))
    return hashlib.sha256(text.encode()).hexdigest()


def _unit(path: str, file: Found, options: ScanOptions) -> Unit:
    size, folder = file.size, False
    if not file.mark:
        try:
            status = os.stat(file.local)  # noqa: PTH116 - once a file: a path object costs more than the call
            size, folder = status.st_size, stat.S_ISDIR(status.st_mode)
        except OSError:
            pass  # gone since it was listed; the worker says so
    return Unit(path, file.local, size, folder, options.rules_dir, options.footage, options.preset, file.mark)


def _through_cache(
    units: Iterable[Unit], engine: Engine, cache: Cache | None, progress: Progress
) -> Iterator[tuple[Unit, Inspected]]:
    keys: dict[Unit, bytes] = {}
    fresh: list[Unit] = []
    for unit in units:
        key = cache.key(unit.path, unit.local, unit.mark) if cache else None
        kept = cache.get(key) if cache and key else None
        if kept is not None:
            progress(1)
            yield unit, msgspec.msgpack.decode(kept, type=Inspected)
            continue
        if key:
            keys[unit] = key
        fresh.append(unit)
    if not fresh:
        return
    pending: list[tuple[bytes, bytes]] = []
    kept_at = time.monotonic()
    try:
        for ended in engine.run(inspect_unit, fresh):
            progress(1)
            if ended.result is None:
                record = Record(ended.unit.path, "unknown", 0, "", Outcome.FAILED, ended.reason)
                yield ended.unit, Inspected((record,), ())
                continue
            if cache and ended.unit in keys and _settled(ended.result):
                pending.append((keys[ended.unit], msgspec.msgpack.encode(ended.result)))
                if len(pending) >= FLUSH or time.monotonic() - kept_at > FLUSH_S:
                    cache.put(pending)
                    pending.clear()
                    kept_at = time.monotonic()
            yield ended.unit, ended.result
    finally:
        if cache and pending:
            cache.put(pending)


def _settled(inspected: Inspected) -> bool:
    """A failure may be of the moment (memory, a file being written): asked again next time."""
    return all(r.outcome is not Outcome.FAILED for r in inspected.records)


def _left_out(path: str, reason: str) -> Record:
    outcome = Outcome.FAILED if reason.startswith("cannot be") else Outcome.SKIPPED
    return Record(path, "unread", 0, "", outcome, reason)


def _excluded(path: str, exclude: Iterable[tuple[str, str]]) -> str:
    for pattern, reason in exclude:
        if fnmatchcase(path, pattern):
            return f"excluded by scanner.toml: {reason}"
    return ""


def _sum(tallies: dict[Path, _Tally]) -> Seen:
    records = [r for t in tallies.values() for r in t.records]
    findings = [f for t in tallies.values() for f in t.findings]
    unique = {f.id: f for f in findings}
    return Seen(
        inputs=tuple(_input(target, tally) for target, tally in tallies.items()),
        findings=tuple(sorted(unique.values(), key=lambda f: (f.artifact.path, f.rule, f.id))),
        not_tested=tuple(
            sorted(
                (
                    NotTested(path=r.path, reason=r.reason, undrawn=r.reason == NOT_DRAWN)
                    for r in records
                    if r.outcome is Outcome.FAILED or r.reason == NOT_DRAWN
                ),
                key=lambda n: (n.undrawn, n.path, n.reason),
            )
        ),
        coverage=_coverage(records),
        notices=tuple(sorted(n for r in records for n in r.notices)),
        facts=tuple(sorted((f for r in records for f in r.facts), key=lambda f: f.path)),
        media=tuple(
            ArtifactRef(path=r.path, sha256=r.sha256, kind=r.kind)
            for r in records
            if r.kind in ("video", "picture") and r.sha256
        ),
    )


def _input(target: Path, tally: _Tally) -> Input:
    records = sorted(tally.records, key=lambda r: r.path)
    if _is_folder(target):
        digest = hashlib.sha256()
        for r in records:
            digest.update(f"{r.path}\0{r.sha256}\n".encode("utf-8", "surrogateescape"))
        sha256, kind = digest.hexdigest(), "folder"
    else:
        top = next((r for r in records if "!/" not in r.path), None)
        sha256, kind = (top.sha256, top.kind) if top else ("", "unknown")
    whole_files = [r for r in records if "!/" not in r.path]
    return Input(
        target=_shown(target),
        kind=kind,
        sha256=sha256,
        artifacts=len(records),
        bytes=sum(r.size for r in whole_files),
    )


def _is_folder(target: Path) -> bool:
    return target.is_dir() or bool(url_of(target))


def _shown(target: Path) -> str:
    return target.name or target.resolve().name or str(target)


def _coverage(records: list[Record]) -> Coverage:
    kinds: dict[str, int] = {}
    reasons: dict[str, int] = {}
    readers: dict[str, int] = {}
    count = dict.fromkeys(Outcome, 0)
    for record in records:
        count[record.outcome] += 1
        if record.outcome is Outcome.INSPECTED:
            kinds[record.kind] = kinds.get(record.kind, 0) + 1
            for reader in record.readers:
                readers[reader] = readers.get(reader, 0) + 1
        elif record.outcome is Outcome.SKIPPED:
            reasons[record.reason] = reasons.get(record.reason, 0) + 1
    return Coverage(
        seen=len(records),
        files=len({r.path for r in records if "!/" not in r.path}),
        inspected=count[Outcome.INSPECTED],
        skipped=count[Outcome.SKIPPED],
        failed=count[Outcome.FAILED],
        bytes=sum(r.size for r in records if r.outcome is Outcome.INSPECTED),
        kinds=dict(sorted(kinds.items())),
        inspectors=dict(sorted(readers.items())),
        skipped_reasons=dict(sorted(reasons.items())),
    )
