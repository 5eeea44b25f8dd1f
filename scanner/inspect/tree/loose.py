"""Reads what can be told of a damaged document, so that damage hides nothing that stands plainly in it."""

import re

from scanner.discover.artifact import Artifact
from scanner.inspect.tree.node import MAX_DEPTH, Node, branch, too_deep

_LOOSE = re.compile(r"([ \t]*(?:- +)?)([\w.\"'-]+)\s*:(?:\s+(.*))?$")


def read_loosely(artifact: Artifact) -> Node:
    """Give what can be told of a damaged document: its `key: value` lines, by their indentation.

    For YAML that its own product reads and no parser does; the damage is still reported.
    """
    root: list[tuple[str, Node]] = []
    stack: list[tuple[int, list[tuple[str, Node]]]] = [(-1, root)]
    opened: list[tuple[list[tuple[str, Node]], int, str, int, list[tuple[str, Node]]]] = []
    for number, line in enumerate(artifact.text.split("\n"), 1):
        found = _LOOSE.match(line)
        if found is None:
            continue
        indent, key, value = (
            len(found[1]),
            found[2].strip("\"'"),
            (found[3] or "").strip().rstrip(",").strip("\"'"),
        )
        while stack[-1][0] >= indent:
            stack.pop()
        holder = stack[-1][1]
        if value in ("", "{", "["):
            if len(stack) > MAX_DEPTH:
                raise too_deep(artifact.path)
            inner: list[tuple[str, Node]] = []
            opened.append((holder, len(holder), key, number, inner))
            holder.append((key, Node(number)))
            stack.append((indent, inner))
        else:
            holder.append((key, Node(number, value, text_line=number)))
    for holder, at, key, number, inner in reversed(opened):
        holder[at] = (key, branch(artifact.path, number, inner, is_list=False))
    return branch(artifact.path, 1, root, is_list=False)
