"""The clips under review, and the edit file of each: read, changed, stored at once.

Every change is on disk before it is answered, so that a crash loses at most the drag in hand. A change
names the revision that it was made on; where the file has moved on meanwhile it is refused, so that two
people cannot overwrite each other unawares.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from scanner.errors import ScannerError, UnreadableError, UsageError
from scanner.files import sha256, write_whole
from scanner.findings import RECORD_SUFFIX
from scanner.footage import edits, manifest, media
from scanner.footage.boxes import Boxes
from scanner.footage.decide import Decision, Picture, decide
from scanner.footage.edits import Change, Edits
from scanner.footage.manifest import Manifest, Review
from scanner.footage.media.seeking import Seeker
from scanner.footage.media.sound import piece
from scanner.review.originals import Digests, Moment, Originals, moment
from scanner.review.outcome import State, state_of
from scanner.review.renderer import Renderer, Rendering, command

NEW = "new"
"""The revision of a case that nobody has edited."""
_MOVED_ON = ("Someone else changed this clip's edits meanwhile.", "Load the page again; nothing is lost.")


class StaleError(ScannerError):
    """The edit file changed since the page read it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One redacted clip: the file for release, and its manifest."""

    name: str
    output: Path
    manifest: Manifest


def find_cases(target: Path) -> list[Case]:
    """Find redacted clips by their manifests.

    Args:
        target: A redacted clip, or a folder of them.

    Raises:
        UsageError: there is nothing to review.
        UnreadableError: a manifest cannot be read.
    """
    if target.is_dir():
        found, root = sorted(target.rglob(f"*{RECORD_SUFFIX}")), target
    else:
        found, root = [manifest.path_for(target)], target.parent
    clips = [case for case in (_case(path, root) for path in found) if case is not None]
    if not clips:
        raise UsageError(
            f"{target} holds no redacted clip with its manifest.",
            "Redact first: scanner blur CLIPS -o FOLDER",
        )
    return clips


def _case(path: Path, root: Path) -> Case | None:
    record = manifest.read(path)
    output = path.with_name(path.name.removesuffix(RECORD_SUFFIX))
    if not record.picture.times:
        return None  # a still picture: looked at in any viewer
    if not output.exists():
        raise UnreadableError(f"{output} is gone, its manifest is not.", "Redact the clip again.")
    return Case(output.relative_to(root).as_posix(), output, record)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An edit file as read: its content and the revision that a change must name."""

    edits: Edits
    revision: str

    @property
    def sha256(self) -> str:
        """Digest of the file; empty where there is none."""
        return "" if self.revision == NEW else self.revision


class Match(StrEnum):
    """What is known of a case's original."""

    LOOKING = "looking"
    FOUND = "found"
    MISSING = "missing"


class Desk:
    """The cases of one review, shared by all requests."""

    def __init__(self, cases: list[Case], originals: Path = Path(), reviewer: str = "") -> None:
        """Take cases to a desk.

        Args:
            cases: As `find_cases` gives them.
            originals: The folder that the originals lie in, or the original itself.
            reviewer: Who looks; empty where the page is to ask.
        """
        self.cases = cases
        self.reviewer = reviewer
        # One lock for all: there is one reviewer, and one clip open at a time.
        self._lock = threading.RLock()
        self._open: tuple[int, Seeker] | None = None
        self._renderer: Renderer | None = None
        self._digests = Digests()
        self._originals = Originals(originals, self._digests)
        self._matched: dict[int, Path | None] = {}
        self._closing = threading.Event()
        self._covers: tuple[tuple[int, Moment | None], dict[int, Boxes]] | None = None

    def match(self) -> None:
        """Make sure of every original and every released file, in a thread of its own."""
        threading.Thread(target=self._match, name="match", daemon=True).start()

    def _match(self) -> None:
        for number, case in enumerate(self.cases):
            if self._closing.is_set():
                return
            self.original(number)
            if case.manifest.review is not None:
                self._digests.of(case.output)

    def original(self, number: int) -> Path | None:
        """The original of a case; reads it where nobody made sure of it yet."""
        case = self.cases[number]
        found = self._matched[number] = self._originals.find(case.manifest.input, case.output)
        return found

    def match_of(self, number: int) -> Match:
        """What is known of the original of a case by now."""
        if number not in self._matched:
            return Match.LOOKING
        return Match.MISSING if self._matched[number] is None else Match.FOUND

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
            state = (number, moment(edits.path_for(self.cases[number].output)))
            if self._covers is None or self._covers[0] != state:
                tracks = self.decided(number, self.sheet(number).edits).tracks
                self._covers = (state, manifest.covers(tracks))
            return self._covers[1]

    def state(self, number: int, sheet: Sheet) -> State:
        """How far a case is; reads the released file where somebody ruled on it."""
        case = self.cases[number]
        return _state(case, sheet, self._digests.of(case.output) if case.manifest.review else "")

    def state_by_now(self, number: int, sheet: Sheet) -> State | None:
        """How far a case is, or None where that is not known before the released file was read."""
        case = self.cases[number]
        digest = self._digests.known(case.output) if case.manifest.review else ""
        return None if digest is None else _state(case, sheet, digest)

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
        original = self.original(number)
        with self._lock:
            case = self.cases[number]
            if self._renderer is not None and self._renderer.running:
                raise UsageError("A clip is being rendered already.", "Wait for it to end.")
            if original is None or not edits.path_for(case.output).exists():
                raise UsageError("There is nothing to render.", "Make a change first.")
            self._renderer = Renderer(number, command(case.manifest, original, case.output))

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
        with self._opened(number) as seeker:
            return Picture(*seeker.clip.upright, seeker.times)

    def pixels(self, number: int, position: int, side: int) -> tuple[NDArray[np.uint8], float, float]:
        """Give a frame of the original, upright in BGR, at most `side` long, with its ratios to full size.

        Raises:
            IndexError: the clip has no such frame.
            UnreadableError: the original was not found or cannot be read.
        """
        with self._opened(number) as seeker:
            return seeker.frame(position).picture(side, 1.0)

    def sound(self, number: int, start_s: float, seconds: float) -> bytes | None:
        """A piece of the original's sound as WAV; None where it has none."""
        return piece(self._clip_of(number), start_s, seconds)

    def close(self) -> None:
        """Let go of the clip, and end what is being rendered and matched."""
        self._closing.set()
        with self._lock:
            if self._renderer is not None:
                self._renderer.stop()
            if self._open is not None:
                self._open[1].close()
                self._open = None

    @contextmanager
    def _opened(self, number: int) -> Iterator[Seeker]:
        """Give the clip of a case to one thread: a decoded frame is not for two, not even to be converted."""
        original = self._clip_of(number)
        with self._lock:
            if self._open is None or self._open[0] != number:
                if self._open is not None:
                    self._open[1].close()
                    self._open = None
                self._open = (number, Seeker(media.probe(original)))
            yield self._open[1]

    def _clip_of(self, number: int) -> Path:
        """The original, made sure of once for as long as the clip stays open; nobody else waits meanwhile."""
        known = self._matched.get(number)
        original = known if known is not None else self.original(number)
        if original is None:
            name = self.cases[number].name
            raise UnreadableError(
                f"The original of {name} was not found.", "Name its folder: --originals FOLDER"
            )
        return original

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


def _state(case: Case, sheet: Sheet, output_sha256: str) -> State:
    return state_of(case.manifest, output_sha256, sheet.edits, sheet.sha256)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
