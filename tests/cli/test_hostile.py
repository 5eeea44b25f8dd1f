"""Hostile input through the command line: `not tested` with its reason, and the rest of the run whole."""

import io
import json
import os
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import Exit
from tests.conftest import Cli

RECOGNISES = "import face_recognition\nface_recognition.face_encodings(1)\n"
# A word of a rule, so that the file is read and not only filtered.
WORD = "\nface_recognition = 1\n"
ALIASES = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)
)
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    "<x><face_recognition>&b;&c;</face_recognition></x>"
)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("0", bytes(64 * 2**20))
    return out.getvalue()


def text(content: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(content)

    return write


def data(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"\x08\x07")
        file.truncate(2 * 2**30)


HOSTILE = {
    "toml-deep": ("a.toml", text("a." * 60_000 + "a = 1\n" + WORD), "nested deeper than"),
    "toml-deep-quoted": ("a.toml", text('"a,b".' * 60_000 + "a = 1\n" + WORD), "nested deeper than"),
    "json-deep": ("a.json", text("[" * 100_000 + "]" * 100_000), "nested deeper than"),
    "yaml-aliases": ("a.yaml", text(ALIASES + "face_recognition: *y\n"), "aliases"),
    "xml-entities": ("a.xml", text(ENTITIES), "XML entities, which are never expanded"),
    "zip-bomb": ("a.zip", data(bomb()), "times its size"),
    "zip-cut": ("a.zip", data(b"PK\x03\x04 and nothing more"), "damaged"),
    "onnx-length": ("a.onnx", data(b"\x08\x07\x12\x07pytorch\x3a\xff\xff\xff\xff\x0f"), "a.onnx"),
    "onnx-sparse": ("a.onnx", sparse, "a.onnx"),
    "mp4-cut": ("a.mp4", data(b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\xff\xffmoov"), "a.mp4"),
    "png-cut": ("a.png", data(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a.png"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_not_tested_and_its_neighbour_is(cli: Cli, tmp_path: Path, case: str) -> None:
    name, make, reason = HOSTILE[case]
    target = tmp_path / "target"
    target.mkdir()
    (target / "healthy.py").write_text(RECOGNISES)
    make(target / name)
    done = cli("scan", target, "--report", "json=-")
    assert done.returncode == Exit.CLOSED, done.stderr
    run = json.loads(done.stdout)
    assert [n["path"] for n in run["run"]["not_tested"]] == [name]
    assert reason in run["run"]["not_tested"][0]["reason"]
    assert "healthy.py" in {f["artifact"]["path"] for f in run["findings"]}


class Executes:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, (f"touch {self.canary}",))


def test_nothing_runs_and_nothing_leads_out(cli: Cli, tmp_path: Path) -> None:
    target, canary = tmp_path / "target", tmp_path / "canary"
    (target / "d").mkdir(parents=True)
    (target / "gallery.pkl").write_bytes(pickle.dumps({"encodings": Executes(canary), "names": ["x"]}))
    (target / "d" / "up").symlink_to("..")
    (target / "out").symlink_to("/etc")
    os.mkfifo(target / "pipe")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("../../evil.py")
        info.size = len(RECOGNISES)
        tar.addfile(info, io.BytesIO(RECOGNISES.encode()))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (target / "a.tar.gz").write_bytes(out.getvalue())
    before = sorted(p.name for p in tmp_path.iterdir())
    done = cli("scan", target, "--report", "json=-")
    run = json.loads(done.stdout)
    assert not canary.exists()
    assert "a.tar.gz!/../../evil.py" in {f["artifact"]["path"] for f in run["findings"]}
    assert not (tmp_path / "evil.py").exists()
    assert set(run["run"]["coverage"]["skipped_reasons"]) >= {
        "symbolic link, not followed",
        "not a regular file (pipe)",
        "link or device inside an archive, not followed",
    }
    assert {p.name for p in tmp_path.iterdir()} - set(before) <= {
        "cache.sqlite",
        "cache.sqlite-wal",
        "cache.sqlite-shm",
    }
