"""What a person decides about a redaction: tracks drawn, mended, dropped or kept visible, spans muted.

An edit file holds what the machine found and the changes made to it, in order; `decide` turns both into
what is covered, frame by frame. It is a log and not a state, so that every step can be undone, and shown
to whoever asks why a face stayed visible.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec

from scanner.errors import UsageError
from scanner.files import write_whole
from scanner.footage.clip import Span
from scanner.footage.manifest import FileRecord, TrackRecord, runs_of

SCHEMA_VERSION = "1.0"

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Box = tuple[int, int, Annotated[int, msgspec.Meta(ge=1)], Annotated[int, msgspec.Meta(ge=1)]]
"""x, y, width, height in whole pixels of the upright picture; may reach over its edges."""
Words = Annotated[str, msgspec.Meta(max_length=2000)]


class Keyframe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a box is in one frame."""

    frame: Count
    box: Box


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    by: Words = ""
    at: Words = ""


class Draw(_Change, frozen=True, kw_only=True, tag="draw"):
    """Cover something that was not found. Between keyframes the box moves evenly."""

    track: Count
    keyframes: Annotated[tuple[Keyframe, ...], msgspec.Meta(min_length=1)]


class Redraw(_Change, frozen=True, kw_only=True, tag="redraw"):
    """Move or resize a track's box from the first keyframe to the last; beyond its ends it is lengthened."""

    track: Count
    keyframes: Annotated[tuple[Keyframe, ...], msgspec.Meta(min_length=1)]


class Split(_Change, frozen=True, kw_only=True, tag="split"):
    """From a frame on, a track is another one."""

    track: Count
    frame: Count
    new: Count


class Join(_Change, frozen=True, kw_only=True, tag="join"):
    """Two tracks are one; the gap between them is covered as between keyframes."""

    track: Count
    other: Count


class Drop(_Change, frozen=True, kw_only=True, tag="drop"):
    """A track covers nothing that needs it (no face at all): it is not drawn."""

    track: Count
    reason: Words


class Keep(_Change, frozen=True, kw_only=True, tag="keep"):
    """A face, or what lies in a region, stays visible, for a reason."""

    reason: Words
    track: Count | None = None
    region: Box | None = None
    start_s: Seconds = 0.0
    end_s: Seconds | None = None


class Cover(_Change, frozen=True, kw_only=True, tag="cover"):
    """A region, or the whole picture where none is given, is covered for a span."""

    basis: Words = ""
    region: Box | None = None
    start_s: Seconds = 0.0
    end_s: Seconds | None = None


class Only(_Change, frozen=True, kw_only=True, tag="only"):
    """Nothing but these tracks, and what lies in these regions, is covered."""

    reason: Words = ""
    tracks: tuple[Count, ...] = ()
    regions: tuple[Box, ...] = ()


class Mute(_Change, frozen=True, kw_only=True, tag="mute"):
    """A span of the audio is left out."""

    basis: Words = ""
    start_s: Seconds = 0.0
    end_s: Seconds | None = None


Change = Draw | Redraw | Split | Join | Drop | Keep | Only | Cover | Mute


class Edits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file beside a clip: for which clip, what was found in it, and what was changed, the latest last.

    Of `changes`, the last `undone` are taken back and can be done again.
    """

    input: FileRecord
    tracks: tuple[TrackRecord, ...] = ()
    changes: tuple[Change, ...] = ()
    undone: Count = 0
    schema_version: str = SCHEMA_VERSION

    @property
    def standing(self) -> tuple[Change, ...]:
        """The changes that count."""
        return self.changes[: max(0, len(self.changes) - self.undone)]


@dataclass(frozen=True, slots=True)
class Script:
    """What a person decided before a redaction runs.

    Attributes:
        changes: In order.
        tracks: What was found when the edits were made; nobody looks again. None where a detector looks.
        input_sha256: The clip they were made for; empty where they fit any.
        sha256: Of the edit file; empty where there is none.
    """

    changes: tuple[Change, ...] = ()
    tracks: tuple[TrackRecord, ...] | None = None
    input_sha256: str = ""
    sha256: str = ""

    @property
    def digest(self) -> str:
        """Names the changes; empty where there are none."""
        return hashlib.sha256(msgspec.json.encode(self.changes)).hexdigest() if self.changes else ""


def script_of(path: Path) -> Script:
    """Read an edit file as what is to be rendered.

    Raises:
        UsageError: there is none, or it is not one.
    """
    made = read(path)
    return Script(
        made.standing, made.tracks, made.input.sha256, hashlib.sha256(path.read_bytes()).hexdigest()
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """The clip that is decided about: its size in upright pixels, and the time of each frame in seconds."""

    width: int
    height: int
    times: Sequence[float]

    def frames(self, start_s: float, end_s: float | None) -> list[int]:
        """Positions of the frames in a span, both ends included."""
        return [i for i, t in enumerate(self.times) if t >= start_s and (end_s is None or t <= end_s)]


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from the edits.

    Attributes:
        tracks: What is covered; numbered as in the edit file, regions after them.
        visible: What stays visible and why, in the order of the edits.
        muted: Spans of audio that are left out.
    """

    tracks: tuple[TrackRecord, ...]
    visible: tuple[Keep | Only, ...]
    muted: tuple[Span, ...]


