"""`scanner blur`: cover every face in clips and pictures before release."""

import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from scanner.cli import printable
from scanner.cli.areas import AREA, Area, script
from scanner.cli.away import fetching, plan
from scanner.cli.cluster import cluster_options
from scanner.discover.store import url_of
from scanner.errors import EngineError, Exit, RedactionError, ScannerError, UnreadableError, UsageError
from scanner.footage.options import MARGIN, PRESETS, STYLES, Style

if TYPE_CHECKING:
    from scanner.engine.alone import Alone, Task
    from scanner.engine.cluster import Address
    from scanner.engine.interface import Limits
    from scanner.footage.jobs import Job
    from scanner.footage.order import Request, Result, Step, Tell

    Answers = Generator[tuple[Request, Result | ScannerError], None, None]

_SILENT_S = 600.0
"""A worker that tells nothing for so long hangs."""


@click.command(short_help="Cover every face in clips and pictures before release.")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="INPUT...")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR_OR_FILE",
    help="A folder; or a file, when INPUT is one file.",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default="balanced",
    show_default=True,
    help="How much work goes into finding faces.",
)
@click.option(
    "--style",
    type=click.Choice(STYLES),
    default="solid",
    show_default=True,
    help="solid leaves no pixel of a face; pixelate and blur can be re-identified.",
)
@click.option(
    "--audio",
    type=click.Choice(["keep", "mute"]),
    default="keep",
    show_default=True,
    help="keep copies the audio packets bit for bit; mute writes no audio stream.",
)
@click.option("--mute", is_flag=True, help="The same as --audio mute.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 2),
    default=MARGIN,
    show_default=True,
    metavar="SHARE",
    help="How far a cover reaches beyond a face, as a share of its longer side.",
)
@click.option(
    "--frame", "whole", is_flag=True, help="Cover the whole picture all the time; nothing is looked for."
)
@click.option(
    "--keep",
    type=AREA,
    multiple=True,
    metavar="AREA",
    help="Leave an area visible: X,Y,WIDTH,HEIGHT or track:N, with @START-END in seconds where not always.",
)
@click.option(
    "--only", type=AREA, multiple=True, metavar="AREA", help="Cover nothing but what lies in these areas."
)
@click.option(
    "--edits",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Render what a person decided about the one INPUT, as `scanner review` stores it.",
)
@click.option(
    "--detector", type=click.Path(path_type=Path), metavar="FILE.onnx", help="A face detector of your own."
)
@click.option(
    "--manifest",
    "record",
    type=click.Choice(["full", "summary"]),
    default="full",
    show_default=True,
    help="summary leaves the boxes out, for a record that goes with a release.",
)
@click.option(
    "--keep-metadata",
    multiple=True,
    metavar="KEY",
    help="Keep a key that -v lists as dropped, e.g. creation_time; repeat for more.",
)
@click.option(
    "--force", is_flag=True, help="Write an output although its verification failed; the manifest says so."
)
@cluster_options
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 although some inputs could not be processed.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say what was dropped and how each check went.")
def command(
    inputs: tuple[Path, ...],
    output: Path,
    preset: str,
    style: Style,
    audio: str,
    mute: bool,
    margin: float,
    whole: bool,
    keep: tuple[Area, ...],
    only: tuple[Area, ...],
    edits: Path | None,
    detector: Path | None,
    record: str,
    keep_metadata: tuple[str, ...],
    force: bool,
    cluster: "Address | None",
    overwrite: bool,
    allow_incomplete: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Cover every face in clips and pictures; folders are walked for both.

    Each output appears under its name only when it is complete and verified by a second detector, with
    NAME.manifest.json beside it. Times, rotation and audio stay; places, titles and side streams go.
    What this command made before is left alone, and what it was interrupted in is taken up again.

    \b
    Examples:
      scanner blur exports/ -o release/
      scanner blur gate.mp4 -o gate-redacted.mp4 --mute
      scanner blur gate.mp4 -o released/ --keep 900,40,200,220@12.5-30
      scanner blur bodycam/ -o bulk/ --frame --style blur --mute
      scanner blur gate.mp4 -o released/ --edits released/gate.mp4.edits.json --overwrite
    """
    from scanner.footage.jobs import refuse_foreign  # noqa: PLC0415 - only this verb needs numpy
    from scanner.footage.order import WARNINGS, Order, Request  # noqa: PLC0415

    order = Order(
        preset=preset,
        style=style,
        keep_audio=audio == "keep" and not mute,
        detector=detector.absolute() if detector else None,
        keep_metadata=keep_metadata,
        summary=record == "summary",
        force=force,
        script=script(edits, keep, only, whole=whole),
        margin=margin,
        overwrite=overwrite,
    )
    jobs, refused = plan(inputs, output)
    if edits is not None and len(jobs) != 1:
        raise UsageError("--edits belongs to one clip.", "Name that clip alone.")
    if not overwrite:
        for job in jobs:
            refuse_foreign(job.output)
    if WARNINGS[style]:
        _error(f"warning: {WARNINGS[style]}")
    failures: list[ScannerError] = list(refused)
    for error in refused:
        _error(str(error))
    done = stood = 0
    requests = [Request(job, order) for job in jobs]
    asked = _there(requests, cluster, quiet=quiet) if cluster else _here(requests, quiet=quiet)
    with _terminated(), closing(asked):
        for request, result in asked:
            if isinstance(result, ScannerError):
                failures.append(result)
                _error(str(result))
                continue
            stood += result.stood
            done += not result.stood
            if result.manifest.forced:
                failures.append(RedactionError(f"{result.output} failed its verification."))
                _error(f"{result.output} failed its verification, and was written because of --force.")
            if not quiet:
                lines = _told(request.job, result)
                click.echo("\n".join(printable(line) for line in lines[: None if verbose else 1]))
    if not jobs and not refused:
        _error("no clip or picture was found in the inputs (outputs are left out).")
        return Exit.OPEN if allow_incomplete else Exit.INCOMPLETE
    if not quiet and len(jobs) + len(refused) > 1:
        left = f"{stood} left alone, " if stood else ""
        click.echo(f"{done} redacted, {left}{len(jobs) + len(refused) - done - stood} not")
    return _exit(failures, allow_incomplete=allow_incomplete)


def worker(writes: tuple[Path, ...] | None) -> "Alone[Request, Step, Result]":
    """Give the process that reads what may be hostile, and writes below some folders alone."""
    from scanner.engine.alone import Alone  # noqa: PLC0415

    return Alone(_task(), _limits(), writes)


def _task() -> "Task[Request, Step, Result]":
    from scanner.engine.alone import Task  # noqa: PLC0415
    from scanner.footage.order import Result, Step  # noqa: PLC0415

    return Task(redact, Step, Result)


def _limits() -> "Limits":
    from scanner.engine.interface import Limits  # noqa: PLC0415

    return Limits(seconds=_SILENT_S)


def redact(request: "Request", tell: "Tell") -> "Result":
    """Redact one file; loads the video libraries where it is called, which is not here."""
    from scanner.footage.redact import redact as call  # noqa: PLC0415

    return call(request, tell)


def _exit(failures: Sequence[ScannerError], *, allow_incomplete: bool) -> int:
    """A failed verification closes the gate; an unreadable input too, unless that is allowed."""
    for kind in (RedactionError, UsageError):
        if any(isinstance(f, kind) for f in failures):
            return kind.exit
    return Exit.INCOMPLETE if failures and not allow_incomplete else Exit.OPEN


def _here(requests: "Sequence[Request]", *, quiet: bool) -> "Answers":
    """Redact one after the other on this machine."""
    from rich.console import Console  # noqa: PLC0415 - slow to load

    from scanner.cli.bar import bar  # noqa: PLC0415
    from scanner.footage.jobs import discard  # noqa: PLC0415

    with worker(_written(requests)) as alone:
        for request in requests:
            job = request.job
            try:
                with bar(job.source.name, Console(stderr=True, quiet=quiet)) as tell:
                    result = fetching(alone.ask)(request, tell)
            except ScannerError as error:
                yield request, _failed(job, error)
            except KeyboardInterrupt:
                discard(job.output, keep_checkpoint=True)
                raise
            else:
                yield request, result


def _written(requests: "Sequence[Request]") -> tuple[Path, ...] | None:
    """Make the folders of the outputs, which are all there before the process that writes into them is.

    Returns:
        The outermost of them; None where what is fetched lies in a folder that is not known yet.
    """
    folders = {request.job.output.parent for request in requests}
    for folder in sorted(folders):
        _make_folder(folder)
    if any(url_of(request.job.output) or url_of(request.job.source) for request in requests):
        return None
    return tuple(sorted(f for f in folders if not folders & set(f.parents)))


def _there(requests: "Sequence[Request]", cluster: "Address", *, quiet: bool) -> "Answers":
    """Redact on the machines of a cluster, which see the same files under the same names."""
    from scanner.cli.cluster import connect  # noqa: PLC0415 - few runs need it
    from scanner.cli.progress import progress_bar  # noqa: PLC0415

    requests = [_whole(request) for request in requests]
    for folder in sorted({request.job.output.parent for request in requests}):
        _make_folder(folder)
    done = 0
    with (
        connect(cluster) as there,
        progress_bar("redacting", len(requests), quiet=quiet) as advance,
    ):
        try:
            for request, answer in there.ask(_task(), requests, _limits(), fetching):
                done += 1
                advance(1)
                yield request, _failed(request.job, answer) if isinstance(answer, ScannerError) else answer
        except (KeyboardInterrupt, EngineError):
            _error(f"{done} of {len(requests)} files were done; the same command goes on with the rest.")
            raise


def _whole(request: "Request") -> "Request":
    """Name files so that a machine finds them that is in another folder."""
    source, output = (
        path if url_of(path) else path.absolute() for path in (request.job.source, request.job.output)
    )
    return replace(request, job=replace(request.job, source=source, output=output))


def _make_folder(folder: Path) -> None:
    if url_of(folder):
        return  # a store has no folders
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}.", "Name a folder you may write to."
        ) from error


def _failed(job: "Job", error: ScannerError) -> ScannerError:
    """Tidy up after a file that cannot be redacted, and name it."""
    from scanner.footage.jobs import discard  # noqa: PLC0415

    if not isinstance(error, UnreadableError):
        return error
    if not url_of(job.output):
        discard(job.output)
    if job.source.name in error.message:
        return error
    return UnreadableError(f"{job.source}: {error.message}", error.remedy)


def _told(job: "Job", result: "Result") -> list[str]:
    made = result.manifest
    assert made.verification is not None
    if result.stood:
        return [f"{job.source} -> {result.output}: done before, left alone"]
    faces = len(made.tracks)
    what = "no face found" if not faces else f"{faces} face{'s' if faces > 1 else ''} covered"
    plural = "s" if made.picture.frames > 1 else ""
    how = made.rendering
    return [
        f"{job.source} -> {result.output}: {what} in {made.picture.frames} frame{plural}, "
        f"verified with {made.verification.detector.id}",
        *(
            [f"  {how.how}: {how.copied_frames} frames copied bit for bit, {how.encoded_frames} encoded"]
            if how
            else []
        ),
        *([f"  encoded as a whole: {how.reason}"] if how and how.reason else []),
        *(f"  note: {note}" for note in made.notes),
        *(f"  dropped: {key}" for key in made.dropped),
        *(f"  kept: {key}" for key in made.kept_metadata),
        *(f"  {c.state}: {c.name} ({c.detail})" for c in made.verification.checks),
    ]


def _error(text: str) -> None:
    click.echo(f"scanner: {printable(text)}", err=True)


@contextmanager
def _terminated() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C, so that half-written files are removed on the way out."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: then whoever runs us handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
