"""Reads HCL (Terraform, OpenTofu, Nomad, Packer) to the plain tree, by its grammar."""

from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Parser
from tree_sitter import Node as Syntax

from scanner.inspect.tree.node import MAX_DEPTH, Node, branch, too_deep

_WRAPPERS = frozenset(
    {"expression", "literal_value", "template_expr", "collection_value", "body", "config_file"}
)


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def read_hcl(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read HCL: a block is a mapping under its type and labels, `jsonencode(...)` is what it encodes.

    A part that is not HCL is passed over, as the grammar recovers from it; the rest is read.

    Raises:
        LimitError: nested deeper or larger than a document may be.
    """
    source = text.encode("utf-8", "replace")
    tree = _parser().parse(source)
    return (_Reader(path, source, offset).body(tree.root_node, 0),)


class _Reader:
    def __init__(self, path: str, source: bytes, offset: int) -> None:
        self.path = path
        self.source = source
        self.offset = offset

    def body(self, syntax: Syntax, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise too_deep(self.path)
        items: list[tuple[str, Node]] = []
        stack = list(reversed(syntax.named_children))
        while stack:
            child = stack.pop()
            if child.type in ("body", "config_file", "ERROR"):
                stack.extend(reversed(child.named_children))
            elif child.type == "attribute":
                items.append(self._pair(child, depth))
            elif child.type == "block":
                items.append(self._block(child, depth))
        return branch(self.path, self._line(syntax), items, is_list=False)

    def _block(self, syntax: Syntax, depth: int) -> tuple[str, Node]:
        names = [self._label(c) for c in syntax.named_children if c.type in ("identifier", "string_lit")]
        node = self.body(syntax, depth + 1 + len(names))
        node = Node(self._line(syntax), None, node.items, size=node.size)
        for label in reversed(names[1:]):
            node = branch(self.path, self._line(syntax), [(label, node)], is_list=False)
        return names[0] if names else "", node

    def _pair(self, syntax: Syntax, depth: int) -> tuple[str, Node]:
        parts = syntax.named_children
        return self._label(parts[0]), self.value(parts[-1], depth + 1)

    def value(self, syntax: Syntax, depth: int) -> Node:
        """An expression: objects and lists as such, everything else as the text that stands there."""
        if depth > MAX_DEPTH:
            raise too_deep(self.path)
        while syntax.type in _WRAPPERS and len(syntax.named_children) == 1:
            syntax = syntax.named_children[0]
        line = self._line(syntax)
        match syntax.type:
            case "object":
                items = [self._pair(e, depth) for e in syntax.named_children if e.type == "object_elem"]
                return branch(self.path, line, items, is_list=False)
            case "tuple":
                values = [c for c in syntax.named_children if c.type == "expression"]
                return branch(self.path, line, [("", self.value(v, depth + 1)) for v in values], is_list=True)
            case "function_call":
                return self._call(syntax, line, depth)
            case "heredoc_template":
                text = self._text(syntax).partition("\n")[2].rpartition("\n")[0]
                return Node(line, text, text_line=line + 1)
            case _:
                return Node(line, self._text(syntax).strip('"'), text_line=line)

    def _call(self, syntax: Syntax, line: int, depth: int) -> Node:
        arguments = [
            a for c in syntax.named_children if c.type == "function_arguments" for a in c.named_children
        ]
        names = [self._text(c) for c in syntax.named_children if c.type == "identifier"]
        if (
            names
            and names[0] in ("jsonencode", "yamlencode", "toset", "tolist", "tomap")
            and len(arguments) == 1
        ):
            return self.value(arguments[0], depth + 1)
        if names and names[0] in ("concat", "merge", "setunion", "flatten", "distinct"):
            return branch(self.path, line, [("", self.value(a, depth + 1)) for a in arguments], is_list=True)
        return Node(line, self._text(syntax), text_line=line)

    def _label(self, syntax: Syntax) -> str:
        return self._text(syntax).strip().strip('"')

    def _text(self, syntax: Syntax) -> str:
        return self.source[syntax.start_byte : syntax.end_byte].decode("utf-8", "replace")

    def _line(self, syntax: Syntax) -> int:
        return syntax.start_point[0] + 1 + self.offset
