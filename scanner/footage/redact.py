"""Redacts one clip or picture: look, track, cover, write, verify, and only then give it its name."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from scanner import __version__
from scanner.errors import RedactionError, ScannerError, UnreadableError, UsageError, WriteError
from scanner.files import sha256, whole_file, write_whole
from scanner.footage import detect, manifest, media, picture, segments, watch, weights
from scanner.footage.boxes import turn
from scanner.footage.checkpoint import Checkpoint, claim
from scanner.footage.clip import Clip, Streams, in_order, output_pixels
from scanner.footage.cover import cover
from scanner.footage.decide import Decision, Picture, decide
from scanner.footage.detect import Detector
from scanner.footage.edits import Keep, Only
from scanner.footage.jobs import container_for, refuse_existing
from scanner.footage.look import detect_in
from scanner.footage.manifest import (
    FileRecord,
    Manifest,
    ModelRecord,
    MutedRecord,
    PictureRecord,
    TrackRecord,
    Verification,
    VisibleRecord,
)
from scanner.footage.media import Target
from scanner.footage.options import PRESETS, Preset
from scanner.footage.order import WARNINGS, Order, Request, Result, Step, Tell
from scanner.footage.picture import Album
from scanner.footage.render import Fitness, Shot, fitness, render
from scanner.footage.track import Examined, Track, Tracking, track
from scanner.footage.verify import (
    audio_records,
    stream_records,
    times_digest,
    timing,
    verify,
)

VERIFY_EVERY = 5
"""While redacting, the second detector looks at each track in every fifth frame; `scanner verify` in all."""


def redact(request: Request, tell: Tell) -> Result:
    """Redact one file into its output, with its manifest beside it; or find that this was done before.

    The output appears only when it is complete and verified, and replaces an older file of that name.

    Args:
        request: What, where and how. The original is never written to.
        tell: Told what goes on.

    Raises:
        UnreadableError: the original cannot be read as a whole.
        UsageError: the output exists and is not what this order would make.
        WriteError: there is no room for the result.
        RedactionError: the result did not pass verification.
    """
    job, order = request.job, request.order
    look = _look(order)
    clip = None if job.kind == "picture" else media.probe(job.source)
    sounds = clip.audio if clip is not None and order.keep_audio else ()
    output, container, notes = container_for(job, sounds) if clip is not None else (job.output, "", ())
    read = _file(job.source, job.source.name)
    if order.script.input_sha256 not in ("", read.sha256):
        raise UsageError(
            f"The edits were made for another clip than {job.source}.", "Name the edits of this one."
        )
    stood = None if order.overwrite else _standing(output, read, order, look)
    if stood is not None:
        return Result(manifest.in_words(str(output)), stood, stood=True)
    if clip is None:
        made = _redact_picture(job.source, read, output, order, look, tell)
    else:
        made = _redact_clip(_Work(clip, read, output, order, look, notes), container, tell)
    return Result(manifest.in_words(str(output)), made)


@dataclass(frozen=True, slots=True)
class _Look:
    """What looks: a preset's detectors, or one that the user brought."""

    preset: Preset
    own: Path | None
    records: tuple[ModelRecord, ...]

    def detectors(self, threads: int = 0) -> tuple[Detector, ...]:
        """Load them, for so many threads each; 0 is as many as there are cores."""
        if self.own is not None:
            return (detect.from_file(self.own, threads),)
        return tuple(detect.shipped(i, threads) for i in self.preset.models)


def _look(order: Order) -> _Look:
    preset = PRESETS[order.preset]
    if order.detector is None:
        models = [weights.by_id(i) for i in preset.models]
        return _Look(preset, None, tuple(ModelRecord(id=m.id, sha256=m.sha256) for m in models))
    own = detect.from_file(order.detector)
    single = replace(preset, detectors=(own.id,), second="")
    return _Look(single, order.detector, (ModelRecord(id=own.id, sha256=own.sha256),))


def _standing(output: Path, read: FileRecord, order: Order, look: _Look) -> Manifest | None:
    """Give the manifest of an output that is there already, if it is what this order makes of this original.

    Raises:
        UsageError: something else is there.
    """
    path = manifest.path_for(output)
    if not output.exists():
        # A manifest alone is what a run leaves that was killed between its last two steps.
        return None
    try:
        found = manifest.read(path)
        same = (
            (found.input.sha256, found.detectors, found.tool)
            == (read.sha256, look.records, f"scanner {__version__}")
            and found.parameters == _parameters(order, look.preset)
            and (found.style, found.summary) == (order.style, order.summary)
            and (found.audio_kept == order.keep_audio or not found.picture.times)
            and not found.forced
            and found.edits_sha256 == order.script.sha256
            and found.output.sha256 == sha256(output)
        )
    except (ScannerError, OSError):
        same = False
    if not same:
        refuse_existing(output)
    return found


