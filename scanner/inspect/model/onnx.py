"""Reads an ONNX file: graph inputs and outputs, operations, weights' shapes and metadata."""

import re
from dataclasses import dataclass, field

from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.model.wire import Field, Wire
from scanner.inspect.reading import Reading

# Numbers of onnx.proto's fields.
_MODEL_PRODUCER, _MODEL_DOMAIN, _MODEL_DOC, _MODEL_GRAPH, _MODEL_PROPS = 2, 4, 6, 7, 14
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_INITIALIZER, _GRAPH_DOC, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 2, 5, 10, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OP = 1, 2, 3, 4
_TENSOR_DIMS, _TENSOR_NAME = 1, 8

_TAIL = 8
_MAX_PARTS = 3000
_QUOTED = re.compile(r"['\"]([^'\"]{1,60})['\"]")
_LABEL_KEYS = ("names", "labels", "classes", "class_names", "id2label")


@dataclass(slots=True)
class _Node:
    op: str = ""
    name: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Graph:
    nodes: list[_Node] = field(default_factory=list)
    weights: dict[str, tuple[int, ...]] = field(default_factory=dict)
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def looks_like_onnx(head: bytes) -> bool:
    """Whether the first bytes are those of an ONNX model: a version, then its producer or its graph."""
    return (
        len(head) > 8
        and head[0] == 0x08
        and 1 <= head[1] <= 20
        and head[2] in (0x12, 0x3A, 0x42)
        and (head[2] != 0x12 or (head[3] < 60 and head[4 : 4 + head[3]].isascii()))
    )


def read_onnx(data: Reading) -> Network:
    """Read the structure.

    Raises:
        UnreadableError: it is damaged, or holds no graph.
    """
    wire = Wire(data)
    words: list[str] = []
    labels: list[str] = []
    graph: _Graph | None = None
    for item in wire.fields():
        if item.number == _MODEL_GRAPH and item.is_bytes:
            graph = _read_graph(wire, item)
        elif item.number in (_MODEL_PRODUCER, _MODEL_DOMAIN, _MODEL_DOC):
            words.append(wire.text(item, 400))
        elif item.number == _MODEL_PROPS:
            key, value = _pair(wire, item)
            words.append(f"{key} {value[:200]}")
            if key.lower() in _LABEL_KEYS:
                labels.extend(_QUOTED.findall(value) or value.split(","))
    if graph is None:
        raise data.damaged("is no ONNX model: it holds no graph")
    return _network(graph, words, labels)


def _network(graph: _Graph, words: list[str], labels: list[str]) -> Network:
    producers = {name: node for node in graph.nodes for name in node.outputs}
    first = graph.outputs[0].name if graph.outputs else ""
    chain = _chain(first, producers, graph.weights)
    return Network(
        format="ONNX",
        inputs=tuple(t for t in graph.inputs if t.name not in graph.weights),
        outputs=tuple(_known_width(t, producers, graph.weights) for t in graph.outputs),
        tail=tuple(node.op for node in chain),
        weights=tuple(Tensor(name, shape) for name, shape in graph.weights.items()),
        labels=tuple(label.strip() for label in labels if label.strip()),
        words=tuple(w.lower() for w in (*words, *graph.words, *_parts(graph)) if w),
    )


def _parts(graph: _Graph) -> list[str]:
    """Give the names of inputs, outputs and weights: what the network's author called its parts."""
    return [t.name for t in (*graph.inputs, *graph.outputs)] + list(graph.weights)[:_MAX_PARTS]


def _chain(name: str, producers: dict[str, _Node], weights: dict[str, tuple[int, ...]]) -> list[_Node]:
    """Walk from an output back along the first input that is no weight."""
    chain: list[_Node] = []
    while name in producers and len(chain) < _TAIL:
        node = producers[name]
        chain.append(node)
        name = next((i for i in node.inputs if i not in weights), "")
    return chain


def _known_width(tensor: Tensor, producers: dict[str, _Node], weights: dict[str, tuple[int, ...]]) -> Tensor:
    """Where an output declares no width, take it from the bias or scale of what makes it."""
    if tensor.shape and any(d > 1 for d in tensor.shape):
        return tensor
    if len(tensor.shape) > 2:
        return tensor
    for node in _chain(tensor.name, producers, weights):
        if node.op not in _KEEP_WIDTH and node.op not in _SET_WIDTH:
            return tensor
        for name in node.inputs:
            shape = weights.get(name, ())
            if len(shape) == 1 and shape[0] > 1 and node.op in _SET_WIDTH:
                return Tensor(tensor.name, (-1, shape[0]))
    return tensor


_KEEP_WIDTH = frozenset(
    {"LpNormalization", "Div", "Identity", "Cast", "Squeeze", "Softmax", "Sigmoid", "Mul"}
)
_SET_WIDTH = frozenset({"Gemm", "BatchNormalization", "Add", "Conv"})


def _read_graph(wire: Wire, message: Field) -> _Graph:
    graph = _Graph()
    for item in wire.inside(message):
        if item.number == _GRAPH_NODE:
            graph.nodes.append(_read_node(wire, item))
        elif item.number == _GRAPH_INITIALIZER:
            name, shape = _read_tensor(wire, item)
            graph.weights[name] = shape
        elif item.number == _GRAPH_INPUT:
            graph.inputs.append(_read_value(wire, item))
        elif item.number == _GRAPH_OUTPUT:
            graph.outputs.append(_read_value(wire, item))
        elif item.number in (_GRAPH_NAME, _GRAPH_DOC):
            graph.words.append(wire.text(item, 400))
    return graph


def _read_node(wire: Wire, message: Field) -> _Node:
    node = _Node()
    for item in wire.inside(message):
        if item.number == _NODE_INPUT:
            node.inputs.append(wire.text(item))
        elif item.number == _NODE_OUTPUT:
            node.outputs.append(wire.text(item))
        elif item.number == _NODE_OP:
            node.op = wire.text(item)
    return node


def _read_tensor(wire: Wire, message: Field) -> tuple[str, tuple[int, ...]]:
    name = ""
    dims: list[int] = []
    for item in wire.inside(message):
        if item.number == _TENSOR_DIMS:
            dims.extend(wire.numbers(item))
        elif item.number == _TENSOR_NAME:
            name = wire.text(item)
    return name, tuple(dims[:16])


def _read_value(wire: Wire, message: Field) -> Tensor:
    name = ""
    shape: tuple[int, ...] = ()
    for item in wire.inside(message):
        if item.number == 1:
            name = wire.text(item)
        elif item.number == 2:
            # TypeProto.tensor_type (1) → Tensor.shape (2) → TensorShapeProto.dim (1) → dim_value (1)
            for kind in (f for f in wire.inside(item) if f.number == 1):
                for dims in (f for f in wire.inside(kind) if f.number == 2):
                    shape = tuple(_read_dim(wire, d) for d in wire.inside(dims) if d.number == 1)[:16]
    return Tensor(name, shape)


def _read_dim(wire: Wire, message: Field) -> int:
    for item in wire.inside(message):
        if item.number == 1 and not item.is_bytes and 0 < item.value < 1 << 40:
            return item.value
    return -1


def _pair(wire: Wire, message: Field) -> tuple[str, str]:
    texts = {f.number: wire.text(f, 20_000) for f in wire.inside(message)}
    return texts.get(1, ""), texts.get(2, "")
