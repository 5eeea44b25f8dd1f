"""Which forge a folder lives on, and the file that gates its changes there."""

import configparser
import importlib.metadata
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

NOWHERE = "https://git.example.org/your-group/scanner.git"
"""Stands where nobody told us which copy of scanner the agency trusts; there is none on a package index."""

_SCRIPT = """\
git clone --quiet "$SCANNER_SOURCE" "{tmp}/scanner-source"
sh "{tmp}/scanner-source/ci/install.sh" "{tmp}/scanner"
export PATH="{tmp}/scanner/bin:$PATH"
{since}sh "{tmp}/scanner-source/ci/gate.sh"
"""

_GITHUB = """\
name: scanner
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
env:
  SCANNER_SOURCE: @SOURCE@
  SCANNER_TARGETS: @TARGETS@
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Gate
        env:
          SCANNER_SINCE: ${{ github.event.pull_request.base.sha }}
        run: |
@SCRIPT@
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: scanner
          path: scanner-out
"""

_GITLAB = """\
scanner:
  stage: test
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
    SCANNER_SOURCE: @SOURCE@
    SCANNER_TARGETS: @TARGETS@
  script:
    - |
@SCRIPT@
  artifacts:
    when: always
    paths: [scanner-out]
    reports:
      junit: scanner-out/junit.xml
"""

_BITBUCKET = """\
image: python:3.12
clone:
  depth: full
definitions:
  steps:
    - step: &scanner
        name: scanner
        script:
          - export SCANNER_SOURCE=@SOURCE@ SCANNER_TARGETS=@TARGETS@
          - |
@SCRIPT@
        artifacts:
          - scanner-out/**
pipelines:
  default:
    - step: *scanner
  pull-requests:
    "**":
      - step: *scanner
"""

_AZURE = """\
trigger: [main]
pr: ["*"]
pool:
  vmImage: ubuntu-latest
variables:
  SCANNER_SOURCE: @SOURCE@
  SCANNER_TARGETS: @TARGETS@
steps:
  - checkout: self
    fetchDepth: 0
  - task: UsePythonVersion@0
    inputs:
      versionSpec: "3.12"
  - displayName: Gate
    bash: |
@SCRIPT@
  - task: PublishTestResults@2
    condition: always()
    inputs:
      testResultsFiles: scanner-out/junit.xml
"""


@dataclass(frozen=True, slots=True)
class Forge:
    """One kind of forge.

    Attributes:
        name: As people call it.
        markers: Files or folders that show it is in use.
        hosts: Words in the address of a git remote that show it.
        path: Where our file goes.
        beside: Where it goes when `path` is the forge's only file and is there already; empty where the
            forge reads one file alone, and a person has to merge.
        template: The file. `@SCRIPT@` stands for the lines of shell, indented by `indent`.
        tmp: The forge's folder for what does not belong to the work tree, as shell writes it.
        since: The variable with the commit that a change is compared with.
        then: What is left to do by hand.
    """

    name: str
    markers: tuple[str, ...]
    hosts: tuple[str, ...]
    path: str
    template: str
    indent: int
    tmp: str
    beside: str = ""
    since: str = ""
    then: str = ""


FORGES = (
    Forge("GitHub", (".github",), ("github",), ".github/workflows/scanner.yml", _GITHUB, 10, "$RUNNER_TEMP"),
    Forge(
        "GitLab",
        (".gitlab-ci.yml", ".gitlab"),
        ("gitlab",),
        ".gitlab-ci.yml",
        _GITLAB,
        6,
        "${TMPDIR:-/tmp}",
        beside=".gitlab/scanner.yml",
        since="CI_MERGE_REQUEST_DIFF_BASE_SHA",
        then="add to .gitlab-ci.yml: include: [{local: .gitlab/scanner.yml}]",
    ),
    Forge(
        "Bitbucket",
        ("bitbucket-pipelines.yml",),
        ("bitbucket",),
        "bitbucket-pipelines.yml",
        _BITBUCKET,
        12,
        "${TMPDIR:-/tmp}",
        beside="bitbucket-scanner.yml",
        since="BITBUCKET_PR_DESTINATION_COMMIT",
        then="copy the step of bitbucket-scanner.yml into bitbucket-pipelines.yml",
    ),
    Forge(
        "Azure DevOps",
        ("azure-pipelines.yml", ".azure-pipelines"),
        ("dev.azure", "visualstudio.com"),
        "azure-pipelines.yml",
        _AZURE,
        6,
        "$AGENT_TEMPDIRECTORY",
        beside=".azure-pipelines/scanner.yml",
        then="register .azure-pipelines/scanner.yml as a pipeline of the project",
    ),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A file to write, and what a person has to do then."""

    path: Path
    text: str
    then: str


def plan(folder: Path) -> Planned | None:
    """Choose the forge's file for a folder; None where no forge shows. Writes nothing.

    Args:
        folder: A project, or a part of a repository: forges read their files in its root alone.
    """
    inside = folder.resolve()
    root = next((p for p in (inside, *inside.parents) if (p / ".git").exists()), inside)
    forge = _by_marker(root) or _by_remote(root)
    if forge is None:
        return None
    taken = (root / forge.path).exists() and bool(forge.beside)
    source = _source()
    # What a person has to do stands last: the reader acts on the last line.
    steps = [forge.then] if taken else []
    if source == NOWHERE:
        steps.append("set SCANNER_SOURCE there to the address of your copy of scanner")
    targets = inside.relative_to(root).as_posix()
    text = _fill(forge, source, targets)
    return Planned(root / (forge.beside if taken else forge.path), text, "; ".join(steps))


def _by_marker(root: Path) -> Forge | None:
    return next((f for f in FORGES if any((root / m).exists() for m in f.markers)), None)


def _by_remote(root: Path) -> Forge | None:
    """Read the addresses of the remotes; git is not run."""
    config = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        config.read_string((root / ".git" / "config").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    addresses = " ".join(
        config.get(s, "url", fallback="") or "" for s in config.sections() if s.startswith("remote")
    ).lower()
    return next((f for f in FORGES if any(host in addresses for host in f.hosts)), None)


def _source() -> str:
    """Give the repository that this installation came from, where pip wrote it down (PEP 610)."""
    try:
        noted = json.loads(importlib.metadata.distribution("scanner").read_text("direct_url.json") or "{}")
    except (importlib.metadata.PackageNotFoundError, json.JSONDecodeError):
        return NOWHERE
    return str(noted["url"]) if "vcs_info" in noted and "url" in noted else NOWHERE


def _fill(forge: Forge, source: str, targets: str) -> str:
    since = f'export SCANNER_SINCE="${{{forge.since}:-}}"\n' if forge.since else ""
    lines = _SCRIPT.format(tmp=forge.tmp, since=since).splitlines()
    script = "\n".join(" " * forge.indent + line for line in lines)
    shell = forge.template is _BITBUCKET
    text = forge.template.replace("@SCRIPT@", script)
    for mark, value in (("@SOURCE@", source), ("@TARGETS@", targets)):
        # A JSON string is a YAML string; a folder may be called anything.
        quoted = shlex.quote(value) if shell else json.dumps(value)
        text = text.replace(mark, quoted)
    note = "# Gates changes that would bring biometric processing into the pipeline. By `scanner init`.\n"
    return note + text
