"""Maven, Gradle, sbt."""

import re
from collections.abc import Iterator

from scanner.inspect.packages.entry import Entry, lines_of, maven, tree
from scanner.inspect.tree import Node

_COORDINATES = re.compile(r"""["']([\w.-]+\.[\w.-]+|[\w-]+):([\w.-]+)(?::[^"']*)?["']""")
_NAMED = re.compile(r"""group\s*[:=]\s*["']([\w.-]+)["']\s*,\s*(?:name|module)\s*[:=]\s*["']([\w.-]+)["']""")
_SBT = re.compile(r"""["']([\w.-]+)["']\s*%{1,3}\s*["']([\w.-]+)["']""")


def pom(path: str, text: str) -> Iterator[Entry]:
    """`pom.xml`: dependencies and plugins, wherever they stand."""
    for _, node in tree("xml", path, text).walk():
        artifact = node.get("artifactId")
        if artifact is not None:
            yield from maven(f"{_text(node, 'groupId')}:{_text(node, 'artifactId')}", artifact.line)


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return ((value.text if value.text is not None else value.scalar("#")) or "").strip() if value else ""


def gradle(_path: str, text: str) -> Iterator[Entry]:
    """Build scripts in Groovy or Kotlin, by their coordinates."""
    for number, line in lines_of(text, "//"):
        for pattern in (_COORDINATES, _NAMED):
            for match in pattern.finditer(line):
                yield from maven(f"{match.group(1)}:{match.group(2)}", number)


def catalog(path: str, text: str) -> Iterator[Entry]:
    """Version catalogs: `libs.versions.toml`."""
    root = tree("toml", path, text)
    libraries = root.get("libraries")
    for _, node in libraries.items if libraries else ():
        name = node.text or node.scalar("module") or f"{node.scalar('group')}:{node.scalar('name')}"
        yield from maven(":".join(name.split(":")[:2]), node.line)


def sbt(_path: str, text: str) -> Iterator[Entry]:
    """`build.sbt`."""
    for number, line in lines_of(text, "//"):
        for match in _SBT.finditer(line):
            yield from maven(f"{match.group(1)}:{match.group(2)}", number)
