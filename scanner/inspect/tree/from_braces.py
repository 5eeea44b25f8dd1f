"""Reads protobuf's text format (`name { key: value }`), in which Triton and DeepStream are configured."""

import io
import re

from scanner.inspect.tree.node import MAX_DEPTH, Counter, Node, branch, too_deep

_OPEN = re.compile(r"\s*([\w-]+)\s*:?\s*\{\s*$")
_SETTING = re.compile(r"\s*([\w-]+)\s*:(.*)$")


def read_braces(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read blocks and settings; a line that is neither is passed over.

    Raises:
        LimitError: nested deeper or larger than a document may be.
    """
    counter = Counter(path)
    stack: list[tuple[str, int, list[tuple[str, Node]]]] = [("", 1 + offset, [])]
    for number, line in enumerate(io.StringIO(text), 1 + offset):
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
        elif stripped and (setting := _SETTING.match(line)) and not setting[2].rstrip().endswith("{"):
            counter.one_more()
            stack[-1][2].append((setting[1], Node(number, setting[2].strip().strip("\"'"), text_line=number)))
    while len(stack) > 1:
        name, begun, items = stack.pop()
        stack[-1][2].append((name, branch(path, begun, items, is_list=False)))
    return (branch(path, 1 + offset, stack[0][2], is_list=False),)
