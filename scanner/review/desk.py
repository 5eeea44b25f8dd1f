"""The clips under review, and the edit file of each: read, changed, stored at once.

Every change is on disk before it is answered, so that a crash loses at most the drag in hand. A change
names the revision that it was made on; where the file has moved on meanwhile it is refused, so that two
people cannot overwrite each other unawares.
"""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from scanner.errors import ScannerError, UnreadableError, UsageError
from scanner.files import write_whole
from scanner.footage import edits, manifest, media
from scanner.footage.boxes import Boxes
from scanner.footage.decide import Decision, Picture, decide
from scanner.footage.edits import Change, Edits
from scanner.footage.manifest import Manifest, Review
from scanner.footage.media.seeking import Seeker
from scanner.footage.verify import sha256
from scanner.review.outcome import State, state_of
from scanner.review.renderer import Renderer, Rendering, command

Moment = tuple[int, int, int]
"""Number, time and size of a file: each write of an edit file makes another."""
NEW = "new"
"""The revision of a case that nobody has edited."""
_MOVED_ON = ("Someone else changed this clip's edits meanwhile.", "Load the page again; nothing is lost.")


class StaleError(ScannerError):
    """The edit file changed since the page read it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One redacted clip: the file for release, its manifest, and the original where it was found."""

    name: str
    output: Path
    original: Path | None
    manifest: Manifest


def find_cases(target: Path, originals: Path | None) -> list[Case]:
    """Find redacted clips by their manifests.

    Args:
        target: A redacted clip, or a folder of them.
        originals: The folder that the originals lie in, or the original itself; by default that of `target`.

    Raises:
        UsageError: there is nothing to review.
        UnreadableError: a manifest cannot be read.
    """
    if target.is_dir():
        found = sorted(target.rglob("*.manifest.json"))
        root = target
    else:
        found = [manifest.path_for(target)]
        root = target.parent
    named = _by_name(originals or root)
    cases = [_case(path, root, named) for path in found]
    clips = [case for case in cases if case is not None]
    if not clips:
        raise UsageError(
            f"{target} holds no redacted clip with its manifest.",
            "Redact first: scanner blur CLIPS -o FOLDER",
        )
    return clips


def _by_name(originals: Path) -> defaultdict[str, list[Path]]:
    """Every file that may be an original, by its name; one walk for all clips."""
    if originals.is_file():
        return defaultdict(lambda: [originals])
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for place in sorted(originals.rglob("*")):
        found[place.name].append(place)
    return found


def _case(path: Path, root: Path, originals: defaultdict[str, list[Path]]) -> Case | None:
    record = manifest.read(path)
    output = path.with_name(path.name.removesuffix(".manifest.json"))
    if not record.picture.times:
        return None  # a still picture: looked at in any viewer
    if not output.exists():
        raise UnreadableError(f"{output} is gone, its manifest is not.", "Redact the clip again.")
    return Case(output.relative_to(root).as_posix(), output, _original(record, output, originals), record)


def _original(record: Manifest, output: Path, originals: defaultdict[str, list[Path]]) -> Path | None:
    """Find the original by its name and size, and make sure of it by its digest."""
    for place in originals[record.input.name]:
        same = place.is_file() and place.stat().st_size == record.input.bytes
        if same and place.resolve() != output.resolve() and sha256(place) == record.input.sha256:
            return place
    return None


@dataclass(frozen=True, slots=True)
class Sheet:
    """An edit file as read: its content and the revision that a change must name."""

    edits: Edits
    revision: str


