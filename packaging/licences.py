"""What an installation holds, and under which licences: `python packaging/licences.py [OUT.md]`.

Read from the metadata of what is installed here, and held against licences.toml. Ends with 1, and one line a
package, when something has a licence that nobody allowed.
"""

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
POLICY: dict[str, Any] = tomllib.loads((ROOT / "packaging" / "licences.toml").read_text("utf-8"))
WORDS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    # Not exact: such a package needs an entry of its own.
    "BSD License": "BSD",
    "Python Software Foundation License": "PSF",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}
"""What packages without a licence expression say in a classifier or in the old field."""


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution that an installation brings.

    Attributes:
        name: As an index normalises it.
        version: What is installed here.
        licence: An SPDX expression, its own or ours in licences.toml; empty where nobody knows.
        reason: Why it may be here though its licence is not in the list.
        inside: What it carries that its own metadata does not tell.
        needs: The names of what it asks for itself.
        objection: Why it may not be here, or empty.
    """

    name: str
    version: str
    licence: str
    reason: str
    inside: str
    needs: tuple[str, ...]
    objection: str


def normal(name: str) -> str:
    """Spell a name as an index does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(name: str) -> str:
    """What a package says of itself: an SPDX expression, or a word that stands for one; else empty."""
    said = importlib.metadata.metadata(name)
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    field = str(said.get("License") or "")
    if field in POLICY["allowed"]:
        return field
    old = [c.rsplit("::", 1)[-1].strip() for c in said.get_all("Classifier") or [] if c[:7] == "License"]
    return next((WORDS[w] for w in (*old, field) if w in WORDS), "")


def permits(expression: str) -> bool:
    """Tell whether each part of an expression that cannot be chosen away is allowed."""
    return all(
        any(part.strip(" ()") in POLICY["allowed"] for part in whole.split(" OR "))
        for whole in expression.split(" AND ")
    )


def asked(extra: str = "") -> list[str]:
    """What pyproject.toml asks for, by default or for an extra."""
    return list(PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"])


def bring(asks: Iterable[str]) -> list[Package]:
    """Give what requirements bring on this Python and system, by name.

    Raises:
        importlib.metadata.PackageNotFoundError: something of it is not installed here.
    """
    todo, seen = list(named(asks)), dict[str, set[str]]()
    needs = dict[str, set[str]]()
    while todo:
        name, extra = todo.pop()
        if extra in seen.setdefault(name, set()):
            continue
        seen[name].add(extra)
        more = list(named(importlib.metadata.requires(name) or [], extra))
        needs.setdefault(name, set()).update(n for n, _ in more)
        todo += more
    return [_package(name, tuple(sorted(needs[name]))) for name in sorted(seen)]


def named(asks: Iterable[str], extra: str = "") -> Iterator[tuple[str, str]]:
    """Give name and wished extra of each requirement that holds here, the empty extra among them."""
    for ask in asks:
        wish = Requirement(ask)
        if wish.marker is None or wish.marker.evaluate({"extra": extra}):
            for part in ("", *sorted(wish.extras)):
                yield normal(wish.name), part


def _package(name: str, needs: tuple[str, ...]) -> Package:
    entry = POLICY["package"].get(name, {})
    said = licence(name)
    known = str(entry.get("licence", said))
    objection = ""
    if entry and said and said not in known:
        objection = f"says {said}, and licences.toml {known}"
    elif not entry and not permits(said):
        objection = (
            f"{said or 'says nothing of its licence'}: allow it in packaging/licences.toml, or drop it"
        )
    return Package(
        name,
        importlib.metadata.version(name),
        known,
        str(entry.get("reason", "")),
        str(POLICY["inside"].get(name, "")),
        needs,
        objection,
    )


def extras() -> dict[str, list[Package]]:
    """What each extra adds, of those that are installed here whole."""
    default = {p.name for p in bring(asked())}
    found = dict[str, list[Package]]()
    for extra in PROJECT["optional-dependencies"]:
        try:
            found[extra] = [p for p in bring(asked(extra)) if p.name not in default]
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def page() -> str:
    """Write the list as Markdown, the default installation first."""
    parts = ["# Licences of what scanner installs", "", "## By default", *_table(bring(asked()))]
    here = extras()
    for extra, packages in here.items():
        parts += ["", f"## With [{extra}], besides", *_table(packages)]
    missing = sorted(set(PROJECT["optional-dependencies"]) - set(here))
    if missing:
        parts += ["", f"Not looked at, for they were not installed: {', '.join(missing)}."]
    return "\n".join(parts) + "\n"


def _table(packages: list[Package]) -> Iterator[str]:
    yield "| package | version | licence | |"
    yield "| --- | --- | --- | --- |"
    for p in packages:
        yield f"| {p.name} | {p.version} | {p.licence} | {'; '.join(filter(None, (p.reason, p.inside)))} |"


def objections() -> list[str]:
    """Give a line for each package that may not be here."""
    everything = [*bring(asked()), *(p for more in extras().values() for p in more)]
    return sorted({f"{p.name} {p.version}: {p.objection}" for p in everything if p.objection})


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(page(), "utf-8")
    else:
        sys.stdout.write(page())
    wrong = objections()
    sys.stderr.writelines(f"licences: {line}\n" for line in wrong)
    sys.exit(bool(wrong))
