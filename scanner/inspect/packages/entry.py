"""A dependency: a package URL without version, and the line that names it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packageurl import PackageURL

from scanner.inspect.tree import Node, read_document


@dataclass(frozen=True, slots=True)
class Entry:
    """One package, and the line (from 1) where it stands or where what holds it begins."""

    purl: str
    line: int


def entry(kind: str, name: str, line: int, *, namespace: str = "", subpath: str = "") -> tuple[Entry, ...]:
    """Make an entry, with its name as its ecosystem writes it; nothing for a name that is none."""
    try:
        url = PackageURL(kind, namespace or None, name.strip(), subpath=subpath or None)
    except ValueError:
        return ()
    return (Entry(url.to_string(), line),) if url.name else ()


def pypi(name: str, line: int) -> tuple[Entry, ...]:
    """Name a Python package; runs of `-`, `_` and `.` are one `-`."""
    return entry("pypi", re.sub(r"[-_.]+", "-", name), line)


def npm(name: str, line: int) -> tuple[Entry, ...]:
    """Name an npm package, with its scope as namespace."""
    scope, _, rest = name.rpartition("/")
    return entry("npm", rest, line, namespace=scope)


def maven(name: str, line: int) -> tuple[Entry, ...]:
    """Name a Maven artifact `group:artifact`."""
    group, _, artifact = name.partition(":")
    return entry("maven", artifact, line, namespace=group) if artifact else ()


def pathed(kind: str, path: str, line: int) -> tuple[Entry, ...]:
    """Name a package by its path (`github.com/owner/name`)."""
    namespace, _, name = path.strip("/").removesuffix(".git").rpartition("/")
    return entry(kind, name, line, namespace=namespace)


def repository(address: str) -> str:
    """Give `github.com/owner/name` of a repository's address; nothing where it is none."""
    match = re.search(
        r"(?:://(?:[^@/\s]+@)?|git@|gh:|^)([\w.-]+\.\w+)[:/]([\w./~-]+?)(?:\.git)?(?:[@#?].*)?$", address
    )
    return f"{match.group(1)}/{match.group(2)}" if match else ""


def lines_of(text: str, comment: str = "") -> list[tuple[int, str]]:
    """Give the lines with their numbers, without comments, blank ones left out."""
    pattern = re.compile(rf"(^|\s){comment}.*") if comment else None
    stripped = (
        (n, (pattern.sub("", line) if pattern else line).strip())
        for n, line in enumerate(text.split("\n"), 1)
    )
    return [(n, line) for n, line in stripped if line]


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give each line, those that a backslash continues as one, with the number of the first."""
    start = 1
    parts: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.rstrip()
        start = start if parts else number
        # A comment inside a continued command does not end it.
        if stripped.endswith("\\") or (parts and stripped.lstrip().startswith("#")):
            parts.append(stripped.rstrip("\\") if stripped.endswith("\\") else "")
            continue
        yield start, " ".join([*parts, stripped])
        parts = []
    if parts:
        yield start, " ".join(parts)


def tree(kind: str, path: str, text: str) -> Node:
    """Read a document's first tree; an empty one where it holds nothing."""
    documents = read_document(kind, path, text)
    return documents[0] if documents else Node(1)


def at(node: Node | None, *keys: str) -> Node:
    """Walk down keys; an empty node where one is missing."""
    for key in keys:
        node = node.get(key) if node is not None else None
    return node if node is not None else Node(1)
