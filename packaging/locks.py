"""Reads a lock file of pip's: what is pinned, and with which hashes."""

import re
from dataclasses import dataclass
from pathlib import Path

from licences import normal

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


@dataclass(frozen=True, slots=True)
class Pin:
    """An entry: a version of a package, for the systems its marker names."""

    name: str
    version: str
    text: str

    @property
    def hashes(self) -> tuple[str, ...]:
        """The SHA-256 of each file that pip would take."""
        return tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", self.text))


def read(path: Path) -> list[Pin]:
    """Give the entries of a lock file, in order."""
    entries = re.split(r"(?m)^(?=\S)", path.read_text("utf-8"))
    return [Pin(normal(m[1]), m[2], entry) for entry in entries if (m := _PIN.match(entry))]
