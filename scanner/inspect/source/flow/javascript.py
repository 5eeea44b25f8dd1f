"""Lowers JavaScript and TypeScript syntax trees to the forms of `scanner.inspect.source.flow.ir`."""

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
    Return,
    Stmt,
    Store,
    Text,
)
from scanner.inspect.source.flow.nodes import children, functions_in, text_of

_FUNCTIONS = {
    "arrow_function",
    "function_expression",
    "function_declaration",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
    "function",
}
_CLASSES = {"class_declaration", "abstract_class_declaration", "class"}
_NAMES = {
    "identifier",
    "this",
    "super",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
}
_LITERALS = {"number", "null", "undefined", "true", "false", "regex"}
_WRAPPERS = {
    "parenthesized_expression",
    "await_expression",
    "spread_element",
    "non_null_expression",
    "rest_pattern",
    "expression_statement",
    "template_substitution",
    "pair",
    "pair_pattern",
}
_TYPES = {
    "type_annotation",
    "type_arguments",
    "type_parameters",
    "interface_declaration",
    "type_alias_declaration",
}


def lower(root: Node) -> Module:
    """Lower a whole file. A file that exports nothing is a program: no other code can name what is in it."""
    exported = frozenset(_exported(root))
    body = tuple(_Lowering(exported).block(root))
    classes = frozenset(s.name for s in body if isinstance(s, Class))
    return Module(body, tuple(functions_in(body)), classes, not exported, canvas=True)


def _exported(root: Node) -> Iterator[str]:
    """Every name within an export, or in what is assigned to `exports`."""
    for node in root.named_children:
        if node.type == "export_statement":
            declared = node.child_by_field_name("declaration") or node
            heads = [declared, *declared.named_children]
            yield from (
                text_of(h.child_by_field_name("name")) for h in heads if h.child_by_field_name("name")
            )
            yield "default" if declared is node else ""
            yield from (text_of(n) for n in _identifiers(node) if declared is node)
        elif node.type == "expression_statement" and text_of(node).startswith(("module.exports", "exports.")):
            yield from (text_of(n) for n in _identifiers(node))


def _identifiers(node: Node) -> Iterator[Node]:
    if node.type in {"identifier", "shorthand_property_identifier"}:
        yield node
    for child in node.named_children if node.type not in _FUNCTIONS else ():
        yield from _identifiers(child)


