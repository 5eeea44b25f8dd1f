"""A release: what may go out, the same bytes twice, a wheel that works, a site without gaps."""

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from scanner import __version__

import release  # isort: skip - packaging/ is put on the path by conftest.py

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 12, 1)
CHANGES = "# Changes\n\n## 0.2.0, 2026-11-30\n- It does more.\n\n## 0.1.0, 2026-10-01\n- First.\n"


def objections(
    version: str = "0.2.0", changes: str = CHANGES, tags: str = "v0.1.0", changed: str = ""
) -> list[str]:
    return release.objections(version, changes, tags.split(), changed, TODAY)


def test_a_version_that_is_told_and_not_out_may_go_out() -> None:
    assert objections() == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"version": "two"}, "two is no version as PEP 440 has them"),
        ({"version": "0.2.0.dev1"}, "not written as a released version"),
        ({"version": "0.2.0+here"}, "not written as a released version"),
        ({"tags": "v0.1.0 v0.2.0"}, "v0.2.0 is tagged already"),
        ({"tags": "v0.10.0 v0.3.0"}, "v0.10.0 is tagged, which is newer"),
        ({"version": "0.3.0"}, "CHANGELOG.md tells nothing of 0.3.0"),
        ({"changes": "## 0.2.0, 2026-11-30\n\n## 0.1.0, 2026-10-01\n- First.\n"}, "tells nothing of 0.2.0"),
        ({"changes": "## 0.2.0, not released\n- It does more.\n"}, "`not released` where the day"),
        ({"changes": "## 0.2.0, 2026-12-02\n- It does more.\n"}, "which is yet to come"),
        ({"changed": " M scanner/a file.py\n?? x\n"}, "not as committed: scanner/a file.py, x."),
    ],
)
def test_what_may_not_go_out_is_named(given: dict[str, str], said: str) -> None:
    (line,) = objections(**given)
    assert said in line


def test_the_notes_hold_one_version_s_changes_and_the_sums(tmp_path: Path) -> None:
    built = release.Built(tmp_path / "a.whl", tmp_path / "a.tar.gz", {"a.whl": "12ab", "a.tar.gz": "34cd"})
    text = release.notes("0.2.0", CHANGES, built, "not asked")
    assert text.startswith("# scanner 0.2.0, 2026-11-30\n- It does more.\n")
    assert "First" not in text
    assert "| `a.whl` | `12ab` |" in text
    assert "Known vulnerabilities of what it needs: not asked." in text


def test_a_build_that_depends_on_where_it_runs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(folder: Path, commit: str, epoch: int, **env: str) -> release.Built:
        return release.Built(folder / "a.whl", folder / "a.tar.gz", {"a.whl": env.get("TZ", "UTC")})

    monkeypatch.setattr(release, "build", build)
    with pytest.raises(release.Stop, match=r"a\.whl did not come out the same twice"):
        release.build_twice(tmp_path, "HEAD", 0)


def test_weights_that_are_not_those_of_the_manifest_are_not_shipped(tmp_path: Path) -> None:
    manifest = (ROOT / "models" / "manifest.toml").read_text().replace('sha256 = "8f', 'sha256 = "9f')
    (tmp_path / "manifest.toml").write_text(manifest)
    with pytest.raises(release.Stop, match=r"is not what manifest.toml says: run `make setup`"):
        release.weights(tmp_path)


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs a git checkout"
)
def test_a_dry_run_builds_installs_tries_out_and_lays_out(tmp_path: Path) -> None:
    """The whole of it from the last commit, but for an index and for whom to ask about vulnerabilities."""
    words = ["--dry-run", "--needs-from-here", "--without-audit", "--out", tmp_path]
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "release.py", *words],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "doctor, scan, reports, blur and verify work" in done.stdout
    assert "this installation passes the audit" in done.stdout
    (out,) = tmp_path.iterdir()
    names = {p.name for p in out.iterdir()}
    wheel, source = f"scanner-{__version__}-py3-none-any.whl", f"scanner-{__version__}.tar.gz"
    assert names == {
        wheel,
        source,
        "requirements.txt",
        "scanner.cdx.json",
        "LICENCES.md",
        "NOTES.md",
        "SHA256SUMS",
    }

    def sha256(name: str) -> str:
        return hashlib.sha256((out / name).read_bytes()).hexdigest()

    said = dict(reversed(line.split("  ")) for line in (out / "SHA256SUMS").read_text().splitlines())
    assert said == {name: sha256(name) for name in names - {"SHA256SUMS"}}
    assert f"| `{wheel}` | `{sha256(wheel)}` |" in (out / "NOTES.md").read_text()

    lock = (out / "requirements.txt").read_text()
    assert f"./{wheel} --hash=sha256:{sha256(wheel)}\n" in lock
    assert "\nnumpy==" in lock
    assert "hatchling" not in lock  # what only builds is not installed
    assert (
        json.loads((out / "scanner.cdx.json").read_text())["metadata"]["component"]["version"] == __version__
    )

    inside = set(zipfile.ZipFile(out / wheel).namelist())
    assert {
        "scanner/policy/packs/us-moratorium.toml",
        "scanner/py.typed",
        "scanner/_models/manifest.toml",
    } <= inside
    assert any(n.startswith("scanner/_models/weights/") and n.endswith(".onnx") for n in inside)
    assert not [n for n in inside if n.split("/")[0] in ("tests", "samples", "bench")]


def test_without_an_index_it_is_no_release() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "release.py", "--needs-from-here"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "proves too little" in done.stderr) == (2, True)


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
