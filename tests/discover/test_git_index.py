"""What git tracks is looked at, whatever a .gitignore says; read from the index that git itself writes."""

import os
import subprocess
from pathlib import Path

import pytest

from scanner.discover.git_index import read_tracked
from scanner.discover.walk import walk

GIT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *words: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *words]
    subprocess.run(command, check=True, capture_output=True, env=GIT)


def repository(folder: Path, *options: str) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", *options)
    for name in ("kept.py", "weights/face.onnx", "weights/loose.bin", "notes.log", "naïve name.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (folder / ".gitignore").write_text("weights/\n*.log\n")
    git(folder, "add", "-f", "weights/face.onnx", "kept.py", "naïve name.txt")
    return folder


def seen(folder: Path) -> dict[str, str]:
    return {found.path: found.skipped for found in walk(folder)}


def check(folder: Path) -> None:
    left = seen(folder)
    assert left["weights/face.onnx"] == ""
    assert left["kept.py"] == left["naïve name.txt"] == ""
    assert left["weights/loose.bin"] == "ignored by .gitignore"
    assert left["notes.log"] == "ignored by .gitignore"


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_a_tracked_file_is_looked_at_though_ignored(tmp_path: Path, version: str) -> None:
    folder = repository(tmp_path / "r")
    if version == "3":
        # An intent to add needs the flags that version 3 brought.
        (folder / "later.py").write_text("x")
        git(folder, "add", "-N", "later.py")
    git(folder, "update-index", "--index-version", version)
    assert (folder / ".git" / "index").read_bytes()[7] == int(version)
    check(folder)


def test_many_names_with_common_starts(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    names = [f"pack-{n % 7}/{'deep/' * (n % 5)}file-{n}.txt" for n in range(400)]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    git(folder, "add", ".")
    for version in ("4", "2"):
        git(folder, "update-index", "--index-version", version)
        tracked = read_tracked(folder)
        assert tracked is not None
        assert all(tracked.holds(name) for name in names)
        assert len(tracked.names) == len(names) + 4


def test_a_folder_of_a_work_tree_counts_from_its_root(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    (folder / "weights" / ".gitignore").write_text("*\n")
    left = seen(folder / "weights")
    assert left["face.onnx"] == ""
    assert left["loose.bin"] == "ignored by .gitignore"


def test_a_work_tree_inside_another_has_its_own_index(tmp_path: Path) -> None:
    outer = repository(tmp_path / "r")
    repository(outer / "inner")
    left = seen(outer)
    assert left["inner/weights/face.onnx"] == ""
    assert left["inner/weights/loose.bin"] == "ignored by .gitignore"


def test_a_linked_work_tree_names_its_git_folder(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    git(folder, "add", ".gitignore")
    git(folder, "commit", "-qm", "first")
    git(folder, "worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked" / "weights" / "loose.bin").write_text("x")
    left = seen(tmp_path / "linked")
    assert left["weights/face.onnx"] == ""
    assert left["weights/loose.bin"] == "ignored by .gitignore"


@pytest.mark.parametrize("harm", ["split", "cut", "noise", "sha256"])
def test_an_index_that_cannot_be_read_hides_nothing(tmp_path: Path, harm: str) -> None:
    folder = repository(tmp_path / "r", *(["--object-format=sha256"] if harm == "sha256" else []))
    index = folder / ".git" / "index"
    if harm == "split":
        git(folder, "update-index", "--split-index")
    elif harm == "cut":
        index.write_bytes(index.read_bytes()[:100])
    elif harm == "noise":
        index.write_bytes(b"\xff" * 4000)
    assert read_tracked(folder) is None
    assert set(seen(folder).values()) == {"", "version control data"}


def test_all_of_it_is_looked_at_on_demand(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    for place in (folder, folder / "weights"):
        found = {f.path: f.skipped for f in walk(place, gitignore=False)}
        assert set(found.values()) <= {"", "version control data"}
