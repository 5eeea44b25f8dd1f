"""Reads a pickle without running it: a stack machine that builds inert values and calls nothing.

Where a pickle would import and call, a `Made` stands instead, with the name and the arguments.
"""

import math
import pickletools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scanner.errors import LimitError, UnreadableError
from scanner.inspect.reading import Reading

MAX_OPS = 4_000_000
"""Ceiling of operations in one pickle; ten thousand face encodings of 128 numbers take 1.3 million."""
_KEPT = 16 * 1024
_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Named:
    """Something the pickle would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Blob:
    """Bytes: their length, and the first of them."""

    length: int
    head: bytes


@dataclass(slots=True, eq=False)
class Pairs:
    """A dictionary, as pairs: its keys need not be hashable here."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Made:
    """What a call would have made; `state` is what would have been put into it."""

    call: object
    args: tuple[Any, ...] = ()
    state: object = None
    content: list[Any] = field(default_factory=list)
    pairs: list[tuple[Any, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that lies outside of the pickle, by its id."""

    key: object


class _File:
    """What `pickletools` reads from: never more than there is."""

    def __init__(self, data: Reading, start: int) -> None:
        self._data = data
        self.at = start

    def read(self, count: int) -> bytes:
        if count < 0:
            raise self._data.damaged("is a pickle with a negative length")
        piece = self._data.upto(self.at, count)
        self.at += len(piece)
        return piece

    def readline(self) -> bytes:
        piece = self._data.upto(self.at, 1024)
        end = piece.find(b"\n")
        if end < 0 and len(piece) == 1024:
            piece = self._data.upto(self.at, _LINE)
            end = piece.find(b"\n")
        line = piece[: end + 1] if end >= 0 else piece
        self.at += len(line)
        return line

    def tell(self) -> int:
        return self.at


_MARK = object()


def looks_like_pickle(head: bytes) -> bool:
    """Whether it starts as protocols 2 to 5 do."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def read_pickle(data: Reading, start: int = 0) -> tuple[object, int]:
    """Give the value of one pickle, and where it ends.

    Raises:
        UnreadableError: it is no pickle, or damaged.
        LimitError: it holds too many operations.
    """
    file = _File(data, start)
    machine = _Machine()
    try:
        # Old texts with stray backslashes make Python warn; they are no fault of the reader's.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _run(machine, file, data)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, EOFError, AttributeError) as error:
        raise data.damaged(f"is a damaged pickle: {type(error).__name__}") from error
    except (RecursionError, MemoryError) as error:
        raise LimitError(f"{data.path} is a pickle that hits a ceiling: {type(error).__name__}.") from error
    if len(machine.stack) != 1:
        raise data.damaged("is a damaged pickle: it leaves nothing behind")
    return machine.stack[0], file.at


def _run(machine: "_Machine", file: _File, data: Reading) -> None:
    for count, (op, arg, _) in enumerate(pickletools.genops(file)):  # type: ignore[arg-type]
        if count > MAX_OPS:
            raise LimitError(f"{data.path} is a pickle of more than {MAX_OPS:,} operations.")
        machine.step(op.name, arg)
        if op.name == "BUILD":
            _skip_array(machine.stack[-1], file, data)


def read_pickles(data: Reading, limit: int) -> Iterator[object]:
    """Give the values of pickles that follow each other, at most `limit`; what comes after is ignored."""
    at = 0
    for index in range(limit):
        if at >= data.size or not looks_like_pickle(data.upto(at, 4)):
            return
        try:
            value, at = read_pickle(data, at)
        except UnreadableError:
            if index == 0:
                raise
            return
        yield value


def _bytes(call: object, args: tuple[Any, ...]) -> Blob | None:
    """Bytes as protocols before 3 write them: a text that stands for them, character by character."""
    if call != Named("_codecs", "encode") or len(args) != 2 or not isinstance(args[0], str):
        return None
    return Blob(len(args[0]), args[0][:_KEPT].encode("latin-1", "replace"))


def _skip_array(made: object, file: _File, data: Reading) -> None:
    """joblib puts the bytes of an array right behind the object that announces it: step over them.

    The first of them are kept in the object's state, as `scanner:head`.
    """
    match made:
        case Made(call=Named(name="NumpyArrayWrapper"), state=Pairs(pairs=pairs)):
            held = {k: v for k, v in pairs if isinstance(k, str)}
        case _:
            return
    shape, dtype = held.get("shape"), held.get("dtype")
    match dtype:
        case Made(args=(str(kind), *_)) if kind[:1] == "O":
            # An array of objects is a pickle of its own, in the middle of the other.
            _, file.at = read_pickle(data, file.at)
            return
        case Made(args=(str(kind), *_)) if kind[1:].isdigit() and len(kind) < 8:
            width = int(kind[1:]) * (4 if kind[0] == "U" else 1)
        case _:
            raise data.damaged("is a joblib file with an array of an unknown type")
    if not isinstance(shape, tuple) or not all(isinstance(d, int) and 0 <= d < 1 << 40 for d in shape):
        raise data.damaged("is a joblib file with an array of no shape")
    if isinstance(held.get("numpy_array_alignment_bytes"), int):
        file.at += 1 + data.at(file.at, 1)[0]
    length = math.prod(shape) * width
    pairs.append(("scanner:head", Blob(length, data.upto(file.at, min(length, _KEPT)))))
    file.at += length
    if file.at > data.size:
        raise data.damaged("is a joblib file that is cut short")


class _Machine:
    """The stack and the memo. Operations that only put a constant are told by their argument's name."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self, name: str, arg: Any) -> None:
        handler = _HANDLERS.get(name)
        if handler is not None:
            handler(self, arg)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _IGNORED:
            return
        else:
            self.stack.append(
                Blob(len(arg), bytes(arg[:_KEPT])) if isinstance(arg, bytes | bytearray) else arg
            )

    def _marked(self) -> list[Any]:
        index = len(self.stack) - 1
        while self.stack[index] is not _MARK:
            index -= 1
            if index < 0:
                raise ValueError("no mark")
        items = self.stack[index + 1 :]
        del self.stack[index:]
        return items

    def mark(self, _: Any) -> None:
        self.stack.append(_MARK)

    def pop(self, _: Any) -> None:
        self.stack.pop()

    def pop_mark(self, _: Any) -> None:
        self._marked()

    def dup(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def empty_list(self, _: Any) -> None:
        self.stack.append([])

    def empty_dict(self, _: Any) -> None:
        self.stack.append(Pairs())

    def as_list(self, _: Any) -> None:
        self.stack.append(self._marked())

    def as_dict(self, _: Any) -> None:
        items = self._marked()
        self.stack.append(Pairs(list(zip(items[::2], items[1::2], strict=True))))

    def as_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._marked()))

    def tuples(self, count: int) -> None:
        items = tuple(self.stack[-count:])
        if len(items) < count:
            raise ValueError("the stack is too short")
        del self.stack[-count:]
        self.stack.append(items)

    def append(self, _: Any) -> None:
        item = self.stack.pop()
        self._extend([item])

    def appends(self, _: Any) -> None:
        self._extend(self._marked())

    def _extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif isinstance(target, Made):
            target.content.extend(items)

    def set_item(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._update([(key, value)])

    def set_items(self, _: Any) -> None:
        items = self._marked()
        self._update(list(zip(items[::2], items[1::2], strict=True)))

    def _update(self, pairs: list[tuple[Any, Any]]) -> None:
        target = self.stack[-1]
        if isinstance(target, Pairs | Made):
            target.pairs.extend(pairs)

    def put(self, arg: Any) -> None:
        self._memo[int(arg)] = self.stack[-1]

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def get(self, arg: Any) -> None:
        self.stack.append(self._memo[int(arg)])

    def named(self, arg: Any) -> None:
        module, _, name = str(arg).partition(" ")
        self.stack.append(Named(module, name))

    def stack_named(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(Named(str(module)[:200], str(name)[:200]))

    def reduce(self, _: Any) -> None:
        args, call = self.stack.pop(), self.stack.pop()
        given = args if isinstance(args, tuple) else ()
        self.stack.append(_bytes(call, given) or Made(call, given))

    def new_obj_ex(self, _: Any) -> None:
        self.stack.pop()
        self.reduce(None)

    def inst(self, arg: Any) -> None:
        module, _, name = str(arg).partition(" ")
        self.stack.append(Made(Named(module, name), tuple(self._marked())))

    def obj(self, _: Any) -> None:
        call, *args = self._marked()
        self.stack.append(Made(call, tuple(args)))

    def build(self, _: Any) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Made):
            self.stack[-1].state = state

    def persistent(self, arg: Any) -> None:
        self.stack.append(Kept(arg))

    def bin_persistent(self, _: Any) -> None:
        self.stack.append(Kept(self.stack.pop()))


_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_IGNORED = frozenset({"PROTO", "STOP", "FRAME", "READONLY_BUFFER"})
_HANDLERS: dict[str, Any] = {
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.pop_mark,
    "DUP": _Machine.dup,
    "EMPTY_LIST": _Machine.empty_list,
    "EMPTY_SET": _Machine.empty_list,
    "EMPTY_DICT": _Machine.empty_dict,
    "LIST": _Machine.as_list,
    "FROZENSET": _Machine.as_list,
    "DICT": _Machine.as_dict,
    "TUPLE": _Machine.as_tuple,
    "TUPLE1": lambda m, _: m.tuples(1),
    "TUPLE2": lambda m, _: m.tuples(2),
    "TUPLE3": lambda m, _: m.tuples(3),
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "ADDITEMS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": _Machine.stack_named,
    "REDUCE": _Machine.reduce,
    "NEWOBJ": _Machine.reduce,
    "NEWOBJ_EX": _Machine.new_obj_ex,
    "INST": _Machine.inst,
    "OBJ": _Machine.obj,
    "BUILD": _Machine.build,
    "PERSID": _Machine.persistent,
    "BINPERSID": _Machine.bin_persistent,
}
