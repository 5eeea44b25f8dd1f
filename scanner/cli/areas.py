"""Areas as the command line writes them, and the changes that they and an edit file make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.footage.edits import Script

_REASON = "as asked for on the command line"
_SYNTAX = re.compile(
    r"(?:track:(?P<track>\d+)|(?P<box>\d+,\d+,[1-9]\d*,[1-9]\d*))"
    r"(?:@(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Area:
    """A region or a track, in a span of time."""

    track: int | None
    region: tuple[int, int, int, int] | None
    start_s: float = 0.0
    end_s: float | None = None


class _AreaType(click.ParamType[Area]):
    name = "area"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Area:
        found = _SYNTAX.fullmatch(value)
        if found is None:
            self.fail(
                f"{value!r} is not X,Y,WIDTH,HEIGHT or track:N, with @START-END where not always.", param, ctx
            )
        if found["end"] and float(found["end"]) <= float(found["start"]):
            self.fail(f"{value!r} ends before it starts.", param, ctx)
        x, y, width, height = (int(v) for v in (found["box"] or "0,0,0,0").split(","))
        return Area(
            track=int(found["track"]) if found["track"] else None,
            region=(x, y, width, height) if found["box"] else None,
            start_s=float(found["start"] or 0),
            end_s=float(found["end"]) if found["end"] else None,
        )


AREA = _AreaType()


def script(edits: Path | None, keep: Sequence[Area], only: Sequence[Area], *, whole: bool) -> "Script":
    """Make a script of what the command line says; an edit file comes first.

    Raises:
        UsageError: the edit file cannot be read, or the options contradict each other.
    """
    from scanner.footage.edits import Change, Cover, Keep, Only, Script, script_of  # noqa: PLC0415

    if whole and (edits or only):
        raise UsageError("--frame covers everything.", "Leave --only and --edits out.")
    if any(a.start_s or a.end_s is not None for a in only):
        raise UsageError("--only holds for the whole clip.", "Leave out what stands after @.")
    begun = script_of(edits) if edits else Script(tracks=() if whole else None)
    changes: list[Change] = list(begun.changes)
    if whole:
        changes.append(Cover(basis=_REASON))
    if only:
        tracks = tuple(a.track for a in only if a.track is not None)
        regions = tuple(a.region for a in only if a.region is not None)
        changes.append(Only(tracks=tracks, regions=regions, reason=_REASON))
    changes += [
        Keep(reason=_REASON, track=a.track, region=a.region, start_s=a.start_s, end_s=a.end_s) for a in keep
    ]
    return Script(tuple(changes), begun.tracks, begun.input_sha256, begun.sha256)
