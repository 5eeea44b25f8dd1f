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
from scanner.footage.clip import Clip, output_pixels
from scanner.footage.cover import WARNINGS, Plane, cover
from scanner.footage.detect import Detector
from scanner.footage.look import detect_in, examine
from scanner.footage.manifest import FileRecord, Manifest, ModelRecord, PictureRecord
from scanner.footage.options import PRESETS, Preset, Style
from scanner.footage.track import Examined, Track, Tracking, track
from scanner.footage.verify import audio_records, sha256, times_digest, timing, verify

VERIFY_EVERY = 5
"""While redacting, the second detector looks at each track in every fifth frame; `scanner verify` in all."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much is done, of how much (0 where unknown)."""


@dataclass(frozen=True, slots=True)
class Order:
    """How to redact.

    Attributes:
        preset: Name in `PRESETS`.
        style: What is drawn.
        keep_audio: Whether audio packets are copied.
        detector: A file that the user brings instead of the preset's detectors.
        tracking: Parameters of the tracker.
    """

    preset: str = "balanced"
    style: Style = "solid"
    keep_audio: bool = True
    detector: Path | None = None
    tracking: Tracking = field(default_factory=Tracking)


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
        RedactionError: the result did not pass verification.
    """
    look = _look(order)
    clip = media.probe(source)
    total = clip.packets
    seen = examine(
        clip,
        media.frames(clip),
        look.preset,
        look.detectors,
        progress=lambda n: progress("looking", n, total),
    )
    tracks = track(seen.frames, *clip.upright, order.tracking)
    records = manifest.record(tracks, [f.time_s for f in seen.frames])
    by_frame = {i: turn(boxes, -clip.turns, *clip.upright) for i, boxes in manifest.covers(records).items()}
    noise = np.random.default_rng()

    def paint(index: int, planes: Sequence[Plane]) -> None:
        cover(planes, by_frame[index], order.style, noise)

    before = media.compare_streams(source)
    with whole_file(output) as partial:
        for done in media.rewrite(
            clip,
            partial,
            container,
            keep_audio=order.keep_audio,
            covered=by_frame.__contains__,
            paint=paint,
        ):
            progress("covering", done, len(seen.frames))
        now = media.compare_streams(partial)
        how = timing(before, now)
        width, height = clip.upright
        times = now.times
        made = Manifest(
            schema_version=manifest.SCHEMA_VERSION,
            tool=f"scanner {__version__}",
            input=_file(source, source.name),
            output=_file(partial, output.name),
            detectors=look.records,
            parameters=_parameters(order, look.preset),
            style=order.style,
            warning=WARNINGS[order.style],
            picture=PictureRecord(
                frames=len(seen.frames),
                width=width,
                height=height,
                times_sha256=times_digest(times),
                times=how or "differ from the original",
            ),
            audio=audio_records(now),
            audio_kept=order.keep_audio,
            dropped=clip.extras,
            notes=(*notes, *_notes(clip)),
            frames_examined=seen.looks,
            tracks=records,
        )
        return _finish(partial, output, source, made, VERIFY_EVERY, progress)


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
        progress("covering", index + 1, len(album.stills))
    records = manifest.record(tracks, [0.0] * len(stills))
    with whole_file(output) as partial:
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
        return _finish(partial, output, source, made, 1, progress)


def _finish(
    partial: Path, output: Path, source: Path, made: Manifest, every: int, progress: Progress
) -> Manifest:
    """Verify the half-named file; only then does the manifest appear, and after it the file."""
    result = verify(
        partial,
        made,
        original=source,
        every=every,
        progress=lambda n: progress("verifying", n, made.picture.frames),
    )
    if not result.passed:
        failed = "; ".join(f"{c.name}: {c.detail}" for c in result.checks if not c.passed)
        raise RedactionError(
            f"{source} was redacted, but the result failed verification ({failed}).",
            "Nothing was written. Try --preset thorough or --style solid.",
        )
    complete = msgspec.structs.replace(made, verification=result)
    write_whole(manifest.path_for(output), manifest.to_json(complete))
    return complete


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
