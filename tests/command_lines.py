"""Command lines that stand in help and documentation: found, and held against the real options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from scanner.cli import cli

_FENCE = re.compile(r"^```(?:console|sh|bash)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHELL = {"|", "&&", "||", ";", ">", ">>", "2>", "<"}


def in_help(command: click.Command) -> list[str]:
    """Give the lines of a help text's block of examples."""
    _, _, block = re.sub("\b", "", command.help or "").partition("Example")
    return [line.strip() for line in block.splitlines() if line.strip().startswith("scanner ")]


def in_page(text: str) -> list[str]:
    """Give the commands of a page's fenced blocks, of any program; a backslash continues a line."""
    lines = [
        line.strip().removeprefix("$ ")
        for block in _FENCE.findall(text)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line and not line.startswith("#")]


def calls(line: str) -> Iterator[list[str]]:
    """Give the arguments of each call of scanner in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = list(lexer)
    while words:
        end = next((i for i, word in enumerate(words) if word in _SHELL), len(words))
        call, words = words[:end], words[end + 1 :]
        if call[:1] == ["scanner"]:
            yield call[1:]


def parse(args: list[str], folder: Path) -> click.Context:
    """Parse a call as the program would, and run nothing; `folder` is the current one.

    Raises:
        click.UsageError: there is no such verb, option or choice.
    """
    for word in args:
        _exist(folder / word, word)
    context = cli.make_context("scanner", list(args))
    command: click.Command = cli
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert name is not None
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)
    return context


def _exist(path: Path, word: str) -> None:
    """Make what an option checks for existence while it is parsed."""
    if word.startswith(("-", "/", "~")) or "=" in word:
        return
    if word.endswith("/"):
        path.mkdir(parents=True, exist_ok=True)
    elif re.search(r"\.\w+$", word) and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
