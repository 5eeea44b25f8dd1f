"""Lowers a Python syntax tree to the forms of `scanner.inspect.source.flow.ir`."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.inspect.source.flow.ir import (
    Assign,
    Attr,
    Block,
    Call,
    Choice,
    Class,
    Do,
    Each,
    Exit,
    Expr,
    Function,
    If,
    Imported,
    Index,
    Join,
    Leave,
    Literal,
    Loop,
    Maybe,
    Module,
    Name,
    Outer,
    Return,
    Stmt,
    Store,
    Text,
)
from scanner.inspect.source.flow.nodes import functions_in, text_of

_TUPLES = {"tuple", "list", "pattern_list", "tuple_pattern", "list_pattern", "expression_list"}
_LITERALS = {"integer", "float", "none", "true", "false", "ellipsis"}
_EACH = {"list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension"}
_STEPS = {"comment", "line_continuation"}


def lower(root: Node) -> Module:
    """Lower a whole file.

    It counts as a program, which nobody imports, when it asks for `__main__` or loops by itself.
    """
    body = tuple(_statements(root))
    classes = frozenset(text_of(n.child_by_field_name("name")) for n in _classes(root))
    return Module(body, tuple(functions_in(body)), classes, any(_runs(s) for s in body))


def _classes(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type == "class_definition":
            yield child
        elif child.type in {"decorated_definition", "if_statement", "block"}:
            yield from _classes(child)


def _runs(statement: Stmt) -> bool:
    match statement:
        case Loop():
            return True
        case If(branches=branches):
            return any(
                isinstance(part, Name) and part.id == "__name__"
                for condition, _ in branches
                if isinstance(condition, Join)
                for part in condition.items
            )
        case Block(body=body) | Maybe(body=body):
            return any(_runs(s) for s in body)
        case _:
            return False


# Statements


def _statements(node: Node, owner: str = "") -> Iterator[Stmt]:
    for child in node.named_children:
        if child.type not in _STEPS:
            yield from _statement(child, owner)


def _block(node: Node | None) -> tuple[Stmt, ...]:
    return tuple(_statements(node)) if node else ()


def _statement(node: Node, owner: str) -> Iterator[Stmt]:  # noqa: C901 - one case a form
    at = node.start_byte
    match node.type:
        case "expression_statement":
            for child in node.named_children:
                yield from _assignment(child)
        case "function_definition":
            yield _function(node, owner)
        case "class_definition":
            name = text_of(node.child_by_field_name("name"))
            body = node.child_by_field_name("body")
            yield Class(name, tuple(_statements(body, name)) if body else (), at)
        case "decorated_definition":
            for child in node.named_children:
                yield from (
                    [Do(e) for e in _all(child)] if child.type == "decorator" else _statement(child, owner)
                )
        case "if_statement":
            yield _if(node)
        case "match_statement":
            yield _match(node)
        case "for_statement":
            target, over = _field(node, "left"), _field(node, "right")
            yield Loop(target, over, _block(node.child_by_field_name("body")), at)
            yield from _rest(node, "else_clause")
        case "while_statement":
            yield Loop(None, _field(node, "condition"), _block(node.child_by_field_name("body")), at)
            yield from _rest(node, "else_clause")
        case "with_statement":
            yield from _with(node)
        case "try_statement":
            yield Block(tuple(_tried(node)))
        case "return_statement":
            yield Return(_only(node), at)
        case "break_statement" | "continue_statement":
            yield Exit()
        case "global_statement" | "nonlocal_statement":
            yield Outer(tuple(text_of(n) for n in node.named_children))
        case "import_statement" | "import_from_statement":
            yield Imported(tuple(_bound(node)), at)
        case "print_statement":
            yield Do(Call(Name("print", at), tuple(_all(node)), (), at))
        case "block":
            yield from _statements(node, owner)
        case _:
            yield from (Do(e) for e in _all(node))


def _assignment(node: Node) -> Iterator[Stmt]:
    if node.type not in {"assignment", "augmented_assignment"}:
        yield Do(_expression(node))
        return
    targets: list[Expr] = []
    value: Node | None = node
    while value is not None and value.type in {"assignment", "augmented_assignment"}:
        targets.append(_field(value, "left"))
        value = value.child_by_field_name("right")
    if value is not None:
        adds = node.type == "augmented_assignment"
        yield Assign(tuple(targets), _expression(value), adds, node.start_byte)


def _if(node: Node) -> If:
    branches = [(_field(node, "condition"), _block(node.child_by_field_name("consequence")))]
    otherwise: tuple[Stmt, ...] | None = None
    for clause in node.children_by_field_name("alternative"):
        if clause.type == "elif_clause":
            branches.append((_field(clause, "condition"), _block(clause.child_by_field_name("consequence"))))
        else:
            otherwise = _block(clause.child_by_field_name("body"))
    return If(tuple(branches), otherwise, node.start_byte)


def _match(node: Node) -> If:
    subject, branches = _field(node, "subject"), list[tuple[Expr, tuple[Stmt, ...]]]()
    otherwise: tuple[Stmt, ...] | None = None
    body = node.child_by_field_name("body")
    for clause in body.named_children if body else ():
        inner = _block(clause.child_by_field_name("consequence"))
        pattern = next((c for c in clause.named_children if c.type == "case_pattern"), None)
        if text_of(pattern) == "_":
            otherwise = inner
        else:
            branches.append((subject, inner))
    return If(tuple(branches), otherwise, node.start_byte)


def _with(node: Node) -> Iterator[Stmt]:
    for clause in node.named_children:
        if clause.type == "with_clause":
            for item in clause.named_children:
                value = item.child_by_field_name("value")
                yield from _opened(value) if value else ()
    yield Block(_block(node.child_by_field_name("body")))


def _opened(value: Node) -> Iterator[Stmt]:
    if value.type != "as_pattern":
        yield Do(_expression(value))
        return
    made, alias = _expression(value.named_children[0]), value.child_by_field_name("alias")
    yield Assign(tuple(_all(alias)) if alias else (), made, adds=False, at=value.start_byte)


def _tried(node: Node) -> Iterator[Stmt]:
    for child in node.named_children:
        if child.type == "block":
            yield from _statements(child)
        elif child.type not in _STEPS:
            bodies = [c for c in child.named_children if c.type == "block"]
            yield from (Maybe(_block(body), body.start_byte) for body in bodies)


def _rest(node: Node, kind: str) -> Iterator[Stmt]:
    for child in node.named_children:
        if child.type == kind:
            yield Maybe(_block(child.child_by_field_name("body")), child.start_byte)


def _bound(node: Node) -> Iterator[str]:
    for name in node.children_by_field_name("name"):
        alias = name.child_by_field_name("alias")
        yield text_of(alias) if alias else text_of(name).split(".")[0]


def _function(node: Node, owner: str = "") -> Function:
    params: list[tuple[str, int, Expr | None]] = []
    declared = node.child_by_field_name("parameters")
    for child in declared.named_children if declared else ():
        name = child if child.type == "identifier" else child.child_by_field_name("name")
        if name is None:
            name = next((c for c in child.named_children if c.type == "identifier"), None)
        default = child.child_by_field_name("value")
        if name is not None:
            params.append((text_of(name), name.start_byte, _expression(default) if default else None))
    named, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if node.type == "lambda":
        inner: tuple[Stmt, ...] = (Return(_expression(body), body.start_byte),) if body else ()
    else:
        inner = _block(body)
    name_text = text_of(named)
    is_open = not name_text.startswith("_") and not owner.startswith("_") and not _is_nested(node)
    at = named.start_byte if named else node.start_byte
    return Function(name_text, tuple(params), inner, at, owner, is_open)


def _is_nested(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type != "function_definition":
        parent = parent.parent
    return parent is not None


# Expressions


def _field(node: Node, name: str) -> Expr:
    child = node.child_by_field_name(name)
    return _expression(child) if child else Join("nothing", (), node.start_byte)


def _all(node: Node) -> list[Expr]:
    return [_expression(c) for c in node.named_children if c.type not in _STEPS]


def _only(node: Node) -> Expr | None:
    inner = _all(node)
    return inner[0] if inner else None


def _expression(node: Node) -> Expr:  # noqa: C901 - one case a form
    at, kind = node.start_byte, node.type
    if kind == "identifier":
        return Name(text_of(node), at)
    if kind in _LITERALS:
        return Literal(text_of(node), at)
    if kind in _TUPLES:
        return Join("tuple", tuple(_all(node)), at)
    if kind in _EACH:
        return _each(node)
    match kind:
        case "attribute":
            name = node.child_by_field_name("attribute")
            return Attr(_field(node, "object"), text_of(name), name.start_byte if name else at)
        case "subscript":
            keys = [_expression(k) for k in node.children_by_field_name("subscript")]
            return Index(
                _field(node, "value"), keys[0] if len(keys) == 1 else Join("tuple", tuple(keys), at), at
            )
        case "call":
            return _call(node)
        case "string" | "concatenated_string":
            return Text(text_of(node), tuple(_holes(node)), at, node.end_byte)
        case "conditional_expression":
            yes, condition, no = _all(node)[:3]
            return Choice(condition, yes, no, at)
        case "named_expression":
            return Store(_field(node, "name"), _field(node, "value"), at)
        case "yield":
            return Leave(Join("tuple", tuple(_all(node)), at), at)
        case "lambda":
            return _function(node)
        case "unary_operator" if node.named_children and node.named_children[-1].type in _LITERALS:
            return Literal(text_of(node).replace(" ", ""), at)
        case "binary_operator" | "unary_operator" | "boolean_operator":
            return Join(text_of(node.child_by_field_name("operator")), tuple(_all(node)), at)
        case "comparison_operator":
            operators = node.children_by_field_name("operators")
            return Join(text_of(operators[0]) if len(operators) == 1 else kind, tuple(_all(node)), at)
        case "parenthesized_expression" | "await" | "list_splat" | "dictionary_splat":
            inner = _all(node)
            return inner[0] if len(inner) == 1 else Join(kind, tuple(inner), at)
        case "slice":
            colons = [c.type for c in node.children].count(":")
            strides = colons == 2 and node.children[-1].type != ":"
            return Join("stride" if strides else "slice", tuple(_all(node)), at)
        case _:
            # Types, pairs, `not`, and whatever is new: what their parts hold may be in them.
            return Join(kind, tuple(_all(node)), at)


def _call(node: Node) -> Call:
    args: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    given = node.child_by_field_name("arguments")
    if given is not None and given.type == "generator_expression":
        args.append(_expression(given))
    for child in given.named_children if given and not args else ():
        if child.type == "keyword_argument":
            named.append((text_of(child.child_by_field_name("name")), _field(child, "value")))
        elif child.type not in _STEPS:
            args.append(_expression(child))
    return Call(_field(node, "function"), tuple(args), tuple(named), node.start_byte)


def _holes(node: Node) -> Iterator[Expr]:
    for child in node.named_children:
        if child.type == "interpolation":
            inner = child.child_by_field_name("expression")
            yield from [_expression(inner)] if inner else _all(child)
        elif child.type == "string":
            yield from _holes(child)


def _each(node: Node) -> Each:
    loops: list[tuple[Expr, Expr, tuple[Expr, ...]]] = []
    for child in node.named_children:
        if child.type == "for_in_clause":
            loops.append((_field(child, "left"), _field(child, "right"), ()))
        elif child.type == "if_clause" and loops:
            target, over, conditions = loops[-1]
            loops[-1] = (target, over, (*conditions, *_all(child)))
    return Each(_field(node, "body"), tuple(loops), node.start_byte)
