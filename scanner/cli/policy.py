"""`scanner policy`: list and show the policy packs."""

import textwrap

import click

from scanner.policy.pack import Control, load_pack, shipped


@click.group("policy")
def command() -> None:
    """List and show the policy packs: what the law says, as data."""


@command.command("list")
def list_packs() -> None:
    """List the packs that come with scanner."""
    for name in shipped():
        pack = load_pack(name)
        click.echo(f"{pack.id}  [{pack.status.value}]  {pack.title}; {pack.version}")


@command.command("show")
@click.argument("pack_id", metavar="ID")
def show(pack_id: str) -> None:
    """Print a pack whole: sources, controls, quotations and how well each is known."""
    pack = load_pack(pack_id)
    click.echo(f"{pack.title}\n{pack.version}\nstatus: {pack.status.value}\n")
    click.echo(_wrap(pack.status_note) + "\n")
    click.echo("Sources")
    for source in pack.source:
        click.echo(_wrap(f"- {source.name} [{source.read.value}, {source.verified_on}] {source.url}", "  "))
        if source.note:
            click.echo(_wrap(source.note, "    ", "    "))
    click.echo("\nControls")
    for control in pack.control:
        click.echo(_control(control))


def _control(control: Control) -> str:
    lines = [f"\n{control.id}: {control.title}", f"  {control.citation}"]
    if control.quote:
        lines.append(_wrap(f'"{control.quote}" [{control.quote_verified.value}]', "  ", "  "))
    lines.append(_wrap(control.about, "  ", "  "))
    covers = ", ".join(c.value for c in control.capabilities) or "a person's judgement"
    lines.append(f"  rests on: {covers}; a finding makes it {control.on_finding.value}")
    return "\n".join(lines)


def _wrap(text: str, rest: str = "", first: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=first, subsequent_indent=rest)
