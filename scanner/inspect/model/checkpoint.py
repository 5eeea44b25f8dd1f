"""Reads checkpoints: PyTorch (zip, legacy, TorchScript), safetensors, weights manifests of TensorFlow.js.

They hold arrays by name and no graph. Pickles are walked, never loaded.
"""

import zipfile
import zlib
from collections.abc import Iterator

import msgspec

from scanner.errors import LimitError, UnreadableError
from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.pickled import Blob, Made, Named, Pairs, looks_like_pickle, read_pickle, read_pickles
from scanner.inspect.reading import Reading, as_file, json_of

_MAX_PICKLE = 64 * 1024 * 1024
_MAX_HEADER = 100 * 1024 * 1024
_MAX_VALUES = 2_000_000
_LEGACY_PICKLES = 5
_REBUILD = frozenset(
    {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor"}
    | {"_rebuild_meta_tensor_no_storage"}
)
_INNER = frozenset(
    {"_modules", "_parameters", "_buffers", "state_dict", "model_state_dict", "model_state", "model", "net"}
)
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    OverflowError,
)


def read_pytorch(data: Reading) -> Network | None:
    """Read a PyTorch file of either generation.

    Raises:
        UnreadableError: it is an archive or a pickle, and damaged.
    """
    if data.upto(0, 4) == b"PK\3\4":
        return _from_zip(data)
    if not looks_like_pickle(data.upto(0, 4)):
        return None
    return _network(data.path, list(read_pickles(data, _LEGACY_PICKLES)), "PyTorch")


def _network(path: str, values: list[object], form: str) -> Network | None:
    """Give the arrays and class names in a pickle's values; None where there is no array of PyTorch's."""
    weights: dict[str, Tensor] = {}
    words: dict[str, None] = {}
    labels: list[str] = []
    for name, value in _walk(path, values):
        if isinstance(value, Tensor):
            weights.setdefault(name, Tensor(name, value.shape))
        elif isinstance(value, Named):
            words.setdefault(str(value).lower())
        elif isinstance(value, str) and _parent(name) in ("names", "classes", "class_names"):
            labels.append(value)
    if not weights and not any(w.startswith(("torch", "__torch__")) for w in words):
        return None
    return Network(form, weights=tuple(weights.values()), labels=tuple(labels), words=tuple(words))


def _parent(name: str) -> str:
    parts = name.split(".")
    return parts[-2] if len(parts) > 1 else ""


def _walk(path: str, values: list[object]) -> Iterator[tuple[str, object]]:
    """Give what matters in a tree of inert values, with dotted names; shared and cyclic parts once."""
    todo: list[tuple[str, object]] = [("", value) for value in reversed(values)]
    seen: set[int] = set()
    for _ in range(_MAX_VALUES):
        if not todo:
            return
        name, value = todo.pop()
        if isinstance(value, Named | str):
            yield name, value
            continue
        if isinstance(value, int | float | Blob | None):
            continue
        tensor = _tensor(value)
        if tensor is not None:
            yield name, tensor
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        todo.extend((_join(name, key), inner) for key, inner in reversed(list(_children(value))))
    raise LimitError(f"{path} holds more than {_MAX_VALUES:,} values.")


def _children(value: object) -> Iterator[tuple[object, object]]:
    match value:
        case Pairs(pairs=pairs):
            yield from pairs
        case Made(call=call, args=args, state=state, content=content, pairs=pairs):
            yield "", call
            yield from (("", a) for a in args)
            yield "", state
            yield from enumerate(content)
            yield from pairs
        case list() | tuple():
            yield from enumerate(value)
        case _:
            return


def _join(name: str, key: object) -> str:
    text = str(key) if isinstance(key, str | int) else ""
    if not text or text in _INNER:
        return name
    return f"{name}.{text}"[:300] if name else text[:300]


def _tensor(value: object) -> Tensor | None:
    match value:
        case Made(call=Named(name="_rebuild_parameter"), args=(inner, *_)):
            return _tensor(inner)
        case Made(call=Named(name=name), args=(_, _, tuple(shape), *_)) if name in _REBUILD:
            return Tensor("", tuple(d for d in shape if isinstance(d, int))[:16])
        case Made(call=Named(name="_reconstruct"), state=(_, tuple(shape), _, _, Blob() | str())):
            # An array of numpy's, in files that a converter made.
            return Tensor("", tuple(d for d in shape if isinstance(d, int))[:16])
        case _:
            return None


