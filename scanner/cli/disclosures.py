"""`scanner disclosures`: check a ledger of footage given to law enforcement."""

import datetime as dt
import json
from pathlib import Path

import click
import msgspec

from scanner.audit import now, with_disclosures
from scanner.cli.options import ReportTarget, report_option, write_reports
from scanner.cli.report import read_run
from scanner.disclosures.check import check, load_clips, load_transparency
from scanner.disclosures.control import ledger_control
from scanner.disclosures.ledger import json_schema, load_ledger
from scanner.disclosures.rules import RULES, Terms
from scanner.errors import Exit, UsageError
from scanner.files import write_whole
from scanner.findings import Basis, Disclosures, Result

_FILE = click.Path(path_type=Path)
_BAR = 30


def _print_schema(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(json.dumps(json_schema(), indent=2))
        ctx.exit()


def _print_rules(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        for rule in RULES:
            click.echo(f"{rule.id}  [{rule.weight}]  {rule.about}; {rule.citation}")
        ctx.exit()


@click.command("disclosures", short_help="Check a ledger of footage given to law enforcement.")
@click.argument("log", metavar="LOG", type=_FILE)
@click.option("--clips", type=_FILE, metavar="FILE", help="Hashes of your clips, as sha256sum prints them.")
@click.option("--transparency", type=_FILE, metavar="CSV", help="The vendor's own counts.")
@click.option(
    "--follow-up-days",
    type=click.IntRange(0, 3650),
    default=7,
    show_default=True,
    help="When an emergency must be followed up by process.",
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day of the check.  [today]")
@click.option("--run", "run_file", type=_FILE, metavar="RUN.json", help="Put the result into an earlier run.")
@report_option
@click.option("--output", type=_FILE, metavar="FILE", help="Write the result alone as JSON.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the format.",
)
@click.option(
    "--rules", is_flag=True, is_eager=True, expose_value=False, callback=_print_rules, help="Print the rules."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def command(
    log: Path,
    clips: Path | None,
    transparency: Path | None,
    follow_up_days: int,
    as_of: dt.datetime | None,
    run_file: Path | None,
    reports: tuple[ReportTarget, ...],
    output: Path | None,
    *,
    quiet: bool,
) -> int:
    """Check LOG, a CSV or JSON record of footage given to law enforcement.

    Exit code 1: a record contradicts the ground it claims. What is merely for review leaves it 0.

    \b
    Examples:
      scanner disclosures ledger.csv --clips clips.txt --transparency vendor.csv
      scanner disclosures ledger.csv --run run.json --report html=report.html
      scanner disclosures --schema
    """
    from scanner.cli import printable  # noqa: PLC0415 - the group imports this module

    if reports and not run_file:
        raise UsageError(
            "--report needs a run to put the ledger into.", "Add --run RUN.json, or use --output."
        )
    terms = Terms(
        as_of=as_of.date() if as_of else now().date(),
        follow_up_days=follow_up_days,
        clips=load_clips(clips) if clips else None,
    )
    reported = load_transparency(transparency) if transparency else ()
    disclosures = check(load_ledger(log), terms, reported)
    run = with_disclosures(read_run(run_file), disclosures) if run_file else None
    if run:
        write_reports(run, reports)
    if output:
        write_whole(output, msgspec.json.format(msgspec.json.encode(disclosures), indent=2) + b"\n")
    if not quiet:
        to_stderr = any(target.to_stdout for target in reports)
        lines = summary(disclosures).split("\n")
        click.echo("\n".join(printable(line) for line in lines), err=to_stderr)
    failed = ledger_control(disclosures).result is Result.NOT_SATISFIED
    return max(run.summary.exit_code if run else Exit.OPEN, Exit.OPEN) or (
        Exit.CLOSED if failed else Exit.OPEN
    )


def summary(disclosures: Disclosures) -> str:
    """Say the result as lines: years by basis with bars, counts, flags, and what it comes to."""
    lines = [f"{disclosures.file}: {disclosures.records} records, sha256 {disclosures.sha256[:12]}…", ""]
    most = max((n for year in disclosures.years for n in year.by_basis.values()), default=1)
    for year in disclosures.years:
        receivers = "1 agency" if year.agencies == 1 else f"{year.agencies} agencies"
        lines.append(f"{year.year}: {year.records} disclosures to {receivers}, {year.flagged} with a flag")
        for basis in Basis:
            number = year.by_basis.get(basis, 0)
            bar = "█" * round(_BAR * number / most) if number else ""
            lines.append(f"  {basis.value:<12}{number:>6}  {bar}".rstrip())
    for line in disclosures.compared:
        same = "agrees" if line.reported == line.counted else "differs"
        lines.append(
            f"{line.vendor}, {line.basis.value}, {line.first} to {line.last}: "
            f"reported {line.reported}, in the ledger {line.counted}, {same}"
        )
    lines.append("")
    lines += [f"{f.record or '(whole ledger)'}: {f.weight}: {f.reason} [{f.rule}]" for f in disclosures.flags]
    control = ledger_control(disclosures)
    return "\n".join([*lines, f"{control.result.value}: {control.reason}"])
