"""Redacts one clip or picture: look, track, cover, write, verify, and only then give it its name."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from scanner import __version__
from scanner.errors import RedactionError, UnreadableError
from scanner.files import whole_file, write_whole
from scanner.footage import detect, manifest, media, picture
from scanner.footage.boxes import turn
from scanner.footage.checkpoint import claim, remembering
from scanner.footage.clip import Clip, output_pixels
from scanner.footage.cover import WARNINGS, cover
from scanner.footage.detect import Detector
from scanner.footage.look import detect_in, examine
from scanner.footage.manifest import FileRecord, Manifest, ModelRecord, PictureRecord, Verification
from scanner.footage.media import Target
from scanner.footage.options import PRESETS, Preset, Style
from scanner.footage.progress import Progress, Step
from scanner.footage.render import Fitness, Shot, fitness, render
from scanner.footage.track import Examined, Track, Tracking, track
from scanner.footage.verify import (
    audio_records,
    digesting,
    sha256,
    stream_records,
    times_digest,
    timing,
    verify,
)

VERIFY_EVERY = 5
"""While redacting, the second detector looks at each track in every fifth frame; `scanner verify` in all."""


@dataclass(frozen=True, slots=True)
class Order:
    """How to redact.

    Attributes:
        preset: Name in `PRESETS`.
        style: What is drawn.
        keep_audio: Whether audio packets are copied.
        detector: A file that the user brings instead of the preset's detectors.
        tracking: Parameters of the tracker.
        keep_metadata: Keys of the container's metadata that are not dropped.
        summary: Whether the manifest leaves the boxes out.
        force: Whether an output that fails its verification gets its name all the same.
    """

    preset: str = "balanced"
    style: Style = "solid"
    keep_audio: bool = True
    detector: Path | None = None
    tracking: Tracking = field(default_factory=Tracking)
    keep_metadata: tuple[str, ...] = ()
    summary: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    preset: Preset
    detectors: tuple[Detector, ...]

    @property
    def records(self) -> tuple[ModelRecord, ...]:
        return tuple(ModelRecord(id=d.id, sha256=d.sha256) for d in self.detectors)


def _look(order: Order) -> _Look:
    preset = PRESETS[order.preset]
    if order.detector is None:
        return _Look(preset, tuple(detect.shipped(i) for i in preset.detectors))
    own = Preset(
        detectors=(order.detector.name,), sides=preset.sides[:1], every=preset.every, upscale=preset.upscale
    )
    return _Look(own, (detect.from_file(order.detector),))


def redact_clip(
    source: Path, output: Path, container: str, notes: Sequence[str], order: Order, progress: Progress
) -> Manifest:
    """Redact a clip into `output`, with its manifest beside it.

    Args:
        source: Never written to.
        output: Appears only when it is complete and verified; replaces an older file of that name.
        container: `mp4`, `mov` or `matroska`.
        notes: Written into the manifest.
        order: How.
        progress: Told what goes on.

    Raises:
        UnreadableError: the clip cannot be read as a whole.
        WriteError: there is no room for the result.
        RedactionError: the result did not pass verification.
    """
    look = _look(order)
    clip = media.probe(source)
    read = _file(source, source.name)
    fit = fitness(clip)
    with claim(output, _state(read, order, look)) as checkpoint, whole_file(output) as partial:
        digests: list[int] = []
        pictures = media.frames(clip)
        seen = examine(
            clip,
            pictures if fit.reason else digesting(pictures, digests),
            look.preset,
            remembering(look.detectors, checkpoint),
            progress=lambda n: progress(Step("looking", n, clip.packets, checkpoint.most)),
        )
        tracks = track(seen.frames, *clip.upright, order.tracking)
        records = manifest.record(tracks, [f.time_s for f in seen.frames])
        covers = {i: turn(b, -clip.turns, *clip.upright) for i, b in manifest.covers(records).items()}
        shot = Shot(clip, seen.pts, covers, order.style)
        target = Target(partial, output, container, order.keep_audio, order.keep_metadata)
        before = media.compare_streams(source)
        kept = tuple(e for e in clip.extras if e.removeprefix("metadata:") in order.keep_metadata)
        width, height = clip.upright

        def attempt(fit: Fitness) -> tuple[Manifest, Verification]:
            step = _telling("covering", len(seen.frames), len(tracks), progress)
            rendering = render(shot, target, fit, step)
            now = media.compare_streams(partial)
            made = Manifest(
                schema_version=manifest.SCHEMA_VERSION,
                tool=f"scanner {__version__}",
                input=read,
                output=_file(partial, output.name),
                detectors=look.records,
                parameters=_parameters(order, look.preset),
                style=order.style,
                warning=WARNINGS[order.style],
                picture=PictureRecord(
                    frames=len(seen.frames),
                    width=width,
                    height=height,
                    times_sha256=times_digest(now.times),
                    times=timing(before, now) or "differ from the original",
                ),
                audio=audio_records(now),
                audio_kept=order.keep_audio,
                dropped=tuple(e for e in clip.extras if e not in kept),
                notes=(*notes, *_notes(clip)),
                frames_examined=seen.looks,
                tracks=records,
                rendering=rendering,
                input_streams=stream_records(before),
                output_streams=stream_records(now),
                kept_metadata=kept,
            )
            step = _telling("verifying", len(seen.frames), len(tracks), progress)
            return made, verify(
                partial, made, original=source, every=VERIFY_EVERY, digests=digests, progress=step
            )

        made, result = attempt(fit)
        if not result.passed and made.rendering is not None and made.rendering.how != "encoded":
            made, result = attempt(Fitness(reason=f"spliced, it failed its own check ({_failures(result)})"))
        return _finish(output, source, made, result, order)


def redact_picture(
    source: Path, output: Path, notes: Sequence[str], order: Order, progress: Progress
) -> Manifest:
    """Redact a picture, each of its pages, into `output`, with its manifest beside it.

    Raises:
        UnreadableError: the picture cannot be read or written.
        RedactionError: the result did not pass verification.
    """
    look = _look(order)
    album = picture.read(source)
    if not album.stills:
        raise UnreadableError(f"{source} holds no picture.")
    noise = np.random.default_rng()
    stills, tracks = [], []
    for index, still in enumerate(album.stills):
        found = detect_in(still.picture, look.preset, look.detectors)
        here = track([Examined(0.0, found)], *still.image.size, order.tracking)
        tracks += [Track(index, t.boxes, t.seen, t.raw) for t in here]
        pixels, planes = picture.planes(still)
        boxes = np.concatenate([t.boxes for t in here]) if here else np.zeros((0, 4))
        cover(planes, manifest.whole(boxes), order.style, noise)
        stills.append(picture.with_pixels(still, pixels))
        progress(Step("covering", index + 1, len(album.stills), len(tracks)))
    records = manifest.record(tracks, [0.0] * len(stills))
    with claim(output, {}), whole_file(output) as partial:
        picture.write(partial, album, stills)
        width, height = stills[0].image.size
        made = Manifest(
            schema_version=manifest.SCHEMA_VERSION,
            tool=f"scanner {__version__}",
            input=_file(source, source.name),
            output=_file(partial, output.name),
            detectors=look.records,
            parameters=_parameters(order, look.preset),
            style=order.style,
            warning=WARNINGS[order.style],
            picture=PictureRecord(frames=len(stills), width=width, height=height, times_sha256="", times=""),
            audio=(),
            audio_kept=False,
            dropped=album.extras,
            notes=tuple(notes),
            frames_examined=len(stills),
            tracks=records,
        )
        result = verify(partial, made, original=source)
        return _finish(output, source, made, result, order)


def _telling(doing: str, total: int, faces: int, progress: Progress) -> Callable[[int], None]:
    return lambda done: progress(Step(doing, done, total, faces))


def _state(read: FileRecord, order: Order, look: _Look) -> dict[str, object]:
    """Everything that decides what detectors see in a clip."""
    return {
        "tool": __version__,
        "input": read.sha256,
        "parameters": _parameters(order, look.preset),
        "models": [d.sha256 for d in look.detectors],
    }


def _finish(output: Path, source: Path, made: Manifest, result: Verification, order: Order) -> Manifest:
    """Write the manifest; only after it the output gets its name, and only if it passed or that is forced."""
    if not result.passed and not order.force:
        raise RedactionError(
            f"{source} was redacted, but the result failed verification ({_failures(result)}).",
            "Nothing was written. Try --preset thorough or --style solid.",
        )
    complete = msgspec.structs.replace(made, verification=result, forced=not result.passed)
    if order.summary:
        complete = manifest.summarised(complete)
    write_whole(manifest.path_for(output), manifest.to_json(complete))
    return complete


def _failures(result: Verification) -> str:
    return "; ".join(f"{c.name}: {c.detail}" for c in result.checks if not c.passed)


def _file(path: Path, name: str) -> FileRecord:
    return FileRecord(name=name, sha256=sha256(path), bytes=path.stat().st_size)


def _parameters(order: Order, preset: Preset) -> dict[str, str | float | int]:
    return {
        "preset": order.preset,
        "sides": ",".join(str(side) for sides in preset.sides for side in sides),
        "every": preset.every,
        **{f"tracking_{k}": v for k, v in asdict(order.tracking).items()},
    }


def _notes(clip: Clip) -> tuple[str, ...]:
    pixels = output_pixels(clip)
    if pixels != clip.pixels:
        return (f"The pixels were converted from {clip.pixels} to {pixels} for H.264.",)
    return ()
