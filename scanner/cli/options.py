"""Options that several verbs share."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from scanner.errors import UsageError
from scanner.files import write_folder, write_whole
from scanner.findings import Run
from scanner.report import FORMATS, WRITERS


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """One report to write: its format and its file, `-` for stdout."""

    format: str
    path: Path

    @property
    def to_stdout(self) -> bool:
        """Whether it goes to stdout."""
        return str(self.path) == "-"

    @property
    def is_folder(self) -> bool:
        """Whether it is a bundle that goes into a folder of its own, rather than into one archive."""
        return self.format == "bundle" and not self.to_stdout and self.path.suffix.lower() != ".zip"


def parse_report(text: str) -> ReportTarget:
    """Read `FORMAT=FILE` and check that the file can be written there.

    Raises:
        click.BadParameter: it does not name a known format and a file in an existing folder.
    """
    name, _, file = text.partition("=")
    if not file:
        raise click.BadParameter(
            f"{text!r} is not FORMAT=FILE, as in html=report.html, or json=- for stdout."
        )
    if name not in FORMATS:
        raise click.BadParameter(f"there is no format {name!r}. Take one of: {', '.join(FORMATS)}.")
    target = ReportTarget(name, Path(file))
    if target.to_stdout:
        return target
    if target.path.is_dir() and not target.is_folder:
        raise click.BadParameter(f"{file} is a folder. Name a file in it.")
    folder = target.path.parent
    if not folder.is_dir():
        raise click.BadParameter(f"there is no folder {folder}. Make it first: mkdir -p {folder}")
    return target


def _parse_reports(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[ReportTarget, ...]:
    targets = tuple(parse_report(text) for text in texts)
    seen: set[str] = set()
    for target in targets:
        key = "-" if target.to_stdout else str(target.path.resolve())
        if key in seen:
            where = "stdout" if target.to_stdout else str(target.path)
            raise click.BadParameter(f"two reports would go to {where}.")
        seen.add(key)
    return targets


report_option = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=_parse_reports,
    help=f"Write a report; may stand several times. Formats: {' '.join(FORMATS)}. FILE - is stdout.",
)
"""`--report FORMAT=FILE`, given to the verb as `reports: tuple[ReportTarget, ...]`."""


def write_reports(run: Run, targets: Sequence[ReportTarget], sign_key: Path | None = None) -> None:
    """Make every report, then write each in one step: an error while making one leaves none behind.

    Args:
        run: What to report.
        targets: Where to.
        sign_key: The file of the ed25519 key that signs bundles, in PEM.

    Raises:
        UsageError: a file cannot be written, or the key is none.
    """
    made = [(target, _made(run, target, sign_key)) for target in targets]
    for target, data in made:
        if isinstance(data, dict):
            write_folder(target.path, data)
        elif target.to_stdout:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_whole(target.path, data)


def _made(run: Run, target: ReportTarget, sign_key: Path | None) -> bytes | dict[str, bytes]:
    if target.format != "bundle" or (sign_key is None and not target.is_folder):
        return WRITERS[target.format](run)
    from scanner.report import bundle, statement  # noqa: PLC0415 - only bundles need cryptography

    signer = statement.read_signer(read_key(sign_key), str(sign_key)) if sign_key else None
    files = bundle.contents(run, signer)
    return files if target.is_folder else bundle.packed(files)


def read_key(path: Path) -> bytes:
    """Read a file that holds a key.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name the file of a key.") from error
