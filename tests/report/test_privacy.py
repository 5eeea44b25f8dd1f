"""No face, crop, name, vector or secret in any format: a real scan of all of them, and a search in the bytes.

The search is shown to see: each format must hold the names of the files, and the same search must find what
was hidden in a run that leaks.
"""

import base64
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing

import msgspec
import numpy as np
import pikepdf
import pypdf
import pytest
from PIL import Image
from skimage import data

from scanner.findings import Run, from_json
from scanner.report import FORMATS, WRITERS
from scanner.report.bundle import NAMES

PERSON = "Rosalind Quillfeather"
SECRETS = (
    "correct-horse-battery",
    "wJalrXUtnFEMIK7MDENGbPxRfiCYEX",
    "AKIAQ7RSTUVWXYZ23456",
    "hunter2hunter2",
)
VECTOR = np.random.default_rng(11).normal(size=512).astype(np.float32)

SOURCE = f"""
import boto3, face_recognition
client = boto3.client("rekognition", aws_access_key_id="{SECRETS[2]}", aws_secret_access_key="{SECRETS[1]}")
client.search_faces_by_image(CollectionId="c", Image=frame, api_key="{SECRETS[3]}")
known = face_recognition.face_encodings(grab("rtsp://admin:{SECRETS[0]}@10.0.0.7/live"))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of a scan over code with secrets, a gallery with a name and a vector, a picture of a face."""
    folder = tmp_path_factory.mktemp("private")
    (folder / "app.py").write_text(SOURCE)
    (folder / "config.yml").write_text(
        f"face_recognition:\n  enabled: true\n  model: arcface\nrtsp:\n  password: {SECRETS[3]}\n"
    )
    with closing(sqlite3.connect(folder / "gallery.sqlite")) as store, store:
        store.execute("create table face_embeddings (person_name text, embedding blob)")
        for _ in range(20):
            store.execute("insert into face_embeddings values (?, ?)", (PERSON, VECTOR.tobytes()))
    (folder / "people.json").write_text(
        json.dumps({"people": [{"name": PERSON, "face_encoding": VECTOR[:128].tolist()} for _ in range(5)]})
    )
    Image.fromarray(data.astronaut()).save(folder / "visitor.jpg", quality=95)
    out = folder.parent / "private.json"
    command = [sys.executable, "-m", "scanner", "scan", str(folder), "--no-cache", "--jobs", "1"]
    done = subprocess.run(
        [*command, "--footage", "full", "--report", f"json={out}", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return from_json(out.read_bytes())


def read(name: str, made: bytes) -> Iterator[bytes]:
    """All that a reader of the format could get out of it."""
    yield made
    if name == "pdf":
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
        yield text.replace("\u200b", "").encode()
        with pikepdf.open(io.BytesIO(made)) as document:
            for item in document.objects:
                if isinstance(item, pikepdf.Stream):
                    yield item.read_bytes()
                    assert item.get("/Subtype") != "/Image", "a picture"
    if name == "bundle":
        formats = {file: made for made, file in NAMES.items()}
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            for file in archive.namelist():
                yield from read(formats.get(file, ""), archive.read(file))


def needles() -> Iterator[tuple[str, bytes]]:
    for text in (PERSON, PERSON.split()[1], *SECRETS):
        yield text, text.encode()
    raw = VECTOR.tobytes()
    for start in range(0, 240, 48):
        part = raw[start : start + 24]
        yield "vector", part
        yield "vector in hexadecimal", part.hex().encode()
        yield "vector in base64", base64.b64encode(part)
    for value in VECTOR[:128]:
        yield "number of the vector", repr(float(value))[:12].encode()
    yield from (("JPEG", b"\xff\xd8\xff"), ("JPEG in base64", b"/9j/4"), ("PNG in base64", b"iVBORw0KGgo"))
    yield "picture in a page", b"data:image"


def leaks(name: str, made: bytes) -> set[str]:
    parts = [part.lower() for part in read(name, made)]
    return {what for what, needle in needles() for part in parts if needle.lower() in part}


def test_the_scan_saw_all_of_it(run: Run) -> None:
    assert {f.artifact.path for f in run.findings} >= {
        "app.py",
        "config.yml",
        "gallery.sqlite",
        "visitor.jpg",
    }


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_holds_a_face_a_name_a_vector_or_a_secret(name: str, run: Run) -> None:
    made = WRITERS[name](run)
    if name in ("html", "pdf", "sarif", "oscal", "csv", "json", "md", "bundle"):
        assert any(b"gallery.sqlite" in part for part in read(name, made)), "the search sees nothing"
    assert leaks(name, made) == set()


@pytest.mark.parametrize("name", [n for n in FORMATS if n not in ("worksheet-json", "cyclonedx", "junit")])
def test_the_search_finds_what_a_run_would_leak(name: str, run: Run) -> None:
    message = f"found {PERSON} {SECRETS[0]}"
    leaking = tuple(msgspec.structs.replace(f, message=message) for f in run.findings)
    found = leaks(name, WRITERS[name](msgspec.structs.replace(run, findings=leaking)))
    assert found >= {PERSON, SECRETS[0]}
