"""Where a person should look first: what the machine was unsure of, worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scanner.footage.decide import Picture
from scanner.footage.manifest import Manifest, TrackRecord

Kind = Literal["face seen after redaction", "gap", "ends at nothing", "unsure", "short"]

SHORT_S = 0.5
UNSURE = 0.65
"""Detections below this score are often no faces."""
NEAR_S = 2.0
"""Two tracks nearer than this in time and place may be one face with a gap between them."""
_STRETCH = 12
"""Frames nearer than this are one sight: half a second of most footage."""
_EDGE = 0.03
"""A face within this share of the picture from an edge can leave it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One spot to check.

    Attributes:
        kind: Why.
        frame: Where to look.
        track: Which track it is about; None where it is about none.
        weight: The higher, the sooner it should be seen.
    """

    kind: Kind
    frame: int
    track: int | None
    weight: float


def seen_after(record: Manifest) -> tuple[int, ...]:
    """Give the frames in which the verification saw a face, one for each stretch of them."""
    if record.verification is None:
        return ()
    frames = sorted({frame for check in record.verification.checks for frame in check.frames})
    return tuple(f for i, f in enumerate(frames) if i == 0 or f > frames[i - 1] + _STRETCH)


def doubts(
    tracks: Sequence[TrackRecord], picture: Picture, seen_after: Sequence[int] = ()
) -> tuple[Doubt, ...]:
    """Give every spot worth a look.

    Args:
        tracks: As redacted, or as edited so far.
        picture: The clip.
        seen_after: Frames in which the verifying detector saw a face after redaction.
    """
    found = [Doubt("face seen after redaction", frame, None, 10.0) for frame in seen_after]
    for track in tracks:
        found += _of_track(track, picture)
    found += _gaps(tracks)
    return tuple(sorted(found, key=lambda d: (-d.weight, d.frame, d.track or 0)))


def _of_track(track: TrackRecord, picture: Picture) -> Iterator[Doubt]:
    if track.score < UNSURE:
        yield Doubt("unsure", track.first_frame, track.id, 3.0 + UNSURE - track.score)
    if track.end_s - track.start_s < SHORT_S:
        yield Doubt("short", track.first_frame, track.id, 2.0)
    first, last = track.boxes[0][1:], track.boxes[-1][1:]
    end = len(picture.times) - 1
    if track.first_frame > 0 and not _at_edge(first, picture):
        yield Doubt("ends at nothing", track.first_frame, track.id, 4.0)
    if track.last_frame < end and not _at_edge(last, picture):
        yield Doubt("ends at nothing", track.last_frame, track.id, 4.0)


def _at_edge(box: Sequence[int], picture: Picture) -> bool:
    x, y, width, height = box
    across, down = picture.width * _EDGE, picture.height * _EDGE
    return (
        x <= across or y <= down or x + width >= picture.width - across or y + height >= picture.height - down
    )


def _gaps(tracks: Sequence[TrackRecord]) -> Iterator[Doubt]:
    for before in tracks:
        for after in tracks:
            wait = after.start_s - before.end_s
            if before is not after and 0 < wait <= NEAR_S and _near(before.boxes[-1], after.boxes[0], wait):
                yield Doubt("gap", before.last_frame + 1, before.id, 5.0)


def _near(a: Sequence[int], b: Sequence[int], wait_s: float) -> bool:
    """Whether one face can have gone from box to box: alike in size, a few sizes apart at most."""
    (_, ax, ay, aw, ah), (_, bx, by, bw, bh) = a, b
    large, small = max(aw, ah, bw, bh), min(max(aw, ah), max(bw, bh))
    away = max(abs(ax + aw / 2 - bx - bw / 2), abs(ay + ah / 2 - by - bh / 2))
    return small * 2 > large and away <= large * (1 + 2.5 * wait_s)
