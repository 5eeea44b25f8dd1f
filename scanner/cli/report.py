"""`scanner report`: makes reports of an earlier run, without looking at its inputs again."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from scanner.cli import printable
from scanner.cli.options import ReportTarget, read_key, report_option, write_reports
from scanner.errors import Exit, UsageError
from scanner.findings import SCHEMA_VERSION, Run, from_json
from scanner.report.terminal import show
from scanner.report.trend import with_trend


class _Report(click.Command):
    """Takes a run, or the word `verify` and a bundle; a run file of that name is `./verify`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args[:1] == ["verify"]:
            return verify.make_context(f"{info_name} verify", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(name="report", cls=_Report, short_help="Make reports of an earlier run; verify a bundle.")
@click.argument("run_file", metavar="RUN.json", type=click.Path(path_type=Path, allow_dash=True))
@report_option
@click.option(
    "--sign-key",
    type=click.Path(path_type=Path),
    metavar="KEY.pem",
    help="Sign bundles with this ed25519 key (PEM, without passphrase).",
)
@click.option(
    "--previous",
    "earlier",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="RUN.json",
    help="An earlier run to show the trend against; may stand several times.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
def command(
    run_file: Path,
    reports: tuple[ReportTarget, ...],
    sign_key: Path | None,
    earlier: tuple[Path, ...],
    *,
    quiet: bool,
) -> int:
    """Make reports of RUN.json, which `scanner scan --report json=RUN.json` wrote (- is stdin).

    A bundle holds every format and a statement over them; it is an archive where its name ends in .zip,
    and a folder otherwise. `scanner report verify BUNDLE` checks it.

    Exit code 0 says that the reports are made, whatever they say; the gate is for `scanner scan`.

    \b
    Examples:
      scanner report run.json --report html=report.html --report md=-
      scanner report november.json --previous october.json --report pdf=trend.pdf
      scanner report run.json --report bundle=audit.zip --sign-key key.pem
      scanner report verify audit.zip --key agency.pub.pem
    """
    run = with_trend(read_run(run_file), [read_run(path) for path in earlier])
    if sign_key and not any(target.format == "bundle" for target in reports):
        raise UsageError("--sign-key signs bundles, and there is none.", "Add: --report bundle=FILE.zip")
    write_reports(run, reports, sign_key)
    if not quiet:
        files = [(target.format, str(target.path)) for target in reports if not target.to_stdout]
        show(run, reports=files, to_stderr=len(files) < len(reports))
    return Exit.OPEN


@click.command(name="verify")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="PUB.pem",
    help="The public key that must have signed it.  [default: that in the bundle]",
)
def verify(bundle: Path, key: Path | None) -> int:
    """Check every byte of BUNDLE against its statement, and the statement's signature.

    Without --key this shows that nothing changed since it was signed, not who signed it.

    Exit code 0: all holds; 1: something was changed, is missing, or is signed by another key.

    \b
    Example:
      scanner report verify audit.zip --key agency.pub.pem
    """
    from scanner.report.bundle import check  # noqa: PLC0415 - only here

    checked = check(bundle, read_key(key) if key else None, str(key or ""))
    for problem in checked.problems:
        click.echo(f"{bundle}: {printable(problem)}")
    if checked.problems:
        return Exit.CLOSED
    click.echo(f"{bundle}: {checked.files} files hold against their statement")
    if not checked.key:
        click.echo("not signed: this shows damage, not a change by someone who can write a bundle")
    elif checked.proven:
        click.echo(f"signed by the key you named: {checked.key}")
    else:
        click.echo(f"signed by key {checked.key}; whose it is, --key PUB.pem of the agency shows")
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
