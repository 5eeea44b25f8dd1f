"""Opens up the input size of an ONNX graph and cuts off the outputs that nobody may ask for.

Both shipped detectors are stored with a fixed input size, though they are fully convolutional. ONNX
Runtime insists on the stored size, and the `onnx` package is too heavy a dependency for four numbers; so
the few protobuf fields are rewritten here. Heads that give facial landmarks are taken out of the
graph's outputs: ONNX Runtime then removes their layers, and no landmark is ever computed.
"""

from collections.abc import Callable, Iterator

from scanner.errors import UnreadableError

_GRAPH = 7
_INPUT, _OUTPUT, _VALUE_INFO = 11, 12, 13
_BYTES = 2

Field = tuple[int, int, bytes]
"""Number, wire type, raw payload (without the length of a length-delimited field)."""


def open_input(model: bytes, keep: Callable[[str], bool]) -> bytes:
    """Rewrite a serialised ONNX model.

    Args:
        model: A `ModelProto`; its pictures enter as one N x 3 x H x W tensor.
        keep: Says by name whether an output stays.

    Returns:
        The model with N, H and W free, and the outputs of which `keep` is true.

    Raises:
        UnreadableError: the bytes are not a serialised model.
    """
    try:
        return _join((n, w, _graph(p, keep) if n == _GRAPH else p) for n, w, p in _split(model))
    except (IndexError, ValueError) as error:
        raise UnreadableError("The file is not an ONNX model.", "Name an ONNX face detector.") from error


def outputs(model: bytes) -> tuple[str, ...]:
    """Give the names of the graph's outputs, in order.

    Raises:
        UnreadableError: the bytes are not a serialised model.
    """
    try:
        graphs = [p for n, w, p in _split(model) if (n, w) == (_GRAPH, _BYTES)]
        return tuple(_name(p) for graph in graphs for n, _, p in _split(graph) if n == _OUTPUT)
    except (IndexError, ValueError) as error:
        raise UnreadableError("The file is not an ONNX model.", "Name an ONNX face detector.") from error


def _graph(graph: bytes, keep: Callable[[str], bool]) -> bytes:
    def fields() -> Iterator[Field]:
        for number, wire, payload in _split(graph):
            if number == _VALUE_INFO:
                continue
            if number == _INPUT:
                yield number, wire, _map(payload, 2, lambda t: _map(t, 1, lambda x: _map(x, 2, _free)))
            elif number == _OUTPUT:
                if keep(_name(payload)):
                    yield number, wire, _map(payload, 2, lambda t: _map(t, 1, lambda x: _map(x, 2, _unknown)))
            else:
                yield number, wire, payload

    return _join(fields())


def _free(shape: bytes) -> bytes:
    """Name the dimensions of a picture's shape; leave any other shape (an initialiser's) as it is."""
    dims = list(_split(shape))
    if len(dims) != 4 or dims[1][2] != b"\x08\x03":
        return shape
    names = (b"batch", b"", b"height", b"width")
    return _join(
        (n, w, _join([(2, _BYTES, name)]) if name else p) for (n, w, p), name in zip(dims, names, strict=True)
    )


def _unknown(shape: bytes) -> bytes:
    """Keep how many dimensions there are, and forget how long each is."""
    return _join((n, w, b"") for n, w, _ in _split(shape))


def _map(message: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    return _join((n, w, change(p) if n == number else p) for n, w, p in _split(message))


def _name(value_info: bytes) -> str:
    return next((p.decode() for n, _, p in _split(value_info) if n == 1), "")


def _split(message: bytes) -> Iterator[Field]:
    """Walk the fields of a message.

    Raises:
        ValueError: the bytes are not a protobuf message.
        IndexError: they end too early.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            start = at
            _, at = _varint(message, at)
            yield number, wire, message[start:at]
            continue
        if wire == _BYTES:
            size, at = _varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > len(message):
            raise ValueError("a field is longer than the message")
        yield number, wire, message[at : at + size]
        at += size


def _join(fields: Iterator[Field] | list[Field]) -> bytes:
    out = bytearray()
    for number, wire, payload in fields:
        out += _encoded(number << 3 | wire)
        if wire == _BYTES:
            out += _encoded(len(payload))
        out += payload
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
