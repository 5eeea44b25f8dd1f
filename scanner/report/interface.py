"""What a report is: bytes made from a run and nothing else, so that equal runs give equal files.

A format is one module with a function `render(run: Run) -> bytes`; a new one is one line in `_MODULES`.
It is imported when it is first written, so that a gate that wants JSON never loads a template engine.
"""

import importlib
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from scanner.errors import UsageError
from scanner.findings import Run, from_json, to_json

Writer: TypeAlias = Callable[[Run], bytes]

_MODULES = {
    "json": "scanner.report.json",
    "html": "scanner.report.html",
    "pdf": "scanner.report.pdf",
    "sarif": "scanner.report.sarif",
    "oscal": "scanner.report.oscal",
    "cyclonedx": "scanner.report.cyclonedx",
    "junit": "scanner.report.junit",
    "csv": "scanner.report.csv",
    "worksheet": "scanner.report.worksheet",
    "worksheet-json": "scanner.report.worksheet_json",
    "md": "scanner.report.markdown",
    "bundle": "scanner.report.bundle",
}


def _write(module: str, run: Run) -> bytes:
    writer: Writer = importlib.import_module(module).render
    return writer(_settled(run))


WRITERS: MappingProxyType[str, Writer] = MappingProxyType(
    {name: partial(_write, module) for name, module in _MODULES.items()}
)
"""The writer of each format, by the word that `--report` takes."""

FORMATS: tuple[str, ...] = tuple(WRITERS)
"""The words that `--report` takes, in the order in which help texts list them."""


def render(format_name: str, run: Run) -> bytes:
    """Write a run in one format.

    Raises:
        UsageError: there is no such format.
    """
    if format_name not in WRITERS:
        raise UsageError(f"There is no report format {format_name!r}.", f"Take one of: {', '.join(FORMATS)}.")
    return WRITERS[format_name](run)


def _settled(run: Run) -> Run:
    """Give the run as it reads from its file: names that UTF-8 cannot hold are spelled the same way."""
    try:
        msgspec.json.encode(run)
    except UnicodeEncodeError:
        return from_json(to_json(run))
    return run
