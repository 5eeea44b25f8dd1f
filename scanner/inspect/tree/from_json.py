"""Reads JSON with the place of every value; comments and trailing commas, as editors allow, are let pass."""

import re
from dataclasses import dataclass, field

from scanner.inspect.tree.node import MAX_DEPTH, Node, branch, damaged, too_deep

_TOKEN = re.compile(
    r"""(?P<skip>(?:\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)+)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<mark>[\[\]{},:])
    |(?P<word>[^\s\[\]{},:"'/\#]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(slots=True)
class _Open:
    line: int
    is_list: bool
    items: list[tuple[str, Node]] = field(default_factory=list)
    key: str | None = None


def read_json(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read one or more JSON values (a file of JSON lines holds many).

    Args:
        path: The artifact's, for messages.
        text: The whole text.
        offset: How many lines stand before it in the artifact.

    Raises:
        UnreadableError: not JSON.
        LimitError: nested deeper or larger than a document may be.
    """
    documents: list[Node] = []
    stack: list[_Open] = []
    line, at, size = 1 + offset, 0, 0

    def add(node: Node) -> None:
        if not stack:
            documents.append(node)
        elif stack[-1].is_list:
            stack[-1].items.append(("", node))
        elif stack[-1].key is None:
            if node.text is None:
                raise damaged(path, "JSON", node.line, "a key that is not a string")
            stack[-1].key = node.text
        else:
            stack[-1].items.append((stack[-1].key, node))
            stack[-1].key = None

    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise damaged(path, "JSON", line, "a character that may not stand there")
        at, piece = found.end(), found.group()
        match found.lastgroup:
            case "skip":
                line += piece.count("\n")
            case "string":
                add(Node(line, _unescape(piece[1:-1]), text_line=line))
                size += 1
            case "word":
                add(Node(line, piece, text_line=line))
                size += 1
            case _ if piece in "[{":
                if len(stack) >= MAX_DEPTH:
                    raise too_deep(path)
                stack.append(_Open(line, piece == "["))
            case _ if piece in "]}":
                if not stack or stack[-1].is_list != (piece == "]"):
                    raise damaged(path, "JSON", line, f"a {piece} that closes nothing")
                top = stack.pop()
                add(branch(path, top.line, top.items, is_list=top.is_list))
    if stack:
        raise damaged(path, "JSON", line, "the text ends too early")
    return tuple(documents)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    mark = match.group(1)
    if len(mark) == 5:
        return chr(int(mark[1:], 16))
    return _SHORT.get(mark, mark)
