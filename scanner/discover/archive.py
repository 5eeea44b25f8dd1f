"""Reads archives member by member in memory, never to disk, within ceilings of size, ratio and depth."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from scanner.discover import unpack
from scanner.discover.artifact import Artifact
from scanner.discover.kind import UNREAD_ARCHIVES, is_archive
from scanner.errors import LimitError, UnreadableError

DEPTH = 4
MEMBERS = 100_000
MEMBER_BYTES = 256 * 2**20
TOTAL_BYTES = 2 * 2**30
RATIO = 200
"""Unpacked bytes a packed byte, judged once a megabyte has come out."""
PATH = 4096
"""Longer paths lead nowhere on any system."""
DIRECTORY_BYTES = 24 * 2**20
"""The largest directory of a zip that is read: `MEMBERS` entries with names of two hundred bytes."""
HEADER_BYTES = 2**20
"""The largest header of a tar that is read: long names and attributes of one member."""

DAMAGE: tuple[type[Exception], ...] = (
    *unpack.DAMAGE,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@dataclass(slots=True)
class Budget:
    """What is left to unpack from one target file, shared by all archives within it."""

    path: str
    members: int = MEMBERS
    bytes: int = TOTAL_BYTES
    packed: int = 1
    unpacked: int = field(default=0)

    def member(self) -> None:
        """Count one member, or one header of a tar.

        Raises:
            LimitError: there are too many.
        """
        self.members -= 1
        if self.members < 0:
            raise LimitError(f"{self.path} holds more than {MEMBERS} members.")

    def grow(self, size: int) -> None:
        """Count bytes that came out.

        Raises:
            LimitError: a ceiling is hit; the message names it.
        """
        self.bytes -= size
        self.unpacked += size
        if self.bytes < 0:
            raise LimitError(f"{self.path} unpacks to more than {TOTAL_BYTES // 2**30} GiB.")
        if self.unpacked > 2**20 and self.unpacked > RATIO * self.packed:
            raise LimitError(f"{self.path} unpacks to more than {RATIO} times its size.")


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
        budget = Budget(archive.path, packed=max(1, archive.size))
    if depth > DEPTH:
        raise LimitError(f"{archive.path}: archives nested deeper than {DEPTH}.")
    if archive.kind in UNREAD_ARCHIVES:
        raise UnreadableError(
            f"{archive.path} is {UNREAD_ARCHIVES[archive.kind]}, which is not read; "
            "unpack it and scan the folder."
        )
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
    return f"{archive.path}!/{name.lstrip('/')[:PATH]}"


def read_member(source: IO[bytes], path: str, grow: unpack.Meter, *, piece: int = 2**20) -> Member:
    """Read one member whole.

    Args:
        source: Its bytes.
        path: How it is shown.
        grow: Is told of bytes as they come; `uncounted` where the stream they come from is metered.
        piece: How many bytes are asked for at once.
    """
    pieces: list[bytes] = []
    length = 0
    while got := source.read(piece):
        grow(len(got))
        length += len(got)
        if length > MEMBER_BYTES:
            return Member(
                path, None, f"larger than {MEMBER_BYTES // 2**20} MiB inside an archive", failed=True
            )
        pieces.append(got)
    return Member(path, Artifact(path, data=b"".join(pieces)))


def uncounted(_: int) -> None:
    """The meter of what another meter counts, or of what is thrown away."""


def _zip(archive: Artifact, budget: Budget) -> Iterator[Member]:
    with _open(archive) as file:
        _refuse_directory(archive, file)
        with zipfile.ZipFile(file) as packed:
            for info in packed.infolist():
                if not info.filename.endswith("/"):  # a hostile one may have no name at all
                    budget.member()
                    yield _zipped(packed, info, _inside(archive, info.filename), budget)


_END = b"PK\5\6"
_ELSEWHERE = 0xFFFFFFFF
_SMALL = 4096
"""How much of a packed member is asked for where its decompressor knows no ceiling of its own."""


def _refuse_directory(archive: Artifact, file: IO[bytes]) -> None:
    """Refuse a zip whose directory is larger than any honest one: Python makes an object of each entry."""
    file.seek(max(0, archive.size - 2**16 - 22))
    tail = file.read()
    at = tail.rfind(_END)
    length = _number(tail, at + 12, 4) if at >= 0 else 0
    if length == _ELSEWHERE and at >= 20:
        # A record for large archives, whose place stands right before the end, holds the true length.
        file.seek(min(_number(tail, at - 12, 8), archive.size))
        length = _number(file.read(56), 40, 8)
    if length > DIRECTORY_BYTES:
        raise LimitError(f"{archive.path} has a directory of more than {DIRECTORY_BYTES // 2**20} MiB.")
    file.seek(0)


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")


def _zipped(packed: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, budget: Budget) -> Member:
    if info.flag_bits & 1:
        return Member(path, None, "encrypted", failed=True)
    small = info.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    try:
        with packed.open(info) as source:
            return read_member(source, path, budget.grow, piece=_SMALL if small else 2**20)
    except DAMAGE as error:
        return Member(path, None, f"damaged: {error}", failed=True)


def _holds_tar(archive: Artifact) -> bool:
    if archive.kind == "tar":
        return True
    try:
        with _open(archive) as file:
            return unpack.unpacked(archive.kind, file, uncounted).read(512)[257:262] == b"ustar"
    except DAMAGE as error:
        raise UnreadableError(f"{archive.path} is damaged: {error}.") from error


class TarHeader(tarfile.TarInfo):
    """A header that neither makes Python swallow gigabytes as a name, nor ends the archive by its damage."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "TarHeader":
        """Read 512 bytes.

        Raises:
            ReadError: they are no header; `tarfile` would take that for the end and say nothing.
            LimitError: it announces a header of its own that is absurdly long.
        """
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if any(buf):
                raise tarfile.ReadError(str(error)) from error
            raise
        if info.type in _EXTENDED and info.size > HEADER_BYTES:
            raise LimitError(f"a header of a tar is longer than {HEADER_BYTES // 2**20} MiB.")
        return info


_EXTENDED = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


def tar_members(file: Any, budget: Budget) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Give every header of a tar that is read once, from the front, and the content of each file.

    Args:
        file: The tar, unpacked.
        budget: Is told of every header: folders and links are packed to nearly nothing.
    """
    with tarfile.open(fileobj=file, mode="r|", tarinfo=TarHeader) as packed:
        kept: list[tarfile.TarInfo] = cast("Any", packed).members
        for info in packed:
            budget.member()
            kept.clear()
            yield info, packed.extractfile(info) if info.isreg() else None
    # What follows the end is padding; read all the same, for the checksum that ends a packed stream.
    while file.read(2**16):
        pass


def _tar(archive: Artifact, budget: Budget) -> Iterator[Member]:
    with _open(archive) as file:
        plain = file if archive.kind == "tar" else unpack.unpacked(archive.kind, file, budget.grow)
        for info, content in tar_members(plain, budget):
            path = _inside(archive, info.name)
            if content is not None:
                # A sparse file makes bytes of none, behind the meter of the stream.
                counts = archive.kind == "tar" or info.issparse()
                yield read_member(content, path, budget.grow if counts else uncounted)
            elif not info.isdir():
                yield Member(path, None, "link or device inside an archive, not followed")


def _single(archive: Artifact, budget: Budget) -> Iterator[Member]:
    name = archive.name.rsplit(".", 1)[0] or "content"
    budget.member()
    with _open(archive) as file:
        plain = unpack.unpacked(archive.kind, file, uncounted)
        yield read_member(plain, _inside(archive, name), budget.grow)
