"""`scanner init`: look at a folder, write a commented scanner.toml and the CI file of its forge."""

from pathlib import Path

import click

from scanner.config import NAME
from scanner.errors import UsageError
from scanner.files import write_whole

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

# An accepted finding: by fingerprint (from the report), or by rule and path. Void after `expires`.
# [[waiver]]
# fingerprint = "0123456789abcdef0123456789abcdef"
# owner = "video unit"
# reason = "detector of the redaction tool, nothing is kept"
# approver = "privacy officer"
# expires = 2027-06-30
"""

_GITHUB = """\
# Gates a change that would bring biometric processing into the pipeline.
name: scanner
on: [push, pull_request]
permissions:
  contents: read
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install scanner
      - run: scanner scan . --report sarif=scanner.sarif --report md=scanner.md
"""

_GITLAB = """\
# Gates a change that would bring biometric processing into the pipeline.
scanner:
  image: python:3.12
  script:
    - pip install scanner
    - scanner scan . --report junit=scanner.xml --report md=scanner.md
  artifacts:
    when: always
    reports:
      junit: scanner.xml
"""


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Write a commented scanner.toml into DIR, and the CI file of the forge that DIR uses.

    \b
    Example:
      scanner init pipeline/
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the folder of a project.")
    if (folder / NAME).exists():
        raise UsageError(f"{folder / NAME} exists already.", "Edit it, or remove it first.")
    _write(folder / NAME, _CONFIG)
    for marker, path, text in (
        (".github", ".github/workflows/scanner.yml", _GITHUB),
        (".gitlab-ci.yml", ".gitlab/scanner.yml", _GITLAB),
    ):
        target = folder / path
        if (folder / marker).exists() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, text)
    click.echo(f"next: scanner scan {folder} --report html=report.html")
    return 0


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())
    click.echo(f"wrote {path}")
