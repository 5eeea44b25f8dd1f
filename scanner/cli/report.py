"""`scanner report`: makes reports of an earlier run, without looking at its inputs again."""

import sys
from pathlib import Path

import click
import msgspec

from scanner.cli.options import ReportTarget, report_option, write_reports
from scanner.errors import Exit, UsageError
from scanner.findings import SCHEMA_VERSION, Run, from_json
from scanner.report.terminal import show


@click.command(name="report", short_help="Make reports of an earlier run.")
@click.argument("run_file", metavar="RUN.json", type=click.Path(path_type=Path, allow_dash=True))
@report_option
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
def command(run_file: Path, reports: tuple[ReportTarget, ...], *, quiet: bool) -> int:
    """Make reports of RUN.json, which `scanner scan --report json=RUN.json` wrote (- is stdin).

    Exit code 0 says that the reports are made, whatever they say; the gate is for `scanner scan`.

    \b
    Example:
      scanner report run.json --report html=report.html --report md=-
    """
    run = read_run(run_file)
    write_reports(run, reports)
    if not quiet:
        files = [(target.format, str(target.path)) for target in reports if not target.to_stdout]
        show(run, reports=files, to_stderr=len(files) < len(reports))
    return Exit.OPEN


def read_run(path: Path) -> Run:
    """Read a run file, or stdin for `-`.

    Raises:
        UsageError: it is not there, not a run, or of a version that this program does not know.
    """
    name = "stdin" if str(path) == "-" else str(path)
    try:
        data = sys.stdin.buffer.read() if name == "stdin" else path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}.", "Name the JSON report of a scan."
        ) from error
    remedy = "Make one with: scanner scan TARGET --report json=RUN.json"
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not a run file: {error}.", remedy) from error
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise UsageError(
            f"{name} has schema version {version}, and this program reads {SCHEMA_VERSION}.",
            "Use the version of scanner that wrote it, or scan again.",
        )
    try:
        return from_json(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not a run file: {error}.", remedy) from error


class _Version(msgspec.Struct):
    schema_version: str
