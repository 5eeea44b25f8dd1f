"""What a user is told: examples that parse, a manual page of the same words, completion in a real shell."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

from scanner.cli import VERBS, cli
from scanner.cli.man import _help, page
from scanner.cli.report import verify
from tests import command_lines
from tests.conftest import Cli


def verbs() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli, info_name="scanner")
    for name in VERBS:
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
    yield "report verify", verify


@pytest.mark.parametrize("verb", dict(verbs()))
def test_every_verb_shows_examples_that_parse(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = command_lines.in_help(dict(verbs())[verb])
    assert lines, f"{verb} has no Examples block"
    parsed = 0
    for line in lines:
        for call in command_lines.calls(line):
            with suppress(click.exceptions.Exit):  # an option that prints and ends, such as --schema
                command_lines.parse(call, tmp_path)
            parsed += 1
    assert parsed >= len(lines)


@pytest.mark.parametrize(
    "call", ["scan . --reprot x", "blur a.mp4", "scna .", "blur a.mp4 -o b --style oval"]
)
def test_an_example_that_is_wrong_would_be_seen(call: str, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError):
        command_lines.parse(call.split(), tmp_path)


def test_the_manual_page_holds_every_option_of_every_verb() -> None:
    sections = "\n".join(page()).replace(r"\-", "-").split(".SS scanner ")
    told = {s.split("\n", 1)[0]: set(re.findall(r"^\\fB(.*)\\fR$", s, re.MULTILINE)) for s in sections}
    for verb, command in verbs():
        if command is verify:
            continue  # told on the page of its verb
        below = command.commands if isinstance(command, click.Group) else {}
        for name, one in {verb: command, **{f"{verb} {n}": c for n, c in below.items()}}.items():
            for option in one.params:
                if isinstance(option, click.Option) and not option.hidden:
                    terms = [t for t in told[name] if t.split()[0].rstrip(",") == option.opts[0]]
                    assert len(terms) == 1, (name, option.opts)
    assert "-h, --help" in told["scan"]


def test_nothing_of_the_manual_page_is_read_as_a_request() -> None:
    macros = {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".B", ".I"}
    lines = [line for line in page() if line.startswith((".", "'"))]
    assert {line.split()[0] for line in lines} <= macros
    assert list(_help(".SH A\n\n\b\n'so b\\n")) == [".PP", r"\&.SH A", ".PP", ".nf", r"\&'so b\en", ".fi"]


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is missing: apt-get install mandoc")
def test_mandoc_reads_the_manual_page() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "error"],
        input="\n".join(page()) + "\n",
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def completed(words: list[str], folder: Path) -> list[str]:
    """Ask bash what it offers for a line whose last word is unfinished."""
    program = folder / "scanner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    program.chmod(0o755)
    ask = (
        f'PATH="{folder}:$PATH"\nsource <(scanner completion bash)\n'
        f"COMP_WORDS=({' '.join(words)})\nCOMP_CWORD={len(words) - 1}\n"
        '_scanner_completion scanner\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", ask], check=True, capture_output=True, text=True)
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_bash_completes_verbs_options_and_choices(tmp_path: Path) -> None:
    assert completed(["scanner", "di"], tmp_path) == ["disclosures"]
    assert "--policy-text" in completed(["scanner", "scan", "--po"], tmp_path)
    assert completed(["scanner", "blur", "--style", "s"], tmp_path) == ["solid"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_names_the_program(cli: Cli, shell: str) -> None:
    done = cli("completion", shell)
    assert done.returncode == 0
    assert "_SCANNER_COMPLETE" in done.stdout
    found = shutil.which(shell)
    if found:
        flag = "--no-execute" if shell == "fish" else "-n"
        checked = subprocess.run(
            [found, flag], input=done.stdout, text=True, check=False, capture_output=True
        )
        assert checked.returncode == 0, checked.stderr


def test_completing_a_verb_imports_none() -> None:
    code = (
        "import os, sys\nfrom scanner.cli import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        "print([m for m in sys.modules if m.startswith('scanner.cli.')])"
    )
    env = {"_SCANNER_COMPLETE": "bash_complete", "COMP_WORDS": "scanner sc", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    assert done.stdout.splitlines() == ["plain,scan", "[]"]
