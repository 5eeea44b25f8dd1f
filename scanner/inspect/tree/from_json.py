"""Reads JSON with the place of every value; comments and trailing commas, as editors allow, are let pass."""

import re
from dataclasses import dataclass, field

from scanner.inspect.tree.node import MAX_DEPTH, Counter, Node, branch, damaged, too_deep

# Possessive where it can be: nothing is tried twice, so that time and memory grow with the text alone. Never
# around a group that could backtrack: Python before 3.11.5 (Debian 12 has 3.11.2) matches those wrongly.
_TOKEN = re.compile(
    r"""(?P<skip>\s++|//[^\n]*+|\#[^\n]*+|/\*.*?\*/)
    |(?P<string>"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+')
    |(?P<mark>[\[\]{},:])
    |(?P<word>[^\s\[\]{},:"'/\#]++)""",
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


class _Builder:
    def __init__(self, path: str) -> None:
        self.path = path
        self.counter = Counter(path)
        self.documents: list[Node] = []
        self.stack: list[_Open] = []

    def add(self, node: Node) -> None:
        self.counter.one_more()
        if not self.stack:
            self.documents.append(node)
            return
        top = self.stack[-1]
        if top.is_list:
            top.items.append(("", node))
        elif top.key is None:
            if node.text is None:
                raise damaged(self.path, "JSON", node.line, "a key that is not a string")
            top.key = node.text
        else:
            top.items.append((top.key, node))
            top.key = None

    def open(self, line: int, *, is_list: bool) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise too_deep(self.path)
        self.stack.append(_Open(line, is_list))

    def close(self, line: int, *, is_list: bool) -> None:
        if not self.stack or self.stack[-1].is_list != is_list:
            raise damaged(self.path, "JSON", line, "a bracket that closes nothing")
        top = self.stack.pop()
        self.add(branch(self.path, top.line, top.items, is_list=top.is_list))


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
    builder = _Builder(path)
    line, at = 1 + offset, 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise damaged(path, "JSON", line, "a character that may not stand there")
        at, piece = found.end(), found.group()
        match found.lastgroup:
            case "skip":
                line += piece.count("\n")
            case "string":
                builder.add(Node(line, _unescape(piece[1:-1]), text_line=line))
            case "word":
                builder.add(Node(line, piece, text_line=line))
            case _ if piece in "[{":
                builder.open(line, is_list=piece == "[")
            case _ if piece in "]}":
                builder.close(line, is_list=piece == "]")
    if builder.stack:
        raise damaged(path, "JSON", line, "the text ends too early")
    return tuple(builder.documents)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    # Two escapes may make one character; half of one is none.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(match: re.Match[str]) -> str:
    mark = match.group(1)
    if len(mark) == 5:
        return chr(int(mark[1:], 16))
    return _SHORT.get(mark, mark)
