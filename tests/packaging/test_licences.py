"""Every package that an installation brings has a licence that packaging/licences.toml allows."""

import re
from pathlib import Path

import pytest

import licences  # isort: skip - packaging/ is put on the path by conftest.py

ROOT = Path(__file__).parents[2]
DEFAULT = licences.bring(licences.asked())
EXTRAS = licences.extras()
EVERY = {p.name: p for p in (*DEFAULT, *(p for more in EXTRAS.values() for p in more))}


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_dependency_has_an_allowed_licence(name: str) -> None:
    assert EVERY[name].licence
    assert EVERY[name].objection == ""


def test_what_many_machines_need_is_looked_at() -> None:
    assert "distributed" in {p.name for p in EXTRAS["cluster"]}
    assert not {p.name for p in EXTRAS["cluster"]} & {p.name for p in DEFAULT}


def test_what_nobody_allowed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(licences.POLICY, "allowed", ["Apache-2.0"])
    monkeypatch.setitem(licences.POLICY, "package", {})
    said = licences.objections()
    assert any(re.match(r"click [\d.]+: BSD-3-Clause: allow it", line) for line in said)
    assert any(re.match(r"defusedxml [\d.]+: (says nothing|PSF)", line) for line in said)
    assert not any(line.startswith("s3fs") for line in said)


def test_an_entry_that_contradicts_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(licences.POLICY["package"], "click", {"licence": "MIT", "reason": "wrong"})
    (said,) = licences.objections()
    assert said.startswith("click ")
    assert said.endswith(": says BSD-3-Clause, and licences.toml MIT")


@pytest.mark.parametrize(
    "said", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "", "LGPL-3.0-only OR GPL-2.0-only"]
)
def test_what_is_not_listed_is_not_allowed(said: str) -> None:
    assert not licences.permits(said)


def test_a_choice_is_allowed_by_one_of_its_parts() -> None:
    assert licences.permits("Apache-2.0 OR GPL-3.0-only")


def test_every_entry_is_for_something_we_install() -> None:
    entries = {n for n, e in licences.POLICY["package"].items() if e.get("extra") in (None, *EXTRAS)}
    assert entries | set(licences.POLICY["inside"]) <= set(EVERY)
    assert all(e["licence"] and e["reason"] for e in licences.POLICY["package"].values())


def test_the_list_names_every_package_and_what_is_inside() -> None:
    page = licences.page()
    for package in EVERY.values():
        assert f"| {package.name} | {package.version} | {package.licence} | " in page
    assert "x264" in page
    assert "## With [cluster], besides" in page