def decide(tracks: Iterable[TrackRecord], changes: Iterable[Change], picture: Picture) -> Decision:
    """Apply changes to tracks.

    Raises:
        UsageError: a change speaks of a track that is not there, or of a frame beyond the clip.
    """
    table = _Table(tracks, picture)
    visible: list[Keep | Only] = []
    muted: list[Span] = []
    for number, change in enumerate(changes, 1):
        try:
            match change:
                case Draw():
                    table.draw(change.track, change.keyframes)
                case Redraw():
                    table.redraw(change.track, change.keyframes)
                case Split():
                    table.split(change.track, change.frame, change.new)
                case Join():
                    table.join(change.track, change.other)
                case Drop():
                    table.drop(change.track)
                case Keep():
                    table.keep(change)
                    visible.append(change)
                case Only():
                    table.only(change)
                    visible.append(change)
                case Cover():
                    table.cover(change)
                case Mute():
                    muted.append(Span(change.start_s, change.end_s))
        except LookupError as error:
            raise UsageError(
                f"edit {number} ({_name(change)}) cannot be applied: {error.args[0]}.",
                "The file may belong to another version of the clip; begin from its manifest again.",
            ) from error
    return Decision(table.records(), tuple(visible), tuple(muted))


def _name(change: Change) -> str:
    return type(change).__name__.lower()


class _Table:
    """Boxes by track and frame, while changes are applied."""

    def __init__(self, tracks: Iterable[TrackRecord], picture: Picture) -> None:
        self._picture = picture
        self._scores: dict[int, float] = {}
        self._boxes: dict[int, dict[int, Box]] = {}
        for track in tracks:
            self._scores[track.id] = track.score
            boxes = self._boxes[track.id] = {}
            frame = track.first_frame
            for count, *box in track.boxes:
                boxes.update((frame + i, (box[0], box[1], box[2], box[3])) for i in range(count))
                frame += count

    def draw(self, track: int, keyframes: Sequence[Keyframe]) -> None:
        if track in self._boxes:
            raise LookupError(f"track {track} is there already")
        self._boxes[track] = self._between(keyframes)
        self._scores[track] = 1.0

    def redraw(self, track: int, keyframes: Sequence[Keyframe]) -> None:
        drawn = self._between(keyframes)
        boxes = self._boxes[track] = {**self._of(track), **drawn}
        # Drawn apart from the track: what lies between is covered too, a face does not vanish there.
        self._fill(boxes, lambda before, after: (before in drawn) != (after in drawn))

    def split(self, track: int, frame: int, new: int) -> None:
        boxes = self._of(track)
        if new in self._boxes:
            raise LookupError(f"track {new} is there already")
        self._boxes[new] = {f: b for f, b in boxes.items() if f >= frame}
        self._scores[new] = self._scores[track]
        self._boxes[track] = {f: b for f, b in boxes.items() if f < frame}

    def join(self, track: int, other: int) -> None:
        boxes, more = self._of(track), self._of(other)
        if track == other:
            raise LookupError("a track cannot be joined to itself")
        for frame, box in more.items():
            boxes[frame] = _around(boxes[frame], box) if frame in boxes else box
        self._fill(boxes, lambda _before, _after: True)
        self._scores[track] = max(self._scores[track], self._scores.pop(other))
        del self._boxes[other]

    def drop(self, track: int) -> None:
        self._of(track)
        del self._boxes[track]

    def keep(self, change: Keep) -> None:
        span = set(self._picture.frames(change.start_s, change.end_s))
        if change.track is not None:
            self._boxes[change.track] = {f: b for f, b in self._of(change.track).items() if f not in span}
        elif change.region is not None:
            for track, boxes in self._boxes.items():
                self._boxes[track] = {
                    f: b for f, b in boxes.items() if f not in span or not _inside(b, change.region)
                }
        else:
            raise LookupError("it names neither a track nor a region")

    def only(self, change: Only) -> None:
        if unknown := set(change.tracks) - set(self._boxes):
            raise LookupError(f"there is no track {min(unknown)}")
        for track, boxes in self._boxes.items():
            if track not in change.tracks:
                self._boxes[track] = {
                    f: b for f, b in boxes.items() if any(_inside(b, r) for r in change.regions)
                }

    def cover(self, change: Cover) -> None:
        box = change.region or (0, 0, self._picture.width, self._picture.height)
        track = max(self._boxes, default=0) + 1
        self._boxes[track] = dict.fromkeys(self._picture.frames(change.start_s, change.end_s), box)
        self._scores[track] = 1.0

    def records(self) -> tuple[TrackRecord, ...]:
        made = []
        for track, boxes in sorted(self._boxes.items()):
            for first, last in _stretches(sorted(boxes)):
                made.append(
                    TrackRecord(
                        id=track,
                        first_frame=first,
                        last_frame=last,
                        start_s=round(self._picture.times[first], 3),
                        end_s=round(self._picture.times[last], 3),
                        score=self._scores[track],
                        boxes=runs_of(self._clipped(boxes[f]) for f in range(first, last + 1)),
                    )
                )
        return tuple(made)

    def _fill(self, boxes: dict[int, Box], gap: Callable[[int, int], bool]) -> None:
        for before, after in pairwise(sorted(boxes)):
            if after - before > 1 and gap(before, after):
                ends = (Keyframe(before, boxes[before]), Keyframe(after, boxes[after]))
                boxes.update(self._between(ends))

    def _of(self, track: int) -> dict[int, Box]:
        if track not in self._boxes:
            raise LookupError(f"there is no track {track}")
        return self._boxes[track]

    def _between(self, keyframes: Sequence[Keyframe]) -> dict[int, Box]:
        """Boxes from the first keyframe to the last, moving evenly in time."""
        ordered = sorted(keyframes, key=lambda k: k.frame)
        if ordered[-1].frame >= len(self._picture.times):
            raise LookupError(f"frame {ordered[-1].frame} lies beyond the clip")
        boxes = {k.frame: k.box for k in ordered}
        for a, b in pairwise(ordered):
            start, end = self._picture.times[a.frame], self._picture.times[b.frame]
            for frame in range(a.frame + 1, b.frame):
                share = (self._picture.times[frame] - start) / (end - start) if end > start else 0.0
                boxes[frame] = _outwards(a.box, b.box, share)
        return boxes

    def _clipped(self, box: Box) -> Box:
        x, y, width, height = box
        left, top = min(max(x, 0), self._picture.width - 1), min(max(y, 0), self._picture.height - 1)
        right, bottom = min(x + width, self._picture.width), min(y + height, self._picture.height)
        return left, top, max(right - left, 1), max(bottom - top, 1)


