"""`scanner doctor`: what is installed, what is missing, and can this installation identify anyone?"""

import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterator
from dataclasses import dataclass

import click

from scanner import __version__
from scanner.engine.cache import default_path
from scanner.engine.local import default_jobs
from scanner.errors import Exit, ScannerError

_IDENTIFYING = (
    "deepface",
    "dlib",
    "face_recognition",
    "face_recognition_models",
    "facenet_pytorch",
    "insightface",
)
"""Packages that can identify a person; a default installation has none of them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer: `ok`, `note` or `bad`."""

    state: str
    what: str
    remedy: str = ""


@click.command("doctor")
def command() -> int:
    """Say what is installed, what is missing, and whether this installation can identify anyone.

    \b
    Example:
      scanner doctor
    """
    checks = list(examine())
    for check in checks:
        click.echo(f"{check.state:>4}  {check.what}")
        if check.remedy:
            click.echo(f"      {check.remedy}")
    return Exit.CLOSED if any(c.state == "bad" for c in checks) else Exit.OPEN


def examine() -> Iterator[Check]:
    """Look at this installation."""
    yield Check(
        "ok", f"scanner {__version__} on Python {platform.python_version()}, {default_jobs()} processors"
    )
    for package in ("av", "onnxruntime", "opencv-python-headless", "tree-sitter", "google-re2"):
        try:
            yield Check("ok", f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Check("bad", f"{package} is not installed", "Install scanner again: pip install scanner")
    yield from _weights()
    if importlib.util.find_spec("openvino"):
        yield Check("ok", f"openvino {importlib.metadata.version('openvino')} speeds up CenterFace")
    else:
        yield Check(
            "note", "openvino is not installed; CenterFace runs slower", "pip install 'scanner[fast]'"
        )
    present = [name for name in _IDENTIFYING if importlib.util.find_spec(name)]
    if present:
        yield Check(
            "bad",
            f"this environment can identify people: {', '.join(present)}",
            "Use an environment without them for audits and redactions.",
        )
    else:
        yield Check("ok", "nothing here can identify a person")
    yield Check("ok", f"cache: {default_path()}")


def _weights() -> Iterator[Check]:
    from scanner.footage import weights  # noqa: PLC0415 - only this verb asks

    try:
        models = weights.manifest()
    except ScannerError as error:
        yield Check("bad", error.message, error.remedy)
        return
    for model in models:
        try:
            weights.load(model)
            yield Check("ok", f"detector {model.id}: weights match their SHA-256")
        except ScannerError as error:
            yield Check("bad", error.message, error.remedy)
