"""Reads Caffe networks (prototxt and caffemodel) and ncnn's parameter files."""

import re
from collections.abc import Iterator

from scanner.errors import LimitError, UnreadableError
from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.model.wire import Field, Wire
from scanner.inspect.reading import Reading

_MAX_TEXT = 16 * 1024 * 1024
_TOKEN = re.compile(
    r"#[^\n]*|(?<!\w)([A-Za-z_]\w{0,100})\s{0,20}:?\s{0,20}(\{)"
    r"|(?<!\w)([A-Za-z_]\w{0,100})\s{0,20}:\s{0,20}(\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|[^\s{}]{1,500})|(\})"
)
_NCNN_MAGIC = b"7767517"
_DENSE = ("InnerProduct", "Convolution")


def read_prototxt(data: Reading) -> Network | None:
    """Read a network in text form; None where the text is none (a solver, another message)."""
    text = data.upto(0, _MAX_TEXT).decode("utf-8", "replace")
    layers: list[dict[str, list[str]]] = []
    top: dict[str, list[str]] = {}
    current: dict[str, list[str]] = top
    for path, value in _values(text):
        if path[0] in ("layer", "layers"):
            if len(path) == 1:
                current = {}
                layers.append(current)
            else:
                current.setdefault(".".join(path[1:]), []).append(value)
        else:
            top.setdefault(".".join(path), []).append(value)
    if not layers:
        return None
    dims = (
        top.get("input_dim")
        or top.get("input_shape.dim")
        or next((v for layer in layers for k, v in layer.items() if k.endswith("input_param.shape.dim")), [])
    )
    outputs = _outputs([(_one(v, "type"), _one(v, "name"), _one(v, "num_output", deep=True)) for v in layers])
    return Network(
        "Caffe",
        inputs=(Tensor(_one(top, "input") or "data", _sizes(dims)),) if dims else (),
        outputs=outputs,
        tail=tuple(_one(v, "type") for v in reversed(layers[-8:])),
        words=tuple(w.lower() for w in (_one(top, "name"), *(_one(v, "name") for v in layers[:5000])) if w),
    )


def _values(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every value with the path of blocks it stands in; the start of a block is an empty value."""
    path: list[str] = []
    for match in _TOKEN.finditer(text):
        block, _, key, value, end = match.groups()
        if block:
            path.append(block)
            if len(path) > 50:
                return
            yield tuple(path), ""
        elif key:
            yield (*path, key), value.strip("\"'")
        elif end and path:
            path.pop()


def _one(values: dict[str, list[str]], key: str, *, deep: bool = False) -> str:
    if key in values:
        return values[key][0]
    return next((v[0] for k, v in values.items() if deep and k.endswith(f".{key}")), "")


def _sizes(texts: list[str]) -> tuple[int, ...]:
    return tuple(int(t) if t.isascii() and t.isdigit() and len(t) < 10 else -1 for t in texts[:4])


def _outputs(layers: list[tuple[str, str, str]]) -> tuple[Tensor, ...]:
    """Take the width from the last layer that sets one, and the name from the very last."""
    if not layers:
        return ()
    for kind, name, count in reversed(layers):
        if count.isascii() and count.isdigit() and len(count) < 9:
            width = int(count)
            return (Tensor(name, (1, width)),) if kind in _DENSE else (Tensor(name),)
    return (Tensor(layers[-1][1]),)


def read_caffemodel(data: Reading) -> Network | None:
    """Read names, types and weights' shapes of a binary network; None where it is another message."""
    wire = Wire(data)
    name = ""
    weights: list[Tensor] = []
    words: list[str] = []
    try:
        for item in wire.fields():
            if item.number == 1 and item.is_bytes:
                name = wire.text(item, 200)
            elif item.number in (2, 100) and item.is_bytes:
                label, shapes = _blobs(wire, item, new=item.number == 100)
                words.append(label)
                weights.extend(Tensor(f"{label}.{i}", s) for i, s in enumerate(shapes))
    except LimitError:
        raise
    except UnreadableError:
        return None
    if not weights:
        return None
    return Network("Caffe", weights=tuple(weights), words=tuple(w.lower() for w in (name, *words) if w))


def _blobs(wire: Wire, message: Field, *, new: bool) -> tuple[str, list[tuple[int, ...]]]:
    """Read a layer's name and its arrays; the fields of the first generation have other numbers."""
    name_field, blob_field = (1, 7) if new else (4, 6)
    label = ""
    shapes = []
    for item in wire.inside(message):
        if item.number == name_field and item.is_bytes:
            label = wire.text(item, 200)
        elif item.number == blob_field and item.is_bytes:
            old = []
            for part in wire.inside(item):
                if part.number == 7:
                    shapes.append(
                        tuple(d for f in wire.inside(part) if f.number == 1 for d in wire.numbers(f))
                    )
                elif part.number in (1, 2, 3, 4) and not part.is_bytes:
                    old.append(part.value)
            if len(old) == 4:
                shapes.append(tuple(old))
    return label, shapes


def looks_like_ncnn(head: bytes) -> bool:
    """Whether it starts with ncnn's number."""
    return head.lstrip()[: len(_NCNN_MAGIC)] == _NCNN_MAGIC


def read_ncnn(data: Reading) -> Network | None:
    """Read a parameter file of ncnn: one layer a line."""
    lines = data.upto(0, _MAX_TEXT).decode("utf-8", "replace").splitlines()[2:]
    inputs: list[Tensor] = []
    kinds: list[str] = []
    made: dict[str, tuple[int, ...]] = {}
    used: set[str] = set()
    words: list[str] = []
    for parts in (line.split() for line in lines[:20_000]):
        if len(parts) < 4 or not (parts[2].isdigit() and parts[3].isdigit() and len(parts[2] + parts[3]) < 8):
            continue
        kind, name, feeds, gives = parts[0], parts[1], int(parts[2]), int(parts[3])
        if len(parts) < 4 + feeds + gives:
            continue
        options = dict(p.split("=", 1) for p in parts[4 + feeds + gives :] if "=" in p)
        kinds.append(kind)
        words.append(name.lower())
        if kind == "Input":
            width, height, channels = (options.get(k, "-1") for k in "012")
            inputs.append(Tensor(name, (1, *_sizes([channels, height, width]))))
            continue
        used.update(parts[4 : 4 + feeds])
        width = options.get("0", "") if kind == "InnerProduct" else ""
        source = made.get(parts[4], ()) if feeds else ()
        shape = (1, int(width)) if width.isdigit() and len(width) < 9 else source if kind in _KEEPS else ()
        made.update(dict.fromkeys(parts[4 + feeds : 4 + feeds + gives], shape))
    if not kinds:
        return None
    return Network(
        "ncnn",
        inputs=tuple(inputs),
        outputs=tuple(Tensor(n, s) for n, s in made.items() if n not in used),
        tail=tuple(reversed(kinds[-8:])),
        words=tuple(words),
    )


_KEEPS = frozenset({"BatchNorm", "Normalize", "Split", "ReLU", "Dropout", "Scale", "Softmax"})
