"""`scanner blur`: cover every face in clips and pictures before release."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from scanner.cli import printable
from scanner.errors import Exit, RedactionError, ScannerError, UsageError
from scanner.footage.options import PRESETS, STYLES, Style

if TYPE_CHECKING:
    from scanner.footage.jobs import Job
    from scanner.footage.progress import Step
    from scanner.footage.redact import Order


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
@click.option(
    "--detector", type=click.Path(path_type=Path), metavar="FILE.onnx", help="A face detector of your own."
)
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
    detector: Path | None,
    overwrite: bool,
    allow_incomplete: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Cover every face in clips and pictures; folders are walked for both.

    Each output appears under its name only when it is complete and verified by a second detector, with
    NAME.manifest.json beside it. Times, rotation and audio stay; places, titles and side streams go.

    \b
    Examples:
      scanner blur exports/ -o release/
      scanner blur gate.mp4 -o gate-redacted.mp4 --audio mute
    """
    from scanner.footage.cover import WARNINGS  # noqa: PLC0415 - video libraries load only now
    from scanner.footage.jobs import plan, refuse_existing  # noqa: PLC0415
    from scanner.footage.redact import Order  # noqa: PLC0415

    order = Order(preset=preset, style=style, keep_audio=audio == "keep", detector=detector)
    jobs, refused = plan(inputs, output)
    if not overwrite:
        for job in jobs:
            refuse_existing(job.output)
    if WARNINGS[style]:
        _error(f"warning: {WARNINGS[style]}")
    failures: list[ScannerError] = list(refused)
    for error in refused:
        _error(str(error))
    with _terminated():
        for job in jobs:
            try:
                job.output.parent.mkdir(parents=True, exist_ok=True)
                lines = _run(job, order, overwrite=overwrite, show_progress=not quiet)
                if not quiet:
                    click.echo("\n".join(printable(line) for line in lines[: None if verbose else 1]))
            except ScannerError as error:
                failures.append(error)
                _error(str(error))
    done = len(jobs) - len(failures) + len(refused)
    if not jobs and not refused:
        _error("no clip or picture was found in the inputs.")
        return Exit.OPEN if allow_incomplete else Exit.INCOMPLETE
    if not quiet and len(jobs) + len(refused) > 1:
        click.echo(f"{done} redacted, {len(failures)} not")
    return _exit(failures, allow_incomplete=allow_incomplete)


def _exit(failures: Sequence[ScannerError], *, allow_incomplete: bool) -> int:
    """A failed verification closes the gate; an unreadable input too, unless that is allowed."""
    for kind in (RedactionError, UsageError):
        if any(isinstance(f, kind) for f in failures):
            return kind.exit
    return Exit.INCOMPLETE if failures and not allow_incomplete else Exit.OPEN


def _run(job: "Job", order: "Order", *, overwrite: bool, show_progress: bool) -> list[str]:
    from scanner.footage import media  # noqa: PLC0415
    from scanner.footage.jobs import container_for, refuse_existing  # noqa: PLC0415
    from scanner.footage.redact import redact_clip, redact_picture  # noqa: PLC0415

    with _bar(job.source.name, shown=show_progress) as progress:
        if job.kind == "picture":
            output = job.output
            made = redact_picture(job.source, output, (), order, progress)
        else:
            clip = media.probe(job.source)
            output, container, notes = container_for(job, clip.audio if order.keep_audio else ())
            if not overwrite:
                refuse_existing(output)
            made = redact_clip(job.source, output, container, notes, order, progress)
    faces = len(made.tracks)
    what = "no face found" if not faces else f"{faces} face{'s' if faces > 1 else ''} covered"
    assert made.verification is not None
    return [
        f"{job.source} -> {output}: {what} in {made.picture.frames} frame"
        f"{'s' if made.picture.frames > 1 else ''}, verified with {made.verification.detector.id}",
        *(f"  note: {note}" for note in made.notes),
        *(f"  dropped: {key}" for key in made.dropped),
        *(f"  passed: {c.name} ({c.detail})" for c in made.verification.checks),
    ]


def _error(text: str) -> None:
    click.echo(f"scanner: {printable(text)}", err=True)


@contextmanager
def _bar(name: str, *, shown: bool) -> Iterator[Callable[["Step"], None]]:
    """Give a callback that draws a bar on a terminal and is silent in a pipe."""
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield lambda _step: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} frames"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        task = bars.add_task(printable(name), total=None)
        yield lambda step: bars.update(
            task,
            description=f"{printable(name)}: {step.doing}",
            completed=step.done,
            total=step.total or None,
        )


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
