"""`scanner report` as a user calls it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scanner.cli import main
from scanner.findings import to_json
from scanner.report import FORMATS
from tests.conftest import Cli
from tests.example_runs import bad_run
from tests.strange_runs import hostile_run


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    file = tmp_path / "run.json"
    file.write_bytes(to_json(bad_run()))
    return file


def call(*args: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(arg) for arg in args])
    return int(ended.value.code or 0)


def test_every_format_in_one_call(cli: Cli, run_file: Path, tmp_path: Path) -> None:
    asked = [f"--report={name}={tmp_path / f'out.{name}'}" for name in FORMATS]
    done = cli("report", run_file, *asked)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.json").read_bytes() == run_file.read_bytes()
    assert (tmp_path / "out.html").read_text().startswith("<!DOCTYPE html>")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse(tmp_path / "out.junit").getroot().tag == "testsuites"
    assert (tmp_path / "out.csv").read_text().startswith("finding,fingerprint,")
    assert (tmp_path / "out.md").read_text().startswith("## Biometric processing: gate closed")
    assert not list(tmp_path.glob(".*.partial"))
    for name in FORMATS:
        assert f"report: {name}={tmp_path / f'out.{name}'}" in done.stdout


def test_stdout_holds_the_report_alone(cli: Cli, run_file: Path) -> None:
    done = cli("report", run_file, "--report", "json=-")
    assert done.stdout.encode() == run_file.read_bytes()
    assert "The gate is closed." in done.stderr


def test_quiet_says_nothing(cli: Cli, run_file: Path, tmp_path: Path) -> None:
    done = cli("report", run_file, "-q", "--report", f"md={tmp_path / 'c.md'}")
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "c.md").exists()


def test_without_a_report_the_summary_is_shown(cli: Cli, run_file: Path) -> None:
    done = cli("report", run_file)
    assert done.returncode == 0
    assert "control: not satisfied: face-recognition" in done.stdout


def test_a_hostile_run_prints_no_escape(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(to_json(hostile_run()))
    done = cli("report", file)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("docx=a.docx", f"there is no format 'docx'. Take one of: {', '.join(FORMATS)}"),
        ("html", "'html' is not FORMAT=FILE"),
        ("html=", "'html=' is not FORMAT=FILE"),
        ("html=missing/a.html", "there is no folder missing. Make it first: mkdir -p missing"),
        ("html=.", ". is a folder"),
    ],
)
def test_a_wrong_report_option_is_a_usage_error(
    run_file: Path, capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:
    assert call("report", run_file, "--report", value) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("twice", [("json=-", "md=-"), ("json=a", "md=./a")])
def test_two_reports_to_one_place_are_a_usage_error(
    run_file: Path, capsys: pytest.CaptureFixture[str], twice: tuple[str, str]
) -> None:
    assert call("report", run_file, "--report", twice[0], "--report", twice[1]) == 2
    assert "two reports would go to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a run file"),
        (b"{", "is not a run file"),
        (b"[]", "is not a run file"),
        (b"\xff\xfe", "is not a run file"),
        (b'{"schema_version": "9.0"}', "has schema version 9.0, and this program reads 1.0"),
        (b'{"schema_version": "1.0"}', "missing required field `tool`"),
    ],
)
def test_what_is_not_a_run_is_named_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(content)
    assert call("report", file) == 2
    err = capsys.readouterr().err
    assert said in err
    assert str(file) in err
    assert err.count("\n") == 1


def test_a_missing_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("report", tmp_path / "none.json") == 2
    assert "none.json cannot be read: No such file or directory." in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(run_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("report", run_file, "--report", "json=/proc/a.json") == 2
    assert "/proc/a.json cannot be written" in capsys.readouterr().err


def test_an_existing_report_is_replaced_in_one_step(run_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    out.write_text("old")
    assert call("report", run_file, "-q", "--report", f"json={out}") == 0
    assert out.read_bytes() == run_file.read_bytes()
