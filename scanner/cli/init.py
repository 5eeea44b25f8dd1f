"""`scanner init`: look at a folder, write a commented scanner.toml and the CI file of its forge."""

import json
import shlex
from pathlib import Path

import click

from scanner.cli import forge, printable
from scanner.cli.report import read_run
from scanner.config import NAME
from scanner.errors import UsageError
from scanner.files import write_whole
from scanner.findings import System
from scanner.policy.inventory import draft

_CONFIG = """\
# scanner.toml: what this project says of itself to `scanner scan`.
# Every key is optional; an unknown key is an error, so that a typing mistake cannot open the gate.

[agency]
name = ""            # stands in the report
scope = ""           # what the report is about, as in "all cameras of the front desk and their recorder"
contact = ""
signer = ""          # who signs the report, and as what
signer_title = ""

# The federal awards the report is for. ALN 16.738 is the Byrne JAG program.
# [[award]]
# fain = "15PBJA-00-GG-00000-JAGX"
# program = "Edward Byrne Memorial Justice Assistance Grant"
# aln = "16.738"

# The inventory: every system that sees, covers or recognises people. Once one is listed, what is found
# and not declared fails; what is declared and not found, or of another version or vendor, is for review.
# [[system]]
# name = "deface"                                  # as in your inventory; versions are looked for behind it
# vendor = "ORB-HD"
# version = "1.5.0"
# purpose = "covers faces before footage is released to the public"
# capabilities = ["redaction", "face-detection"]   # face-recognition, face-analysis, voice-recognition,
#                                                  # gait-recognition, other-remote-biometric, biometric-data
# paths = ["release/*"]                            # where it lives; leave out for anywhere
# release = "outside-agency"                       # or "inside-agency"
# retains = []                                     # template, landmark, crop, track, attribute; [] is nothing

[scan]
policy = "us-moratorium"     # `scanner policy list` shows all; or the name of a TOML file
fail_on = "not-satisfied"    # or "needs-review", or "never"

# What is left out, and why; both stand in the report.
# [[scan.exclude]]
# path = "third_party/*"
# reason = "vendor code, audited on its own"

# An accepted finding: by fingerprint (from the report), or by rule and path. A run stops at an expired one.
# [[waiver]]
# fingerprint = "0123456789abcdef0123456789abcdef"
# owner = "video unit"
# reason = "detector of the redaction tool, nothing is kept"
# approver = "privacy officer"
# expires = 2027-06-30
"""


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "run_file",
    type=click.Path(path_type=Path),
    metavar="RUN.json",
    help="Draft the inventory from what a scan found.",
)
def command(folder: Path, run_file: Path | None) -> int:
    """Write a commented scanner.toml into DIR, and the CI file of the forge that DIR is on.

    Nothing is asked and nothing overwritten. The forge (GitHub, GitLab, Bitbucket, Azure DevOps) shows by its
    files or by the address of a git remote; its file goes to the root of the repository.

    \b
    Examples:
      scanner init pipeline/
      scanner init pipeline/ --from run.json
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the folder of a project.")
    if (folder / NAME).exists():
        raise UsageError(f"{folder / NAME} exists already.", "Edit it, or remove it first.")
    drafts = draft(read_run(run_file).findings) if run_file else ()
    _write(folder / NAME, _CONFIG.replace("[scan]\n", "".join(map(_entry, drafts)) + "[scan]\n", 1))
    if drafts:
        click.echo(
            f"{len(drafts)} systems were drafted as comments: confirm each, say its purpose, uncomment it"
        )
    gate = forge.plan(folder)
    if gate is not None and gate.path.exists():
        click.echo(f"{_shown(gate.path)} is there already, and was left alone")
    elif gate is not None:
        gate.path.parent.mkdir(parents=True, exist_ok=True)
        _write(gate.path, gate.text)
        if gate.then:
            click.echo(f"then: {gate.then}")
    click.echo(f"next: scanner scan {shlex.quote(printable(str(folder)))} --report html=report.html")
    return 0


def _entry(system: System) -> str:
    """A draft as a comment: a tool that declared what it found would find nothing undeclared."""
    values = {
        "name": system.name,
        "vendor": system.vendor,
        "version": "",
        "purpose": "",
        "capabilities": [c.value for c in system.capabilities],
        "paths": list(system.paths),
    }
    lines = ["# Found by a scan; nobody has declared it yet.", "# [[system]]"]
    lines += [f"# {key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n\n"


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())
    click.echo(f"wrote {_shown(path)}")


def _shown(path: Path) -> str:
    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))
