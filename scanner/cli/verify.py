"""`scanner verify`: check a redacted clip or picture against its manifest, and its original where given."""

from pathlib import Path

import click

from scanner.cli import printable
from scanner.errors import Exit, UnreadableError


@click.command(short_help="Check a redacted clip against its manifest and original.")
@click.argument("redacted", type=click.Path(path_type=Path))
@click.option(
    "--original", type=click.Path(path_type=Path), metavar="FILE", help="Compare times and audio with it."
)
@click.option(
    "--manifest",
    "record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Default: REDACTED.manifest.json.",
)
def command(redacted: Path, original: Path | None, record: Path | None) -> int:
    """Look at every covered area in every frame with a detector that had no part in the redaction.

    A line that begins with `doubt` closes nothing: a person should look at those frames.

    Exits 0 when every check passed, 1 when one failed, 2 without a manifest, 3 when a file cannot be read or
    the manifest is a summary, without the boxes to look in.

    \b
    Example:
      scanner verify release/gate.mp4 --original exports/gate.mp4
    """
    from scanner.footage import manifest  # noqa: PLC0415 - video libraries load only now
    from scanner.footage.verify import verify  # noqa: PLC0415

    for path in (redacted, original):
        if path is not None and not path.is_file():
            raise UnreadableError(f"{path} does not exist.", "Check the name.")
    found = manifest.read(record or manifest.path_for(redacted))
    result = verify(redacted, found, original=original)
    for check in result.checks:
        detail = f" ({check.detail})" if check.detail else ""
        click.echo(printable(f"{check.state}: {check.name}{detail}"))
    for what in result.not_checked:
        click.echo(printable(f"not checked: {what}"))
    how = "NOT verified" if not result.passed else "verified in part" if result.not_checked else "verified"
    click.echo(printable(f"{redacted}: {how} with {result.detector.id}"))
    if not result.passed:
        return Exit.CLOSED
    return Exit.INCOMPLETE if result.not_checked else Exit.OPEN
