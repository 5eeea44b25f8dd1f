"""What a hostile file says comes out of every report as text: no command, formula, script, link or secret."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.errors import Exit
from scanner.report import FORMATS
from tests.conftest import Cli

TEXT = [f for f in FORMATS if f not in ("pdf", "bundle")]
"""Formats that are text; a bundle holds some of these, and the PDF has tests of its own."""
NAMES = (
    "=cmd|' -C calc'!A1.py",
    "@SUM(1).py",
    "<script>alert(1)<!--.py",
    '"><img src=x onerror=alert(1)>.py',
    "a\x1b]8;;http:!evil\x1b\\b\x1b[2J.py",
    "\u202egpj.yp.py",
    "[click](javascript:alert).py",
    "a|b`c`.py",
    "a\nexit 0.py",
    os.fsdecode(b"\xff\xfe.py"),
)
TURNS = r"\x7f-\x9f\u202a-\u202e\u2066-\u2069"
SECRETS = {
    "AIzaSyA1234567890abcdefghijklmnopqrstuv": "k = 'AIzaSyA1234567890abcdefghijklmnopqrstuv'",
    "s3cr": "u = 'rtsp://admin:p@s3cr@10.0.0.9/gate'",
    "MIIEvQIBADANBg": "k = '-----BEGIN PRIVATE KEY-----MIIEvQIBADANBg'",
    "sk_live_51HxSecretSecretSecret": "stripe_key = 'sk_live_51HxSecretSecretSecret'",
    "AKIAIOSFODNN7EXAMPL3": "boto3.client('rekognition', aws_access_key_id='AKIAIOSFODNN7EXAMPL3')",
    "hunter2hunter2": "url = 'rtsp://admin:hunter2hunter2@10.0.0.9/gate'",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2ln": (
        "h = {'Authorization': 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2ln'}"
    ),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every text report of one scan, and what it said on the terminal, by format."""
    target, out = tmp_path_factory.mktemp("target"), tmp_path_factory.mktemp("out")
    for name in NAMES:
        (target / name).write_text("import face_recognition\nface_recognition.face_encodings('<b>=1+1')\n")
    lines = [f"face_recognition.compare_faces(known, x); {line}" for line in SECRETS.values()]
    (target / "secrets.py").write_text("import face_recognition\n" + "\n".join(lines) + "\n")
    (target / "camera.yaml").write_text(
        "face_recognition:\n  enabled: true\n  url: rtsp://admin:hunter2hunter2@10.0.0.9/gate\n"
        "  api_key: sk_live_51HxSecretSecretSecret\n"
    )
    (target / "hunter2hunter2.zip").write_bytes(b"PK\x03\x04 rtsp://admin:hunter2hunter2@10.0.0.9/gate")
    (target / "hunter2hunter2.zip").rename(target / "broken.zip")
    words = [w for f in TEXT for w in ("--report", f"{f}={out / f}")]
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(target), "-v", "--no-cache", *words],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    assert done.returncode == Exit.CLOSED, done.stderr
    return {f: (out / f).read_text("utf-8") for f in TEXT} | {"terminal": done.stdout + done.stderr}


@pytest.mark.parametrize("form", [*TEXT, "terminal"])
def test_no_character_steers_a_terminal_or_turns_text_around(said: dict[str, str], form: str) -> None:
    # JSON is for programs: it escapes what steers a terminal, and keeps letters as they are.
    turns = "" if form in ("json", "sarif", "oscal", "cyclonedx", "worksheet-json") else TURNS
    assert not re.search(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{turns}]", said[form])


@pytest.mark.parametrize("form", [*TEXT, "terminal"])
def test_no_secret_is_in_it(said: dict[str, str], form: str) -> None:
    for secret in SECRETS:
        assert secret not in said[form], secret


def test_no_name_becomes_markup(said: dict[str, str]) -> None:
    assert "<script>alert" not in said["html"]
    assert "<img src=x" not in said["html"]
    assert 'href="javascript' not in said["html"].lower()
    assert "<img src=x" not in said["md"]
    assert "](javascript:" not in said["md"]


def test_no_cell_is_a_formula(said: dict[str, str]) -> None:
    cells = [c for row in csv.reader(io.StringIO(said["csv"])) for c in row]
    assert any("cmd|" in c for c in cells)
    assert not [c for c in cells if c[:1] in "=+-@\t\r" and c]


def test_every_file_is_in_it(said: dict[str, str]) -> None:
    paths = {f["artifact"]["path"] for f in json.loads(said["json"])["findings"]}
    assert len(paths) == len(NAMES) + 2


def test_a_report_goes_where_it_was_sent_and_nowhere_else(cli: Cli, tmp_path: Path) -> None:
    target, out = tmp_path / "target", tmp_path / "out"
    target.mkdir()
    out.mkdir()
    (target / "a.py").write_text("import face_recognition\nface_recognition.face_encodings(1)\n")
    kept = tmp_path / "kept"
    kept.write_text("mine")
    (out / "run.json").symlink_to(kept)
    done = cli("scan", target, "--report", f"json={out / 'run.json'}")
    assert done.returncode == Exit.CLOSED
    assert kept.read_text() == "mine"
    assert not (out / "run.json").is_symlink()
    assert {p.name for p in out.iterdir()} == {"run.json"}
