"""Files made to make a reader slow, large, wrong, or obedient; each a function that writes one."""

import bz2
import gzip
import io
import os
import pickle
import re
import sqlite3
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Make = Callable[[Path], None]

WORD = "\nface_recognition: 1\n"
"""A word of a rule, so that the file is read and not only filtered."""
GIB = 2**30


def text(content: str) -> Make:
    def write(path: Path) -> None:
        path.write_text(content)

    return write


def data(content: bytes) -> Make:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def sparse(head: bytes) -> Make:
    """Two gigabytes of which only the first bytes are on disk."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(head)
            file.truncate(2 * GIB)

    return write


ZEROS = b"/*" + b"\0" * 20 + b"*/" + b"x = 1;" * 900 + b"import 'face-api.js'"
"""Code that a shell's `file` calls data and that runs all the same."""
SPARSE = {
    "onnx": b"\x08\x07",
    "py": b"import face_recognition\n",
    "yaml": WORD.encode(),
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    "pt": b"\x80\x02",
    "db": b"SQLite format 3\0",
    "npy": b"\x93NUMPY\x01\0",
    "csv": b"a,b\n",
    "json": b'{"a":',
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "tif": b"II*\0\x08\0\0\0",
    "safetensors": bytes(8),
    "tflite": b"\0\0\0\0TFL3",
    "pkl": b"\x80\x04",
    "parquet": b"PAR1",
    "xml": b'<?xml version="1.0"?><a>',
    "sql": b"CREATE TABLE a (",
    "ipynb": b'{"cells":[',
    "xmp": b"<x>",
}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def nested(levels: int, content: bytes) -> bytes:
    for level in range(levels):
        content = zipped({f"{level}.zip" if level else "a.bin": content})
    return content


def overlapping(count: int) -> bytes:
    """A directory of which every entry points at one and the same member."""
    whole = zipped({"a": bytes(2**20)})
    start = whole.index(b"PK\1\2")
    end = whole.index(b"PK\5\6")
    tail = bytearray(whole[end:])
    struct.pack_into("<HHL", tail, 8, count, count, (end - start) * count)
    return whole[:start] + whole[start:end] * count + bytes(tail)


def crowded() -> bytes:
    """A directory of half a million entries and not one member."""
    entry = b"PK\1\2" + bytes(42)
    count = 560_000
    member = b"PK\3\4" + bytes(26)
    end = b"PK\5\6" + bytes(4) + struct.pack("<HHLLH", 65535, 65535, len(entry) * count, len(member), 0)
    return member + entry * count + end


def encrypted() -> bytes:
    whole = bytearray(zipped({"a.py": b"import face_recognition\n"}))
    whole[6] |= 1
    whole[whole.index(b"PK\1\2") + 8] |= 1
    return bytes(whole)


def header(kind: bytes, size: int = 0) -> bytes:
    info = tarfile.TarInfo("d")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def tar_of(*entries: tuple[str, bytes, bytes]) -> bytes:
    """A tar of (name, type, content or target)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content.decode()
                packed.addfile(info)
    return out.getvalue()


def aliases() -> str:
    """Nine lists, each of ten aliases to the one before: 10⁹ values in half a kilobyte."""
    names = "abcdefghi"
    lists = [
        f"{n}: &{n} [{', '.join(['x' if not i else '*' + names[i - 1]] * 10)}]" for i, n in enumerate(names)
    ]
    return "\n".join(lists) + WORD


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
    "<x><face_recognition>&b;</face_recognition></x>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>'
    "<x><face_recognition>&c;</face_recognition></x>"
)


def damaged_database(path: Path) -> None:
    with sqlite3.connect(path) as db:
        for number in range(40):
            db.execute(f"CREATE TABLE faces{number} (name TEXT, face_embedding BLOB)")
            db.executemany(f"INSERT INTO faces{number} VALUES (?, ?)", [("x", os.urandom(512))] * 60)
    db.close()
    content = bytearray(path.read_bytes())
    for at in range(4096, len(content), 3 * 4096):
        content[at : at + 2048] = b"\xff" * 2048
    path.write_bytes(bytes(content))


def large_picture(form: str) -> bytes:
    """A picture of 16 pixels a side that says it has 50,000."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, form)
    content = bytearray(out.getvalue())
    side = 50_000
    match form:
        case "PNG":
            struct.pack_into(">II", content, 16, side, side)
            struct.pack_into(">I", content, 29, zlib.crc32(content[12:29]))
        case "JPEG":
            struct.pack_into(">HH", content, content.index(b"\xff\xc0") + 5, side, side)
        case "GIF":
            struct.pack_into("<HH", content, 6, side, side)
        case "BMP":
            struct.pack_into("<ii", content, 18, side, side)
        case "TIFF":
            (at,) = struct.unpack_from("<I", content, 4)
            (count,) = struct.unpack_from("<H", content, at)
            for entry in range(at + 2, at + 2 + 12 * count, 12):
                (tag,) = struct.unpack_from("<H", content, entry)
                if tag in (256, 257):
                    struct.pack_into("<HHII", content, entry, tag, 4, 1, side)
    return bytes(content)


class Executes:
    """A pickle of it writes a file when it is loaded."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, (f"touch {self.canary}",))


def armed(folder: Path, canary: Path) -> None:
    """Put a pickle that would execute into every file that may hold one."""
    for protocol in range(6):
        content = pickle.dumps({"encodings": Executes(canary), "names": ["x"]}, protocol)
        (folder / f"p{protocol}.pkl").write_bytes(content)
        (folder / f"p{protocol}.pth").write_bytes(content)
    (folder / "packed.pkl").write_bytes(zlib.compress(content))
    (folder / "model.pt").write_bytes(zipped({"model/data.pkl": content, "model/version": b"3"}))
    (folder / "a.zip").write_bytes(zipped({"a.pkl": content, "a.pt": content}))
    objects = np.array([Executes(canary)], dtype=object)
    np.save(folder / "a.npy", objects, allow_pickle=True)
    np.savez(folder / "a.npz", objects, allow_pickle=True)


def one_line(megabytes: int) -> bytes:
    """A bundled script: one line of nothing but imports."""
    statement = b"const f = require('face-api.js');f.detectAllFaces(x);"
    return statement * (megabytes * 2**20 // len(statement))


def bomb_of_folders() -> bytes:
    return gzip.compress(header(tarfile.DIRTYPE) * 150_000)


def zeros_by_bzip2() -> bytes:
    return bz2.compress(bytes(300 * 2**20))


def scanned(
    target: Path, report: Path, seconds: float, *options: str, every: float = 0.02
) -> tuple[int, int]:
    """Scan a folder; give the exit code and the most memory that one of the processes held, in kilobytes."""
    command = [sys.executable, "-m", "scanner", "scan", str(target), "--no-cache", "-q"]
    command += ["--report", f"json={report}", *options]
    memory: dict[str, int] = {}
    end = time.monotonic() + seconds
    with subprocess.Popen(command, start_new_session=True) as process:
        while process.poll() is None and time.monotonic() < end:
            memory |= _peaks(process.pid)
            time.sleep(every)
        process.kill()
    return process.returncode, max(memory.values(), default=0)


def _peaks(session: int) -> dict[str, int]:
    """The most memory that each process of a session has held so far."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                peak = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())
                if peak:
                    found[process.name] = int(peak[1])
        except (OSError, ValueError):
            continue  # it has ended meanwhile
    return found
