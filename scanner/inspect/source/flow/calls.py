"""Calls: of functions of the file, of detectors, of libraries."""

from collections.abc import Iterable

from scanner.inspect.source.flow import known
from scanner.inspect.source.flow.canvas import judge_canvas
from scanner.inspect.source.flow.ir import Attr, Call, Expr, Function, Index, Name, Stmt, Text
from scanner.inspect.source.flow.libraries import Called, judge
from scanner.inspect.source.flow.scope import Scope
from scanner.inspect.source.flow.state import Frame, last_of
from scanner.inspect.source.flow.value import CLEAN, Kind, Value, join, merge, of

MAX_DEPTH = 10


class Caller(Scope):
    """The part of a follower that knows of calls."""

    def _value(self, expr: Expr) -> Value:
        raise NotImplementedError

    def _body(self, body: Iterable[Stmt]) -> None:
        raise NotImplementedError

    def _call(self, call: Call) -> Value:
        functions = self._meant(call)
        args = [CLEAN if self._is_callback(a) else self._value(a) for a in call.args]
        named = {k: CLEAN if self._is_callback(v) else self._value(v) for k, v in call.named}
        on = self._value(call.to.of) if isinstance(call.to, Attr) else CLEAN
        if functions:
            before = len(self.trace.origins) + len(self.trace.covers)
            made = [self._invoke(f, args, named, call) for f in functions]
            followed = len(self.trace.origins) + len(self.trace.covers) > before
            result = merge(made[0], made[1]) if len(made) == 2 else made[0] if len(made) == 1 else join(made)
            if isinstance(call.to, Name) and call.to.id in self.classes:
                # An object holds what it is made of.
                return join((*args, *named.values())).without(Kind.MODEL, Kind.WEIGHTS)
            if not result.tags and not followed and call.to.at in self.seeds.names:
                return self._born(last_of(call.to), call.at)
            return result
        callee = self._value(call.to)
        given = join((*args, *named.values()))
        name = self._dotted(call.to)
        if isinstance(call.to, Name) and call.to.id in self.classes:
            return given.without(Kind.MODEL, Kind.WEIGHTS)
        if callee.has(Kind.MODEL) and not on.seen and not callee.seen:
            return self._detector(call, name, given)
        self._callbacks(call, join((given, on)))
        if name.endswith("add_argument"):
            return self._weights(call, name, given)
        if given.has(Kind.WEIGHTS) or on.has(Kind.WEIGHTS):
            return self._weights(call, name, join((on, given)))
        if given.has(Kind.MODEL) and not given.seen and not on.seen:
            return self._hands_model(call, name)
        called = Called(call, name, on, tuple(args), named, self._contains(call))
        if (
            self.depending
            and not (given.seen or given.covers or on.seen or on.covers)
            and not known.HARMLESS.fullmatch(name)
        ):
            self._object(call.at, f"calls {name}() where a face was found")
        result = self._library(called)
        # A function that is kept in a variable, and gives what was found.
        return join((result, callee)) if callee.seen and not on.seen else result

    def _contains(self, call: Call) -> bool:
        """Whether a call puts something into a container; a data base and a tracker have such methods too."""
        if not isinstance(call.to, Attr) or call.to.name not in known.MUTATES:
            return False
        owner = call.to.of
        while isinstance(owner, Index):
            owner = owner.of
        return call.to.name in known.APPENDS or last_of(owner) in self.containers

    def _library(self, called: Called) -> Value:
        outcome = (judge_canvas(called, self._name) if self.module.canvas else None) or judge(called)
        call = called.call
        if outcome.covered:
            self._cover(outcome.covered, call.at)
        if outcome.against:
            self._object(call.at, outcome.against)
        if outcome.into is not None:
            if outcome.into < 0:
                target: Expr | None = call.to.of if isinstance(call.to, Attr) else None
            else:
                target = call.args[outcome.into] if call.args else None
            if isinstance(target, Name) and outcome.left.covers:
                self._bind(target.id, outcome.left)
            else:
                self._taint(target, outcome.left)
        return outcome.result

    def _detector(self, call: Call, name: str, given: Value) -> Value:
        """A call on a detector, or of one: it makes one, sets it up, or finds faces."""
        last = name.rsplit(".", 1)[-1]
        if last in known.PASSES:
            self._callbacks(call, of(Kind.MODEL))
            return of(Kind.MODEL)
        if known.STORES.search(last):
            self._object(call.at, f"calls {name}() on the detector")
        if known.SETS_UP.match(last) or (known.MAKES.search(last) and not known.DETECTS.search(last)):
            return of(Kind.MODEL)
        found = join((self._found(call.at), given.without(Kind.MODEL, Kind.WEIGHTS)))
        self._callbacks(call, found)
        return found

    def _weights(self, call: Call, name: str, held: Value) -> Value:
        last = name.rsplit(".", 1)[-1]
        if last == "add_argument":
            flags = [
                a.text.strip("\"'").lstrip("-").replace("-", "_") for a in call.args if isinstance(a, Text)
            ]
            self.options.update(flags if held.tags else ())
            return CLEAN
        if known.PATHS.fullmatch(name) or known.PURE_METHODS.fullmatch(last) or known.SHOWS.search(name):
            return held
        if isinstance(call.to, Attr) and call.to.at in self.seeds.names:
            self._taint(call.to.of, of(Kind.MODEL))
        return of(Kind.MODEL)

    def _hands_model(self, call: Call, name: str) -> Value:
        last = name.rsplit(".", 1)[-1]
        if name in known.COUNTS or known.SHOWS.search(name) or last in known.MUTATES:
            if last in known.MUTATES and isinstance(call.to, Attr):
                self._taint(call.to.of, of(Kind.MODEL))
            return CLEAN
        if not (known.MAKES.search(last) or known.PURE.fullmatch(name)):
            self._object(call.at, f"gives the detector to {name}()")
        return of(Kind.MODEL)

    def _callbacks(self, call: Call, given: Value) -> None:
        """Run the functions handed to a call with what they may be called with."""
        for argument in (*call.args, *(v for _, v in call.named)):
            for function in self._as_functions(argument):
                if given.tags or argument is function:
                    values = [Value(given.tags) for _ in function.params]
                    leaves = argument is function and not given.tags
                    self._invoke(function, values, {}, Call(argument, (), (), call.at), leaves=leaves)

    def _is_callback(self, argument: Expr) -> bool:
        return isinstance(argument, Function) or bool(self._as_functions(argument))

    def _as_functions(self, argument: Expr) -> list[Function]:
        match argument:
            case Function():
                return [argument]
            case Name(id=name) | Attr(of=Name(id="self" | "this" | "cls"), name=name):
                return self.functions.get(name, []) if not self._name(name).tags else []
            case _:
                return []

    def _meant(self, call: Call) -> list[Function]:
        """Which functions of this file a call may mean."""
        match call.to:
            case Function():
                return [call.to]
            case Name(id=name) if name in self.classes:
                return [
                    f
                    for n in ("__init__", "constructor")
                    for f in self.functions.get(n, [])
                    if f.owner == name
                ]
            case Name(id=name):
                return [f for f in self.functions.get(name, []) if not f.owner]
            case Attr(of=owner, name=name) if self._is_own(owner):
                return [f for f in self.functions.get(name, []) if f.owner]
            case _:
                return []

    def _is_own(self, owner: Expr) -> bool:
        """Whether an expression is an object of this file, or a class of it."""
        if isinstance(owner, Call):
            return isinstance(owner.to, Name) and owner.to.id in {*self.classes, "super"}
        return last_of(owner) in {"self", "cls", "this", *self.objects, *self.classes}

    def _invoke(
        self,
        function: Function,
        args: list[Value],
        named: dict[str, Value],
        call: Call | None = None,
        *,
        leaves: bool = False,
    ) -> Value:
        """Run a function of the file; with `leaves`, what it returns goes to code elsewhere."""
        self.entered.add(function.at)
        at = call.at if call else function.at
        if len(self.through) >= MAX_DEPTH or at in self.through:
            given = join((*args, *named.values()))
            if given.seen:
                self._object(
                    function.at, f"{function.name or 'a function'}() calls itself or too many others"
                )
            return given
        params = list(function.params)
        if function.owner and params and params[0][0] in {"self", "cls"}:
            params = params[1:]
            args = args[1:] if leaves else args
        parent = self.closures.get(function.at) or (self.frame if not function.name else None)
        frame = Frame(function, parent)
        for index, (name, _, default) in enumerate(params):
            value = args[index] if index < len(args) else named.get(name)
            if value is None:
                value = self._value(default) if default else CLEAN
            if index == len(params) - 1 and len(args) > len(params):
                value = join(args[index:])
            frame.names[name] = value
        unknown = [v for k, v in named.items() if k not in frame.names]
        if unknown and params:
            frame.names[params[-1][0]] = join((frame.names[params[-1][0]], *unknown))
        caller, through, entry = self.frame, self.through, self.entry
        self.frame, self.entry = frame, function if leaves else None
        self.through = (*through, at)
        self._body(function.body)
        self.frame, self.through, self.entry = caller, through, entry
        self._give_back(frame, params, call, leaves=leaves)
        returned = frame.returns
        result = returned[0] if returned else CLEAN
        for value in returned[1:]:
            result = merge(result, value)
        return result

    def _give_back(
        self,
        frame: Frame,
        params: list[tuple[str, int, Expr | None]],
        call: Call | None,
        *,
        leaves: bool,
    ) -> None:
        """What a function put into its parameters is in the variables of its caller."""
        for index, (name, at, _) in enumerate(params):
            put = frame.put.get(name)
            if put is None:
                continue
            if leaves and put.has(Kind.FACES, Kind.CROP, Kind.SMALL):
                self._object(at, f"puts what was found into `{name}`, which other code hands it")
            if call:
                named = next((v for k, v in call.named if k == name), None)
                self._taint(call.args[index] if index < len(call.args) else named, put)

    def _dotted(self, expr: Expr) -> str:
        """The name of what is called, through imports: `cv2.GaussianBlur`."""
        match expr:
            case Name(id=name):
                return self.modules.get(name, name)
            case Attr(of=owner, name=name):
                return f"{self._dotted(owner)}.{name}".removeprefix(".").replace("cv2.cv2.", "cv2.")
            case Call(to=to):
                return f"{self._dotted(to)}()"
            case Index(of=owner):
                return f"{self._dotted(owner)}[]"
            case _:
                return ""
