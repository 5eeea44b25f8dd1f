"""`scanner man`: the manual page, made of the same words as `--help`, so that the two cannot differ."""

import inspect
from collections.abc import Iterator

import click

from scanner import __version__
from scanner.cli import VERBS, cli
from scanner.errors import Exit

_FILES = (
    ("scanner.toml", "What the agency says of itself; beside what is scanned, or named with --config."),
    (".scannerignore", "What is not looked at, in the manner of .gitignore."),
    ("NAME.manifest.json", "The record of a redaction, beside the redacted file."),
    ("NAME.edits.json", "What a person decided about a redaction, beside the redacted file."),
)
_ENVIRONMENT = (
    ("SCANNER_CACHE", "The file that keeps the results of unchanged inputs."),
    ("SOURCE_DATE_EPOCH", "Fixes the times of a run, so that equal inputs give equal reports."),
    ("NO_COLOR", "No colours on the terminal."),
)


@click.command("man", short_help="Print the manual page.")
def command() -> int:
    """Print the manual page, every verb with its options, in the language of man(1).

    \b
    Examples:
      scanner man | man -l -
      scanner man > ~/.local/share/man/man1/scanner.1
    """
    click.echo("\n".join(page()))
    return Exit.OPEN


def page() -> Iterator[str]:
    """Give the lines of the page, in the macros of man(7)."""
    context = click.Context(cli, info_name="scanner", **cli.context_settings)
    yield f'.TH SCANNER 1 "" "scanner {__version__}" "User Commands"'
    yield from (".SH NAME", rf"scanner \- {_text(_first(cli.help or ''))}")
    yield from (".SH SYNOPSIS", r".B scanner", r".I VERB", r"[OPTION]... [ARGUMENT]...")
    yield ".SH DESCRIPTION"
    yield from _help(cli.help or "")
    yield ".SH VERBS"
    for verb in VERBS:
        found = cli.get_command(context, verb)
        if found is not None:
            yield from _verb(found, context, verb)
    for title, rows in (("FILES", _FILES), ("ENVIRONMENT", _ENVIRONMENT)):
        yield f".SH {title}"
        for term, text in rows:
            yield from _term(term, text)


def _verb(verb: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    """Give a verb, and the verbs below it."""
    context = click.Context(verb, info_name=name, parent=parent)
    yield f".SS {_text(context.command_path)}"
    yield from (".nf", _text(" ".join([context.command_path, *verb.collect_usage_pieces(context)])), ".fi")
    yield from _help(verb.help or "")
    for option in verb.get_params(context):
        record = option.get_help_record(context)
        if record is not None and record[1]:
            yield from _term(*record)
    if isinstance(verb, click.Group):
        for below in verb.list_commands(context):
            found = verb.get_command(context, below)
            if found is not None:
                yield from _verb(found, context, below)


def _help(text: str) -> Iterator[str]:
    """Give paragraphs; one that begins with click's mark for "as it stands" keeps its lines."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = paragraph.strip("\n").split("\n")
        if lines[0].strip() == "\b":
            yield from (".PP", ".nf", *map(_text, lines[1:]), ".fi")
        else:
            yield from (".PP", _text(" ".join(line.strip() for line in lines)))


def _term(term: str, text: str) -> tuple[str, ...]:
    return (".TP", rf"\fB{_text(term)}\fR", _text(" ".join(text.split())))


def _first(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".")


def _text(words: str) -> str:
    r"""Escape what troff would read as its own: ``\``, a dash that is to stay one, a leading dot or quote."""
    safe = words.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{safe}" if safe.startswith((".", "'")) else safe
