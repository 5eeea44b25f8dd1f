"""Every package of a default installation has a licence that packaging/licences.toml allows."""

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from scanner import own

ROOT = Path(__file__).parents[2]
POLICY: dict[str, Any] = tomllib.loads((ROOT / "packaging" / "licences.toml").read_text())
WORDS = {  # what packages without a licence expression say in a classifier or in the old field
    "MIT License": "MIT",
    "MIT": "MIT",
    "Apache-2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    # Not exact: such a package needs an entry of its own.
    "BSD License": "BSD",
    "Python Software Foundation License": "PSF",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}


def closure() -> set[str]:
    """What pyproject.toml asks for, and what that asks for, as far as it is installed."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    todo = [Requirement(a).name for a in asked if not (m := Requirement(a).marker) or m.evaluate()]
    wanted: set[str] = set()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name not in wanted:
            wanted.add(name)
            todo += own.requirements(name)
    return wanted


def licence(name: str) -> str:
    """What a package says of itself: an SPDX expression, or a word that stands for one; else empty."""
    said = importlib.metadata.metadata(name)
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    old = [c.rsplit("::", 1)[-1].strip() for c in said.get_all("Classifier") or [] if c[:7] == "License"]
    return next((WORDS[w] for w in (*old, said.get("License") or "") if w in WORDS), "")


def permits(expression: str) -> bool:
    """An expression is allowed when each part that cannot be chosen away is."""
    return all(
        any(part.strip(" ()") in POLICY["allowed"] for part in whole.split(" OR "))
        for whole in expression.split(" AND ")
    )


@pytest.mark.parametrize("name", sorted(closure()))
def test_a_dependency_has_an_allowed_licence(name: str) -> None:
    entry = POLICY["package"].get(name)
    if entry:
        assert entry["licence"]
        assert entry["reason"]
        return
    assert permits(licence(name)), f"{name}: {licence(name) or 'says nothing'}; see packaging/licences.toml"


@pytest.mark.parametrize(
    "said", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "", "LGPL-3.0-only OR GPL-2.0-only"]
)
def test_what_is_not_listed_is_not_allowed(said: str) -> None:
    assert not permits(said)


def test_a_choice_is_allowed_by_one_of_its_parts() -> None:
    assert permits("Apache-2.0 OR GPL-3.0-only")


def test_every_entry_is_for_something_we_install() -> None:
    assert set(POLICY["package"]) | set(POLICY["inside"]) <= closure()


def test_no_entry_contradicts_what_a_package_says_of_itself() -> None:
    for name, entry in POLICY["package"].items():
        said = licence(name)
        assert not said or said in entry["licence"], f"{name}: {said}"
