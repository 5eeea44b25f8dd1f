"""Reads YAML, JSON, TOML, XML and INI to one plain tree that knows where everything stands."""

from scanner.inspect.tree.loose import read_loosely
from scanner.inspect.tree.node import MAX_DEPTH, MAX_NODES, Node, Path, pointer_of
from scanner.inspect.tree.read import MAX_BYTES, read_document, read_embedded, read_tree

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Node",
    "Path",
    "pointer_of",
    "read_document",
    "read_embedded",
    "read_loosely",
    "read_tree",
]
