import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.discover import archive
from scanner.discover.archive import Budget, members
from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as packed:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(name: str, data: bytes) -> dict[str, bytes]:
    return {m.path: m.artifact.read() for m in members(Artifact(name, data=data)) if m.artifact}


def test_zip_and_tar_give_their_files() -> None:
    files = {"a.py": b"import dlib\n", "d/b.txt": b"hello"}
    assert read("x.zip", zipped(files)) == {"x.zip!/a.py": b"import dlib\n", "x.zip!/d/b.txt": b"hello"}
    assert read("x.tgz", tarred(files)) == {"x.tgz!/a.py": b"import dlib\n", "x.tgz!/d/b.txt": b"hello"}


def test_archives_within_archives_are_read_too() -> None:
    assert list(read("o.zip", zipped({"i.tar": tarred({"a.py": b"1"}, "w")}))) == ["o.zip!/i.tar!/a.py"]


def test_a_packed_single_file_is_read() -> None:
    assert read("dump.sql.gz", gzip.compress(b"select 1")) == {"dump.sql.gz!/dump.sql": b"select 1"}


def test_nesting_has_a_ceiling() -> None:
    data = b"x"
    for _ in range(archive.DEPTH + 1):
        data = zipped({"in.zip": data})
    with pytest.raises(LimitError, match="nested deeper"):
        read("x.zip", data)


def test_a_bomb_is_stopped_by_its_ratio() -> None:
    bomb = zipped({f"{n}": bytes(2**20) for n in range(16)})
    with pytest.raises(LimitError, match="times its size"):
        read("x.zip", bomb)


def test_members_have_a_ceiling() -> None:
    with pytest.raises(LimitError, match="more than"):
        list(members(Artifact("x.zip", data=zipped({"a": b"1", "b": b"2"})), Budget("x.zip", members=1)))


def test_links_and_escapes_touch_nothing(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        link = tarfile.TarInfo("l")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
        info = tarfile.TarInfo("../../evil")
        info.size = 1
        packed.addfile(info, io.BytesIO(b"x"))
    found = {m.path: m.reason for m in members(Artifact("x.tar", data=out.getvalue()))}
    assert found == {"x.tar!/l": "link or device inside an archive, not followed", "x.tar!/../../evil": ""}
    assert not list(tmp_path.iterdir())


def test_a_cut_archive_is_unreadable_not_a_crash() -> None:
    for data in (zipped({"a": b"1" * 999})[:-30], tarred({"a": bytes(range(256)) * 99})[:-40]):
        with pytest.raises(UnreadableError):
            read("x", data)


def test_an_encrypted_member_is_failed_not_skipped() -> None:
    data = bytearray(zipped({"a": b"1"}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + offset] |= 1
    (member,) = members(Artifact("x.zip", data=bytes(data)))
    assert (member.reason, member.failed) == ("encrypted", True)


@given(st.binary(max_size=400), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0"]))
def test_noise_is_unreadable_or_empty_never_a_crash(noise: bytes, magic: bytes) -> None:
    try:
        for member in members(Artifact("x", data=magic + noise)):
            assert member.path.startswith("x!/")
    except UnreadableError:
        pass