@dataclass(frozen=True, slots=True)
class _Work:
    """A clip that is to be redacted."""

    clip: Clip
    read: FileRecord
    output: Path
    order: Order
    look: _Look
    notes: tuple[str, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """What would be dropped and is kept on request."""
        keys = self.order.keep_metadata
        return tuple(e for e in self.clip.extras if e.removeprefix("metadata:") in keys)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What was seen in it."""

    shot: Shot
    records: tuple[TrackRecord, ...]
    looks: int
    digests: Sequence[int]
    streams: Streams
    decision: Decision


def _redact_clip(work: _Work, container: str, tell: Tell) -> Manifest:
    fit = fitness(work.clip)
    with claim(work.output, _state(work)) as checkpoint, whole_file(work.output) as partial:
        found = _find(work, fit, checkpoint, tell)
        order = work.order
        target = Target(
            partial, work.output, container, order.keep_audio, order.keep_metadata, found.decision.muted
        )
        made, result = _attempt(work, found, target, fit, tell)
        if not result.passed and made.rendering is not None and made.rendering.how != "encoded":
            again = Fitness(reason=f"spliced, it failed its own check ({_failures(result)})")
            made, result = _attempt(work, found, target, again, tell)
        return _finish(work.output, work.clip.path, made, result, order)


def _find(work: _Work, fit: Fitness, checkpoint: Checkpoint, tell: Tell) -> _Found:
    clip, script = work.clip, work.order.script
    seen = _seen(work, fit, checkpoint, tell)
    in_order(clip, seen.pts)
    records = script.tracks
    if records is None:
        tracks = track(seen.frames, *clip.upright, _tracking(work.order))
        records = manifest.record(tracks, [f.time_s for f in seen.frames])
    picture = Picture(*clip.upright, [f.time_s for f in seen.frames])
    decision = decide(records, script.changes, picture)
    records = decision.tracks
    covers = {i: turn(boxes, -clip.turns, *clip.upright) for i, boxes in manifest.covers(records).items()}
    shot = Shot(clip, seen.pts, covers, work.order.style)
    streams = media.compare_streams(clip.path, decision.muted)
    return _Found(shot, records, seen.looks, seen.digests, streams, decision)


def _seen(work: _Work, fit: Fitness, checkpoint: Checkpoint, tell: Tell) -> watch.Seen:
    """Watch a clip: in segments at once, if they hold the frames that the clip's packets promise."""

    def telling(pace: watch.Pace) -> None:
        tell(Step("looking", pace.frames, work.clip.packets, pace.faces))

    def manner(threads: int) -> watch.Manner:
        asked = work.order.script.tracks is None
        return watch.Manner(
            work.look.preset, work.look.detectors(threads) if asked else (), digest=not fit.reason
        )

    clip, parts = work.clip, segments.cut(work.clip, fit.marks)
    if len(parts) > 1:
        seen = watch.joined(clip, segments.watch_apart(clip, parts, manner(1), checkpoint, telling))
        if list(seen.pts) == sorted(m.pts for m in fit.marks if m.is_shown):
            return seen
    return watch.joined(clip, segments.watch_through(clip, manner(0), checkpoint, telling))


def _attempt(
    work: _Work, found: _Found, target: Target, fit: Fitness, tell: Tell
) -> tuple[Manifest, Verification]:
    """Write the clip, and verify what was written."""
    frames, order = len(found.shot.pts), work.order

    def telling(doing: str) -> Callable[[int], None]:
        return lambda done: tell(Step(doing, done, frames, len(found.records)))

    rendering = render(found.shot, target, fit, telling("covering"))
    now = media.compare_streams(target.path)
    width, height = work.clip.upright
    made = Manifest(
        schema_version=manifest.SCHEMA_VERSION,
        tool=f"scanner {__version__}",
        input=work.read,
        output=_file(target.path, work.output.name),
        detectors=work.look.records,
        parameters=_parameters(order, work.look.preset),
        style=order.style,
        warning=WARNINGS[order.style],
        picture=PictureRecord(
            frames=frames,
            width=width,
            height=height,
            times_sha256=times_digest(now.times),
            times=timing(found.streams, now) or "differ from the original",
        ),
        audio=audio_records(now),
        audio_kept=order.keep_audio,
        dropped=tuple(e for e in work.clip.extras if e not in work.kept),
        notes=(*work.notes, *_notes(work.clip)),
        frames_examined=found.looks,
        tracks=found.records,
        rendering=rendering,
        input_streams=stream_records(found.streams),
        output_streams=stream_records(now),
        kept_metadata=work.kept,
        edits_sha256=order.script.sha256,
        visible=tuple(_visible(change) for change in found.decision.visible),
        log=found.decision.log,
        muted=tuple(MutedRecord(start_s=s.start_s, end_s=s.end_s) for s in found.decision.muted),
    )
    result = verify(
        target.path,
        made,
        original=work.clip.path,
        every=VERIFY_EVERY,
        digests=found.digests,
        progress=telling("verifying"),
    )
    return made, result


def _redact_picture(
    source: Path, read: FileRecord, output: Path, order: Order, look: _Look, tell: Tell
) -> Manifest:
    """Redact a picture, each of its pages."""
    album = picture.write_as(picture.read(source), output)
    if not album.stills:
        raise UnreadableError(f"{source} holds no picture.")
    noise = np.random.default_rng()
    times = [0.0] * len(album.stills)
    records = order.script.tracks
    if records is None:
        records = manifest.record(_faces(album, order, look), times)
    decision = decide(records, order.script.changes, Picture(*album.stills[0].image.size, times))
    covers = manifest.covers(decision.tracks)
    stills = []
    for index, still in enumerate(album.stills):
        pixels, planes = picture.planes(still)
        if index in covers:
            cover(planes, covers[index], order.style, noise)
        stills.append(picture.with_pixels(still, pixels))
        tell(Step("covering", index + 1, len(album.stills), len(records)))
    with claim(output, {}), whole_file(output) as partial:
        picture.write(partial, album, stills)
        width, height = stills[0].image.size
        made = Manifest(
            schema_version=manifest.SCHEMA_VERSION,
            tool=f"scanner {__version__}",
            input=read,
            output=_file(partial, output.name),
            detectors=look.records,
            parameters=_parameters(order, look.preset),
            style=order.style,
            warning=WARNINGS[order.style],
            picture=PictureRecord(frames=len(stills), width=width, height=height, times_sha256="", times=""),
            audio=(),
            audio_kept=False,
            dropped=album.extras,
            notes=album.notes,
            frames_examined=len(stills),
            tracks=decision.tracks,
            edits_sha256=order.script.sha256,
            visible=tuple(_visible(change) for change in decision.visible),
            log=decision.log,
        )
        return _finish(output, source, made, verify(partial, made, original=source), order)


def _faces(album: Album, order: Order, look: _Look) -> list[Track]:
    tracks: list[Track] = []
    for index, still in enumerate(album.stills):
        found = detect_in(still.picture, look.preset, look.detectors())
        here = track([Examined(0.0, found)], *still.image.size, _tracking(order))
        tracks += [Track(index, t.boxes, t.seen, t.raw) for t in here]
    return tracks


def _state(work: _Work) -> dict[str, object]:
    """Everything that decides what detectors see in a clip."""
    return {
        "tool": __version__,
        "input": work.read.sha256,
        "parameters": _parameters(work.order, work.look.preset),
        "models": [r.sha256 for r in work.look.records],
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
    path = manifest.path_for(output)
    try:
        write_whole(path, manifest.to_json(complete))
    except OSError as error:
        raise WriteError(f"{path} could not be written: {error.strerror}.", "Make room.") from error
    return complete


def _failures(result: Verification) -> str:
    return "; ".join(f"{c.name}: {c.detail}" for c in result.checks if not c.passed)


def _file(path: Path, name: str) -> FileRecord:
    return FileRecord(name=manifest.in_words(name), sha256=sha256(path), bytes=path.stat().st_size)


def _parameters(order: Order, preset: Preset) -> dict[str, str | float | int]:
    return {
        "preset": order.preset,
        "sides": ",".join(str(side) for sides in preset.sides for side in sides),
        "every": preset.every,
        **{f"tracking_{k}": v for k, v in asdict(_tracking(order)).items()},
        **({"changes": order.script.digest} if order.script.changes else {}),
    }


def _tracking(order: Order) -> Tracking:
    return Tracking(margin=order.margin)


def _visible(change: Keep | Only) -> VisibleRecord:
    if isinstance(change, Only):
        return VisibleRecord(what="everything else", reason=change.reason, by=change.by)
    what = f"track {change.track}" if change.track is not None else f"region {change.region}"
    return VisibleRecord(
        what=what, reason=change.reason, start_s=change.start_s, end_s=change.end_s, by=change.by
    )


def _notes(clip: Clip) -> tuple[str, ...]:
    pixels = output_pixels(clip)
    if pixels != clip.pixels:
        return (f"The pixels were converted from {clip.pixels} to {pixels} for H.264.",)
    return ()
