"""Reads protobuf's text format (`name { key: value }`), in which Triton and DeepStream are configured."""

import re

from scanner.inspect.tree.node import MAX_DEPTH, Node, branch, too_deep

_OPEN = re.compile(r"\s*([\w-]+)\s*:?\s*\{\s*$")
_SETTING = re.compile(r"\s*([\w-]+)\s*:\s*(.+?)\s*$")


def read_braces(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read blocks and settings; a line that is neither is passed over.

    Raises:
        LimitError: nested deeper or larger than a document may be.
    """
    stack: list[tuple[str, int, list[tuple[str, Node]]]] = [("", 1 + offset, [])]
    for number, line in enumerate(text.split("\n"), 1 + offset):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if opened := _OPEN.match(line):
            if len(stack) > MAX_DEPTH:
                raise too_deep(path)
            stack.append((opened[1], number, []))
        elif stripped == "}" and len(stack) > 1:
            name, begun, items = stack.pop()
            stack[-1][2].append((name, branch(path, begun, items, is_list=False)))
        elif (setting := _SETTING.match(line)) and not setting[2].endswith("{"):
            stack[-1][2].append((setting[1], Node(number, setting[2].strip("\"'"), text_line=number)))
    while len(stack) > 1:
        name, begun, items = stack.pop()
        stack[-1][2].append((name, branch(path, begun, items, is_list=False)))
    return (branch(path, 1 + offset, stack[0][2], is_list=False),)
