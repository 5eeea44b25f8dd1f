"""Reads TensorFlow graphs: frozen (`.pb`), SavedModel, and graph models of TensorFlow.js."""

from typing import Any

from scanner.errors import LimitError, UnreadableError
from scanner.inspect.model.keras import architecture
from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.model.wire import Field, Wire
from scanner.inspect.reading import Reading, json_of

_MAX_WORDS = 20_000


def read_graph(data: Reading) -> Network | None:
    """Read a frozen graph or a SavedModel; None where a `.pb` file holds another message.

    Raises:
        UnreadableError: a SavedModel is damaged.
    """
    if data.path.rsplit("/", 1)[-1] == "saved_model.pb":
        return _saved_model(Wire(data))
    try:
        return _graph(Wire(data), Field(0, 0, 0, data.size))
    except LimitError:
        raise
    except UnreadableError:
        # Any message of any program may be kept under this suffix.
        return None


def _saved_model(wire: Wire) -> Network | None:
    for meta in (f for f in wire.fields() if f.number == 2):
        graph: Network | None = None
        inputs: list[Tensor] = []
        outputs: list[Tensor] = []
        for item in wire.inside(meta):
            if item.number == 2:
                graph = _graph(wire, item)
            elif item.number == 5:
                for signature in (f for f in wire.inside(item) if f.number == 2):
                    inputs.extend(_signature(wire, signature, 1))
                    outputs.extend(_signature(wire, signature, 2))
        if graph is not None:
            return Network(
                "TensorFlow SavedModel",
                inputs=tuple(inputs) or graph.inputs,
                outputs=tuple(outputs) or graph.outputs,
                tail=graph.tail,
                words=graph.words,
            )
    return None


def _signature(wire: Wire, message: Field, number: int) -> list[Tensor]:
    """Give one side of a signature: a map from names to tensors with their shapes."""
    found = []
    for entry in (f for f in wire.inside(message) if f.number == number):
        name = ""
        shape: tuple[int, ...] = ()
        for part in wire.inside(entry):
            if part.number == 1:
                name = wire.text(part, 200)
            elif part.number == 2:
                shapes = [f for f in wire.inside(part) if f.number == 3]
                shape = _shape(wire, shapes[0]) if shapes else ()
        found.append(Tensor(name, shape))
    return found


def _shape(wire: Wire, message: Field) -> tuple[int, ...]:
    dims = []
    for dim in (f for f in wire.inside(message) if f.number == 2):
        size = next((wire.numbers(f)[0] for f in wire.inside(dim) if f.number == 1 and not f.is_bytes), -1)
        dims.append(size if size > 0 else -1)
    return tuple(dims[:16])


def _graph(wire: Wire, message: Field) -> Network | None:
    inputs: list[Tensor] = []
    ops: dict[str, str] = {}
    feeds: dict[str, list[str]] = {}
    used: set[str] = set()
    for node in (f for f in wire.inside(message) if f.number == 1):
        name, op, sources, shape = _node(wire, node)
        if not name or not op:
            return None
        ops[name] = op
        feeds[name] = sources
        used.update(sources)
        if op == "Placeholder" and shape != (-1,):
            inputs.append(Tensor(name, shape))
    if not ops:
        return None
    ends = [n for n, op in ops.items() if n not in used and op not in ("Const", "NoOp", "Placeholder")]
    return Network(
        "TensorFlow graph",
        inputs=tuple(inputs),
        outputs=tuple(Tensor(n) for n in ends[:64]),
        tail=_tail(ends[0], ops, feeds) if ends else (),
        words=tuple(n.lower() for n in list(ops)[:_MAX_WORDS]),
    )


def _tail(name: str, ops: dict[str, str], feeds: dict[str, list[str]]) -> tuple[str, ...]:
    chain: list[str] = []
    while name in ops and len(chain) < 8:
        chain.append(ops[name])
        name = next((s for s in feeds[name] if ops.get(s) not in (None, "Const")), "")
    return tuple(chain)


def _node(wire: Wire, message: Field) -> tuple[str, str, list[str], tuple[int, ...]]:
    name = op = ""
    sources: list[str] = []
    shape: tuple[int, ...] = ()
    for item in wire.inside(message):
        if item.number == 1:
            name = wire.text(item, 300)
        elif item.number == 2:
            op = wire.text(item, 100)
        elif item.number == 3:
            sources.append(wire.text(item, 300).lstrip("^").split(":")[0])
        elif item.number == 5 and op == "Placeholder":
            shape = _shape_attribute(wire, item) or shape
    return name, op, sources, shape


def _shape_attribute(wire: Wire, message: Field) -> tuple[int, ...]:
    parts = {f.number: f for f in wire.inside(message)}
    if 1 not in parts or 2 not in parts or wire.text(parts[1], 20) != "shape":
        return ()
    return next((_shape(wire, f) for f in wire.inside(parts[2]) if f.number == 7), ())


def looks_like_tfjs(head: bytes) -> bool:
    """Whether JSON is a model of TensorFlow.js."""
    return b'"modelTopology"' in head or b'"weightsManifest"' in head


def read_tfjs(data: Reading) -> Network | None:
    """Read a graph model of TensorFlow.js by its signature and its weights; None where it has neither."""
    content = json_of(data)
    if not isinstance(content, dict):
        return None
    layers = architecture(content)
    if layers is not None:
        return layers
    signature = content.get("signature") or (content.get("userDefinedMetadata") or {}).get("signature") or {}
    weights = [
        Tensor(str(w.get("name", "")), tuple(d for d in w.get("shape") or () if isinstance(d, int)))
        for group in _list(content.get("weightsManifest"))
        for w in _list(group.get("weights") if isinstance(group, dict) else None)
        if isinstance(w, dict)
    ]
    inputs, outputs = (_json_side(signature, side) for side in ("inputs", "outputs"))
    if not weights and not outputs:
        return None
    words = [str(content.get(k, "")) for k in ("generatedBy", "convertedBy")]
    return Network(
        "TensorFlow.js",
        inputs=inputs,
        outputs=outputs,
        weights=tuple(weights),
        words=tuple(w.lower() for w in (*words, *(t.name for t in weights[:2000])) if w),
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _json_side(signature: object, side: str) -> tuple[Tensor, ...]:
    entries = signature.get(side) if isinstance(signature, dict) else None
    if not isinstance(entries, dict):
        return ()
    found = []
    for name, entry in entries.items():
        shape = entry.get("tensorShape") if isinstance(entry, dict) else None
        dims = _list(shape.get("dim")) if isinstance(shape, dict) else []
        sizes = [str(d.get("size", -1)) for d in dims[:16] if isinstance(d, dict)]
        found.append(
            Tensor(str(name)[:200], tuple(int(s) if s.isdigit() and s != "0" else -1 for s in sizes))
        )
    return tuple(found)
