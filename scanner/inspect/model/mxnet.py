"""Reads the symbol files of MXNet: the graph as JSON. Weights and their shapes lie in another file."""

from typing import Any

from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.reading import Reading, json_of

_OPS = {"FullyConnected": "Gemm", "L2Normalization": "L2Normalize", "SoftmaxOutput": "Softmax"}
_TAIL = 8


def looks_like_symbol(head: bytes) -> bool:
    """Whether JSON is a graph of MXNet's."""
    return b'"nodes"' in head[:64] and b'"op"' in head and b'"name"' in head


def read_symbol(data: Reading) -> Network | None:
    """Read names, operations and the width of the first output; None where the JSON is another graph."""
    content = json_of(data)
    nodes = content.get("nodes") if isinstance(content, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(n, dict) and "op" in n for n in nodes[:100]):
        return None
    chain = _chain([n for n in nodes if isinstance(n, dict)], _head(content))
    names = [str(n.get("name", ""))[:200] for n in nodes if isinstance(n, dict)]
    if not chain:
        return None
    return Network(
        "MXNet",
        inputs=(Tensor("data", (-1, 3, -1, -1)),) if "data" in names else (),
        outputs=(Tensor(str(chain[0].get("name", "")), _width(chain)),),
        tail=tuple(_OPS.get(str(n.get("op")), str(n.get("op"))) for n in chain),
        words=tuple(dict.fromkeys(n.lower() for n in names if n)),
    )


def _head(content: object) -> int:
    """Give the index of the node that makes the first output."""
    match content:
        case {"heads": [[int(index), *_], *_]}:
            return index
        case _:
            return -1


def _chain(nodes: list[dict[str, Any]], at: int) -> list[dict[str, Any]]:
    """Walk from a node back along its first inputs."""
    chain: list[dict[str, Any]] = []
    while 0 <= at < len(nodes) and len(chain) < _TAIL and nodes[at].get("op") != "null":
        chain.append(nodes[at])
        match nodes[at].get("inputs"):
            case [[int(before), *_], *_]:
                at = before
            case _:
                break
    return chain


def _width(chain: list[dict[str, Any]]) -> tuple[int, ...]:
    for node in chain:
        options = node.get("attrs") or node.get("attr") or node.get("param") or {}
        count = str(options.get("num_hidden", "")) if isinstance(options, dict) else ""
        if count.isascii() and count.isdigit() and len(count) < 9:
            return (-1, int(count))
    return ()
