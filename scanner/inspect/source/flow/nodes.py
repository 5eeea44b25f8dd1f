"""Small things that every lowering needs."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.inspect.source.flow.ir import Block, Class, Function, If, Loop, Maybe, Stmt

_SKIPPED = {"comment", "line_continuation", "line_comment", "block_comment", "html_comment"}


def text_of(node: Node | None) -> str:
    """The source of a node; empty for none."""
    return node.text.decode("utf-8", "replace") if node and node.text else ""


def children(node: Node | None) -> list[Node]:
    """The named children, without comments."""
    return [c for c in node.named_children if c.type not in _SKIPPED] if node else []


def functions_in(body: tuple[Stmt, ...]) -> Iterator[Function]:
    """Every named function and method, also nested ones."""
    for statement in body:
        match statement:
            case Function():
                yield statement
                yield from functions_in(statement.body)
            case Class(body=inner) | Block(body=inner) | Loop(body=inner) | Maybe(body=inner):
                yield from functions_in(inner)
            case If(branches=branches, otherwise=otherwise):
                for _, branch in branches:
                    yield from functions_in(branch)
                yield from functions_in(otherwise or ())
            case _:
                pass
