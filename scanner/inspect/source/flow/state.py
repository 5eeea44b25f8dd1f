"""What is known while a file is followed: variables, and what was seen on the way."""

from dataclasses import dataclass, field

from scanner.inspect.source.flow.ir import (
    Attr,
    Call,
    Choice,
    Each,
    Exit,
    Expr,
    Function,
    Index,
    Join,
    Literal,
    Name,
    Return,
    Stmt,
    Text,
)
from scanner.inspect.source.flow.value import Origin, Path, Value, merge


class TooMuchError(Exception):
    """The code is larger or more entangled than is followed."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where the rules saw a detector: names and imports by their first byte, strings by any byte in them."""

    names: frozenset[int] = frozenset()
    texts: tuple[int, ...] = ()


@dataclass(slots=True)
class Frame:
    """The variables of one run of a function.

    `parent` is the scope around it, if that is a function too; `put` is what was put into parameters.
    """

    function: Function | None = None
    parent: "Frame | None" = None
    names: dict[str, Value] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    returns: list[Value] = field(default_factory=list)
    put: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Trace:
    """What was seen on the way: runs of a detector, covers (by byte and path), and what speaks against."""

    origins: dict[Origin, None] = field(default_factory=dict)
    covers: list[tuple[Origin, int, Path]] = field(default_factory=list)
    against: dict[tuple[int, str], None] = field(default_factory=dict)


def merged(ends: list[dict[str, Value]]) -> dict[str, Value]:
    """The variables after branches that ended so."""
    first, *rest = ends
    names = dict(first)
    for end in rest:
        for name, value in end.items():
            known = names.get(name)
            names[name] = value if known is None or known == value else merge(known, value)
    return names


def leaves(body: tuple[Stmt, ...]) -> bool:
    """Whether a block is left by what stands at its end, other than by ending the program."""
    return bool(body) and isinstance(body[-1], Return | Exit)


def last_of(expr: Expr) -> str:
    """The last part of a name."""
    return expr.name if isinstance(expr, Attr) else expr.id if isinstance(expr, Name) else ""


def is_nothing(expr: Expr | None) -> bool:
    """Whether an expression is a constant or an empty container: no face is in it yet."""
    match expr:
        case Literal():
            return True
        case Text(holes=holes):
            return not holes
        case Join(items=items):
            return all(is_nothing(i) for i in items)
        case Call(to=Name(id="list" | "dict" | "set"), args=()):
            return True
        case _:
            return False


_CONTAINERS = frozenset(
    {"list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter", "Map", "Set"}
)


def is_container(expr: Expr) -> bool:
    """Whether an expression makes a list, a dictionary or a set."""
    match expr:
        case Join(kind=kind):
            return kind in {"tuple", "list", "dictionary", "set", "object"}
        case Call(to=to):
            return last_of(to) in _CONTAINERS
        case _:
            return isinstance(expr, Each)


def is_constant(expr: Expr) -> bool:
    """Whether an expression is a colour: numbers, or variables and settings of which one is told by name."""
    match expr:
        case Literal():
            return True
        case Join(items=items):
            return bool(items) and all(is_constant(i) for i in items)
        case Choice(yes=yes, no=no):
            return is_constant(yes) and is_constant(no)
        case Name() | Attr():
            return any(
                w in last_of(expr).lower() for w in ("color", "colour", "fill", "black", "white", "mean")
            )
        case _:
            return False


def has_kind(expr: Expr, kind: str) -> bool:
    """Whether an index holds a slice, or one with a step."""
    return isinstance(expr, Join) and (expr.kind == kind or any(has_kind(i, kind) for i in expr.items))


def is_region(key: Expr) -> bool:
    """Whether an index cuts out a part of a picture."""
    return has_kind(key, "slice") or has_kind(key, "stride")


def place_of(expr: Expr) -> int:
    """Where the last part of a name stands."""
    return expr.at


def is_call_of(expr: Expr, name: str) -> bool:
    """Whether an expression is a call of a built-in of that name."""
    return isinstance(expr, Call) and isinstance(expr.to, Name) and expr.to.id == name


def root_of(expr: Expr | None) -> Expr | None:
    """The variable behind an expression."""
    while isinstance(expr, Index | Attr):
        expr = expr.of
    return expr
