"""A program as far as data flows through it: few forms, the same for every language.

A reader of a language (`scanner.inspect.source.flow.python`) lowers its syntax tree to these forms;
`scanner.inspect.source.flow.follow` runs them. What a language has beyond them is lowered to `Join`:
whatever its parts hold may be in its result. `at` is the byte where a thing stands.
"""

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    id: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a constant of the language; as written."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A string, with what is put into its holes."""

    text: str
    holes: tuple["Expr", ...]
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Attr:
    """`of.name`; `at` is where the name stands."""

    of: "Expr"
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`of[key]`."""

    of: "Expr"
    key: "Expr"
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """`to(*args, **named)`."""

    to: "Expr"
    args: tuple["Expr", ...]
    named: tuple[tuple[str, "Expr"], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Join:
    """Anything made of parts. `kind`: `tuple`, `slice`, an operator (`/`), `not`, or the node's type."""

    kind: str
    items: tuple["Expr", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`yes if condition else no`."""

    condition: "Expr"
    yes: "Expr"
    no: "Expr"
    at: int


@dataclass(frozen=True, slots=True)
class Each:
    """A comprehension: `element` for every `(target, over, conditions)`."""

    element: "Expr"
    loops: tuple[tuple["Expr", "Expr", tuple["Expr", ...]], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Store:
    """An assignment used as a value (`:=`)."""

    target: "Expr"
    value: "Expr"
    at: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A value handed to whoever iterates (`yield`)."""

    value: "Expr"
    at: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or lambda.

    Attributes:
        params: Name, where it stands, and its default.
        owner: The class it is a method of.
        open: Whether code outside the file can name it.
    """

    name: str
    params: tuple[tuple[str, int, Union["Expr", None]], ...]
    body: tuple["Stmt", ...]
    at: int
    owner: str = ""
    open: bool = False


Expr = Name | Literal | Text | Attr | Index | Call | Join | Choice | Each | Store | Leave | Function


@dataclass(frozen=True, slots=True)
class Assign:
    """`targets = value`; with `adds`, what was there stays as well (`+=`)."""

    targets: tuple[Expr, ...]
    value: Expr
    adds: bool
    at: int


@dataclass(frozen=True, slots=True)
class Do:
    """An expression for its effect."""

    value: Expr


@dataclass(frozen=True, slots=True)
class If:
    """One of the branches is run, or `otherwise`; None where there is no such branch."""

    branches: tuple[tuple[Expr, tuple["Stmt", ...]], ...]
    otherwise: tuple["Stmt", ...] | None
    at: int


@dataclass(frozen=True, slots=True)
class Loop:
    """`for target in over` or `while over`."""

    target: Expr | None
    over: Expr
    body: tuple["Stmt", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Return:
    """The end of a function."""

    value: Expr | None
    at: int


@dataclass(frozen=True, slots=True)
class Exit:
    """Whatever else leaves a block: `break`, `continue`. What raises ends all: it is no way round."""


@dataclass(frozen=True, slots=True)
class Block:
    """Statements that are run one after another, in a scope of the language's own (`try`, `with`)."""

    body: tuple["Stmt", ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """Statements that are run or not, without being a way round others: what handles an error."""

    body: tuple["Stmt", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Outer:
    """Names that are those of the module (`global`)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """Names that an import statement binds."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Class:
    """A class: its methods, and what stands in its body besides."""

    name: str
    body: tuple["Stmt", ...]
    at: int


Stmt = Assign | Do | If | Loop | Return | Exit | Block | Maybe | Outer | Imported | Class | Function


@dataclass(frozen=True, slots=True)
class Module:
    """One file.

    Attributes:
        program: It is run, and not imported by others.
        canvas: Its language draws on the canvas of a browser.
    """

    body: tuple[Stmt, ...]
    functions: tuple[Function, ...]
    classes: frozenset[str]
    program: bool
    canvas: bool = False
