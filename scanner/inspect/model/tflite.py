"""Reads a TensorFlow Lite file: a flatbuffer of operators and tensors, and labels in a zip behind it."""

import zipfile
import zlib

from scanner.errors import UnreadableError
from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.reading import Reading, as_file

_MAX_TENSORS = 20_000
_MAX_LABELS = 64 * 1024
_TAIL = 8
# Operator codes of the schema that tell how a network ends.
_OPS = {
    0: "ADD",
    3: "CONV_2D",
    6: "DEQUANTIZE",
    9: "FULLY_CONNECTED",
    11: "L2_NORMALIZATION",
    14: "LOGISTIC",
    18: "Mul",
    22: "RESHAPE",
    25: "SOFTMAX",
    32: "CUSTOM",
    42: "Div",
    43: "SQUEEZE",
    55: "MAXIMUM",
    74: "SUM",
    76: "Rsqrt",
    92: "SQUARE",
    114: "QUANTIZE",
}
_PASSING = frozenset({"QUANTIZE", "DEQUANTIZE", "SQUEEZE"})


class _Table:
    """A flatbuffer table; an absent field is None."""

    def __init__(self, data: Reading, at: int) -> None:
        self._data = data
        self._at = at
        self._slots = at - int.from_bytes(data.at(at, 4), "little", signed=True)
        self._size = data.ints(self._slots, 1, 2)[0]

    def _place(self, field: int) -> int | None:
        slot = 4 + 2 * field
        if slot + 2 > self._size:
            return None
        offset = self._data.ints(self._slots + slot, 1, 2)[0]
        return self._at + offset if offset else None

    def number(self, field: int, width: int) -> int:
        place = self._place(field)
        return int.from_bytes(self._data.at(place, width), "little", signed=True) if place else 0

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if place is None:
            return 0, 0
        start = place + self._data.ints(place, 1, 4)[0]
        return start + 4, self._data.ints(start, 1, 4)[0]

    def text(self, field: int) -> str:
        start, count = self._vector(field)
        return self._data.at(start, min(count, 400)).decode("utf-8", "replace") if count else ""

    def ints(self, field: int, limit: int = 64) -> list[int]:
        start, count = self._vector(field)
        raw = self._data.ints(start, min(count, limit), 4) if count else []
        return [v - (1 << 32) if v >> 31 else v for v in raw]

    def tables(self, field: int) -> "list[_Table]":
        start, count = self._vector(field)
        if count > _MAX_TENSORS:
            raise self._data.damaged(f"holds more than {_MAX_TENSORS:,} parts in one list")
        offsets = self._data.ints(start, count, 4) if count else []
        return [_Table(self._data, start + 4 * i + offset) for i, offset in enumerate(offsets)]


def read_tflite(data: Reading) -> Network:
    """Read the first graph.

    Raises:
        UnreadableError: offsets lead nowhere.
    """
    model = _Table(data, data.ints(0, 1, 4)[0])
    graphs = model.tables(2)
    if not graphs:
        raise data.damaged("is no TensorFlow Lite model: it holds no graph")
    graph = graphs[0]
    tensors = [Tensor(t.text(3), _shape(t)) for t in graph.tables(0)]

    def pick(field: int) -> tuple[Tensor, ...]:
        return tuple(tensors[i] for i in graph.ints(field) if 0 <= i < len(tensors))

    return Network(
        "TensorFlow Lite",
        inputs=pick(1),
        outputs=pick(2),
        tail=_tail(model, graph),
        labels=_labels(data),
        words=tuple(
            dict.fromkeys(w.lower() for w in (model.text(3), graph.text(4), *(t.name for t in tensors)) if w)
        ),
    )


def _shape(tensor: _Table) -> tuple[int, ...]:
    signature = tensor.ints(7, 16)
    return tuple(signature or tensor.ints(0, 16))


def _tail(model: _Table, graph: _Table) -> tuple[str, ...]:
    codes = [_OPS.get(max(c.number(0, 1), c.number(3, 4)), "?") for c in model.tables(1)]
    producers: dict[int, tuple[str, list[int]]] = {}
    for operator in graph.tables(3):
        code = operator.number(0, 4)
        name = codes[code] if 0 <= code < len(codes) else "?"
        for output in operator.ints(2, 8):
            producers[output] = (name, operator.ints(1, 8))
    chain: list[str] = []
    at = next(iter(graph.ints(2)), -1)
    for _ in range(_TAIL * 2):
        if at not in producers or len(chain) == _TAIL:
            break
        name, inputs = producers[at]
        if name not in _PASSING:
            chain.append(name)
        at = next((i for i in inputs if i in producers), -1)
    return tuple(chain)


def _labels(data: Reading) -> tuple[str, ...]:
    """Give the lines of label files that a packer put behind the model."""
    if b"PK\5\6" not in data.upto(max(0, data.size - 1024), 1024):
        return ()
    try:
        with zipfile.ZipFile(as_file(data)) as archive:
            member = next((i for i in archive.infolist() if i.filename.endswith(".txt")), None)
            if member is None:
                return ()
            with archive.open(member) as file:
                text = file.read(_MAX_LABELS).decode("utf-8", "replace")
    except UnreadableError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        # Bytes that only look like an archive: the model itself was read.
        return ()
    return tuple(line.strip() for line in text.splitlines() if line.strip())