def _outwards(a: Box, b: Box, share: float) -> Box:
    """Between two boxes, rounded outwards."""
    corners_a, corners_b = _corners(a), _corners(b)
    mixed = [round(p + (q - p) * share, 6) for p, q in zip(corners_a, corners_b, strict=True)]
    left, top = int(mixed[0] // 1), int(mixed[1] // 1)
    return left, top, int(-(-mixed[2] // 1)) - left, int(-(-mixed[3] // 1)) - top


def _around(a: Box, b: Box) -> Box:
    x1, y1, x2, y2 = (f(p, q) for f, p, q in zip((min, min, max, max), _corners(a), _corners(b), strict=True))
    return x1, y1, x2 - x1, y2 - y1


def _inside(box: Box, region: Box) -> bool:
    """Whether the middle of a box lies in a region."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    x1, y1, x2, y2 = _corners(region)
    return x1 <= x < x2 and y1 <= y < y2


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box[0], box[1], box[0] + box[2], box[1] + box[3]


def _stretches(frames: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Give first and last of every run of frames without a gap."""
    starts = [i for i, f in enumerate(frames) if i == 0 or f != frames[i - 1] + 1]
    for start, end in pairwise([*starts, len(frames)]):
        yield frames[start], frames[end - 1]


def path_for(output: Path) -> Path:
    """Where the edits of a redacted file stand."""
    return output.with_name(output.name + ".edits.json")


def read(path: Path) -> Edits:
    """Read an edit file.

    Raises:
        UsageError: there is none, or it is not one.
    """
    try:
        edits = msgspec.json.decode(path.read_bytes(), type=Edits)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name an edit file.") from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{path} is not an edit file: {error}.", "`scanner review` writes them; see docs/footage.md."
        ) from error
    if edits.schema_version.split(".")[0] != SCHEMA_VERSION.split(".", maxsplit=1)[0]:
        raise UsageError(
            f"{path} has schema {edits.schema_version}; this scanner reads {SCHEMA_VERSION}.",
            "Use the version that wrote it.",
        )
    return edits


def write(path: Path, edits: Edits) -> None:
    """Write an edit file as a whole or not at all."""
    write_whole(
        path, msgspec.json.format(msgspec.json.encode(edits, order="deterministic"), indent=1) + b"\n"
    )
