"""Variables and attributes while a file is followed, and the notes taken of what happens to them."""

from collections.abc import Iterable, Mapping

from scanner.inspect.source.flow import known
from scanner.inspect.source.flow.ir import Attr, Call, Expr, Function, Index, Module, Name
from scanner.inspect.source.flow.state import Frame, Seeds, Trace
from scanner.inspect.source.flow.value import CLEAN, Kind, Origin, Path, Value, join, merge, of


class Scope:
    """The variables of a file that is followed. `modules` says which module a local name stands for."""

    def __init__(self, module: Module, seeds: Seeds, modules: Mapping[str, str]) -> None:
        self.module = module
        self.seeds = seeds
        self.modules = modules
        self.functions: dict[str, list[Function]] = {}
        for function in module.functions:
            self.functions.setdefault(function.name, []).append(function)
        self.classes = module.classes
        self.attributes: dict[str, Value] = {}
        self.options: set[str] = set()
        self.objects: set[str] = set()
        self.containers: set[str] = set()
        self.assigned: set[str] = set()
        self.closures: dict[int, Frame] = {}
        self.trace = Trace()
        self.top = Frame()
        self.frame = self.top
        self.path: Path = ()
        self.through: tuple[int, ...] = ()
        self.depending = 0
        self.steps = 0
        self.entered: set[int] = set()
        self.entry: Function | None = None
        self.is_library = False

    # Variables

    def _name(self, name: str) -> Value:
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return self.top.names.get(name, CLEAN)

    def _is_bound(self, name: str) -> bool:
        frame: Frame | None = self.frame
        while frame is not None and name not in frame.names:
            frame = frame.parent
        return frame is not None or name in self.top.names

    def _bind(self, name: str, value: Value) -> None:
        frame = self.top if name in self.frame.outer else self.frame
        frame.names[name] = value

    def _keep(self, name: str, value: Value) -> None:
        """Note what an attribute of that name may hold, of whatever object."""
        self.assigned.add(name)
        if value.tags:
            self.attributes[name] = merge(self.attributes.get(name, CLEAN), Value(value.tags))

    def _taint(self, target: Expr | None, value: Value) -> None:
        """Add to what the variable behind an expression holds."""
        match target:
            case Name(id=name):
                frame: Frame | None = self.frame
                while frame is not None and name not in frame.names:
                    frame = frame.parent
                frame = frame or self.frame
                frame.names[name] = join((self._name(name), value))
                frame.put[name] = join((frame.put.get(name, CLEAN), value))
            case Attr(name=name, of=owner):
                if isinstance(owner, Name | Attr):
                    self._keep(name, value)
            case Index(of=owner) | Call(to=Attr(of=owner)):
                self._taint(owner, value)
            case _:
                pass

    # What is told

    def _found(self, at: int) -> Value:
        """A run of a detector finds faces."""
        origin = Origin(at, self.through, self.path)
        self.trace.origins[origin] = None
        return of(Kind.FACES, origin)

    def _born(self, name: str, at: int) -> Value:
        """What a variable holds that is called after faces, where nobody sees how it was made."""
        if known.SETTINGS.search(name):
            return of(Kind.WEIGHTS)
        return of(Kind.MODEL) if known.MODELS.search(name) else self._found(at)

    def _named(self, name: str) -> Value:
        """What is used under a name that says that it finds faces, and comes from elsewhere."""
        return of(Kind.WEIGHTS if known.SETTINGS.search(name) else Kind.MODEL)

    def _cover(self, origins: Iterable[Origin], at: int) -> None:
        for origin in origins:
            path = tuple(g for g in self.path if g not in origin.path)
            self.trace.covers.append((origin, at, path))

    def _object(self, at: int, what: str) -> None:
        self.trace.against[at, what] = None

    def _tell_if_entry(self, value: Value, at: int, how: str) -> None:
        entry = self.entry
        if (value.seen or value.has(Kind.MODEL)) and entry is not None and self.frame.function is entry:
            self._object(at, f"{how} by {entry.name or 'a function'}(), which other code may call")

    def _tell_if_open(self, name: str, value: Value, at: int) -> None:
        if value.seen and self.is_library and not name.startswith("_"):
            self._object(at, f"keeps what was found in `{name}`, which other code may read")
