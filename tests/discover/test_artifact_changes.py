"""A file that changes between the first look and the last: it is said, and no digest is given."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.discover.artifact import AT_ONCE, Artifact
from scanner.errors import UnreadableError
from scanner.inspect.reading import reading

LARGE = 4 * AT_ONCE


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def cut(path: Path) -> None:
    os.truncate(path, 2 * AT_ONCE)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * AT_ONCE)
        file.write(b"other")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"b" * LARGE)
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def remove(path: Path) -> None:
    path.unlink()


CHANGES = pytest.mark.parametrize("change", [grow, cut, overwrite, replace, remove])


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    path = tmp_path / "a.bin"
    path.write_bytes(b"a" * LARGE)
    # Clocks of file systems tick slowly: what was written long ago is told from what is written now.
    os.utime(path, (1, 1))
    looked_at = Artifact("a.bin", local=path)
    assert looked_at.size == LARGE
    return looked_at


def path_of(artifact: Artifact) -> Path:
    assert artifact.local is not None
    return artifact.local


@CHANGES
def test_before_it_is_read_whole(artifact: Artifact, change: Callable[[Path], None]) -> None:
    change(path_of(artifact))
    with pytest.raises(UnreadableError, match="changed while it was read"):
        artifact.read()


@CHANGES
def test_before_it_is_hashed(artifact: Artifact, change: Callable[[Path], None]) -> None:
    change(path_of(artifact))
    assert not artifact.sha256
    with pytest.raises(UnreadableError, match="changed while it was read"):
        artifact.unchanged()


def test_while_it_is_read_in_pieces(artifact: Artifact) -> None:
    with reading(artifact) as data:
        assert data.at(0, 10) == b"a" * 10
        cut(path_of(artifact))
        with pytest.raises(UnreadableError, match="changed while it was read"):
            data.at(3 * AT_ONCE, 10)


def test_before_it_is_opened_to_be_read_in_pieces(artifact: Artifact) -> None:
    remove(path_of(artifact))
    with pytest.raises(UnreadableError, match="changed while it was read"), reading(artifact):
        pass


@CHANGES
def test_what_was_read_whole_stays_as_it_was(artifact: Artifact, change: Callable[[Path], None]) -> None:
    content = artifact.read()
    change(path_of(artifact))
    artifact.unchanged()
    assert artifact.read() is content
    assert len(artifact.sha256) == 64


def test_what_is_at_rest_is_not_said_to_change(artifact: Artifact) -> None:
    with reading(artifact) as data:
        data.at(3 * AT_ONCE, 10)
    artifact.unchanged()
    assert len(artifact.sha256) == 64
