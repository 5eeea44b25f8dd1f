"""The exemption log: what a person decided about a clip, in words and times, for whoever asks why."""

from collections.abc import Iterable, Iterator, Sequence

from scanner.findings import Exemption
from scanner.footage.edits import Change, Cover, Draw, Drop, Join, Keep, Mute, Only, Redraw, Split
from scanner.footage.manifest import TrackRecord

FACE = "a face that was found"
"""The basis of a cover that a detector brought and nobody changed."""
BY_HAND = "drawn by hand"

Times = Sequence[float]
Span = tuple[float, float | None]


def log_of(found: Iterable[TrackRecord], changes: Iterable[Change], times: Times) -> tuple[Exemption, ...]:
    """Give what a person decided, in the order of the clip.

    Args:
        found: The tracks before any change.
        changes: In the order in which they were made; they must fit the tracks (`decide` makes sure).
        times: Of the clip's frames, in seconds.
    """
    spans: dict[int, Span] = {t.id: (t.start_s, t.end_s) for t in found}
    rows = [row for change in changes for row in _rows(change, spans, times)]
    return tuple(sorted(rows, key=lambda row: (row.start_s, row.treatment, row.what)))


def covered(
    decided: Iterable[TrackRecord], found: Iterable[TrackRecord], changes: Iterable[Change]
) -> Iterator[Exemption]:
    """Give the covers that a detector brought and that stand, one a track; `log_of` gives the rest."""
    machine = {t.id for t in found}
    for change in changes:
        if isinstance(change, Split) and change.track in machine:
            machine.add(change.new)
    for track in decided:
        if track.id in machine:
            yield Exemption(track.start_s, track.end_s, f"track {track.id}", "covered", FACE)


def _rows(change: Change, spans: dict[int, Span], times: Times) -> Iterator[Exemption]:
    """Give the lines of one change, and keep the spans of tracks as they are after it."""
    always = (0.0, None)  # an area that was covered has a number, too, and lies where it was said to lie
    match change:
        case Draw() | Redraw():
            frames = [k.frame for k in change.keyframes]
            drawn = round(times[min(frames)], 3), round(times[max(frames)], 3)
            before = spans.get(change.track)
            spans[change.track] = drawn if before is None else _both(before, drawn)
            treatment = "covered" if isinstance(change, Draw) else "cover changed"
            yield _row(change, f"track {change.track}", treatment, BY_HAND, drawn)
        case Split():
            start, end = spans.get(change.track, always)
            spans[change.new] = (round(times[min(change.frame, len(times) - 1)], 3), end)
            spans[change.track] = (start, round(times[max(change.frame - 1, 0)], 3))
        case Join():
            spans[change.track] = _both(spans.get(change.track, always), spans.pop(change.other, always))
        case Drop():
            span = spans.pop(change.track, always)
            yield _row(change, f"track {change.track}", "left visible", change.reason, span)
        case Keep(track=None):
            yield _row(change, f"region {change.region}", "left visible", change.reason)
        case Keep(track=int(track)):
            start, end = spans.get(track, always)
            span = max(start, change.start_s), end if change.end_s is None else change.end_s
            yield _row(change, f"track {track}", "left visible", change.reason, span)
        case Only():
            yield _row(change, "everything else", "left visible", change.reason, always)
        case Cover():
            what = "whole picture" if change.region is None else f"region {change.region}"
            yield _row(change, what, "covered", change.basis)
        case Mute():
            yield _row(change, "audio", "muted", change.basis)


def _row(change: Change, what: str, treatment: str, basis: str, span: Span | None = None) -> Exemption:
    """Make a line; a change that says its own span needs no other."""
    if span is None:
        assert isinstance(change, Keep | Cover | Mute)
        span = change.start_s, change.end_s
    return Exemption(*span, what, treatment, basis, change.by, change.at)


def _both(a: Span, b: Span) -> Span:
    return min(a[0], b[0]), None if a[1] is None or b[1] is None else max(a[1], b[1])
