"""`scanner init` and `scanner doctor`: what they write and say for the folder and environment they find."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scanner.cli import forge
from scanner.errors import Exit
from tests.conftest import Cli

ROOT = Path(__file__).parents[2]
BAD = "import face_recognition\nknown = face_recognition.face_encodings(picture)\n"


def repository(folder: Path, remote: str = "") -> Path:
    (folder / ".git").mkdir(parents=True)
    if remote:
        (folder / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    return folder


@pytest.mark.parametrize(
    ("marker", "remote", "path"),
    [
        (".github/dependabot.yml", "", ".github/workflows/scanner.yml"),
        (".gitlab-ci.yml", "", ".gitlab/scanner.yml"),
        ("bitbucket-pipelines.yml", "", "bitbucket-scanner.yml"),
        ("azure-pipelines.yml", "", ".azure-pipelines/scanner.yml"),
        ("", "git@github.com:agency/cameras.git", ".github/workflows/scanner.yml"),
        ("", "https://gitlab.agency.gov/it/cameras.git", ".gitlab-ci.yml"),
        ("", "https://bitbucket.org/agency/cameras", "bitbucket-pipelines.yml"),
        ("", "https://dev.azure.com/agency/cameras/_git/cameras", "azure-pipelines.yml"),
    ],
)
def test_the_forge_is_known_by_its_files_or_its_remote(
    cli: Cli, tmp_path: Path, marker: str, remote: str, path: str
) -> None:
    project = repository(tmp_path / "p", remote)
    if marker:
        (project / marker).parent.mkdir(exist_ok=True)
        (project / marker).write_text("kept: true\n")
    done = cli("init", project)
    assert done.returncode == Exit.OPEN, done.stderr
    assert done.stdout.splitlines()[-1].startswith("next: scanner scan ")
    written = yaml.safe_load((project / path).read_text())
    assert "ci/gate.sh" in json.dumps(written)
    if marker:
        assert (project / marker).read_text() == "kept: true\n"


def test_a_folder_on_no_forge_gets_no_file_for_one(cli: Cli, tmp_path: Path) -> None:
    done = cli("init", repository(tmp_path / "p", "https://git.sr.ht/~agency/cameras"))
    assert done.returncode == Exit.OPEN
    assert [p.name for p in (tmp_path / "p").iterdir() if p.name != ".git"] == ["scanner.toml"]


def test_a_part_of_a_repository_is_gated_from_its_root(cli: Cli, tmp_path: Path) -> None:
    project = repository(tmp_path / "p", "git@github.com:agency/cameras.git")
    (project / "a 'part'").mkdir()
    assert cli("init", project / "a 'part'").returncode == Exit.OPEN
    written = yaml.safe_load((project / ".github" / "workflows" / "scanner.yml").read_text())
    assert written["env"]["SCANNER_TARGETS"] == "a 'part'"
    assert (project / "a 'part'" / "scanner.toml").is_file()


def test_nothing_is_overwritten(cli: Cli, tmp_path: Path) -> None:
    project = repository(tmp_path / "p", "git@github.com:agency/cameras.git")
    mine = project / ".github" / "workflows" / "scanner.yml"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = cli("init", project)
    assert (mine.read_text(), done.returncode) == ("mine", Exit.OPEN)
    assert "was left alone" in done.stdout


def test_no_index_is_asked_for_a_package_of_our_name() -> None:
    """The name may be anybody's on a package index: what is installed is the agency's own copy."""
    for one in forge.FORGES:
        assert "pip install" not in forge._fill(one, forge.NOWHERE, ".")


@pytest.mark.parametrize("name", [f.name for f in forge.FORGES])
def test_the_script_of_each_forge_closes_the_gate(tmp_path: Path, name: str) -> None:
    """The lines run as written, but for the clone and the installation, which stand ready."""
    (one,) = (f for f in forge.FORGES if f.name == name)
    written = forge._fill(one, forge.NOWHERE, ".")
    lines = [line.strip() for line in written.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("git clone"))
    script = [line for line in lines[start : start + 5] if line.startswith(("export", "sh "))]
    (tmp_path / "scanner-source").symlink_to(ROOT)
    (tmp_path / "scanner").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.py").write_text(BAD)
    places = ("RUNNER_TEMP", "TMPDIR", "AGENT_TEMPDIRECTORY")
    env = os.environ | {place: str(tmp_path) for place in places} | {"SCANNER_OPTIONS": "--jobs\n0"}
    run = [line for line in script if "install.sh" not in line]
    done = subprocess.run(
        ["bash", "-euc", "\n".join(run)],
        cwd=tmp_path / "work",
        env=env | {"SCANNER_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.CLOSED, done.stderr
    assert (tmp_path / "work" / "scanner-out" / "junit.xml").is_file()


def test_doctor_names_the_video_library_the_detectors_and_what_is_faster(cli: Cli) -> None:
    done = cli("doctor")
    assert done.returncode == Exit.OPEN, done.stdout
    for word in ("FFmpeg", "libx264", "detector yunet-2023mar", "detector centerface", "openvino"):
        assert word in done.stdout
    assert "scanner doctor --audit" in done.stdout


def test_doctor_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.cli import doctor

    monkeypatch.setattr("scanner.own.requirements", lambda _: ["click", "no-such-package"])
    bad = [c for c in doctor.examine() if c.state == "bad"]
    assert [c.what for c in bad] == ["not installed: no-such-package"]
    assert "ci/install.sh" in bad[0].remedy
