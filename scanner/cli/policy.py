"""`scanner policy`: list, show and check the policy packs."""

import textwrap

import click

from scanner.policy.pack import Control, Pack, Standing, load_pack, shipped
from scanner.policy.predicate import Exemption, asks


@click.group("policy")
def command() -> None:
    """List, show and check the policy packs: what the law says, as data.

    \b
    Examples:
      scanner policy show us-moratorium
      scanner policy check our-ordinance.toml
    """


@command.command("list")
def list_packs() -> None:
    """List the packs that come with scanner."""
    for name in shipped():
        pack = load_pack(name)
        click.echo(f"{pack.id}  [{pack.status.value}]  {pack.title}; {pack.version}")


@command.command("show")
@click.argument("pack_id", metavar="PACK")
def show(pack_id: str) -> None:
    """Print a pack whole: sources, controls, exceptions, quotations and how well each is known.

    PACK is the id of a shipped pack or a TOML file.
    """
    pack = load_pack(pack_id)
    click.echo(f"{pack.title}\n{pack.version}\nstatus: {_standing(pack)}\nfor: {pack.jurisdiction}\n")
    click.echo(_wrap(pack.status_note) + "\n")
    click.echo("Sources")
    for source in pack.source:
        click.echo(_wrap(f"- {source.name} [{source.read.value}, {source.verified_on}] {source.url}", "  "))
        if source.note:
            click.echo(_wrap(source.note, "    ", "    "))
    click.echo("\nControls")
    for control in pack.control:
        click.echo(_control(pack, control))


@command.command("check")
@click.argument("packs", metavar="PACK...", nargs=-1, required=True)
def check(packs: tuple[str, ...]) -> None:
    """Check packs against the schema and the rules of docs/policy.md; exit code 2 at the first that is wrong.

    PACK is a TOML file or the id of a shipped pack.
    """
    for name in packs:
        pack = load_pack(name)
        quoted = sum(bool(c.quote) for c in pack.control)
        exceptions = sum(len(c.exception) for c in pack.control)
        click.echo(
            f"{name}: {pack.id} [{pack.status.value}], {len(pack.control)} controls, {quoted} quoted, "
            f"{exceptions} exceptions, sha256 {pack.sha256[:12]}…"
        )


def _standing(pack: Pack) -> str:
    dates = {
        "introduced": pack.introduced_on,
        "in force from": pack.effective_from,
        "expired": pack.expired_on,
    }
    said = ", ".join(f"{word} {date}" for word, date in dates.items() if date)
    gates = "; it never closes the gate" if pack.status is Standing.EXPIRED else ""
    return f"{pack.status.value}{f' ({said})' if said else ''}{gates}"


def _control(pack: Pack, control: Control) -> str:
    lines = [f"\n{control.id}: {control.title}", f"  {control.citation}"]
    source = pack.source_of(control)
    if control.quote and source:
        known = f"[{control.quote_verified.value}; {source.id}, {source.verified_on}]"
        lines.append(_wrap(f'"{control.quote}" {known}', "  ", "  "))
    lines.append(_wrap(control.about, "  ", "  "))
    scope = {"who": control.actors, "verbs": control.verbs, "objects": control.objects}
    lines += [f"  {word}: {', '.join(values)}" for word, values in scope.items() if values]
    covers = ", ".join(c.value for c in control.capabilities) or "a person's judgement"
    outcome = "" if control.manual else f"; a finding makes it {control.on_finding.value}"
    lines.append(_wrap(f"rests on: {covers}{outcome}", "  ", "  "))
    for exception in control.exception:
        lines += _exception(exception)
    return "\n".join(lines)


def _exception(exception: Exemption) -> list[str]:
    borrowed = " (borrowed: not in this law as far as it was read)" if exception.borrowed else ""
    lines = [_wrap(f"except: {exception.title}; {exception.citation}{borrowed}", "    ", "  ")]
    if exception.quote:
        lines.append(_wrap(f'"{exception.quote}" [{exception.source}]', "    ", "    "))
    return [*lines, *(_wrap(f"- {asks(p)}", "      ", "    ") for p in exception.predicate)]


def _wrap(text: str, rest: str = "", first: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
