"""`scanner rules`: list, show and test the catalogue."""

import json
from pathlib import Path

import click
import msgspec

from scanner.errors import Exit, UsageError
from scanner.rules import RuleSet, load_rules
from scanner.rules.check import check_rule
from scanner.rules.model import Rule
from scanner.rules.page import how_known, page

_FOLDER = click.option(
    "--rules",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with rule files of your own (*.toml), checked and used beside the shipped ones.",
)


@click.group()
def command() -> None:
    """List, show and test the rules: what is looked for, and why it counts.

    \b
    Examples:
      scanner rules list
      scanner rules show dlib-face-recognition
      scanner rules test --rules our-rules/
    """


@command.command("list")
@_FOLDER
def list_(folder: Path | None) -> None:
    """List every rule: id, capability, title."""
    rules = load_rules(folder)
    width = max(len(rule.id) for rule in rules)
    wide = max(len(rule.capability.value) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.id:{width}}  {rule.capability.value:{wide}}  {rule.title}")


@command.command()
@click.argument("id_", metavar="ID")
@_FOLDER
def show(id_: str, folder: Path | None) -> None:
    """Show one rule in full: why, signals, references, examples."""
    for line in _lines(_rule(load_rules(folder), id_)):
        click.echo(line)


@command.command()
@_FOLDER
@click.argument("ids", metavar="[ID]...", nargs=-1)
def test(folder: Path | None, ids: tuple[str, ...]) -> int:
    """Run the examples of every rule (or of those named) through the inspectors.

    Exits with 1 when an example that must match does not, or one that must not does.
    """
    rules = load_rules(folder)
    chosen = [_rule(rules, i) for i in ids] or list(rules)
    failures = [failure for rule in chosen for failure in check_rule(rule, rules)]
    for failure in failures:
        click.echo(f"{failure.rule}: {failure.reason}", err=True)
    examples = sum(len(r.examples.match) + len(r.examples.no_match) for r in chosen)
    click.echo(f"{len(chosen)} rules, {examples} examples, {len(failures)} failures")
    return Exit.CLOSED if failures else Exit.OPEN


@command.command("page")
@_FOLDER
def page_(folder: Path | None) -> None:
    """Print the catalogue as a page in Markdown."""
    click.echo(page(load_rules(folder)), nl=False)


def _rule(rules: RuleSet, id_: str) -> Rule:
    if id_ not in rules.by_id:
        raise UsageError(f"there is no rule {id_!r}.", "`scanner rules list` names them all.")
    return rules.by_id[id_]


def _lines(rule: Rule) -> list[str]:
    lines = [
        rule.id,
        f"  {rule.title}",
        f"  capability: {rule.capability.value}",
        f"  why: {rule.why.strip()}",
        "  signals:",
    ]
    for signal in rule.signals:
        fields = msgspec.to_builtins(signal)
        kind = fields.pop("kind")
        lines.append(
            f"    {kind}: "
            + ", ".join(f"{k} {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items() if v)
        )
    lines += ["  references:", *(f"    {r.source} ({how_known(r)})" for r in rule.references)]
    for title, examples in (("must match", rule.examples.match), ("must not match", rule.examples.no_match)):
        for example in examples:
            lines += [f"  {title}: {example.path}", *(f"    | {line}" for line in example.text.splitlines())]
    return lines
