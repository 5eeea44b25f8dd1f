"""Runs a file without values: only what may hold something of a face is kept, in order, call by call.

Both ways of a condition are run, loops twice, functions of the file at each call. Whatever is not known to
be harmless is held against the code: see docs/decisions/0004-purpose-by-flow.md.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import or_

from scanner.inspect.source.flow import known
from scanner.inspect.source.flow.calls import Caller
from scanner.inspect.source.flow.canvas import STATE, state_of
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
    Name,
    Outer,
    Return,
    Stmt,
    Store,
    Text,
)
from scanner.inspect.source.flow.libraries import operated
from scanner.inspect.source.flow.state import (
    Frame,
    TooMuchError,
    Trace,
    has_kind,
    is_call_of,
    is_constant,
    is_container,
    is_nothing,
    is_region,
    last_of,
    leaves,
    merged,
)
from scanner.inspect.source.flow.value import CLEAN, SEEN, Guard, Kind, Value, join, merge, of

MAX_STEPS = 40_000
ROUNDS = 4


class Follower(Caller):
    """Follows one file."""

    def run(self) -> Trace:
        """Run the file until nothing new is learned of its attributes and globals.

        Raises:
            TooMuchError: it is too large.
            RecursionError: it is nested too deep.
        """
        for _ in range(ROUNDS):  # until nothing is learned
            before = (dict(self.attributes), dict(self.top.names), len(self.options))
            self.trace, self.entered = Trace(), set()
            self._body(self.module.body)
            # Whoever imported a file that finds faces as it is read would have them found.
            self.is_library = not self.module.program and not self.trace.origins
            for function in self.module.functions:
                if function.at not in self.entered or (function.open and self.is_library):
                    self._as_entry(function)
            if before == (self.attributes, self.top.names, len(self.options)):
                return self.trace
        raise TooMuchError

    def _as_entry(self, function: Function) -> None:
        """Run a function that code elsewhere may call: what it returns leaves the file."""
        values = [self._born(n, at) if at in self.seeds.names else CLEAN for n, at, _ in function.params]
        self._invoke(function, values, {}, leaves=True)

    # Statements

    def _body(self, body: Iterable[Stmt]) -> None:
        path = self.path
        for statement in body:
            self._statement(statement)
            if isinstance(statement, If):
                guard = self._left(statement)
                if guard:
                    self.path = (*self.path, guard)
        self.path = path

    def _left(self, statement: If) -> Guard | None:
        """The condition under which a block goes on after an `if` of which some branches leave it."""
        bodies = [*(body for _, body in statement.branches), statement.otherwise or ()]
        free = list(accumulate((not self._depends(c) for c, _ in statement.branches), or_))
        goes = any(is_free and leaves(body) for is_free, body in zip([*free, free[-1]], bodies, strict=True))
        stays = [i for i, body in enumerate(bodies) if not leaves(body)]
        return Guard(statement.at, stays[0], len(bodies)) if goes and stays else None

    def _statement(self, statement: Stmt) -> None:  # noqa: C901 - one case a form
        match statement:
            case Assign(targets=targets, value=value, adds=adds):
                found = self._value(value)
                for target in targets:
                    kept = join((found, self._value(target))) if adds else found
                    self._assign(target, value, kept)
            case Do(value=value):
                origins = set(self.trace.origins)
                self._value(value)
                for origin in [o for o in self.trace.origins if o not in origins]:
                    if isinstance(value, Call) and origin.at == value.at:
                        # What the detector says is thrown away.
                        del self.trace.origins[origin]
            case If():
                self._if(statement)
            case Loop():
                self._loop(statement)
            case Return(value=value, at=at):
                found = self._value(value) if value else CLEAN
                self.frame.returns.append(found)
                self._tell_if_entry(found, at, "returned")
            case Block(body=body):
                # A way out of it is a way out of the block around it only as a whole: not followed.
                self._body(body)
            case Maybe(body=body, at=at):
                before = dict(self.frame.names)
                self.frame.names = merged([before, self._branch(Guard(at, 0, 2), body)])
            case Outer(names=names):
                self.frame.outer.update(names)
            case Imported(names=names, at=at):
                for name in names if at in self.seeds.names else ():
                    self.frame.names[name] = of(Kind.MODEL)
            case Class(body=body):
                self._class(body)
            case Function():
                self.closures[statement.at] = self.frame
            case Exit():
                pass

    def _if(self, statement: If) -> None:
        before, branches = dict(self.frame.names), len(statement.branches) + 1
        ends: list[dict[str, Value]] = []
        depending, free = self.depending, False
        for index, (condition, body) in enumerate(statement.branches):
            self.frame.names = dict(before)
            self.depending += self._value(condition).has(Kind.COUNT, *SEEN)
            free = free or not self._depends(condition)
            ends.append(self._branch(Guard(statement.at, index, branches) if free else None, body))
        self.frame.names = dict(before)
        last = Guard(statement.at, branches - 1, branches) if free else None
        ends.append(self._branch(last, statement.otherwise or ()))
        self.depending = depending
        self.frame.names = merged(ends)

    def _branch(self, guard: Guard | None, body: tuple[Stmt, ...]) -> dict[str, Value]:
        path = self.path
        self.path = (*path, guard) if guard else path
        self._body(body)
        self.path = path
        return self.frame.names

    def _depends(self, condition: Expr) -> bool:
        """Whether a condition asks of what was found alone: `w > 20` does, `--blur` is a choice."""
        match condition:
            case Join(kind="and" | "&&", items=items):
                return all(self._depends(i) for i in items)
            case Join(kind="in" | "not in", items=(_, right)):
                return is_nothing(right) or self._depends(right)
            case _:
                return self._value(condition).has(Kind.COUNT, *SEEN)

    def _under(self, condition: Expr, branch: int, then: Expr) -> Value:
        """The value of an expression that is reached under a condition."""
        path = self.path
        if not self._depends(condition):
            self.path = (*path, Guard(condition.at, branch, 2))
        value = self._value(then)
        self.path = path
        return value

    def _loop(self, loop: Loop) -> None:
        target, over = loop.target, loop.over
        for _ in range(2):
            before = dict(self.frame.names)
            found = self._value(over)
            if target is not None:
                self._assign_each(target, over, found)
            depends = found.has(Kind.COUNT, *SEEN)
            # `for i in range(len(faces))` visits every face; a list of numbers may be somebody's choice.
            chosen = target is not None and not found.seen and (not depends or isinstance(over, Name))
            self.depending += depends
            ends = self._branch(Guard(loop.at, 0, 2) if chosen else None, loop.body)
            self.depending -= depends
            self.frame.names = merged([before, ends])

    def _assign_each(self, target: Expr, over: Expr, found: Value) -> None:
        """Give a loop's variable what one element may hold."""
        parts = target.items if isinstance(target, Join) and target.kind == "tuple" else ()
        if len(parts) == 2 and is_call_of(over, "enumerate"):
            self._assign(parts[0], None, CLEAN)
            self._assign(parts[1], None, Value(found.tags))
            return
        if isinstance(over, Call) and is_call_of(over, "zip") and len(parts) == len(over.args):
            for part, argument in zip(parts, over.args, strict=True):
                self._assign(part, None, Value(self._value(argument).tags))
            return
        self._assign(target, None, Value(found.tags))

    def _class(self, body: tuple[Stmt, ...]) -> None:
        frame, self.frame = self.frame, Frame(None, self.frame)
        self._body(body)
        for name, value in self.frame.names.items():
            self._keep(name, value)
        self.frame = frame

    # Assignments

    def _assign(self, target: Expr, written: Expr | None, value: Value) -> None:
        match target:
            case Name(id=name, at=at):
                if at in self.seeds.names and not value.tags and not is_nothing(written):
                    value = self._born(name, at)
                self._made(name, written)
                self._bind(name, value)
                if name in self.frame.outer:
                    self._tell_if_open(name, value, at)
            case Join(items=items):
                whole = target.kind == "tuple" and len(value.items) == len(items)
                parts = value.items if whole else ()
                for index, item in enumerate(items):
                    self._assign(item, written, parts[index] if parts else Value(value.tags))
            case Attr(of=owner, name=name, at=at):
                if at in self.seeds.names and not value.tags and not is_nothing(written):
                    value = self._born(name, at)
                self._value(owner)
                if name in STATE:
                    self._bind(f"{last_of(owner)}.{name}", state_of(name, written))
                self._made(name, written)
                self._keep(name, value)
                self._tell_if_open(name, value, at)
            case Index(of=owner, key=key, at=at):
                self._write(owner, key, written, value, at)
            case _:
                self._value(target)

    def _write(self, owner: Expr, key: Expr, written: Expr | None, value: Value, at: int) -> None:
        """`owner[key] = value`: over a face when the place is a part of a picture, else into a container."""
        on, where = self._value(owner), self._value(key)
        plain = value.covers or (written is not None and not value.tags and is_constant(written))
        region = where.has(Kind.MASK) or (where.seen and is_region(key) and not on.has(Kind.FACES))
        if plain and (region or on.has(Kind.CROP)):
            if on.has(Kind.COVER) and not on.has(Kind.CROP):
                self._taint(owner, where.turned(Kind.MASK))
                return
            self._cover(where.origins() | on.origins() | value.origins(), at)
            if isinstance(owner, Name):
                self._taint(owner, of(Kind.DONE))
        elif plain and on.has(Kind.MASK) and not where.seen:
            return
        else:
            self._taint(owner, join((value, where.without(Kind.MODEL))))

    def _made(self, name: str, written: Expr | None) -> None:
        """Note that a variable is an object of a class of this file, or a container."""
        if written is not None and is_container(written):
            self.containers.add(name)
        if isinstance(written, Call) and isinstance(written.to, Name) and written.to.id in self.classes:
            self.objects.add(name)

    # Expressions

    def _value(self, expr: Expr) -> Value:  # noqa: C901 - one case a form
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMuchError
        match expr:
            case Name(id=name, at=at):
                found = self._name(name)
                unmade = at in self.seeds.names and not found.tags and not self._is_bound(name)
                return self._named(name) if unmade else found
            case Literal():
                return CLEAN
            case Text():
                return self._text(expr)
            case Attr():
                return self._attribute(expr)
            case Index():
                return self._index(expr)
            case Call():
                return self._call(expr)
            case Join(kind=kind, items=items):
                values = tuple(self._items(kind, items))
                whole = operated(expr, values) or join(values)
                return Value(whole.tags, values) if kind == "tuple" else whole
            case Choice(condition=condition, yes=yes, no=no):
                return merge(self._under(condition, 0, yes), self._under(condition, 1, no))
            case Each():
                return self._each(expr)
            case Store(target=target, value=value):
                found = self._value(value)
                self._assign(target, value, found)
                return found
            case Leave(value=value, at=at):
                found = self._value(value)
                self.frame.returns.append(found)
                self._tell_if_entry(found, at, "handed out")
                return CLEAN
            case Function():
                return self._invoke(expr, [], {}, leaves=True)

    def _items(self, kind: str, items: tuple[Expr, ...]) -> Iterator[Value]:
        short = kind in {"and", "or", "&&", "||"}
        for index, item in enumerate(items):
            yield self._under(items[index - 1], 0, item) if short and index else self._value(item)

    def _text(self, text: Text) -> Value:
        held = join(self._value(h) for h in text.holes)
        if held.seen and known.FILTERS.search(text.text):
            return held.turned(Kind.COVER)
        if any(text.at <= at < text.end for at in self.seeds.texts):
            return join((held, of(Kind.WEIGHTS)))
        return held

    def _attribute(self, expr: Attr) -> Value:
        held = join((self._value(expr.of), self.attributes.get(expr.name, CLEAN)))
        if expr.name == "length" and held.seen:
            return held.turned(Kind.COUNT)
        if expr.name in self.options and not held.tags:
            return of(Kind.WEIGHTS)
        if expr.at in self.seeds.names and not held.tags and expr.name not in self.assigned:
            return self._named(expr.name)
        return held

    def _index(self, expr: Index) -> Value:
        on, key = self._value(expr.of), self._value(expr.key)
        if isinstance(expr.key, Text) and expr.key.text.strip("\"'`") in self.options and not on.tags:
            return of(Kind.WEIGHTS)
        if on.has(Kind.MODEL) and not on.seen:
            # An element of what is called after faces, and was not seen to be made.
            return join((on, key))
        if on.items and isinstance(expr.key, Literal) and expr.key.text.isdigit():
            index = int(expr.key.text)
            return on.items[index] if index < len(on.items) else CLEAN
        if on.covers:
            return join((on, key)).turned(Kind.COVER)
        if on.seen:
            strided = has_kind(expr.key, "stride")
            return on.turned(Kind.SMALL) if strided and on.has(Kind.CROP) else Value(on.tags | key.tags)
        if key.seen:
            return key.turned(Kind.CROP) if is_region(expr.key) or key.has(Kind.MASK) else key
        return Value(on.tags)

    def _each(self, expr: Each) -> Value:
        before, path = dict(self.frame.names), self.path
        depends = False
        for target, over, conditions in expr.loops:
            found = self._value(over)
            depends = depends or found.seen
            self._assign_each(target, over, found)
            free = [c for c in conditions if not self._depends(c)]
            self.path = (*self.path, *(Guard(c.at, 0, 2) for c in free))
        self.depending += depends
        made = Value(self._value(expr.element).tags)
        self.depending -= depends
        self.frame.names, self.path = before, path
        return made
