"""Chooses the reader by kind, and forgives what templates do to a format."""

import re
from collections.abc import Callable

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.inspect.tree.from_bicep import read_bicep
from scanner.inspect.tree.from_braces import read_braces
from scanner.inspect.tree.from_hcl import read_hcl
from scanner.inspect.tree.from_json import read_json
from scanner.inspect.tree.from_lines import read_ini, read_toml
from scanner.inspect.tree.from_xml import read_xml
from scanner.inspect.tree.from_yaml import read_yaml
from scanner.inspect.tree.node import MAX_NODES, Node, too_large

MAX_BYTES = 4 * 2**20
"""The largest document that is read as a tree; configuration is small."""
MAX_DATA_BYTES = 16 * 2**20
"""The same for the languages that programs write as well (a state file, an export)."""

Reader = Callable[[str, str, int], tuple[Node, ...]]

READERS: dict[str, Reader] = {
    "yaml": read_yaml,
    "json": read_json,
    "toml": read_toml,
    "xml": read_xml,
    "hcl": read_hcl,
    "bicep": read_bicep,
    "ini": read_ini,
    "properties": read_ini,
    "braces": read_braces,
    "text": read_ini,
}

_SECTION = re.compile(r"\s*\[[\w .:-]+\]\s*(?:[#;\n]|$)")
_ASSIGNMENT = re.compile(r"\s*[\w.:-]+\s*=")
_BRACES = re.compile(r"^[a-z_]+ {0,8}:? {0,8}\{ *$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*(?:\{\{-?[^}\n]*\}\}|\{%[^\n]*%\})[ \t]*$", re.MULTILINE)
_INLINE = re.compile(r"\{\{[^{}\n]{0,500}\}\}|\{%[^\n%]*%\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_tree(artifact: Artifact) -> tuple[Node, ...]:
    """Read an artifact as a tree, one node a document.

    Raises:
        UnreadableError: it is not of its language.
        LimitError: it is too large, too deep, or would be once its aliases are expanded.
    """
    limit = MAX_DATA_BYTES if artifact.kind in ("json", "yaml", "xml") else MAX_BYTES
    if artifact.size > limit:
        raise LimitError(
            f"{artifact.path} is larger than {limit // 2**20} MiB and was not read as {artifact.kind}."
        )
    return read_document(_language(artifact), artifact.path, artifact.text)


def _language(artifact: Artifact) -> str:
    """The kind, told apart further where two languages share a suffix."""
    if artifact.name.endswith(".bicep"):
        return "bicep"
    if artifact.kind in ("text", "ini", "yaml") and _BRACES.search(artifact.text):
        return "braces"
    return artifact.kind


def read_document(kind: str, path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read a text of a kind; see `read_tree` for what is raised."""
    try:
        documents = READERS[kind](path, text, offset)
    except LimitError:
        raise
    except UnreadableError:
        if kind != "yaml" or not (_INLINE.search(text) or _CONTROL.search(text)):
            raise
        documents = read_yaml(path, _without_templates(text), offset)
    if sum(document.size for document in documents) > MAX_NODES:
        raise too_large(path)
    return documents


def _without_templates(text: str) -> str:
    """Blank the lines that only steer a template, put a word for what it fills in; no line moves."""
    text = _CONTROL.sub(" ", text)
    return _INLINE.sub("template", _DIRECTIVE.sub("", text))


def read_embedded(path: str, node: Node) -> tuple[Node, ...]:
    """Read a configuration that stands as text inside another; nothing where it is none."""
    text = node.text or ""
    for kind in _kinds_of(text.lstrip()):
        try:
            found = read_document(kind, path, text, node.text_line - 1)
        except LimitError:
            raise
        except UnreadableError:
            continue
        if kind == "ini" and not _only_settings(text):
            continue
        if any(document.text is None for document in found):
            return found
    return ()


def _kinds_of(start: str) -> tuple[str, ...]:
    if _SECTION.match(start):
        return ("ini",)
    if start[:1] in ("{", "["):
        return ("json", "yaml")
    if start[:1] == "<":
        return ("xml",)
    return ("braces",) if _BRACES.search(start) else ("yaml", "ini")


def _only_settings(text: str) -> bool:
    """Whether a text is made of settings alone: a script sets variables too, but does not stop there."""
    lines = [line for line in text.split("\n") if line.strip() and line.strip()[0] not in "#;"]
    return bool(lines) and all(_SECTION.match(line) or _ASSIGNMENT.match(line) for line in lines)
