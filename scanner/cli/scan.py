"""`scanner scan`: inspect targets, assess, report, gate."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.audit import Terms, audit, now
from scanner.cli.cluster import cluster_options, connect
from scanner.cli.options import ReportTarget, report_option, write_reports
from scanner.cli.papers import PaperFiles, paper_options
from scanner.cli.progress import progress_bar
from scanner.cli.sampling import sampling_options
from scanner.config import Config, find_config, load_config
from scanner.discover.store import url_of
from scanner.drawn import Wanted
from scanner.engine.cache import Cache, default_path
from scanner.engine.fetching import Fetching
from scanner.engine.interface import Engine, Limits
from scanner.engine.local import InProcess, LocalPool
from scanner.errors import EngineError, UsageError
from scanner.files import write_whole
from scanner.findings import Run
from scanner.inspect.task import Unit, prepare
from scanner.machine import processors
from scanner.policy.accept import baseline_of, load_baseline
from scanner.policy.assess import FAIL_ON, Gate
from scanner.policy.pack import load_pack
from scanner.report.terminal import show
from scanner.rules import RuleSet, load_rules
from scanner.scan import ScanOptions, cache_config, discover

if TYPE_CHECKING:
    from scanner.engine.cluster import Address


@click.command("scan")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", type=click.Path(path_type=Path))
@click.option("--policy", metavar="PACK", help="Policy pack by id or TOML file.  [default: us-moratorium]")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The agency's scanner.toml.  [default: that of the first target]",
)
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Only what is not in it gates."
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Accept what is found as of today.",
)
@paper_options
@report_option
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="What closes the gate.  [default: not-satisfied]")
@click.option("--allow-incomplete", is_flag=True, help="Open the gate though some input could not be read.")
@click.option(
    "--jobs", type=click.IntRange(0), help="Worker processes; 0 runs here.  [default: one a processor]"
)
@cluster_options
@sampling_options
@click.option("--footage", type=click.Choice(("auto", "off", "full")), default="auto", show_default=True)
@click.option(
    "--preset", type=click.Choice(("fast", "balanced", "thorough")), default="balanced", show_default=True
)
@click.option(
    "--rules", "rules_dir", type=click.Path(path_type=Path), metavar="DIR", help="Rules of your own."
)
@click.option("--no-gitignore", is_flag=True, help="Look at what .gitignore names, too.")
@click.option("--no-cache", is_flag=True, help="Look at every file anew.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show every finding.")
def command(
    targets: tuple[Path, ...],
    policy: str | None,
    config_file: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    papers: PaperFiles,
    reports: tuple[ReportTarget, ...],
    fail_on: str | None,
    allow_incomplete: bool,
    jobs: int | None,
    cluster: "Address | None",
    sample: Wanted | None,
    footage: str,
    preset: str,
    rules_dir: Path | None,
    no_gitignore: bool,
    no_cache: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Inspect camera pipelines and footage for biometric processing.

    TARGET is a folder, a file or an archive; it is read, never run, and nothing leaves this machine.

    \b
    Examples:
      scanner scan pipeline/ --report html=report.html
      scanner scan . --report sarif=scanner.sarif --baseline scanner-baseline.json
      scanner scan exports/ --footage full --report json=run.json
      scanner scan archive/ --limit 1% --seed 2026-case-17
    """
    config = _config(config_file, targets)
    rules = load_rules(rules_dir)
    pack = load_pack(policy or config.scan.policy)
    terms = Terms(
        pack=pack,
        config=config,
        papers=papers.read(pack, config),
        baseline=load_baseline(baseline) if baseline else None,
        gate=Gate(fail_on or config.scan.fail_on, allow_incomplete),
    )
    options = ScanOptions(
        footage=footage,
        preset=preset,
        rules_dir=str(rules_dir.absolute()) if rules_dir else "",
        exclude=tuple((e.path, e.reason) for e in config.scan.exclude),
        gitignore=not no_gitignore,
        wanted=sample,
    )
    run = _run(
        _distinct(targets), rules, terms, options, jobs=jobs, cluster=cluster, no_cache=no_cache, quiet=quiet
    )
    write_reports(run, reports)
    if write_baseline:
        _write_baseline(run, write_baseline)
    if not quiet:
        show(
            run,
            reports=[(r.format, str(r.path)) for r in reports],
            verbose=verbose,
            to_stderr=_stdout_taken(reports),
        )
    return run.summary.exit_code


def _limits(options: ScanOptions) -> Limits:
    """Every frame of a clip takes its time; nothing else needs so much for its size."""
    return Limits(seconds_a_mib=30.0) if options.footage == "full" else Limits()


def _size(unit: Unit) -> int:
    return unit.size


def _config(named: Path | None, targets: tuple[Path, ...]) -> Config:
    path = named or find_config(list(targets))
    return load_config(path, now().date()) if path else Config()


def _distinct(targets: tuple[Path, ...]) -> list[Path]:
    names: dict[str, Path] = {}
    for target in targets:
        name = target.name or str(target)
        if name in names and names[name].resolve() != target.resolve():
            raise UsageError(
                f"{names[name]} and {target} would look the same in a report.",
                "Scan their parent folder, or one after the other.",
            )
        names[name] = target
    return list(names.values())


def _run(
    targets: list[Path],
    rules: RuleSet,
    terms: Terms,
    options: ScanOptions,
    *,
    jobs: int | None,
    cluster: "Address | None",
    no_cache: bool,
    quiet: bool,
) -> Run:
    done = total = 0
    away = any(url_of(target) for target in targets)
    with (
        nullcontext() if no_cache else Cache(default_path(), cache_config(rules, options)) as cache,
        _engine(options, jobs, cluster, away=away) as engine,
    ):
        if isinstance(engine, LocalPool) and (cache is None or cache.empty):
            # Every file will be read: let the workers get ready while the files are listed.
            engine.start()
        found = discover(targets, gitignore=options.gitignore)
        total = sum(map(len, found.values()))
        try:
            with progress_bar("inspecting", total, quiet=quiet) as advance:

                def progress(count: int) -> None:
                    nonlocal done
                    done += count
                    advance(count)

                return audit(found, rules, terms, engine, options, cache, progress)
        except (KeyboardInterrupt, EngineError):
            left = "the same command goes on with the rest" if cache else "with --no-cache nothing is kept"
            click.echo(f"scanner: {done} of {total} files were done; {left}.", err=True)
            raise


@contextmanager
def _engine(
    options: ScanOptions, jobs: int | None, cluster: "Address | None", *, away: bool
) -> Iterator[Engine]:
    ready = partial(prepare, options.rules_dir, options.footage, options.preset)
    if cluster is not None:
        from scanner.engine.cluster import ClusterPool  # noqa: PLC0415 - few runs need it
        from scanner.engine.there import Recipe  # noqa: PLC0415 - likewise

        with connect(cluster, options.rules_dir) as there:
            yield ClusterPool(there, Recipe(_limits(options), _size, ready))
    elif jobs == 0:
        yield Fetching(InProcess()) if away else InProcess()
    else:
        pool = LocalPool(jobs or processors(), _limits(options), weigh=_size, prepare=ready)
        try:
            yield Fetching(pool) if away else pool
        finally:
            pool.stop()


def _write_baseline(run: Run, path: Path) -> None:
    import msgspec  # noqa: PLC0415 - only here

    baseline = baseline_of(run.findings, run.run.started[:10])
    write_whole(path, msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n")


def _stdout_taken(reports: tuple[ReportTarget, ...]) -> bool:
    return any(str(r.path) == "-" for r in reports)
