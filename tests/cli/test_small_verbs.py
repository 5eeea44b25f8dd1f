from pathlib import Path

import pytest

from scanner.cli import VERBS
from scanner.errors import Exit
from tests.conftest import Cli


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(cli: Cli, verb: str) -> None:
    done = cli(verb, "--help")
    assert done.returncode == Exit.OPEN
    assert "Example" in done.stdout


def test_the_top_level_help_tells_the_exit_codes(cli: Cli) -> None:
    text = cli("--help").stdout
    assert all(f"  {code.value}  " in text for code in Exit)


def test_init_writes_a_file_that_scan_accepts(cli: Cli, tmp_path: Path) -> None:
    project = tmp_path / "p"
    (project / ".github").mkdir(parents=True)
    done = cli("init", project)
    assert done.returncode == Exit.OPEN
    assert "next: scanner scan" in done.stdout
    assert (project / ".github" / "workflows" / "scanner.yml").is_file()
    assert cli("scan", project).returncode == Exit.OPEN
    again = cli("init", project)
    assert again.returncode == Exit.USAGE
    assert "exists already" in again.stderr


def test_policy_show_prints_quotations_and_how_well_they_are_known(cli: Cli) -> None:
    text = " ".join(cli("policy", "show", "us-moratorium").stdout.split())
    assert "status: proposed" in text
    assert "[verbatim; s681-tracker, 2026-11-24]" in text
    assert "[secondary; itworldcanada, 2026-11-24]" in text
    assert "us-moratorium  [proposed]" in cli("policy", "list").stdout


def test_doctor_finds_nothing_that_can_identify_a_person(cli: Cli) -> None:
    done = cli("doctor")
    assert done.returncode == Exit.OPEN, done.stdout
    assert "nothing here can identify a person" in done.stdout


def test_doctor_sees_a_package_that_could(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "dlib.py").write_text("")
    done = cli("doctor", PYTHONPATH=str(tmp_path / "extra"))
    assert done.returncode == Exit.CLOSED
    assert "can identify people: dlib" in done.stdout
