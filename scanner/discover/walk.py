"""Walks a target: every file is named once, and what is left out is named with its reason."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from scanner.discover.git_index import Tracked, read_tracked
from scanner.errors import UsageError

IMAGE_FILES = frozenset({"oci-layout", "index.json"})
"""A folder with these is a container image (an OCI layout), read as a whole."""
_OWN = {".git": "version control data", ".hg": "version control data", ".svn": "version control data"}


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a target, or (with `skipped`) something left out and why.

    A folder that is a container image counts as one file.

    `path` is relative to the target, with `/`; undecodable names keep their bytes (surrogateescape). An
    object of a store has its URL as `local`, its size, and a mark that is another when its content is.
    """

    path: str
    local: str
    skipped: str = ""
    size: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Ignore:
    base: str
    spec: GitIgnoreSpec
    name: str


@dataclass(frozen=True, slots=True)
class _WorkTree:
    """A git work tree on the way: where paths of the walk lie in it, and what it tracks."""

    cut: int
    above: str
    tracked: Tracked | None

    def leaves_out(self, path: str) -> bool:
        """Whether git would leave out a path that a `.gitignore` names: not what it tracks."""
        return self.tracked is not None and not self.tracked.holds(self.above + path[self.cut :])


DEPTH = 250
"""Folders nested deeper are not entered: the walk calls itself for each, and a path has an end as well."""
_ALL = _WorkTree(0, "", None)
"""Of which nothing is left out."""


def walk(target: Path, *, gitignore: bool = True) -> Iterator[Found]:
    """Give every file of a folder (or the file itself) in a fixed order.

    Args:
        target: A folder or a file.
        gitignore: Whether to leave out what a `.gitignore` names.

    `.scannerignore` files count wherever they lie, `.gitignore` files only in a git work tree and only of
    what git does not track: in an export, what they name may be part of what is audited. Links are not
    followed.

    Raises:
        UsageError: the target does not exist.
    """
    if not target.exists():
        raise UsageError(f"{target} does not exist.", "Name a folder, a file or an archive.")
    if not target.is_dir():
        yield Found(target.name, str(target))
        return
    yield from _folder(str(target), "", (), _work_tree_of(target) if gitignore else _ALL)


def _work_tree_of(target: Path) -> _WorkTree | None:
    """The work tree that a target lies in, below its root; at a root, the walk sees it itself."""
    whole = target.resolve()
    for folder in whole.parents if not (whole / ".git").exists() else ():
        if (folder / ".git").exists():
            return _WorkTree(0, whole.relative_to(folder).as_posix() + "/", read_tracked(folder))
    return None


def _folder(
    folder: str, prefix: str, ignores: tuple[_Ignore, ...], tree: _WorkTree | None
) -> Iterator[Found]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda e: e.name)
    except OSError as error:
        yield Found(prefix.rstrip("/") or ".", folder, f"cannot be listed: {error.strerror}")
        return
    names = {e.name for e in entries}
    if names >= IMAGE_FILES:
        yield Found(prefix.rstrip("/") or os.path.basename(folder), folder)  # noqa: PTH119 - see Found
        return
    if ".git" in names and tree is not _ALL:
        tree = _WorkTree(len(prefix), "", read_tracked(Path(folder)))
    for name in (".gitignore", ".scannerignore") if tree else (".scannerignore",):
        if name in names:
            ignores = (*ignores, *_read_ignore(Path(folder, name), prefix, name))
    for entry in entries:
        path = prefix + entry.name
        local = entry.path
        if entry.is_symlink():
            yield Found(path, local, "symbolic link, not followed")
        elif entry.is_dir(follow_symlinks=False):
            reason = _OWN.get(entry.name) or _ignored(path + "/", ignores, tree) or _too_deep(path)
            if reason:
                yield Found(path + "/", local, reason)
            else:
                yield from _folder(local, path + "/", ignores, tree)
        elif not entry.is_file(follow_symlinks=False):
            yield Found(path, local, f"not a regular file ({_what(entry)})")
        elif reason := _ignored(path, ignores, tree):
            yield Found(path, local, reason)
        else:
            yield Found(path, local)


def _too_deep(path: str) -> str:
    return f"cannot be listed: folders nested deeper than {DEPTH}" if path.count("/") >= DEPTH else ""


def _read_ignore(file: Path, prefix: str, name: str) -> Iterator[_Ignore]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    yield _Ignore(prefix, GitIgnoreSpec.from_lines(lines), name)


def _ignored(path: str, ignores: tuple[_Ignore, ...], tree: _WorkTree | None) -> str:
    # The innermost file that says anything about the path decides, as in git.
    for ignore in reversed(ignores):
        result = ignore.spec.check_file(path[len(ignore.base) :])
        if result.include and ignore.name == ".gitignore" and not (tree and tree.leaves_out(path)):
            continue  # git tracks it all the same
        if result.include is not None:
            return f"ignored by {ignore.name}" if result.include else ""
    return ""


def _what(entry: os.DirEntry[str]) -> str:
    mode = entry.stat(follow_symlinks=False).st_mode
    for test, word in (
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "device"),
        (stat.S_ISCHR, "device"),
    ):
        if test(mode):
            return word
    return "special"
