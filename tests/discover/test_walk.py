import os
from pathlib import Path

import pytest

from scanner.discover.walk import Found, walk
from scanner.errors import UsageError


def seen(folder: Path) -> dict[str, str]:
    return {f.path: f.skipped for f in walk(folder)}


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_ignored_files_are_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    tree(
        tmp_path,
        {".gitignore": "build/\n*.log\n!keep.log\n", "build/x": "", "a.log": "", "keep.log": "", "a.py": ""},
    )
    assert seen(tmp_path) == {
        ".git/": "version control data",
        ".gitignore": "",
        "a.log": "ignored by .gitignore",
        "a.py": "",
        "build/": "ignored by .gitignore",
        "keep.log": "",
    }


def test_outside_a_git_work_tree_gitignore_hides_nothing(tmp_path: Path) -> None:
    tree(tmp_path, {".gitignore": "*.log\n", "a.log": ""})
    assert seen(tmp_path) == {".gitignore": "", "a.log": ""}


def test_an_inner_ignore_file_decides_over_an_outer_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    tree(tmp_path, {".gitignore": "*.log\n", "in/.gitignore": "!a.log\n", "in/a.log": "", "b.log": ""})
    assert seen(tmp_path)["in/a.log"] == ""
    assert seen(tmp_path)["b.log"] == "ignored by .gitignore"


def test_scannerignore_works_like_gitignore(tmp_path: Path) -> None:
    tree(tmp_path, {".scannerignore": "vendor/\n", "vendor/a.py": ""})
    assert seen(tmp_path)["vendor/"] == "ignored by .scannerignore"


def test_links_are_not_followed_even_in_a_circle(tmp_path: Path) -> None:
    tree(tmp_path, {"d/a.py": ""})
    (tmp_path / "d" / "up").symlink_to(tmp_path)
    (tmp_path / "out").symlink_to("/etc/passwd")
    assert seen(tmp_path) == {
        "d/a.py": "",
        "d/up": "symbolic link, not followed",
        "out": "symbolic link, not followed",
    }


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p")
    assert seen(tmp_path) == {"p": "not a regular file (pipe)"}


def test_the_order_does_not_depend_on_the_file_system(tmp_path: Path) -> None:
    tree(tmp_path, {f"{c}/{n}": "" for c in "zab" for n in "321"})
    paths = [f.path for f in walk(tmp_path)]
    assert paths == sorted(paths)


def test_a_missing_target_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list(walk(tmp_path / "no"))


def test_folders_without_end_do_not_end_the_walk(tmp_path: Path) -> None:
    deep = tmp_path / "a"
    for _ in range(300):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "x.py").write_text("1")
    (tmp_path / "z.py").write_text("1")
    left_out, healthy = walk(tmp_path)
    assert left_out.skipped == "cannot be listed: folders nested deeper than 250"
    assert healthy == Found("z.py", str(tmp_path / "z.py"))
