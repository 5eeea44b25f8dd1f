"""GStreamer launch lines (`rtspsrc ! decodebin ! gvadetect model=... ! ...`), wherever they stand in text."""

import re
from collections.abc import Iterator

from scanner.inspect.tree import Node

_TOKEN = re.compile(r"""[\w:-]+="[^"]*"|[\w:-]+='[^']*'|[^\s"']+""")
_NAME = re.compile(r"[a-z][a-z0-9_]{2,40}\Z")
_PROPERTY = re.compile(r"([\w:-]+)=(.*)", re.DOTALL)
_BETWEEN = re.compile(r"(?:^|(?<=[\s\"']))!(?=[\s\"'\\]|$)")
_COMMENT = re.compile(r"\s*(?:#|//|\*|<!--|;)")
MAX_LINE = 20_000


def elements_of(text: str, offset: int = 0) -> Iterator[tuple[int, str, Node]]:
    """The elements of every launch line: the line, the line's text, and `{element: {property: value}}`.

    A line counts when an element stands next to `!`; a line that begins with a comment mark does not.
    """
    for number, line in enumerate(text.split("\n"), 1 + offset):
        if "!" not in line or len(line) > MAX_LINE or _COMMENT.match(line):
            continue
        pieces = _BETWEEN.split(line)
        for place, piece in enumerate(pieces if len(pieces) > 1 else ()):
            name, properties = _element(_TOKEN.findall(piece), last=place == 0)
            if name:
                items = tuple((k, Node(number, v, text_line=number)) for k, v in properties)
                element = Node(number, None, items) if items else Node(number, "", text_line=number)
                yield number, line, Node(number, None, ((name, element),))


def _element(tokens: list[str], *, last: bool) -> tuple[str, list[tuple[str, str]]]:
    """The element among the words of one piece: the last before the first `!`, the first after one."""
    names = [i for i, word in enumerate(tokens) if _NAME.match(word)]
    if not names:
        return "", []
    at = names[-1] if last else names[0]
    properties: list[tuple[str, str]] = []
    for word in tokens[at + 1 :]:
        if found := _PROPERTY.match(word):
            properties.append((found[1], found[2].strip("\"'")))
        elif word != "\\":
            break
    return tokens[at], properties
