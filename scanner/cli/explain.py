"""`scanner explain`: why a control or a finding of an earlier run stands as it does."""

import textwrap
from pathlib import Path

import click

from scanner.cli.report import read_run
from scanner.errors import Exit
from scanner.policy.explain import explain

WIDTH = 100


@click.command("explain", short_help="Say why a control or a finding stands as it does.")
@click.argument("name", metavar="CONTROL|FINGERPRINT")
@click.argument("run_file", metavar="RUN.json", type=click.Path(path_type=Path, allow_dash=True))
def command(name: str, run_file: Path) -> int:
    """Say why a control, or a finding by fingerprint, of RUN.json stands as it does.

    \b
    Examples:
      scanner scan pipeline/ --report json=run.json
      scanner explain face-recognition run.json
      scanner explain 3f1c0a7be2d4 run.json
    """
    from scanner.cli import printable  # noqa: PLC0415 - the group imports this module

    for line in explain(read_run(run_file), name):
        indent = " " * (len(line) - len(line.lstrip()))
        text = printable(" ".join(line.split()))
        click.echo(
            textwrap.fill(
                text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
            )
        )
    return Exit.OPEN
