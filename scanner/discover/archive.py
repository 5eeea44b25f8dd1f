"""Reads archives member by member in memory, never to disk, within ceilings of size, ratio and depth."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from scanner.discover.artifact import Artifact
from scanner.discover.kind import is_archive
from scanner.errors import LimitError, UnreadableError

DEPTH = 4
MEMBERS = 100_000
MEMBER_BYTES = 256 * 2**20
TOTAL_BYTES = 2 * 2**30
RATIO = 200
"""Unpacked bytes a packed byte, judged once a megabyte has come out."""

DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(slots=True)
class Budget:
    """What is left to unpack from one target file, shared by all archives within it."""

    members: int = MEMBERS
    bytes: int = TOTAL_BYTES
    packed: int = field(default=1)
    unpacked: int = field(default=0)

    def take(self, size: int, path: str) -> None:
        """Count one member.

        Raises:
            LimitError: a ceiling is hit; the message names it.
        """
        self.members -= 1
        self.bytes -= size
        self.unpacked += size
        if self.members < 0:
            raise LimitError(f"{path}: more than {MEMBERS} members.")
        if self.bytes < 0:
            raise LimitError(f"{path}: unpacks to more than {TOTAL_BYTES // 2**30} GiB.")
        if self.unpacked > 2**20 and self.unpacked > RATIO * self.packed:
            raise LimitError(f"{path}: unpacks to more than {RATIO} times its size.")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive: an artifact, or the reason why there is none. `failed`: it was damaged."""

    path: str
    artifact: Artifact | None
    reason: str = ""
    failed: bool = False


def members(archive: Artifact, budget: Budget | None = None, depth: int = 1) -> Iterator[Member]:
    """Give every file inside an archive, and inside archives within it.

    Raises:
        UnreadableError: the archive is damaged; what came before it was given.
        LimitError: a ceiling was hit.
    """
    if budget is None:
        budget = Budget(packed=max(1, archive.size))
    if depth > DEPTH:
        raise LimitError(f"{archive.path}: archives nested deeper than {DEPTH}.")
    reader = _zip if archive.kind == "zip" else _tar if _holds_tar(archive) else _single
    try:
        yield from opened(reader(archive, budget), budget, depth)
    except DAMAGE as error:
        raise UnreadableError(f"{archive.path} is damaged: {error}.") from error


def opened(found: Iterator[Member], budget: Budget, depth: int = 1) -> Iterator[Member]:
    """Give members, and in place of each archive among them what lies inside."""
    for member in found:
        if member.artifact is None or not is_archive(member.artifact.kind):
            yield member
            continue
        try:
            yield from members(member.artifact, budget, depth + 1)
        except LimitError:
            raise
        except UnreadableError as error:
            yield Member(member.path, None, error.message, failed=True)


def _open(archive: Artifact) -> IO[bytes]:
    return archive.local.open("rb") if archive.local else io.BytesIO(archive.read())


def _inside(archive: Artifact, name: str) -> str:
    return f"{archive.path}!/{name.lstrip('/')}"


def read_member(source: IO[bytes], path: str, budget: Budget) -> Member:
    """Read one member whole, within the budget."""
    data = source.read(MEMBER_BYTES + 1)
    budget.take(len(data), path)
    if len(data) > MEMBER_BYTES:
        return Member(path, None, f"larger than {MEMBER_BYTES // 2**20} MiB inside an archive", failed=True)
    return Member(path, Artifact(path, data=data))


def _zip(archive: Artifact, budget: Budget) -> Iterator[Member]:
    with _open(archive) as file, zipfile.ZipFile(file) as packed:
        for info in packed.infolist():
            if info.is_dir():
                continue
            path = _inside(archive, info.filename)
            if info.flag_bits & 1:
                yield Member(path, None, "encrypted", failed=True)
                continue
            try:
                with packed.open(info) as source:
                    yield read_member(source, path, budget)
            except DAMAGE as error:
                yield Member(path, None, f"damaged: {error}", failed=True)


def _holds_tar(archive: Artifact) -> bool:
    if archive.kind == "tar":
        return True
    try:
        with _open(archive) as file, _plain(archive.kind, file) as stream:
            return stream.read(512)[257:262] == b"ustar"
    except DAMAGE as error:
        raise UnreadableError(f"{archive.path} is damaged: {error}.") from error


def _tar(archive: Artifact, budget: Budget) -> Iterator[Member]:
    with _open(archive) as file, tarfile.open(fileobj=file, mode="r|*") as packed:
        for info in packed:
            path = _inside(archive, info.name)
            if info.isdir():
                continue
            source = packed.extractfile(info) if info.isreg() else None
            if source is None:
                yield Member(path, None, "link or device inside an archive, not followed")
            else:
                yield read_member(source, path, budget)


def _single(archive: Artifact, budget: Budget) -> Iterator[Member]:
    name = archive.name.rsplit(".", 1)[0] or "content"
    with _open(archive) as file, _plain(archive.kind, file) as stream:
        yield read_member(stream, _inside(archive, name), budget)


def _plain(kind: str, file: IO[bytes]) -> IO[bytes]:
    match kind:
        case "gzip":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
        case "bzip2":
            return bz2.BZ2File(file)
        case "xz":
            return lzma.LZMAFile(file)
        case _:
            raise NotImplementedError(f"{kind} archives are not read")