def _from_zip(data: Reading) -> Network | None:
    try:
        with zipfile.ZipFile(as_file(data)) as archive:
            infos = archive.infolist()
            member = next((i for i in infos if i.filename.endswith("data.pkl")), None)
            if member is None:
                return None
            if member.file_size > _MAX_PICKLE:
                raise LimitError(f"{data.path} holds a pickle of more than {_MAX_PICKLE // 2**20} MiB.")
            with archive.open(member) as file:
                content = file.read(_MAX_PICKLE + 1)
            scripted = any("/code/" in i.filename for i in infos)
            sources = [i.filename.lower() for i in infos if i.filename.endswith(".py")][:500]
    except UnreadableError:
        raise
    except _ZIP_ERRORS as error:
        raise data.damaged(f"is a damaged archive: {type(error).__name__}") from error
    if len(content) > _MAX_PICKLE:
        raise LimitError(f"{data.path} holds a pickle of more than {_MAX_PICKLE // 2**20} MiB.")
    value, _ = read_pickle(Reading(data.path, len(content), data=content))
    network = _network(data.path, [value], "TorchScript" if scripted else "PyTorch")
    if network is None or not sources:
        return network
    return Network(
        network.format, weights=network.weights, labels=network.labels, words=(*network.words, *sources)
    )


def looks_like_array_of_objects(head: bytes) -> bool:
    """Whether a numpy file holds a pickle, as converters write weights by name."""
    return head.startswith(b"\x93NUMPY") and b"'|O'" in head[:256]


def read_array_of_objects(data: Reading) -> Network | None:
    """Read weights that a converter saved as one dictionary in a numpy file; None where there are none.

    Raises:
        UnreadableError: the pickle in it is damaged.
    """
    head = data.upto(0, 12)
    width = 2 if head[6:7] == b"\1" else 4
    start = 8 + width + int.from_bytes(head[8 : 8 + width], "little")
    if not looks_like_pickle(data.upto(start, 4)):
        return None
    return _network(data.path, [read_pickle(data, start)[0]], "numpy")


def looks_like_safetensors(head: bytes) -> bool:
    """Whether it starts with the length of a JSON header and the header."""
    return len(head) > 10 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= _MAX_HEADER


def read_safetensors(data: Reading) -> Network:
    """Read the header.

    Raises:
        UnreadableError: the header is none.
    """
    length = int.from_bytes(data.at(0, 8), "little")
    if length > _MAX_HEADER:
        raise data.damaged("is no safetensors file: its header is too long")
    header = _Part(data, 8, length)
    content = header.json()
    if not isinstance(content, dict):
        raise data.damaged("is no safetensors file: its header is no object")
    meta = content.pop("__metadata__", {})
    return Network(
        "safetensors",
        weights=tuple(Tensor(n, _dims(t.get("shape"))) for n, t in content.items() if isinstance(t, dict)),
        words=tuple(f"{k} {v}".lower()[:400] for k, v in meta.items()) if isinstance(meta, dict) else (),
    )


class _Part:
    def __init__(self, data: Reading, start: int, length: int) -> None:
        self._data, self._start, self._length = data, start, length

    def json(self) -> object:
        try:
            return msgspec.json.decode(self._data.at(self._start, self._length).strip())
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._data.damaged(f"holds a header that is no JSON: {type(error).__name__}") from error


def _dims(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, list):
        return ()
    return tuple(d for d in shape[:16] if isinstance(d, int))


def read_manifest(data: Reading) -> Network | None:
    """Read a weights manifest of TensorFlow.js, as face-api.js ships; None where it is another JSON."""
    content = json_of(data)
    groups = content if isinstance(content, list) else []
    weights = [
        Tensor(str(w.get("name", "")), _dims(w.get("shape")))
        for group in groups
        if isinstance(group, dict) and isinstance(group.get("weights"), list)
        for w in group["weights"]
        if isinstance(w, dict)
    ]
    return Network("TensorFlow.js", weights=tuple(weights)) if weights else None
