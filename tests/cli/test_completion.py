"""The completion scripts work in the shells that they are for: a real zsh on a terminal, a real fish."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tools import system

VERBS = ("scan", "report", "review", "rules")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which `scanner` is the program under test, and nobody's own settings are read."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "scanner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    program.chmod(0o755)
    root = Path(__file__).parents[2]
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ZDOTDIR": str(tmp_path),
        "PYTHONPATH": str(root),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
    }


def script(shell: str, home: dict[str, str]) -> str:
    words = ["scanner", "completion", shell]
    return subprocess.run(words, env=home, capture_output=True, text=True, check=True).stdout


def need(shell: str) -> None:
    if system.missing(shell):
        pytest.skip(system.missing(shell))


def test_fish_completes_verbs_options_and_files(home: dict[str, str], tmp_path: Path) -> None:
    need("fish")
    folder = tmp_path / ".config" / "fish" / "completions"
    folder.mkdir(parents=True)
    (folder / "scanner.fish").write_text(script("fish", home))
    (tmp_path / "run-of-may.json").write_text("{}")

    def completed(line: str) -> list[str]:
        words = ["fish", "-c", f"complete -C '{line}'"]
        said = subprocess.run(words, env=home, cwd=tmp_path, capture_output=True, text=True, check=True)
        return [row.split("\t")[0] for row in said.stdout.splitlines()]

    assert set(VERBS) <= set(completed("scanner "))
    assert completed("scanner comp") == ["completion"]
    assert "--report" in completed("scanner scan --rep")
    assert completed("scanner report run-of") == ["run-of-may.json"]


def test_zsh_completes_verbs_options_and_files(home: dict[str, str], tmp_path: Path) -> None:
    need("zsh")
    (tmp_path / "zfunc").mkdir()
    (tmp_path / "zfunc" / "_scanner").write_text(script("zsh", home))
    (tmp_path / "run-of-may.json").write_text("{}")
    settings = f"fpath=({tmp_path}/zfunc $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready> '\n"
    (tmp_path / ".zshrc").write_text(settings + "unsetopt zle_bracketed_paste\n")
    shell = Zsh(home, tmp_path)
    try:
        assert "completion " in shell.after("scanner comp\t", "completion ")
        assert "--report " in shell.after("scanner scan --repor\t", "--report ")
        assert "run-of-may.json" in shell.after("scanner report run-of\t", "run-of-may.json")
        listed = shell.after("scanner re\t\t", "Check redactions")
        assert "report" in listed
        assert "review" in listed
    finally:
        shell.end()


class Zsh:
    """A zsh on a terminal of its own, as completion needs one."""

    def __init__(self, env: dict[str, str], cwd: Path) -> None:
        ours, its = pty.openpty()
        self._ours = ours
        self._process = subprocess.Popen(
            ["zsh", "-i"], stdin=its, stdout=its, stderr=its, env=env, cwd=cwd, start_new_session=True
        )
        os.close(its)
        self._read("ready> ")

    def after(self, typed: str, wanted: str) -> str:
        """Type, wait for what is wanted, and empty the line."""
        os.write(self._ours, typed.encode())
        said = self._read(wanted)
        os.write(self._ours, b"\x15")  # Ctrl-U: the line is given up
        return said

    def end(self) -> None:
        """Close the terminal."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read(self, wanted: str) -> str:
        said, until = "", time.monotonic() + 20
        while wanted not in said:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                pytest.fail(f"zsh never said {wanted!r}: {said[-500:]!r}")
            said += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self._ours, 65536).decode(errors="replace"))
        return said
