"""Redacts what lies in an object store: fetched into a private folder, redacted there, put back whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.discover import store
from scanner.errors import ScannerError, UnreadableError
from scanner.findings import RECORD_SUFFIX

if TYPE_CHECKING:
    from scanner.footage.jobs import Job
    from scanner.footage.order import Request, Result, Tell

_HEAD = 8192
_SUFFIXES = ("", ".mp4", ".mkv")
"""What a redaction's name may get where its container changes."""


def plan(inputs: Sequence[Path], output: Path) -> "tuple[list[Job], list[UnreadableError]]":
    """Make jobs of inputs of which some are URLs; below a URL, clips and pictures by their first bytes."""
    from scanner.footage.jobs import plan as plan_here  # noqa: PLC0415 - few verbs need it

    near = [path for path in inputs if not store.url_of(path)]
    jobs, refused = plan_here(near, output) if near else ([], [])
    for path in inputs:
        if url := store.url_of(path):
            jobs += _below(url, output)
    return jobs, refused


def _below(url: str, output: Path) -> "Iterator[Job]":
    from scanner.discover.kind import classify  # noqa: PLC0415 - likewise
    from scanner.footage.jobs import Job  # noqa: PLC0415 - likewise

    for found in store.objects(url):
        if not found.skipped:
            kind = classify(Path(found.path).name, store.head(found.local, _HEAD))
            if kind in ("video", "picture"):
                yield Job(Path(found.local), output / found.path, kind, named=False)


def fetching(
    ask: "Callable[[Request, Tell], Result]",
) -> "Callable[[Request, Tell], Result]":
    """Let who redacts what lies here redact what does not."""

    def asked(request: "Request", tell: "Tell") -> "Result":
        source, output = store.url_of(request.job.source), store.url_of(request.job.output)
        return _asked(request, tell, ask, source, output) if source or output else ask(request, tell)

    return asked


def _asked(
    request: "Request", tell: "Tell", ask: "Callable[[Request, Tell], Result]", source: str, output: str
) -> "Result":
    from scanner.engine.scratch import Scratch  # noqa: PLC0415 - likewise

    job, spool = request.job, Scratch()
    try:
        (spool.folder / "out").mkdir()
        near = replace(
            job,
            source=spool.folder / job.source.name if source else job.source,
            output=spool.folder / "out" / job.output.name if output else job.output,
        )
        if source:
            store.fetch(source, near.source)
        if output and not request.order.overwrite:
            _fetch_earlier(output, near.output)
        try:
            result = ask(replace(request, job=near), tell)
        except ScannerError as error:
            message = error.message.replace(str(near.source), source or str(job.source))
            raise type(error)(message.replace(str(near.output), output or ""), error.remedy) from error
        if not output:
            return result
        made = Path(result.output)
        url = output + made.name.removeprefix(near.output.name)
        if not result.stood:
            # The record first: an output without one would be nobody's.
            store.put(made.with_name(made.name + RECORD_SUFFIX), url + RECORD_SUFFIX)
            store.put(made, url)
        return type(result)(url, result.manifest, stood=result.stood)
    finally:
        spool.remove()


def _fetch_earlier(url: str, near: Path) -> None:
    """Fetch what an earlier run made, so that it is left alone where it is what this one would make."""
    for suffix in _SUFFIXES:
        for ending in (suffix, suffix + RECORD_SUFFIX):
            if store.exists(url + ending):
                store.fetch(url + ending, near.with_name(near.name + ending))
