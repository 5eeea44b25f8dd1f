"""Reads the architecture that Keras writes as JSON: in HDF5 files, `.keras` archives and on its own."""

import json
import re
from typing import Any

from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.reading import Reading, json_of

_CONFIG = re.compile(rb'\{"(?:module|class_name|name|config)": ?["{]')
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_./-]{5,60}")
_SCAN = 64 * 1024 * 1024
_STEP = 1024 * 1024
_MAX_CONFIG = 8 * 1024 * 1024
_MAX_NAMES = 20_000
_MAX_TRIES = 40
_CLASSES = ("Functional", "Sequential", "Model")
_TAIL = 8
_WIDE = ("units", "filters")
_OPS = {
    "Dense": "Dense",
    "BatchNormalization": "BatchNormalization",
    "UnitNormalization": "L2Normalize",
    "L2Normalization": "L2Normalize",
}


def looks_like_keras_json(head: bytes) -> bool:
    """Whether JSON is an architecture of Keras's, or holds one for TensorFlow.js."""
    start = head[:4096]
    known = any(f'"{c}"'.encode() in start for c in _CLASSES)
    return known and b'"class_name"' in start and b'"config"' in start


def read_keras_json(data: Reading) -> Network | None:
    """Read an architecture; None where the JSON is none."""
    content = json_of(data)
    return architecture(content) if isinstance(content, dict) else None


def read_hdf5(data: Reading) -> Network | None:
    """Read the architecture in an HDF5 file; where there are only weights, the names in it.

    The attribute lies in one piece in a heap, so that it is found by how its JSON starts.
    """
    names: dict[str, None] = {}
    tries = 0
    for start in range(0, min(data.size, _SCAN), _STEP):
        piece = data.upto(start, _STEP + 64)
        for match in _CONFIG.finditer(piece):
            tries += 1
            network = _at(data, start + match.start()) if tries <= _MAX_TRIES else None
            if network is not None:
                return network
        if len(names) < _MAX_NAMES:
            names.update(dict.fromkeys(n.decode().lower() for n in _NAME.findall(piece)))
    return Network("HDF5 weights", words=tuple(names)[:_MAX_NAMES])


def _at(data: Reading, start: int) -> Network | None:
    text = data.upto(start, _MAX_CONFIG).split(b"\0", 1)[0].decode("utf-8", "replace")
    try:
        content, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return architecture(content) if isinstance(content, dict) else None


def architecture(content: dict[str, Any]) -> Network | None:
    """Read a decoded architecture, also one that is wrapped for TensorFlow.js; None where it is none."""
    topology = content.get("modelTopology")
    if isinstance(topology, dict):
        content = topology.get("model_config", topology)
    if not isinstance(content, dict) or content.get("class_name") not in _CLASSES:
        return None
    config = content.get("config")
    layers = _layers(config)
    if not layers:
        return None
    first = next((s for layer in layers if (s := _input_shape(layer))), ())
    return Network(
        "Keras",
        inputs=(Tensor(str(layers[0].get("name", "input")), first),) if first else (),
        outputs=(Tensor(_name(layers[-1]), _width(layers)),),
        tail=_tail(layers),
        words=tuple(
            w.lower()
            for w in (str(config.get("name", "")) if isinstance(config, dict) else "", *map(_name, layers))
            if w
        ),
    )


def _layers(config: object) -> list[dict[str, Any]]:
    """Give the layers with what their own `config` says, those of a nested model in its place."""
    found: list[dict[str, Any]] = []
    todo = [config]
    while todo and len(found) < 10_000:
        at = todo.pop()
        listed = at.get("layers") if isinstance(at, dict) else at
        if not isinstance(listed, list):
            continue
        for layer in listed:
            inner = layer.get("config") if isinstance(layer, dict) else None
            if not isinstance(inner, dict):
                continue
            if layer.get("class_name") in _CLASSES:
                found.extend(_layers(inner) if len(found) < 5_000 else ())
            else:
                found.append({**inner, "class": layer.get("class_name", "")})
    return found


def _name(layer: dict[str, Any]) -> str:
    return str(layer.get("name", ""))[:100]


def _input_shape(layer: dict[str, Any]) -> tuple[int, ...]:
    shape = layer.get("batch_input_shape") or layer.get("batch_shape")
    if not isinstance(shape, list) or len(shape) < 2:
        return ()
    return tuple(d if isinstance(d, int) and d > 0 else -1 for d in shape[:8])


def _width(layers: list[dict[str, Any]]) -> tuple[int, ...]:
    for layer in reversed(layers):
        if str(layer["class"]).startswith(("Conv", "Dense", "SeparableConv")):
            width = next((layer[k] for k in _WIDE if isinstance(layer.get(k), int)), 0)
            return (-1, width) if width > 0 else ()
    return ()


def _tail(layers: list[dict[str, Any]]) -> tuple[str, ...]:
    tail: list[str] = []
    for layer in reversed(layers[-_TAIL:]):
        if layer.get("activation") in ("softmax", "sigmoid") or layer["class"] in ("Softmax",):
            tail.append("Softmax")
        kind = str(layer["class"])
        name = _name(layer).lower()
        if kind == "Lambda" and ("norm" in name or "l2" in name):
            tail.append("L2Normalize")
        else:
            tail.append(_OPS.get(kind, kind))
    return tuple(tail)
