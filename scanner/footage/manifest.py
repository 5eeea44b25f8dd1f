"""The record of a redaction: boxes and hashes, and nothing biometric; no crop, landmark or template."""

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from scanner.errors import UnreadableError, UsageError
from scanner.findings import RECORD_SUFFIX, Exemption
from scanner.footage.boxes import Boxes

if TYPE_CHECKING:
    from scanner.footage.track import Track

SCHEMA_VERSION = "1.1"


def in_words(name: str) -> str:
    """Give a file's name as text: what is no UTF-8 in it, as some disks have it, becomes a mark."""
    return os.fsencode(name).decode("utf-8", "replace")


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file by name (without its folder) and content."""

    name: str
    sha256: str
    bytes: int


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A detector's weights."""

    id: str
    sha256: str


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One covered face.

    `boxes` are runs: how many frames from `first_frame` on, then x, y, width, height of the cover in whole
    pixels of the upright picture; a summary has none. `score` is the surest detection.
    """

    id: int
    first_frame: int
    last_frame: int
    start_s: float
    end_s: float
    score: float
    boxes: tuple[tuple[int, int, int, int, int], ...]


class AudioRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One audio stream: SHA-256 over its packets, each preceded by its length in four bytes, big-endian."""

    sha256: str
    packets: int


class StreamRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One stream that is kept: `video` or `audio`, with its digest as in `AudioRecord`, of what is shown."""

    kind: str
    sha256: str
    packets: int


class SpanRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring frames that were all `copied` or all `encoded`."""

    how: str
    first_frame: int
    last_frame: int
    start_s: float
    end_s: float


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """How the pictures of a clip came into the output.

    `how` is `copied` (nothing was encoded), `spliced` (groups of pictures in which nothing is covered were
    copied bit for bit) or `encoded` (every picture was encoded anew, for the `reason` given).
    """

    how: str
    reason: str
    copied_frames: int
    encoded_frames: int
    spans: tuple[SpanRecord, ...]


class PictureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The picture stream of the output. `times_sha256` is over all times, as `seconds/denominator` lines."""

    frames: int
    width: int
    height: int
    times_sha256: str
    times: str


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was verified. `frames` are those in which a person should look, where there are any."""

    name: str
    passed: bool
    detail: str
    frames: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        """`FAILED`, `passed`, or `doubt` where it passed and still names frames for a person to look at."""
        return "FAILED" if not self.passed else "doubt" if self.frames else "passed"


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What verified the output: another detector than the one that redacted it.

    `not_checked` names what could not be looked at, and why: a summary has no boxes to look in.
    `every` is the number of frames of a track from one look to the next; every frame is checked for its
    cover where the style is solid.
    """

    detector: ModelRecord
    threshold: float
    every: int
    passed: bool
    checks: tuple[Check, ...]
    not_checked: tuple[str, ...] = ()


class VisibleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a person left uncovered, and why. `end_s` is None at the end of the clip."""

    what: str
    reason: str
    start_s: float = 0.0
    end_s: float | None = None
    by: str = ""


class MutedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A span without sound."""

    start_s: float
    end_s: float | None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on a redaction: who looked at which bytes, when, and whether they may be released."""

    approved: bool
    by: str
    at: str
    output_sha256: str
    note: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Stands beside every redacted file as `<name>.manifest.json`.

    `forced` says that the output got its name although its verification failed; `summary` that the boxes
    were left out; `kept_metadata` which keys were kept on request; `edits_sha256` names the content of the
    edit file that was rendered; `visible` and `muted` say what a person left uncovered and silent, `log` all
    that a person decided and why; `review` is a person's word.
    """

    schema_version: str
    tool: str
    input: FileRecord
    output: FileRecord
    detectors: tuple[ModelRecord, ...]
    parameters: dict[str, str | float | int]
    style: str
    warning: str
    picture: PictureRecord
    audio: tuple[AudioRecord, ...]
    audio_kept: bool
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    frames_examined: int
    tracks: tuple[TrackRecord, ...]
    verification: Verification | None = None
    rendering: Rendering | None = None
    input_streams: tuple[StreamRecord, ...] = ()
    output_streams: tuple[StreamRecord, ...] = ()
    kept_metadata: tuple[str, ...] = ()
    forced: bool = False
    summary: bool = False
    edits_sha256: str = ""
    visible: tuple[VisibleRecord, ...] = ()
    muted: tuple[MutedRecord, ...] = ()
    log: tuple[Exemption, ...] = ()
    review: Review | None = None


def path_for(output: Path) -> Path:
    """Where the manifest of a redacted file stands."""
    return output.with_name(output.name + RECORD_SUFFIX)


def to_json(manifest: Manifest) -> bytes:
    """Encode, readable, with an ending newline."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"


def summarised(manifest: Manifest) -> Manifest:
    """Leave the boxes out, for a record that goes with a release."""
    tracks = tuple(msgspec.structs.replace(t, boxes=()) for t in manifest.tracks)
    return msgspec.structs.replace(manifest, tracks=tracks, summary=True)


def read(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        UsageError: there is none at `path`.
        UnreadableError: it is not a manifest that this version understands.
    """
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} does not exist.", "Name the manifest that was written with `--manifest FILE`."
        ) from error
    except (OSError, msgspec.DecodeError) as error:
        raise UnreadableError(f"{path} is not a manifest of scanner: {error}.") from error
    if manifest.schema_version.split(".", 1)[0] != SCHEMA_VERSION.split(".", 1)[0]:
        raise UnreadableError(
            f"{path} has schema {manifest.schema_version}; this scanner reads {SCHEMA_VERSION}.",
            "Verify with the version that wrote it.",
        )
    return manifest


def whole(boxes: Boxes) -> Boxes:
    """Round covers outwards to whole pixels, so that what is written down is exactly what was drawn."""
    return np.concatenate([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1)


def record(tracks: Sequence["Track"], times: Sequence[float]) -> tuple[TrackRecord, ...]:
    """Write tracks down."""
    return tuple(
        TrackRecord(
            id=number,
            first_frame=t.first,
            last_frame=t.last,
            start_s=round(times[t.first], 3),
            end_s=round(times[t.last], 3),
            score=round(float(t.seen.max()), 3),
            boxes=runs_of(
                (x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in whole(t.boxes).astype(int).tolist()
            ),
        )
        for number, t in enumerate(tracks, 1)
    )


def runs_of(boxes: Iterable[tuple[int, int, int, int]]) -> tuple[tuple[int, int, int, int, int], ...]:
    """Write down the boxes (x, y, width, height) of frames in a row, equal ones once with their number."""
    return tuple((len(list(same)), *box) for box, same in groupby(boxes))


def covers(tracks: Sequence[TrackRecord]) -> dict[int, Boxes]:
    """Give the covers by frame: N x 4 corners in pixels of the upright picture."""
    by_frame: dict[int, list[tuple[int, int, int, int]]] = {}
    for track in tracks:
        frame = track.first_frame
        for count, x, y, w, h in track.boxes:
            for _ in range(count):
                by_frame.setdefault(frame, []).append((x, y, x + w, y + h))
                frame += 1
    return {frame: np.array(boxes, dtype=np.float64) for frame, boxes in by_frame.items()}
