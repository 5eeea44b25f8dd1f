"""Reads the resources of a Bicep file: `resource name 'Type@version' = { key: 'value' }`."""

import io
import re

from scanner.inspect.tree.node import Node, branch

_RESOURCE = re.compile(r"^\s*resource\s+\w+\s+'([^']+)'(?:\s+existing)?\s*=")
_SETTING = re.compile(r"^\s*([\w-]+)\s*:\s*'([^']*)'")
_MARKS = re.compile(r"'(?:[^'\\]|\\.)*'|//.*|[{}]")


def read_bicep(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Give each resource as a mapping of its type and its string settings, nested ones among them."""
    resources: list[tuple[str, Node]] = []
    settings: list[tuple[str, Node]] = []
    begun, depth = 0, 0
    for number, line in enumerate(io.StringIO(text), 1 + offset):
        if not begun and (head := _RESOURCE.match(line)):
            begun, depth = number, 0
            settings = [("type", Node(number, head[1], text_line=number))]
        elif begun and (setting := _SETTING.match(line)):
            settings.append((setting[1], Node(number, setting[2], text_line=number)))
        if begun:
            marks = [m for m in _MARKS.findall(line) if m in "{}"]
            depth += marks.count("{") - marks.count("}")
            if marks and depth <= 0:
                resources.append(("", branch(path, begun, settings, is_list=False)))
                begun = 0
    body = branch(path, 1 + offset, resources, is_list=True)
    return (branch(path, 1 + offset, [("resources", body)], is_list=False),)
