"""Hostile input through the command line: `not tested` with its reason, and the rest of the run whole."""

import json
import os
import re
import socket
import sqlite3
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanner.errors import Exit
from tests.cli import hostile_files as make
from tests.cli.hostile_files import WORD, Make, data, sparse, text
from tests.cli.mutants import mutants
from tests.conftest import Cli

RECOGNISES = "import face_recognition\nface_recognition.face_encodings(1)\n"
SECONDS = 150
"""Of the one run over the whole table, on two busy processors; alone it takes about ten."""
MEMORY = 1_500_000
"""Kilobytes of the largest process."""

# fmt: off
# What it is: its file's name, how it is made, and what the reason must say.
NOT_TESTED: dict[str, tuple[str, Make, str]] = {
    "zip bomb, flat": ("a.zip", data(make.zipped({"0": bytes(64 * 2**20)})), "times its size"),
    "zip bomb, nested": ("a.zip", data(make.nested(3, bytes(64 * 2**20))), "times its size"),
    "zip bomb, overlapping": ("a.zip", data(make.overlapping(400)), "Overlapped entries|times its size"),
    "zip bomb, by bzip2": (
        "a.zip",
        data(make.zipped({"0": bytes(300 * 2**20)}, zipfile.ZIP_BZIP2)),
        "times its size",
    ),
    "zip nested deep": ("a.zip", data(make.nested(6, b"x")), "nested deeper than"),
    "zip of a crowded directory": ("a.zip", data(make.crowded()), "directory of more than"),
    "zip encrypted": ("a.zip", data(make.encrypted()), "encrypted"),
    "zip cut": ("a.zip", data(b"PK\x03\x04 and nothing more"), "damaged"),
    "bzip2 bomb": ("a.bz2", data(make.zeros_by_bzip2()), "times its size"),
    "tar of folders, packed": ("a.tar.gz", data(make.bomb_of_folders()), "times its size|members"),
    "tar of a long header": ("a.tar", data(make.header(tarfile.XHDTYPE, 2**33)), "header of a tar is longer"),
    "7z": ("a.7z", data(b"7z\xbc\xaf\x27\x1c" + bytes(600)), "7-Zip archive, which is not read; unpack it"),
    **{f"2 GB sparse .{s}": (f"a.{s}", sparse(head), f"a.{s}") for s, head in make.SPARSE.items()},
    "YAML of 10⁹ aliases": ("a.yaml", text(make.aliases()), "aliases"),
    "YAML deep": ("a.yaml", text("[" * 100_000 + WORD), "nesting depth|nested deeper"),
    "JSON deep": ("a.json", text("[" * 100_000 + "]" * 100_000), "nested deeper than"),
    "TOML deep": ("a.toml", text("a." * 60_000 + "a = 1\nface_recognition = 1\n"), "nested deeper than"),
    "TOML deep, quoted": ("a.toml", text('"a,b".' * 60_000 + "a = 1\nface_recognition = 1\n"), "deeper"),
    "XML deep": ("a.xml", text("<a>" * 100_000 + WORD), "nested deeper than"),
    "XML entities": ("a.xml", text(make.ENTITIES), "XML entities, which are never expanded"),
    "XML entities, external": ("a.xml", text(make.OUTSIDE), "XML entities, which are never expanded"),
    "XML entities in a sidecar": ("a.xmp", text(make.OUTSIDE), "a.xmp"),
    "invalid UTF-8 in YAML": ("a.yaml", data(b"face_recognition: \xff\xfe\n"), "not valid UTF-8"),
    "invalid UTF-8 in JSON": ("a.json", data(b'{"face_recognition": "\xc3("}'), "not valid UTF-8"),
    "binary named as code": ("a.js", data(bytes(range(256)) * 8), "holds binary data"),
    "SQLite of damaged pages": ("a.sqlite", make.damaged_database, "SQLite file that cannot be read"),
    "PNG of 50,000²": ("a.png", data(make.large_picture("PNG")), "pixels"),
    "JPEG of 50,000²": ("a.jpg", data(make.large_picture("JPEG")), "pixels"),
    "TIFF of 50,000²": ("a.tif", data(make.large_picture("TIFF")), "pixels"),
    "GIF of 50,000²": ("a.gif", data(make.large_picture("GIF")), "pixels"),
    "BMP of 50,000²": ("a.bmp", data(make.large_picture("BMP")), "pixels"),
    "ONNX of absurd length": ("a.onnx", data(b"\x08\x07\x12\4onnx\x3a\xff\xff\xff\xff\x0f"), "cut short"),
    "TFLite of absurd offset": ("a.tflite", data(b"\xff\xff\xff\x7fTFL3" + bytes(64)), "a.tflite"),
    "safetensors of absurd length": ("a.safetensors", data(b"\xff" * 8 + b"{}" + bytes(64)), "a.safetensors"),
    "npy of absurd length": ("a.npy", data(b"\x93NUMPY\x02\0\xff\xff\xff\xff{"), "header is damaged"),
    "npy of absurd header": ("a.npy", data(b"\x93NUMPY\x01\0\xff\xff" + b"(" * 65535), "header is damaged"),
    "Parquet of absurd footer": ("a.parquet", data(b"PAR1" + bytes(32) + b"\xff\xff\xff\x7fPAR1"), "footer"),
    "pickle of absurd length": ("a.pkl", data(b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f"), "damaged pickle"),
    "MP4 cut": ("a.mp4", data(b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\xff\xffmoov"), "a.mp4"),
    "PNG cut": ("a.png", data(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a.png"),
    "JPEG cut": ("a.jpg", data(make.large_picture("JPEG")[:300]), "a.jpg"),
    "Matroska cut": ("a.mkv", data(b"\x1aE\xdf\xa3\x9fB\x86\x81\x01" + bytes(64)), "a.mkv"),
}
READ: dict[str, tuple[str, Make]] = {
    "four megabytes of imports in one line": ("a.js", data(make.one_line(4))),
    "invalid UTF-8 in code": ("a.py", data(b"# \xff\xfe\n" + RECOGNISES.encode())),
    "zeros in a comment of code": ("a.js", data(make.ZEROS)),
    "a newline in a name": ("a\nb\x1b[31m\u202ey.py", text(RECOGNISES)),
    "bytes that are no text in a name": (os.fsdecode(b"\xff\xfe.py"), text(RECOGNISES)),
}
# fmt: on


@dataclass(frozen=True)
class Whole:
    """One run over the table, every row in a folder of its own beside a healthy file."""

    run: dict[str, Any]
    code: int
    seconds: float
    memory: int

    def not_tested(self, row: str) -> dict[str, str]:
        """Path and reason of what was not tested in a row's folder."""
        prefix = f"{folder_of(row)}/"
        return {
            n["path"].removeprefix(prefix): n["reason"]
            for n in self.run["run"]["not_tested"]
            if n["path"].startswith(prefix)
        }

    def found_in(self, row: str) -> set[str]:
        """Paths of findings in a row's folder."""
        prefix = f"{folder_of(row)}/"
        paths = (f["artifact"]["path"] for f in self.run["findings"])
        return {p.removeprefix(prefix) for p in paths if p.startswith(prefix)}


def folder_of(row: str) -> str:
    return f"r{[*NOT_TESTED, *READ].index(row):03}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    target = tmp_path_factory.mktemp("hostile")
    for row, (name, write, *_) in (NOT_TESTED | READ).items():
        folder = target / folder_of(row)
        folder.mkdir()
        (folder / "healthy.py").write_text(RECOGNISES)
        write(folder / name)
    started = time.monotonic()
    report = tmp_path_factory.mktemp("run") / "run.json"
    code, memory = make.scanned(target, report, 4 * SECONDS)
    return Whole(json.loads(report.read_bytes()), code, time.monotonic() - started, memory)


@pytest.mark.parametrize("row", NOT_TESTED)
def test_it_is_not_tested_and_its_neighbour_is(whole: Whole, row: str) -> None:
    _, _, reason = NOT_TESTED[row]
    said = whole.not_tested(row)
    assert said
    assert all("!/" in path or path == NOT_TESTED[row][0] for path in said)
    assert any(re.search(reason, r) for r in said.values()), said
    assert "healthy.py" in whole.found_in(row)


@pytest.mark.parametrize("row", READ)
def test_it_is_read_all_the_same(whole: Whole, row: str) -> None:
    assert not whole.not_tested(row)
    assert len(whole.found_in(row)) == 2


def test_the_run_is_whole_in_bounded_time_and_memory(whole: Whole) -> None:
    assert whole.code == Exit.CLOSED
    assert whole.seconds < SECONDS
    assert whole.memory < MEMORY


def test_nothing_runs_and_nothing_leads_out(cli: Cli, tmp_path: Path) -> None:
    target, canary = tmp_path / "target", tmp_path / "canary"
    (target / "d").mkdir(parents=True)
    make.armed(target, canary)
    (target / "d" / "up").symlink_to("..")
    (target / "out").symlink_to("/etc")
    (target / "self").symlink_to("self")
    os.mkfifo(target / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(target / "socket"))
    evil = make.tar_of(
        ("../../evil.py", tarfile.REGTYPE, RECOGNISES.encode()),
        ("/abs.py", tarfile.REGTYPE, RECOGNISES.encode()),
        ("link", tarfile.SYMTYPE, b"/etc/passwd"),
        ("hard", tarfile.LNKTYPE, b"../../../etc/passwd"),
        ("null", tarfile.CHRTYPE, b""),
    )
    (target / "a.tar").write_bytes(evil)
    (target / "a.zip").write_bytes(make.zipped({"../../evil.py": RECOGNISES.encode()}))
    before = {p.name for p in tmp_path.iterdir()}
    done = cli("scan", target, "--report", "json=-")
    run = json.loads(done.stdout)
    assert not canary.exists()
    assert not (tmp_path / "evil.py").exists()
    assert {"a.tar!/../../evil.py", "a.tar!/abs.py", "a.zip!/../../evil.py"} <= {
        f["artifact"]["path"] for f in run["findings"]
    }
    skipped = run["run"]["coverage"]["skipped_reasons"]
    assert skipped["symbolic link, not followed"] == 3
    assert skipped["link or device inside an archive, not followed"] == 3
    assert {"not a regular file (pipe)", "not a regular file (socket)"} <= set(skipped)
    left = {p.name for p in tmp_path.iterdir()} - before
    assert all(name.startswith("cache.sqlite") for name in left)


def test_a_name_moves_nothing_on_the_terminal(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "a\nSATISFIED\x1b[2J\x07\u202ey.py").write_text(RECOGNISES)
    done = cli("scan", target, "--verbose", "--no-cache")
    said = done.stdout + done.stderr
    assert done.returncode == Exit.CLOSED
    assert "SATISFIED" in said
    assert not re.search(r"^SATISFIED|[\x00-\x08\x0b-\x1f\u202a-\u202e]", said, re.MULTILINE)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def touch_inside(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2**20 + 7)
        file.write(os.urandom(1))


@pytest.mark.parametrize("change", [append, cut, replace, touch_inside])
def test_a_file_that_changes_while_it_is_read_is_not_tested(
    cli: Cli, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    target, name = tmp_path / "target", "a.tar"
    target.mkdir()
    (target / "healthy.py").write_text(RECOGNISES)
    code = (RECOGNISES * 400 + "#" * 2**20).encode()
    (target / name).write_bytes(make.tar_of(*((f"{n}.py", tarfile.REGTYPE, code) for n in range(3))))
    over = threading.Event()

    def disturb() -> None:
        while not over.wait(0.005):
            change(target / name)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        done = cli("scan", target, "--no-cache", "--report", "json=-")
    finally:
        over.set()
        disturber.join()
    assert done.returncode == Exit.CLOSED, done.stderr
    run = json.loads(done.stdout)
    said = {n["path"]: n["reason"] for n in run["run"]["not_tested"] if n["path"] != "other"}
    assert "changed while it was read" in said[name]
    assert "healthy.py" in {f["artifact"]["path"] for f in run["findings"]}
    assert not any(f["artifact"]["sha256"] for f in run["findings"] if f["artifact"]["path"] == name)


def test_a_database_is_opened_without_a_trace(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    path = target / "gallery.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode=WAL")  # without `immutable`, opening it makes two files beside it
        db.execute("CREATE TABLE people (name TEXT, face_embedding BLOB)")
        db.execute("INSERT INTO people VALUES ('x', ?)", (np.full(512, 0.04, np.float32).tobytes(),))
    db.close()
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in target.iterdir()}
    assert set(before) == {"gallery.sqlite"}
    names: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.0005):
            names.update(p.name for p in target.iterdir())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        done = cli("scan", target, "--no-cache", "--report", "json=-")
    finally:
        over.set()
        looking.join()
    assert done.returncode == Exit.CLOSED
    assert names == {"gallery.sqlite"}
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in target.iterdir()} == before


def test_damaged_files_of_every_format_are_all_accounted_for(tmp_path: Path) -> None:
    """A thousand and more of them: bench/hostile.py."""
    target, report = tmp_path / "target", tmp_path / "run.json"
    target.mkdir()
    names = mutants(target, 250, seed=7)
    code, memory = make.scanned(target, report, 2 * SECONDS)
    run = json.loads(report.read_bytes())["run"]
    assert code in (Exit.CLOSED, Exit.INCOMPLETE)
    assert memory < MEMORY
    assert run["coverage"]["seen"] >= len(names)
    reasons = [n["reason"] for n in run["not_tested"]]
    assert reasons
    # An inspector that fails by an exception of its own, a worker that dies, a ceiling of time or memory.
    assert not [r for r in reasons if re.search(r" failed \(|ended its worker|took longer|more memory", r)]
