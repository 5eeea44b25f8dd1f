"""Packages that the tasks of a playbook install: the modules of package managers, by their last name."""

from collections.abc import Callable, Iterator

from scanner.errors import LimitError, UnreadableError
from scanner.inspect.packages.commands import deb, plain
from scanner.inspect.packages.commands import npm_argument as npm
from scanner.inspect.packages.entry import Entry
from scanner.inspect.packages.python import requirement
from scanner.inspect.tree import Node, read_document

_MODULES: dict[str, Callable[[str, int], tuple[Entry, ...]]] = {
    "pip": requirement,
    "apt": deb,
    "package": deb,
    "apk": plain("apk", "alpine"),
    "dnf": plain("rpm"),
    "yum": plain("rpm"),
    "npm": npm,
    "gem": plain("gem"),
    "homebrew": plain("generic"),
}
_KEYS = ("name", "pkg", "package", "deb")


def tasks(path: str, text: str) -> Iterator[Entry]:
    """Every task that installs something; a file that is no YAML is the affair of who reads its settings."""
    try:
        documents = read_document("yaml", path, text)
    except (UnreadableError, LimitError):
        return
    for document in documents:
        for trail, node in document.walk():
            make = _MODULES.get(trail[-1].rpartition(".")[2]) if trail else None
            if make is not None and node.is_map and node.scalar("state") != "absent":
                for name in _names(node):
                    yield from make(name.text or "", name.line)


def _names(module: Node) -> Iterator[Node]:
    for key in _KEYS:
        value = module.get(key)
        if value is not None and value.text:
            yield value
        elif value is not None:
            yield from (item for _, item in value.items if item.text)
