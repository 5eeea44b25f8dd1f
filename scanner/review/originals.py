"""Which original belongs to a redaction: found by name and size, made sure of by its digest.

Footage is large and its digest takes a while, so nobody waits for all of it: `Digests` remembers what was
read, a clip that is opened is made sure of at once, and the rest in the background.
"""

import threading
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from scanner.errors import UnreadableError
from scanner.files import sha256
from scanner.footage.manifest import FileRecord

Moment = tuple[int, int, int]
"""Number, time and size of a file: each time that it is written makes another."""


class Digests:
    """SHA-256 of files, read once for each state of a file. For several threads."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Moment, str]] = {}
        self._reading: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)

    def of(self, path: Path) -> str:
        """Give the digest of a file, reading the file where nobody did; empty where there is none."""
        known = self.known(path)
        if known is not None:
            return known
        with self._reading[path]:  # who comes second waits, and does not read it again
            known = self.known(path)
            if known is not None:
                return known
            before = moment(path)
            try:
                digest = sha256(path)
            except UnreadableError:
                return ""
            if before is not None:
                self._known[path] = (before, digest)
            return digest

    def known(self, path: Path) -> str | None:
        """Give the digest of a file without reading it; None where that would be needed."""
        now = moment(path)
        if now is None:
            return ""
        remembered = self._known.get(path)
        return remembered[1] if remembered is not None and remembered[0] == now else None


class Originals:
    """The folder that the originals lie in, or the original itself."""

    def __init__(self, place: Path, digests: Digests) -> None:
        self._place = place
        self._digests = digests
        self._walking = threading.Lock()

    def find(self, record: FileRecord, output: Path) -> Path | None:
        """Find the original of a redaction, however long it takes.

        Args:
            record: What its manifest says of it.
            output: The redaction, which may bear the same name and is never its own original.
        """
        with self._walking:
            named = self._by_name
        candidates = [self._place] if self._place.is_file() else named.get(record.name, [])
        for place in candidates:
            same = place.is_file() and place.stat().st_size == record.bytes
            if same and place.resolve() != output.resolve() and self._digests.of(place) == record.sha256:
                return place
        return None

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        """Every file that may be an original, by its name; one walk for all clips."""
        found: dict[str, list[Path]] = {}
        if self._place.is_dir():
            for place in sorted(self._place.rglob("*")):
                found.setdefault(place.name, []).append(place)
        return found


def moment(path: Path) -> Moment | None:
    """Tell the states of a file apart; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
