"""A table of files, one scan of them all through the command line, and what it said of each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from scanner.cli import cli
from scanner.findings import Capability, Confidence

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
RECOGNITION = Capability.FACE_RECOGNITION
DETECTION = Capability.FACE_DETECTION
ANALYSIS = Capability.FACE_ANALYSIS
DATA = Capability.BIOMETRIC_DATA
OTHER = Capability.OTHER_REMOTE_BIOMETRIC


@dataclass(frozen=True, eq=False)
class Row:
    """One file, or a folder with the files named, and what must be said of it.

    With `capability` None it only looks like it: nothing of medium or higher may be said.
    `says` must stand in the finding's message, evidence or notes.
    """

    name: str
    path: str
    content: str | bytes | Mapping[str, bytes]
    capability: Capability | None = None
    least: Confidence = MEDIUM
    says: str = ""

    def __str__(self) -> str:
        return f"{self.name} {'looks' if self.capability is None else 'holds'} {self.path.rsplit('/')[-1]}"


@dataclass(frozen=True)
class Scanned:
    """One run over all rows, each in a folder of its own."""

    run: dict[str, Any]
    rows: Sequence[Row]

    @cached_property
    def folders(self) -> dict[Row, str]:
        """The folder of each row."""
        return {row: f"r{number:03}/" for number, row in enumerate(self.rows)}

    def findings(self, row: Row) -> list[dict[str, Any]]:
        """What was found in a row's file."""
        return [f for f in self.run["findings"] if f["artifact"]["path"].startswith(self.folders[row])]

    def not_tested(self, row: Row) -> list[str]:
        """What could not be read of it."""
        missing = self.run["run"]["not_tested"]
        return [n["reason"] for n in missing if n["path"].startswith(self.folders[row])]


def scan(folder: Path, rows: Sequence[Row]) -> Scanned:
    """Write the rows' files and scan them as a user does."""
    target, report = folder / "in", folder / "run.json"
    made = Scanned({}, rows)
    for row, inner in made.folders.items():
        path = target / inner / row.path
        content = {"": row.content} if isinstance(row.content, str | bytes) else row.content
        for inside, data in content.items():
            file = path / inside
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data.encode() if isinstance(data, str) else data)
    options = ("--jobs", "0", "--no-cache", "--footage", "off", "--quiet", "--report", f"json={report}")
    done = CliRunner().invoke(cli, ["scan", str(target), *options])
    assert report.exists(), done.output
    return Scanned(json.loads(report.read_bytes()), rows)


def check(scanned: Scanned, row: Row) -> None:
    """Hold one row against the run."""
    assert scanned.not_tested(row) == []
    firm = [f for f in scanned.findings(row) if Confidence(f["confidence"]).rank >= row.least.rank]
    if row.capability is None:
        assert [(f["rule"], f["message"]) for f in firm] == []
        return
    right = [f for f in firm if f["capability"] == row.capability.value]
    assert right, [(f["rule"], f["capability"], f["confidence"]) for f in scanned.findings(row)]
    assert row.says in json.dumps(right, ensure_ascii=False)


def check_complete(rows: Sequence[Row], names: Sequence[str]) -> None:
    """Every name of the list has a file that holds it and one that only looks like it, and no other has."""
    assert {r.name for r in rows if r.capability} == set(names)
    assert {r.name for r in rows if r.capability is None} == set(names)
