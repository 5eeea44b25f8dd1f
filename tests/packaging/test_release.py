"""What a release is made of: a wheel that comes out the same twice, a site that leaves no page out."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from scanner import __version__

ROOT = Path(__file__).parents[2]


def build(tree: Path, out: Path) -> str:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    (made,) = out.glob("*.whl")
    return hashlib.sha256(made.read_bytes()).hexdigest()


def test_two_builds_of_one_tree_give_the_same_bytes(tmp_path: Path) -> None:
    tree = tmp_path / "elsewhere"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copyfile(ROOT / name, tree / name)  # without the time of the original
    for name in ("scanner", "models"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tree / name, copy_function=shutil.copyfile, ignore=leave)
    first = build(tree, tmp_path / "one")
    os.utime(tree / "scanner" / "__init__.py", (1_000_000_000, 1_000_000_000))
    assert build(tree, tmp_path / "two") == first


def test_every_page_stands_in_the_site() -> None:
    site = yaml.safe_load((ROOT / "packaging" / "site.yml").read_text())

    def pages(entries: list[dict[str, object]]) -> list[str]:
        values = [v for entry in entries for v in entry.values()]
        return [p for v in values for p in (pages(v) if isinstance(v, list) else [str(v)])]

    there = {p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")}
    assert set(pages(site["nav"])) == there
    assert site["strict"] is True


def test_the_changes_of_this_version_are_told() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
