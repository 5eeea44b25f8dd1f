"""What a person decides about a redaction: tracks drawn, mended, dropped or kept visible, spans muted.

An edit file holds what the machine found and the changes made to it, in order; `decide` turns both into
what is covered, frame by frame. It is a log and not a state, so that every step can be undone, and shown
to whoever asks why a face stayed visible.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from scanner.errors import UsageError
from scanner.files import write_whole
from scanner.footage.manifest import FileRecord, TrackRecord

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