class _Lowering:
    """Lowers one file, knowing what it exports."""

    def __init__(self, exported: frozenset[str]) -> None:
        self.exported = exported

    # Statements

    def block(self, node: Node | None) -> Iterator[Stmt]:
        for child in children(node) if node else ():
            yield from self.statement(child)

    def branch(self, node: Node | None) -> tuple[Stmt, ...]:
        if node is None:
            return ()
        return tuple(self.block(node) if node.type == "statement_block" else self.statement(node))

    def statement(self, node: Node) -> Iterator[Stmt]:  # noqa: C901 - one case a form
        at = node.start_byte
        match node.type:
            case "statement_block" | "program" | "export_statement" | "labeled_statement":
                yield from self.block(node)
            case "lexical_declaration" | "variable_declaration":
                for declared in node.named_children:
                    yield from self.declared(declared)
            case kind if kind in _CLASSES:
                yield self.class_(node)
            case kind if kind in _FUNCTIONS:
                yield self.function(node, text_of(node.child_by_field_name("name")))
            case "if_statement":
                yield self.if_(node)
            case "switch_statement":
                yield self.switch(node)
            case "for_in_statement":
                target, over = self.field(node, "left"), self.field(node, "right")
                yield Loop(target, over, self.branch(node.child_by_field_name("body")), at)
            case "for_statement":
                yield from self.for_(node)
            case "while_statement" | "do_statement":
                body = self.branch(node.child_by_field_name("body"))
                yield Loop(None, self.field(node, "condition"), body, at)
            case "try_statement":
                yield from self.try_(node)
            case "return_statement":
                inner = self.all(node)
                yield Return(inner[0] if inner else None, at)
            case "break_statement" | "continue_statement":
                yield Exit()
            case "import_statement":
                names = (text_of(n) for n in _identifiers(node))
                yield Imported(tuple(names), at)
            case kind if kind in _TYPES:
                return
            case _:
                yield from (self.effect(e) for e in ([node] if _is_one(node) else children(node)))

    def effect(self, node: Node) -> Stmt:
        """An expression as a statement; an assignment is one of ours."""
        if node.type in {"assignment_expression", "augmented_assignment_expression"}:
            adds = node.type.startswith("augmented")
            value = self.field(node, "right")
            return Assign((self.field(node, "left"),), value, adds, node.start_byte)
        return Do(self.expression(node))

    def declared(self, node: Node) -> Iterator[Stmt]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        if value.type in _FUNCTIONS and name.type == "identifier":
            yield self.function(value, text_of(name), at=name.start_byte)
            return
        yield Assign((self.expression(name),), self.expression(value), adds=False, at=node.start_byte)

    def class_(self, node: Node) -> Class:
        name, body = text_of(node.child_by_field_name("name")), list[Stmt]()
        inner = node.child_by_field_name("body")
        for member in children(inner) if inner else ():
            called = member.child_by_field_name("name") or member.child_by_field_name("property")
            value = member.child_by_field_name("value")
            if member.type in _FUNCTIONS:
                body.append(self.function(member, text_of(called), owner=name))
            elif value is not None and value.type in _FUNCTIONS:
                body.append(self.function(value, text_of(called), owner=name))
            elif value is not None and called is not None:
                target = Name(text_of(called), called.start_byte)
                body.append(Assign((target,), self.expression(value), adds=False, at=member.start_byte))
        return Class(name, tuple(body), node.start_byte)

    def if_(self, node: Node) -> If:
        branches = [(self.field(node, "condition"), self.branch(node.child_by_field_name("consequence")))]
        other = node.child_by_field_name("alternative")
        inner = other.named_children[-1] if other and other.named_children else None
        if inner is not None and inner.type == "if_statement":
            rest = self.if_(inner)
            return If((*branches, *rest.branches), rest.otherwise, node.start_byte)
        return If(tuple(branches), self.branch(inner) if inner else None, node.start_byte)

    def switch(self, node: Node) -> If:
        """Cases as branches: one that falls through to the next is a branch that does less than it does."""
        subject, branches = self.field(node, "value"), list[tuple[Expr, tuple[Stmt, ...]]]()
        otherwise: tuple[Stmt, ...] | None = None
        body = node.child_by_field_name("body")
        for case in children(body) if body else ():
            inner = tuple(s for b in case.children_by_field_name("body") for s in self.statement(b))
            while inner and isinstance(inner[-1], Exit):
                inner = inner[:-1]
            if case.type == "switch_default":
                otherwise = inner
            else:
                branches.append((subject, inner))
        return If(tuple(branches) or ((subject, ()),), otherwise, node.start_byte)

    def for_(self, node: Node) -> Iterator[Stmt]:
        start, step = node.child_by_field_name("initializer"), node.child_by_field_name("increment")
        yield from self.statement(start) if start else ()
        body = self.branch(node.child_by_field_name("body"))
        last = (self.effect(step),) if step else ()
        yield Loop(None, self.field(node, "condition"), (*body, *last), node.start_byte)

    def try_(self, node: Node) -> Iterator[Stmt]:
        yield Block(self.branch(node.child_by_field_name("body")))
        for name in ("handler", "finalizer"):
            clause = node.child_by_field_name(name)
            if clause is not None:
                yield Maybe(self.branch(clause.child_by_field_name("body")), clause.start_byte)

    def function(self, node: Node, name: str = "", owner: str = "", at: int | None = None) -> Function:
        params: list[tuple[str, int, Expr | None]] = []
        taken: list[Stmt] = []
        declared = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        single = declared is not None and declared.type == "identifier"
        for index, param in enumerate([declared] if single and declared else children(declared)):
            pattern = param.child_by_field_name("pattern") or param.child_by_field_name("left") or param
            default = param.child_by_field_name("value") or param.child_by_field_name("right")
            target = self.expression(pattern)
            called = target.id if isinstance(target, Name) else f"${index}"
            params.append((called, pattern.start_byte, self.expression(default) if default else None))
            if not isinstance(target, Name):
                taken.append(Assign((target,), Name(called, -1), adds=False, at=pattern.start_byte))
        body = node.child_by_field_name("body")
        inner: tuple[Stmt, ...] = ()
        if body is not None:
            block = body.type == "statement_block"
            inner = self.branch(body) if block else (Return(self.expression(body), body.start_byte),)
        start = at if at is not None else node.start_byte
        named = node.child_by_field_name("name")
        start = named.start_byte if named else start
        public = (owner or name) in self.exported and not name.startswith(("_", "#"))
        return Function(name, tuple(params), (*taken, *inner), start, owner, public)

    # Expressions

    def field(self, node: Node, name: str) -> Expr:
        child = node.child_by_field_name(name)
        return self.expression(child) if child else Join("nothing", (), node.start_byte)

    def all(self, node: Node) -> list[Expr]:
        return [self.expression(c) for c in children(node) if c.type not in _TYPES]

    def expression(self, node: Node) -> Expr:  # noqa: C901 - one case a form
        at, kind = node.start_byte, node.type
        if kind in _NAMES:
            return Name(text_of(node), at)
        if kind in _LITERALS:
            return Literal(text_of(node), at)
        if kind in _FUNCTIONS:
            return self.function(node)
        match kind:
            case "member_expression":
                name = node.child_by_field_name("property")
                return Attr(
                    self.field(node, "object"), text_of(name).lstrip("#"), name.start_byte if name else at
                )
            case "subscript_expression":
                return Index(self.field(node, "object"), self.field(node, "index"), at)
            case "call_expression" | "new_expression":
                return self.call(node)
            case "string" | "template_string":
                return Text(
                    text_of(node), tuple(self.all(node)) if kind != "string" else (), at, node.end_byte
                )
            case "ternary_expression":
                condition, yes = self.field(node, "condition"), self.field(node, "consequence")
                return Choice(condition, yes, self.field(node, "alternative"), at)
            case "assignment_expression" | "augmented_assignment_expression":
                return Store(self.field(node, "left"), self.field(node, "right"), at)
            case "array" | "array_pattern":
                return Join("tuple", tuple(self.all(node)), at)
            case "yield_expression":
                return Leave(Join("nothing", tuple(self.all(node)), at), at)
            case "binary_expression" | "unary_expression":
                operator = text_of(node.child_by_field_name("operator"))
                inner = self.all(node)
                if operator == "-" and len(inner) == 1 and isinstance(inner[0], Literal):
                    return Literal(f"-{inner[0].text}", at)
                return Join(operator, tuple(inner), at)
            case "as_expression" | "satisfies_expression":
                return self.expression(node.named_children[0])
            case _ if kind in _WRAPPERS:
                inner = self.all(node)
                # Of `key: value` the value counts.
                return inner[-1] if inner else Join(kind, (), at)
            case "string_fragment" | "escape_sequence" | "property_identifier" | "jsx_text":
                return Literal(text_of(node), at)
            case _:
                return Join(kind, tuple(self.all(node)), at)

    def call(self, node: Node) -> Call:
        field = "constructor" if node.type == "new_expression" else "function"
        given = node.child_by_field_name("arguments")
        args = self.all(given) if given else []
        return Call(self.field(node, field), tuple(args), (), node.start_byte)


def _is_one(node: Node) -> bool:
    return node.type.endswith("_expression") or node.type == "identifier"
