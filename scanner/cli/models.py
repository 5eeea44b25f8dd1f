"""`scanner models`: list the detectors and check their weights."""

import click

from scanner.errors import Exit, UnreadableError


@click.group(short_help="List and check the detectors' weights.")
def command() -> None:
    """List the detectors' weights with their licence, or check them by SHA-256.

    \b
    Examples:
      scanner models list
      scanner models verify
    """


@command.command("list")
def list_() -> int:
    """List every detector: task, licence, size, and the package that carries it."""
    from scanner.footage import weights  # noqa: PLC0415 - read only when asked for

    for model in weights.manifest():
        there = "installed" if (weights.folder() / "weights" / model.file).is_file() else "missing"
        click.echo(
            f"{model.id:16} {model.task:14} {model.licence:8} {model.bytes:>10,} bytes  "
            f"{model.package} {model.version}  {there}"
        )
    return Exit.OPEN


@command.command("verify")
def verify() -> int:
    """Check the SHA-256 of every detector's weights; exits 3 when one is missing or another."""
    from scanner.footage import weights  # noqa: PLC0415

    code = Exit.OPEN
    for model in weights.manifest():
        try:
            weights.load(model)
        except UnreadableError as error:
            click.echo(f"scanner: {error}", err=True)
            code = Exit.INCOMPLETE
        else:
            click.echo(f"{model.id}: sha256 {model.sha256} as pinned")
    return code
