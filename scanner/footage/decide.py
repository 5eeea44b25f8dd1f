"""From what was found and what a person changed to what is covered, frame by frame."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scanner.errors import UsageError
from scanner.findings import Exemption
from scanner.footage.clip import Span
from scanner.footage.edits import (
    Box,
    Change,
    Cover,
    Draw,
    Drop,
    Join,
    Keep,
    Keyframe,
    Mute,
    Only,
    Redraw,
    Split,
)
from scanner.footage.exemptions import log_of
from scanner.footage.manifest import TrackRecord, runs_of


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
        log: All that was decided, in words, in the order of the clip.
    """

    tracks: tuple[TrackRecord, ...]
    visible: tuple[Keep | Only, ...]
    muted: tuple[Span, ...]
    log: tuple[Exemption, ...]


def decide(tracks: Iterable[TrackRecord], changes: Iterable[Change], picture: Picture) -> Decision:
    """Apply changes to tracks.

    Raises:
        UsageError: a change speaks of a track that is not there, or of a frame beyond the clip.
    """
    found, made = tuple(tracks), tuple(changes)
    table = _Table(found, picture)
    visible: list[Keep | Only] = []
    muted: list[Span] = []
    for number, change in enumerate(made, 1):
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
    log = log_of(found, made, picture.times)
    return Decision(table.records(), tuple(visible), tuple(muted), log)


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
