"""`scanner doctor`: what is installed, what is missing, and can this installation identify anyone?"""

import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterator
from dataclasses import dataclass

import click

from scanner import __version__
from scanner.engine.cache import default_path
from scanner.errors import Exit, ScannerError
from scanner.machine import processors

_IDENTIFYING = (
    "deepface",
    "dlib",
    "face_recognition",
    "face_recognition_models",
    "facenet_pytorch",
    "insightface",
)
"""Packages that can identify a person; a default installation has none of them."""
_AGAIN = "Install again from your copy of scanner: ci/install.sh FOLDER (with weights: SCANNER_FOOTAGE=1)."


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer: `ok`, `note` or `bad`."""

    state: str
    what: str
    remedy: str = ""


@click.command("doctor")
@click.option("--audit", is_flag=True, help="Scan every file of this installation, too; takes a while.")
def command(audit: bool) -> int:
    """Say what is installed, what is missing, and whether this installation can identify anyone.

    Exit code 1: something is missing or broken, or this environment can identify people.

    \b
    Examples:
      scanner doctor
      scanner doctor --audit
    """
    bad = False
    for check in examine(audit=audit):
        click.echo(f"{check.state:>4}  {check.what}")
        if check.remedy:
            click.echo(f"      {check.remedy}")
        bad = bad or check.state == "bad"
    return Exit.CLOSED if bad else Exit.OPEN


def examine(*, audit: bool = False) -> Iterator[Check]:
    """Look at this installation."""
    yield Check(
        "ok", f"scanner {__version__} on Python {platform.python_version()}, {processors()} processors"
    )
    yield from _packages()
    yield from _video()
    yield from _weights()
    yield from _acceleration()
    yield from _isolation()
    present = [name for name in _IDENTIFYING if importlib.util.find_spec(name)]
    if present:
        yield Check(
            "bad",
            f"this environment can identify people: {', '.join(present)}",
            "Use an environment without them for audits and redactions.",
        )
    else:
        yield Check("ok", "nothing here can identify a person")
    if audit:
        yield from _audit()
    else:
        yield Check(
            "note", "the files of this installation were not scanned", "Scan them: scanner doctor --audit"
        )
    yield Check("ok", f"cache: {default_path()}")


def _packages() -> Iterator[Check]:
    """Hold what is installed against what scanner asks for; markers are those of this Python."""
    from scanner.own import requirements  # noqa: PLC0415 - only this verb asks

    missing, present = [], 0
    for name in requirements("scanner"):
        try:
            importlib.metadata.version(name)
            present += 1
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Check("bad", f"not installed: {', '.join(missing)}", _AGAIN)
    else:
        yield Check("ok", f"all {present} packages that scanner asks for are installed")


def _video() -> Iterator[Check]:
    try:
        from scanner.footage.media.build import build  # noqa: PLC0415

        made = build()
    except ImportError as error:
        yield Check("bad", f"clips cannot be read: {error}", _AGAIN)
        return
    what = f"FFmpeg {made.ffmpeg} inside av {importlib.metadata.version('av')}, built as {made.licence}"
    if "libx264" in made.encoders:
        yield Check("ok", f"{what}; {' and '.join(made.encoders)} (GPL) inside")
    else:
        yield Check("bad", f"{what}; without libx264, so that no clip can be covered", _AGAIN)


def _weights() -> Iterator[Check]:
    from scanner.footage import cascade, detect, weights  # noqa: PLC0415 - only this verb asks

    try:
        models = weights.manifest()
    except ScannerError as error:
        yield Check("bad", error.message, error.remedy)
        return
    for model in models:
        try:
            if model.id in cascade.STAGES:
                cascade.witness()
            else:
                detect.shipped(model.id)
            yield Check("ok", f"detector {model.id}: weights match their SHA-256, and it loads")
        except ScannerError as error:
            yield Check("bad", error.message, error.remedy)


def _acceleration() -> Iterator[Check]:
    """Say which faster ways of computing are usable; none is needed."""
    try:
        yield Check("ok", f"openvino {importlib.metadata.version('openvino')} speeds up CenterFace")
    except importlib.metadata.PackageNotFoundError:
        yield Check(
            "note",
            "openvino is not installed; CenterFace runs on ONNX Runtime, slower",
            f"Bring it: pip install '{_fast()}'",
        )


def _isolation() -> Iterator[Check]:
    """Say what the processes that read hostile files are kept from here."""
    from scanner.engine.confine import isolation  # noqa: PLC0415 - only this verb asks

    said = isolation()
    for what, how in said.items():
        if how.startswith(("not", "none")):
            yield Check(
                "note", f"{what}: {how}", "Read files that nobody vouches for on Linux 5.13 or later."
            )
        else:
            yield Check("ok", f"{what}: {how}")


def _fast() -> str:
    """Give the requirement behind the extra `fast`, as scanner's own metadata has it."""
    wanted = importlib.metadata.requires("scanner") or []
    return next((r.split(";")[0].strip() for r in wanted if "extra ==" in r and "fast" in r), "openvino")


def _audit() -> Iterator[Check]:
    from scanner import own  # noqa: PLC0415 - loads every inspector

    ended = own.inspect()
    unread = [e.unit.path for e in ended if e.result is None]
    found = own.objections([f for e in ended if e.result for f in e.result.findings])
    against = [f for f in found if f.artifact.path not in own.WAIVED]
    for finding in against:
        yield Check(
            "bad", f"{finding.artifact.path}: {finding.message}", "It is no part of a default installation."
        )
    for finding in (f for f in found if f.artifact.path in own.WAIVED):
        path = finding.artifact.path
        yield Check("note", f"{path}: {finding.message}", f"Waived: {own.WAIVED[path]}.")
    if unread:
        yield Check("bad", f"{len(unread)} files could not be read, first {unread[0]}", _AGAIN)
    if not against and not unread:
        yield Check(
            "ok", f"this installation passes the audit: {len(ended)} files, and nothing that identifies"
        )
