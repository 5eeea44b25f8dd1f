"""Environment variables, in the many ways that files set them, as one mapping of names to values."""

import re

from scanner.inspect.tree import Node

_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.:-]*)=(.*)", re.DOTALL)
_HOLDERS = frozenset({"environment", "env", "environment_vars", "envvars", "envfrom"})


def environment_of(key: str, node: Node) -> Node | None:
    """The variables that a key of a compose file, a manifest or a playbook sets.

    Args:
        key: The key that holds `node` (`environment`, `env`).
        node: A mapping, a list of `NAME=value`, or a list of `{name, value}`.
    """
    if key.casefold() not in _HOLDERS:
        return None
    if node.is_map:
        return node if any(value.text is not None for _, value in node.items) else None
    found: list[tuple[str, Node]] = []
    for _, entry in node.items:
        if entry.text is not None and (match := _ASSIGNMENT.match(entry.text)):
            found.append((match[1], Node(entry.line, match[2].strip("\"'"), text_line=entry.line)))
        elif entry.is_map and entry.scalar("name"):
            value = entry.scalar("value")
            found.append((entry.scalar("name"), Node(entry.line, value, text_line=entry.line)))
    return Node(node.line, None, tuple(found)) if found else None


def is_environment_file(root: Node, name: str) -> bool:
    """Whether a file of settings is one of variables: named so, without sections."""
    lower = name.casefold()
    named = lower == ".env" or lower.startswith(".env.") or lower.endswith((".env", ".envrc"))
    return named and bool(root.items) and all(value.text is not None for _, value in root.items)
