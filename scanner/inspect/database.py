"""SQLite files that nobody vouches for: read only, never written beside, stopped when they take too long."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scanner.discover.artifact import Artifact

_STEP = 100_000
"""Instructions of SQLite's machine from one count to the next."""


@contextmanager
def database(artifact: Artifact, steps: int) -> Iterator[sqlite3.Connection]:
    """Open an artifact; what is not a file of its own is copied to one for as long.

    Args:
        artifact: A SQLite file, on disk or a member of an archive.
        steps: How many times 100,000 instructions all queries together may take.

    Raises:
        sqlite3.Error: it is damaged or encrypted, or took too long; also from every query.
    """
    if artifact.local is not None:
        with _opened(artifact.local, steps) as db:
            yield db
        return
    with tempfile.TemporaryDirectory(prefix="scanner-") as folder:
        copy = Path(folder) / "copy.sqlite"
        copy.write_bytes(artifact.read())
        with _opened(copy, steps) as db:
            yield db


@contextmanager
def _opened(file: Path, steps: int) -> Iterator[sqlite3.Connection]:
    taken = 0

    def too_long() -> int:
        nonlocal taken
        taken += 1
        return int(taken > steps)

    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.set_progress_handler(too_long, _STEP)
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA cell_size_check=ON")
        try:
            yield db
        except UnicodeDecodeError as error:  # so Python says that a name, or a complaint of one, is no text
            raise sqlite3.DatabaseError("a name in it is no text") from error
