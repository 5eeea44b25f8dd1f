"""Reads YAML by its events: nothing is constructed, an alias is a reference, a tag is kept as text."""

import re
from dataclasses import dataclass, field

import yaml

from scanner.errors import UnreadableError
from scanner.inspect.tree.node import (
    MAX_DEPTH,
    MAX_NODES,
    Counter,
    Node,
    branch,
    damaged,
    too_deep,
    too_large,
)

_HEADER = re.compile(r"\A%YAML:1\.0")
"""How OpenCV's own YAML begins, which no YAML does."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    line: int
    is_list: bool
    tag: str
    anchor: str | None
    items: list[tuple[str, Node]] = field(default_factory=list)
    key: str | None = None


class _Builder:
    def __init__(self, path: str, offset: int) -> None:
        self.path = path
        self.offset = offset
        self.counter = Counter(path)
        self.documents: list[Node] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}

    def feed(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.anchors.clear()
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(self.stack) >= MAX_DEPTH:
                    raise too_deep(self.path)
                is_list = isinstance(event, yaml.SequenceStartEvent)
                self.stack.append(_Open(self._line(event), is_list, _tag(event.tag), event.anchor))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                top = self.stack.pop()
                items = top.items if top.is_list else _merged(self.path, top.items)
                node = branch(self.path, top.line, items, is_list=top.is_list, tag=top.tag)
                self._name(top.anchor, node)
                self._add(node)
            case yaml.ScalarEvent():
                line = self._line(event)
                below = 1 if event.style in ("|", ">") else 0
                node = Node(line, event.value, tag=_tag(event.tag), text_line=line + below)
                self._name(event.anchor, node)
                self._add(node)
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    raise damaged(self.path, "YAML", self._line(event), "an alias to nothing or to itself")
                self._add(self.anchors[event.anchor])

    def _line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return (mark.line if mark is not None else 0) + 1 + self.offset

    def _name(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self.anchors[anchor] = node

    def _add(self, node: Node) -> None:
        self.counter.one_more()
        if not self.stack:
            self.documents.append(node)
            return
        top = self.stack[-1]
        if top.is_list:
            top.items.append(("", node))
        elif top.key is None:
            top.key = node.text if node.text is not None else "?"
        else:
            top.items.append((top.key, node))
            top.key = None


def _merged(path: str, items: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
    """Put in what `<<` brings; what stands here goes before it."""
    brought = sum(value.size for key, value in items if key == "<<")
    if not brought:
        return items
    if brought > MAX_NODES:
        raise too_large(path)
    own = {key for key, _ in items}
    merged = [(key, value) for key, value in items if key != "<<"]
    for key, value in items:
        if key == "<<":
            sources = [v for _, v in value.items] if value.is_list else [value]
            merged.extend(pair for s in sources if s.is_map for pair in s.items if pair[0] not in own)
    return merged


def _tag(tag: str | None) -> str:
    """Keep a tag of the file's own; those of the core say nothing that the text does not."""
    return tag if tag and tag.startswith("!") and tag != "!" else ""


def read_yaml(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read every document of a YAML stream.

    Args:
        path: The artifact's, for messages.
        text: The whole stream.
        offset: How many lines stand before it in the artifact.

    Raises:
        UnreadableError: not YAML, or an alias to nothing.
        LimitError: too deep, or too large once its aliases are expanded.
    """
    builder = _Builder(path, offset)
    try:
        for event in yaml.parse(_HEADER.sub("", text), Loader=_LOADER):
            builder.feed(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (mark.line if mark else 0) + 1 + offset
        raise damaged(path, "YAML", line, str(getattr(error, "problem", None) or "not readable")) from error
    except (UnicodeError, ValueError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise damaged(path, "YAML", 1 + offset, "characters that no YAML may hold") from error
    return tuple(builder.documents)
