"""Packed streams: what comes out is what went in, and nobody is made to give more than the ceilings."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile

import pytest

from scanner.discover import archive, unpack
from scanner.discover.archive import Budget, members
from scanner.discover.artifact import Artifact
from scanner.discover.unpack import DAMAGE, packing, unpacked
from scanner.errors import LimitError, UnreadableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd.compress}
SUFFIX = {"gzip": "gz", "bzip2": "bz2", "xz": "xz", "zstd": "zst"}
DATA = bytes(range(256)) * 2000 + bytes(300_000)
KINDS = pytest.mark.parametrize("kind", PACK)


def tar(*names: str, data: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(name: str, data: bytes, budget: Budget | None = None) -> dict[str, bytes]:
    found = {}
    for member in members(Artifact(name, data=data), budget):
        assert member.artifact is not None, member.reason
        found[member.path] = member.artifact.read()
    return found


@KINDS
def test_streams_that_follow_each_other_are_one_and_are_metered(kind: str) -> None:
    counted: list[int] = []
    packed = PACK[kind](DATA) + PACK[kind](b"") + PACK[kind](b"end") + bytes(512)
    assert packing(packed[:8]) == kind
    assert unpacked(kind, io.BytesIO(packed), counted.append).read() == DATA + b"end"
    assert sum(counted) == len(DATA) + 3


@KINDS
@pytest.mark.parametrize("harm", ["cut", "followed by junk"])
def test_damage_is_an_error(kind: str, harm: str) -> None:
    packed = PACK[kind](DATA)
    packed = packed[:-9] if harm == "cut" else packed + b"\1junk that is no stream"
    with pytest.raises(DAMAGE):
        unpacked(kind, io.BytesIO(packed), lambda _: None).read()


@KINDS
def test_a_file_and_a_tar_are_read(kind: str) -> None:
    assert read(f"a.py.{SUFFIX[kind]}", PACK[kind](b"code")) == {f"a.py.{SUFFIX[kind]}!/a.py": b"code"}
    assert read(f"a.tar.{SUFFIX[kind]}", PACK[kind](tar("a", "b"))) == {
        f"a.tar.{SUFFIX[kind]}!/a": b"x",
        f"a.tar.{SUFFIX[kind]}!/b": b"x",
    }


@KINDS
def test_streams_without_end_have_a_ceiling(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "STREAMS", 50)
    with pytest.raises(LimitError, match="more than 50"):
        unpacked(kind, io.BytesIO(PACK[kind](b"") * 60), lambda _: None).read()


def test_a_window_of_gigabytes_is_refused() -> None:
    wide = {zstd.CompressionParameter.window_log: 28, zstd.CompressionParameter.compression_level: 1}
    with pytest.raises(UnreadableError, match="too much memory"):
        read("a.zst", zstd.ZstdCompressor(options=wide).compress(DATA))
    dictionary = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 27}]
    with pytest.raises(UnreadableError, match="limit exceeded"):
        read("a.xz", lzma.compress(b"x", filters=dictionary))


def test_what_is_packed_best_is_within_the_ceiling() -> None:
    assert read("a.xz", lzma.compress(b"x", preset=9 | lzma.PRESET_EXTREME)) == {"a.xz!/a": b"x"}
    ultra = {
        zstd.CompressionParameter.compression_level: 22,
        zstd.CompressionParameter.window_log: 27,
    }
    assert read("a.zst", zstd.compress(b"x", options=ultra)) == {"a.zst!/a": b"x"}


@KINDS
def test_headers_of_folders_count(kind: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for number in range(30):
            info = tarfile.TarInfo(f"d{number}")
            info.type = tarfile.DIRTYPE
            packed.addfile(info)
    with pytest.raises(LimitError, match="members"):
        read("a.tar.x", PACK[kind](out.getvalue()), Budget("a.tar.x", members=20))


def test_a_long_header_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "HEADER_BYTES", 2000)
    with pytest.raises(LimitError, match="header"):
        read("a.tar", tar("x" * 3000))


def test_a_damaged_header_in_the_middle_is_no_end() -> None:
    data = bytearray(tar("a", "b", "c"))
    data[1024 + 148] ^= 1  # the checksum of the second header
    with pytest.raises(UnreadableError, match="damaged"):
        read("a.tar", bytes(data))


def test_a_packed_tar_that_is_cut_behind_its_end_is_damaged() -> None:
    with pytest.raises(UnreadableError, match="damaged"):
        read("a.tar.gz", gzip.compress(tar("a"))[:-5])


@pytest.mark.parametrize("large", [False, True])
def test_the_directory_of_a_zip_has_a_ceiling(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(70_000 if large else 50):
            packed.writestr(zipfile.ZipInfo(str(number)), b"")
    monkeypatch.setattr(archive, "DIRECTORY_BYTES", 2000)
    with pytest.raises(LimitError, match="directory"):
        read("a.zip", out.getvalue())


def test_a_large_zip_whose_length_stands_elsewhere_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(66_000):
            packed.writestr(zipfile.ZipInfo(str(number)), b"")
    data = bytearray(out.getvalue())
    end = data.rindex(b"PK\5\6")
    data[end + 12 : end + 16] = b"\xff" * 4
    assert len(read("a.zip", bytes(data))) == 66_000


@pytest.mark.parametrize(("method", "ratio"), [(zipfile.ZIP_BZIP2, 100), (zipfile.ZIP_LZMA, 100)])
def test_a_bomb_is_stopped_while_it_unpacks(method: int, ratio: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed, packed.open("0", "w") as member:
        for _ in range(40):
            member.write(bytes(2**20))
    budget = Budget("a.zip", packed=len(out.getvalue()))
    with pytest.raises(LimitError, match="times its size"):
        read("a.zip", out.getvalue(), budget)
    assert budget.unpacked < 40 * 2**20


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"\xed\xab\xee\xdb", "rpm"),
        (b"hsqs", "squashfs"),
    ],
)
def test_archives_that_are_not_read_say_so(head: bytes, what: str) -> None:
    with pytest.raises(UnreadableError, match=f"{what}.*not read; unpack"):
        read("a", head + bytes(600))
