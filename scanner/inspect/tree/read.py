"""Chooses the reader by kind, and forgives what templates do to a format."""

import re
from collections.abc import Callable

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.inspect.tree.from_bicep import read_bicep
from scanner.inspect.tree.from_hcl import read_hcl
from scanner.inspect.tree.from_json import read_json
from scanner.inspect.tree.from_lines import read_ini, read_toml
from scanner.inspect.tree.from_xml import read_xml
from scanner.inspect.tree.from_yaml import read_yaml
from scanner.inspect.tree.node import MAX_NODES, Node, too_large

MAX_BYTES = 16 * 2**20
"""The largest document that is read as a tree; configuration is small."""

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
    "text": read_ini,
}

_DIRECTIVE = re.compile(r"^[ \t]*(?:\{\{-?[^}\n]*\}\}|\{%[^\n]*%\})[ \t]*$", re.MULTILINE)
_INLINE = re.compile(r"\{\{[^}\n]*\}\}|\{%[^\n%]*%\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_tree(artifact: Artifact) -> tuple[Node, ...]:
    """Read an artifact as a tree, one node a document.

    Raises:
        UnreadableError: it is not of its language.
        LimitError: it is too large, too deep, or would be once its aliases are expanded.
    """
    if artifact.size > MAX_BYTES:
        raise LimitError(
            f"{artifact.path} is larger than {MAX_BYTES // 2**20} MiB and was not read as {artifact.kind}."
        )
    kind = "bicep" if artifact.name.endswith(".bicep") else artifact.kind
    return read_document(kind, artifact.path, artifact.text)


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
    start = text.lstrip()
    if start[:1] in ("{", "["):
        kinds = ("json", "yaml") if not re.match(r"\[[\w .-]+\]\s*$", start.split("\n", 1)[0]) else ("ini",)
    elif start.startswith("<"):
        kinds = ("xml",)
    else:
        kinds = ("yaml", "ini")
    for kind in kinds:
        try:
            found = read_document(kind, path, text, node.text_line - 1)
        except LimitError:
            raise
        except UnreadableError:
            continue
        if any(document.text is None for document in found):
            return found
    return ()
