"""`scanner scan` as a user calls it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scanner.engine.confine import isolation
from scanner.errors import Exit
from scanner.findings import from_json, json_schema
from tests.conftest import Cli

PIPELINES = Path(__file__).parents[2] / "samples" / "pipelines"
RECOGNISES = "import face_recognition\nface_recognition.face_encodings(1)\n"
STILL = {"SOURCE_DATE_EPOCH": "1764000000"}


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PIPELINES / "noncompliant", tmp_path / "bad"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PIPELINES / "compliant", tmp_path / "good"))


def run_of(cli: Cli, *args: object, code: Exit, **env: str) -> dict[str, Any]:
    done = cli("scan", *args, "--report", "json=-", **env)
    assert done.returncode == code, done.stderr
    run: dict[str, Any] = json.loads(done.stdout)
    return run


def results(run: dict[str, Any]) -> dict[str, str]:
    return {c["id"]: c["result"] for c in run["controls"]}


def test_a_pipeline_that_recognises_closes_the_gate(cli: Cli, bad: Path) -> None:
    run = run_of(cli, bad, code=Exit.CLOSED)
    assert results(run)["face-recognition"] == "not-satisfied"
    places = {f["artifact"]["path"] for f in run["findings"] if f["capability"] == "face-recognition"}
    assert places >= {
        "app/match.py",
        "app/requirements.txt",
        "app/Dockerfile",
        "web/package.json",
        "web/kiosk.js",
        "recorder/frigate.yml",
        "homeassistant/configuration.yaml",
        "docker-compose.yml",
    }


def test_a_pipeline_that_does_not_opens_it_and_is_silent(cli: Cli, good: Path) -> None:
    run = run_of(cli, good, code=Exit.OPEN)
    assert [f for f in run["findings"] if f["confidence"] != "low"] == []
    assert "not-satisfied" not in results(run).values()


def test_footage_that_nobody_looked_at_is_not_tested(cli: Cli, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "p.png")
    assert results(run_of(cli, tmp_path / "p.png", code=Exit.OPEN))["footage-for-release"] == "satisfied"
    run = run_of(cli, tmp_path / "p.png", "--footage", "off", code=Exit.OPEN)
    assert results(run)["footage-for-release"] == "not-tested"


def test_a_run_fits_its_schema_and_our_types(cli: Cli, bad: Path) -> None:
    import jsonschema

    run = run_of(cli, bad, code=Exit.CLOSED)
    jsonschema.Draft202012Validator(json_schema()).validate(run)
    from_json(json.dumps(run).encode())
    finding = run["findings"][0]
    keys = "id fingerprint rule capability confidence message artifact location evidence status"
    assert set(finding) >= set(keys.split())


def test_no_secret_of_a_pipeline_reaches_a_report(cli: Cli, bad: Path, tmp_path: Path) -> None:
    formats = ("json", "html", "sarif", "junit", "csv", "md")
    targets = [x for f in formats for x in ("--report", f"{f}={tmp_path / f}")]
    done = cli("scan", bad, "-v", *targets)
    assert done.returncode == Exit.CLOSED
    everything = done.stdout + done.stderr + "".join((tmp_path / f).read_text() for f in formats)
    assert "not-a-real-password" not in everything


def test_the_same_input_gives_the_same_bytes(cli: Cli, bad: Path, tmp_path: Path) -> None:
    outputs = [
        cli("scan", bad, *how, "--report", "json=-", **STILL).stdout
        for how in (["--jobs", 1, "--no-cache"], ["--jobs", 2, "--no-cache"], [], [])
    ]
    assert len(outputs[0]) > 1000
    assert len(set(outputs)) == 1


def test_a_run_says_what_its_processes_were_kept_from(cli: Cli, bad: Path) -> None:
    workers, alone = (
        json.loads(cli("scan", bad, "--jobs", jobs, "--report", "json=-", **STILL).stdout) for jobs in (1, 0)
    )
    kept = workers["run"].pop("isolation")
    not_kept = alone["run"].pop("isolation")
    assert workers == alone
    assert kept == isolation()
    assert set(kept) == set(not_kept)
    assert all("not confined" in how for how in not_kept.values())


def test_a_warm_run_reads_no_file(cli: Cli, bad: Path) -> None:
    for path in bad.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    time.sleep(2.1)  # a file's change time must be past before its result is remembered
    first = cli("scan", bad, "--report", "json=-", **STILL)
    secret = bad / "app" / "match.py"
    stat = secret.stat()
    traced = cli("scan", bad, "--report", "json=-", **STILL)
    assert traced.stdout == first.stdout
    assert secret.stat().st_atime_ns == stat.st_atime_ns


def test_what_was_found_before_does_not_gate_again(cli: Cli, bad: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    cli("scan", bad, "--write-baseline", baseline)
    run = run_of(cli, bad, "--baseline", baseline, code=Exit.OPEN)
    assert run["summary"]["new"] == 0
    assert results(run)["face-recognition"] == "needs-review"
    with (bad / "app" / "match.py").open("a") as file:
        file.write("\n\nfr.compare_faces(KNOWN, KNOWN[0])\n")
    run = run_of(cli, bad, "--baseline", baseline, code=Exit.CLOSED)
    assert {f["artifact"]["path"] for f in run["findings"] if f["status"] == "new"} == {"app/match.py"}


def test_a_waiver_in_scanner_toml_opens_the_gate_until_it_expires(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").write_text(RECOGNISES)
    waiver = (
        "[[waiver]]\nrule='{rule}'\npath='a.py'\nexpires={day}\n"
        "owner='o'\nreason='test bench'\napprover='a'\n"
    )
    rules = {f["rule"] for f in run_of(cli, tmp_path / "p", code=Exit.CLOSED)["findings"]}
    config = tmp_path / "p" / "scanner.toml"
    config.write_text("".join(waiver.format(rule=r, day="2999-01-01") for r in rules))
    run = run_of(cli, tmp_path / "p", code=Exit.OPEN)
    assert run["summary"]["waived"] == len(rules)
    config.write_text("".join(waiver.format(rule=r, day="2020-01-01") for r in rules))
    done = cli("scan", tmp_path / "p")
    assert done.returncode == Exit.USAGE
    assert "expired on 2020-01-01" in done.stderr


def test_a_comment_waives_one_rule_on_its_line_with_a_reason(cli: Cli, tmp_path: Path) -> None:
    code = tmp_path / "p" / "a.py"
    code.parent.mkdir()
    code.write_text("import face_recognition as fr\nfr.face_encodings(1)\nfr.face_encodings(2)\n")
    (rule,) = {
        f["rule"] for f in run_of(cli, code, code=Exit.CLOSED)["findings"] if f["confidence"] == "high"
    }
    mark = f"# scanner: ignore[{rule}]"
    code.write_text(
        f"{mark} bench only\nimport face_recognition as fr\nfr.face_encodings(1)  {mark} approved\n"
        f"fr.face_encodings(2)  {mark}\nx = 1  {mark} stale\n"
    )
    run = run_of(cli, code, code=Exit.CLOSED)
    mine = [f for f in run["findings"] if f["rule"] == rule]
    found = sorted((f["status"], f["location"]["start_line"]) for f in mine)
    assert found == [("new", 4), ("waived", 2), ("waived", 3)]
    assert {f.get("waiver", "") for f in mine} == {"", "bench only (inline)", "approved (inline)"}
    assert len({f["id"] for f in mine}) == 3
    said = " ".join(run["run"]["notices"])
    assert "a.py:4: ignore" in said
    assert "no reason" in said
    assert "a.py:5: ignore" in said
    assert "matches nothing" in said


def test_archives_are_read_without_extraction(cli: Cli, bad: Path, tmp_path: Path) -> None:
    packed = tmp_path / "pipeline.zip"
    with zipfile.ZipFile(packed, "w") as out:
        for path in bad.rglob("*.py"):
            out.write(path, path.relative_to(bad))
    run = run_of(cli, packed, code=Exit.CLOSED)
    assert {f["artifact"]["path"] for f in run["findings"]} == {"pipeline.zip!/app/match.py"}


def test_unread_input_is_listed_and_closes_the_gate(cli: Cli, good: Path) -> None:
    (good / "broken.zip").write_bytes(b"PK\x03\x04 and then nothing")
    run = run_of(cli, good, code=Exit.INCOMPLETE)
    assert [n["path"] for n in run["run"]["not_tested"]] == ["broken.zip"]
    assert results(run)["face-recognition"] == "not-tested"
    run_of(cli, good, "--allow-incomplete", code=Exit.OPEN)


def test_fail_on_decides_what_closes_the_gate(cli: Cli, bad: Path, good: Path) -> None:
    run_of(cli, bad, "--fail-on", "never", code=Exit.OPEN)
    run_of(cli, good, "--fail-on", "needs-review", code=Exit.CLOSED)


def test_an_exclusion_needs_its_reason_in_the_report(cli: Cli, bad: Path) -> None:
    (bad / "scanner.toml").write_text("[[scan.exclude]]\npath='*'\nreason='audited on its own'\n")
    run = run_of(cli, bad, code=Exit.OPEN)
    assert "excluded by scanner.toml: audited on its own" in run["run"]["coverage"]["skipped_reasons"]
    assert results(run)["face-recognition"] == "not-tested"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["scan"], "Missing argument"),
        (["scan", "no-such-folder"], "no-such-folder does not exist"),
        (["scan", ".", "--report", "doc=x"], "there is no format 'doc'"),
        (["scan", ".", "--report", "json"], "FORMAT=FILE"),
        (["scan", ".", "--report", "json=no/where.json"], "no folder"),
        (["scan", ".", "--policy", "mars"], "there is no policy pack 'mars'"),
        (["scan", ".", "--baseline", "none.json"], "none.json cannot be read"),
        (["scan", ".", "--config", "none.toml"], "none.toml does not exist"),
        (["scan", ".", "--fail-on", "always"], "always"),
        (["scan", ".", "--rules", "."], "holds no rule files"),
        (["wat"], "wat"),
    ],
)
def test_a_wrong_command_is_one_clear_error_and_exit_2(cli: Cli, args: list[str], says: str) -> None:
    done = cli(*args)
    assert done.returncode == Exit.USAGE
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_gets_plain_lines(cli: Cli, bad: Path) -> None:
    done = cli("scan", bad)
    assert "\x1b" not in done.stdout + done.stderr
    assert "face-recognition" in done.stdout


def test_a_file_name_cannot_drive_the_terminal(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "\x1b]0;owned\x07.py").write_text(
        "import face_recognition\nface_recognition.face_encodings(1)\n"
    )
    done = cli("scan", folder, "-v")
    assert done.returncode == Exit.CLOSED
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_ctrl_c_leaves_no_half_written_file(bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for copy in range(150):
        shutil.copytree(bad / "app", bad / f"copy{copy}")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scanner",
            "scan",
            str(bad),
            "--no-cache",
            "--report",
            f"json={out / 'r.json'}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and len(children.read_text().split()) < 2:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    if process.returncode == 130:
        assert list(out.iterdir()) == []
    else:  # it was faster than we were
        assert process.returncode == Exit.CLOSED
    assert "Traceback" not in said