class Desk:
    """The cases of one review, shared by all requests."""

    def __init__(self, cases: list[Case], reviewer: str = "") -> None:
        self.cases = cases
        self.reviewer = reviewer
        # One lock for all: there is one reviewer, and one clip open at a time.
        self._lock = threading.RLock()
        self._open: tuple[int, Seeker] | None = None
        self._renderer: Renderer | None = None
        self._digests = _Digests()
        self._covers: tuple[tuple[int, Moment | None], dict[int, Boxes]] | None = None

    def sheet(self, number: int) -> Sheet:
        """Read the edit file of a case, or begin one from its manifest."""
        case = self.cases[number]
        path = edits.path_for(case.output)
        if not path.exists():
            return Sheet(Edits(input=case.manifest.input, tracks=case.manifest.tracks), NEW)
        found = edits.read(path)
        if found.input.sha256 != case.manifest.input.sha256:
            raise UnreadableError(f"{path} was made for another clip.", "Move it away to begin anew.")
        return Sheet(found, hashlib.sha256(path.read_bytes()).hexdigest())

    def change(self, number: int, revision: str, change: Change) -> Sheet:
        """Add a change; what was undone before is given up.

        Raises:
            StaleError: the file has moved on.
            UsageError: the change cannot be applied; nothing is stored.
        """
        stamped = msgspec.structs.replace(change, by=change.by or self.reviewer, at=_now())

        def add(before: Edits) -> Edits:
            return msgspec.structs.replace(before, changes=(*before.standing, stamped), undone=0)

        return self._store(number, revision, add)

    def undo(self, number: int, revision: str, steps: int) -> Sheet:
        """Take back so many changes (or, below zero, do them again)."""

        def turn(before: Edits) -> Edits:
            undone = min(max(before.undone + steps, 0), len(before.changes))
            return msgspec.structs.replace(before, undone=undone)

        return self._store(number, revision, turn)

    def decided(self, number: int, made: Edits) -> Decision:
        """What follows from an edit file."""
        return decide(made.tracks, made.standing, self.picture(number))

    def covers(self, number: int) -> dict[int, Boxes]:
        """What is covered, by frame, as the edits stand now; worked out once for each state of their file."""
        with self._lock:
            state = (number, _moment(edits.path_for(self.cases[number].output)))
            if self._covers is None or self._covers[0] != state:
                tracks = self.decided(number, self.sheet(number).edits).tracks
                self._covers = (state, manifest.covers(tracks))
            return self._covers[1]

    def state(self, number: int, sheet: Sheet) -> State:
        """How far a case is."""
        case = self.cases[number]
        digest = "" if sheet.revision == NEW else sheet.revision
        return state_of(case.manifest, self._digests.of(case.output), sheet.edits, digest)

    def rule(self, number: int, revision: str, ruling: Review) -> Sheet:
        """Write a person's word into the manifest.

        Args:
            number: Of the case.
            revision: That the person has before them.
            ruling: Without its time and digest, which are filled in.

        Raises:
            StaleError: the edits have moved on.
            UsageError: nobody is named, or what would be approved is not what was rendered.
        """
        with self._lock:
            case, sheet = self.cases[number], self.sheet(number)
            if sheet.revision != revision:
                raise StaleError(*_MOVED_ON)
            if not ruling.by.strip():
                raise UsageError("A review names who made it.", "Write your name first.")
            digest = sha256(case.output)
            if digest != case.manifest.output.sha256:
                raise UsageError(
                    f"{case.name} is not the file of its manifest any more.",
                    "Redact it again, then look at it.",
                )
            if ruling.approved and self.state(number, sheet) is State.IN_WORK:
                raise UsageError(
                    "There are edits that were not rendered yet.", "Render, look again, approve."
                )
            stamped = msgspec.structs.replace(ruling, at=_now(), output_sha256=digest)
            made = msgspec.structs.replace(case.manifest, review=stamped)
            write_whole(manifest.path_for(case.output), manifest.to_json(made))
            self.cases[number] = replace(case, manifest=made)
            return sheet

    def render(self, number: int) -> None:
        """Redact anew with the edits, in a process of its own; `rendering` tells how it goes.

        Raises:
            UsageError: a clip is being rendered already, or there is nothing to render.
        """
        with self._lock:
            case = self.cases[number]
            if self._renderer is not None and self._renderer.running:
                raise UsageError("A clip is being rendered already.", "Wait for it to end.")
            if case.original is None or not edits.path_for(case.output).exists():
                raise UsageError("There is nothing to render.", "Make a change first.")
            self._renderer = Renderer(number, command(case.manifest, case.original, case.output))

    def rendering(self, number: int) -> Rendering:
        """How the last rendering of a case goes; once it ended well, the case is what was rendered."""
        with self._lock:
            if self._renderer is None or self._renderer.number != number:
                return Rendering("idle", "")
            told = self._renderer.told()
            if told.state == "done":
                case = self.cases[number]
                self.cases[number] = replace(case, manifest=manifest.read(manifest.path_for(case.output)))
            return told

    def picture(self, number: int) -> Picture:
        """Size and times of a case's clip.

        Raises:
            UnreadableError: its original was not found or cannot be read.
        """
        with self._lock:
            seeker = self._seeker(number)
            return Picture(*seeker.clip.upright, seeker.times)

    def pixels(self, number: int, position: int, side: int) -> tuple[NDArray[np.uint8], float, float]:
        """Give a frame of the original, upright in BGR, at most `side` long, with its ratios to full size.

        Raises:
            IndexError: the clip has no such frame.
            UnreadableError: the original was not found or cannot be read.
        """
        with self._lock:  # a decoded frame is not for two threads at once, not even to be converted
            return self._seeker(number).frame(position).picture(side, 1.0)

    def close(self) -> None:
        """Let go of the clip, and end what is being rendered."""
        with self._lock:
            if self._renderer is not None:
                self._renderer.stop()
            if self._open is not None:
                self._open[1].close()
                self._open = None

    def _seeker(self, number: int) -> Seeker:
        if self._open is None or self._open[0] != number:
            case = self.cases[number]
            if case.original is None:
                raise UnreadableError(
                    f"The original of {case.name} was not found.", "Name its folder: --originals FOLDER"
                )
            if self._open is not None:
                self._open[1].close()
            self._open = (number, Seeker(media.probe(case.original)))
        return self._open[1]

    def _store(self, number: int, revision: str, make: Callable[[Edits], Edits]) -> Sheet:
        with self._lock:
            before = self.sheet(number)
            if before.revision != revision:
                raise StaleError(
                    "Someone else changed this clip's edits meanwhile.",
                    "Load the page again; nothing is lost.",
                )
            made = make(before.edits)
            self.decided(number, made)
            edits.write(edits.path_for(self.cases[number].output), made)
            return self.sheet(number)


class _Digests:
    """Digests of files, computed once for each state of a file."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Moment, str]] = {}

    def of(self, path: Path) -> str:
        """Give the SHA-256 of a file; empty where there is none."""
        moment = _moment(path)
        if moment is None:
            return ""
        known = self._known.get(path)
        if known is None or known[0] != moment:
            known = self._known[path] = (moment, sha256(path))
        return known[1]


def _moment(path: Path) -> Moment | None:
    """Tell the states of a file apart; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
