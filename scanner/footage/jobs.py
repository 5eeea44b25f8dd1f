"""From what the user names to single jobs: which file is redacted into which. Writes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.discover.artifact import Artifact
from scanner.discover.kind import footage_name
from scanner.errors import UnreadableError, UsageError
from scanner.footage.manifest import path_for

_CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_PICTURES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif"}
)
_MP4_AUDIO = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac"})
_MOV_AUDIO = _MP4_AUDIO | {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_mulaw", "pcm_alaw", "pcm_f32le"}
_APPLE_DOUBLE = "._"
"""So begin the names of what macOS lays beside files on foreign disks: attributes, no footage."""
MEDIA_SUFFIXES = frozenset(_CONTAINERS) | _PICTURES


@dataclass(frozen=True, slots=True)
class Job:
    """One file to redact.

    Attributes:
        source: The original.
        output: Where the redaction goes; for a clip its suffix may still change with its audio.
        kind: `video` or `picture`.
        named: Whether the user named the output file, so that its suffix is not to be changed.
    """

    source: Path
    output: Path
    kind: str
    named: bool


def plan(inputs: Sequence[Path], target: Path) -> tuple[list[Job], list[UnreadableError]]:
    """Make jobs of the user's inputs.

    Args:
        inputs: Files, and folders that are walked for pictures and clips, by content.
        target: A file, when there is one input file and `target` ends like a picture or clip and is no
            folder; otherwise a folder.

    Returns:
        The jobs, and what was named and cannot be one.

    Raises:
        UsageError: two inputs would be written to one name, or an input over itself.
    """
    named = len(inputs) == 1 and not inputs[0].is_dir() and not target.is_dir()
    if named and target.suffix.lower() in MEDIA_SUFFIXES:
        pairs = [(inputs[0], target)]
    else:
        named = False
        pairs = [pair for given in inputs for pair in _below(given, target)]
    jobs, refused = [], []
    for source, output in pairs:
        try:
            jobs.append(_job(source, output, named=named, found=source not in inputs))
        except UnreadableError as error:
            refused.append(error)
    _distinct(jobs)
    return jobs, refused


def _below(given: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    if not given.is_dir():
        yield given, target / given.name
        return
    inside = target.resolve()
    for file in sorted(p for p in given.rglob("*") if p.is_symlink() or not p.is_dir()):
        # An output folder within an input folder is not an input.
        if not file.resolve().is_relative_to(inside) and _is_footage(file):
            yield file, target / file.relative_to(given)


def _is_footage(file: Path) -> bool:
    """Whether a file is a clip or a picture, or is called one: then it is an input that cannot be read."""
    if footage_name(file.name) and not file.name.startswith(_APPLE_DOUBLE):
        return True
    if file.is_symlink() or not file.is_file():
        return False
    return Artifact(file.name, local=file).kind in ("video", "picture")


def _job(source: Path, output: Path, *, named: bool, found: bool) -> Job:
    if found and source.is_symlink():
        raise UnreadableError(
            f"{source} is a link, and links in folders are not followed.", "Name it on the command line."
        )
    if source.exists() and not source.is_file():
        raise UnreadableError(f"{source} is a pipe or a device.", "Store the footage as a file first.")
    try:
        artifact = Artifact(source.name, local=source)
        kind = artifact.kind
    except FileNotFoundError as error:
        raise UnreadableError(f"{source} does not exist.", "Check the name.") from error
    except OSError as error:
        raise UnreadableError(f"{source} cannot be read: {error.strerror}.", "Check its rights.") from error
    if kind == "empty":
        raise UnreadableError(f"{source} is empty (0 bytes).", "Export it again from its recorder.")
    if kind not in ("video", "picture"):
        raise UnreadableError(
            f"{source} is neither a clip nor a picture: its content is {kind}.",
            "Check that the file is what its name says.",
        )
    if named and (output.suffix.lower() in _PICTURES) != (kind == "picture"):
        raise UsageError(f"{source} is a {kind}, and {output} is named as something else.", "Name another.")
    return Job(source, output, kind, named)


def _distinct(jobs: Sequence[Job]) -> None:
    seen: dict[Path, Path] = {}
    for job in jobs:
        output = job.output.resolve()
        if output == job.source.resolve():
            raise UsageError(f"{job.source} would be overwritten by its redaction.", "Name another output.")
        if output in seen:
            raise UsageError(
                f"{seen[output]} and {job.source} would both be written to {job.output}.",
                "Redact them into different folders.",
            )
        seen[output] = job.source


def refuse_existing(output: Path) -> None:
    """Say no to an output that is there already.

    Raises:
        UsageError: it is, or its manifest.
    """
    for path in (output, path_for(output)):
        if path.exists():
            raise UsageError(f"{path} exists.", "Use --overwrite to replace it.")


def refuse_foreign(output: Path) -> None:
    """Say no to an output that is there already and that no redaction made.

    Raises:
        UsageError: it is there without its manifest.
    """
    if not path_for(output).exists():
        refuse_existing(output)


def checkpoint_for(output: Path) -> Path:
    """Where a redaction that is under way keeps what it found out."""
    return output.with_name(f".{output.name}.checkpoint")


def discard(output: Path, *, keep_checkpoint: bool = False) -> None:
    """Remove what a killed run left half written beside an output, whatever suffix it was to get."""
    name = "".join(f"[{c}]" if c in "*?[" else c for c in output.name)
    patterns = [f".{name}.*.partial", *([] if keep_checkpoint else [f".{name}*.checkpoint"])]
    for half in [p for pattern in patterns for p in output.parent.glob(pattern)]:
        half.unlink(missing_ok=True)


def container_for(job: Job, audio: Sequence[str]) -> tuple[Path, str, tuple[str, ...]]:
    """Choose the output's name and container: the suffix's own, or one that holds the audio.

    Args:
        job: A clip.
        audio: Codecs of the audio streams that are kept.

    Returns:
        The output's path, the container's name, and the reasons for what was changed.

    Raises:
        UsageError: the user named a file whose container cannot hold the audio.
    """
    suffix = job.output.suffix.lower()
    container = _CONTAINERS.get(suffix)
    if container and _holds(container, audio):
        return job.output, container, ()
    fallback = ".mp4" if _holds("mp4", audio) else ".mkv"
    reason = (
        f"{container} cannot hold {', '.join(audio)} audio"
        if container
        else f"H.264 is not written into {suffix}"
    )
    if job.named:
        raise UsageError(f"{job.output} cannot be written: {reason}.", f"Name the output {fallback}.")
    output = job.output.with_name(job.output.name + fallback)
    return output, _CONTAINERS[fallback], (f"Written as {output.name}: {reason}.",)


def _holds(container: str, audio: Sequence[str]) -> bool:
    allowed = {"mp4": _MP4_AUDIO, "mov": _MOV_AUDIO}.get(container)
    return allowed is None or allowed.issuperset(audio)
