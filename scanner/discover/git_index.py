"""Which files git tracks, read from its index: a `.gitignore` says nothing of those.

Read here and not by running git, since a repository's own configuration may make git run programs. The
format is that of Documentation/gitformat-index of git 2.x, versions 2 to 4.
"""

import hashlib
import os
import struct
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

_ENTRY = 62
"""Bytes of an entry before its name: ten words of metadata, a SHA-1, and the flags."""
_EXTENDED = 0x4000
_LENGTH = 0x0FFF
_LONGEST = 256 * 2**20


class _DamagedError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Tracked:
    """The tracked files of one work tree, sorted; paths in git's form, relative to its root."""

    names: tuple[bytes, ...]

    def holds(self, path: str) -> bool:
        """Whether a file is tracked, or anything in a folder (whose path ends with `/`)."""
        name = os.fsencode(path)
        at = bisect_left(self.names, name)
        if at == len(self.names):
            return False
        return self.names[at].startswith(name) if path.endswith("/") else self.names[at] == name


def read_tracked(root: Path) -> Tracked | None:
    """Read the index of the work tree whose `.git` lies in a folder.

    Returns:
        None where there is an index that cannot be understood (damaged, split, of SHA-256): then no one
        knows what is tracked, and nothing should be left out on a `.gitignore`'s word.
    """
    try:
        file = _git_folder(root) / "index"
        if not file.is_file():
            return Tracked(())  # a fresh repository: nothing was added yet
        if file.stat().st_size > _LONGEST:
            return None
        return Tracked(tuple(sorted(_names(file.read_bytes()))))
    except (OSError, ValueError, struct.error, _DamagedError):
        return None


def _git_folder(root: Path) -> Path:
    git = root / ".git"
    if git.is_dir():
        return git
    # A linked work tree or a submodule: a file that names the folder.
    word, _, named = git.read_text("utf-8").strip().partition(" ")
    if word != "gitdir:":
        raise _DamagedError
    return root / named


def _names(data: bytes) -> list[bytes]:
    mark, version, count = struct.unpack_from(">4sII", data)
    if mark != b"DIRC" or version not in (2, 3, 4) or count > len(data) // _ENTRY:
        raise _DamagedError
    if data[-20:] not in (hashlib.sha1(data[:-20], usedforsecurity=False).digest(), bytes(20)):
        raise _DamagedError  # git leaves the sum zero where it was told to save the time
    names: list[bytes] = []
    at, last = 12, b""
    for _ in range(count):
        (flags,) = struct.unpack_from(">H", data, at + _ENTRY - 2)
        start = at + _ENTRY + (2 if flags & _EXTENDED else 0)
        if version == 4:
            drop, start = _varint(data, start)
            end = data.index(b"\0", start)
            if drop > len(last):
                raise _DamagedError
            last = last[: len(last) - drop] + data[start:end]
            at = end + 1
        else:
            end = data.index(b"\0", start)
            last = data[start:end]
            at += (end - at + 8) // 8 * 8
        if flags & _LENGTH != min(len(last), _LENGTH):
            raise _DamagedError
        names.append(last)
    if b"link" in (data[at : at + 4], data[-28:-24]):
        raise _DamagedError  # a split index: most entries lie in another file
    return names


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Decode a number as git's pack files write offsets; give it and the position after it."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
