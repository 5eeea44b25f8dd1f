"""The image: its steps are a script that runs here, and what comes out works without a network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from samples import clips

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
DOCKERFILE = (PACKAGING / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "gate.mp4"
    clips.write(path, clips.handheld(320, 180), clips.steady_times(1, 12))
    return path


def sh(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", *map(str, words)],
        env={**os.environ, **env},
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_main_jobs_work_without_a_network(clip: Path) -> None:
    done = sh(PACKAGING / "check-offline.sh", Path(sys.executable).parent, clip)
    assert done.returncode == 0, done.stderr
    assert "doctor, scan, reports, blur and verify work" in done.stdout


def test_the_check_fails_where_something_does_not_work(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "scanner").write_text('#!/bin/sh\n[ "$1" != scan ] && exit 0\nexit 2\n')
    (tmp_path / "scanner").chmod(0o755)
    done = sh(PACKAGING / "check-offline.sh", tmp_path, clip)
    assert done.returncode == 1
    assert "ended with 2, not 1" in done.stderr


@pytest.mark.skipif(
    "SCANNER_TEST_INSTALL" not in os.environ, reason="installs from a package index: SCANNER_TEST_INSTALL=1"
)
def test_what_the_script_builds_works_without_a_network(clip: Path, tmp_path: Path) -> None:
    built = sh(PACKAGING / "build-rootfs.sh", tmp_path / "rootfs", PYTHON=sys.executable)
    assert built.returncode == 0, built.stderr
    done = sh(PACKAGING / "check-offline.sh", tmp_path / "rootfs" / "bin", clip)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "rootfs" / "bin" / "pytest").exists()
    assert (tmp_path / "rootfs" / "share" / "man" / "man1" / "scanner.1").stat().st_size > 10_000


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    done = sh(PACKAGING / "build-rootfs.sh", tmp_path)
    assert (done.returncode, [p.name for p in tmp_path.iterdir()]) == (2, ["kept"])
    assert "not empty" in done.stderr


def test_the_dockerfile_runs_the_script_and_ends_as_no_root() -> None:
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    assert "RUN sh packaging/build-rootfs.sh /opt/scanner" in lines
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users[-1] == "10001:10001"
    assert lines.index(f"USER {users[-1]}") < next(
        i for i, li in enumerate(lines) if li.startswith("ENTRYPOINT")
    )


def test_what_the_dockerfile_copies_is_there_and_let_through() -> None:
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [w for m in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for w in m.split()]
    assert len(copied) >= 8
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in allowed


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
@pytest.mark.parametrize("script", sorted(PACKAGING.glob("*.sh")), ids=lambda p: p.name)
def test_the_scripts_can_be_read(script: Path) -> None:
    assert sh("-n", script).returncode == 0
    assert os.access(script, os.X_OK)
