"""Reads the head of dlib's serialised objects: which network, which input, how many landmarks.

An integer is a control byte (its low half counts the bytes that follow, its top bit is the sign) and
little-endian bytes; a string is its length and its bytes; a matrix gives its rows and columns negated.
"""

from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.reading import Reading

_HEAD = 64 * 1024
_TAIL = 2 * 1024 * 1024
_INPUT = b"input_rgb_image"
_FACE_SHAPES = frozenset({5, 29, 39, 51, 68, 81, 194})
"""Counts of landmarks in the sets that face shape predictors are trained on."""


def looks_like_dlib(head: bytes) -> bool:
    """Whether it starts as a loss layer or a shape predictor does, whatever the file is called."""
    return _network_tag(head) != "" or _landmarks(head) > 0


def read_dlib(data: Reading) -> Network | None:
    """Read the head; None where the file is none of dlib's objects that matter here."""
    head = data.upto(0, _HEAD)
    points = _landmarks(head)
    if points:
        shapes = frozenset({"shape-predictor"} | ({"face-shape"} if points in _FACE_SHAPES else set()))
        return Network("dlib", outputs=(Tensor("landmarks", (points, 2)),), traits=shapes)
    tag = _network_tag(head)
    if not tag:
        return None
    size = _input_size(head)
    return Network(
        format="dlib",
        inputs=(Tensor("input_rgb_image", (1, 3, *size)),) if size else (),
        outputs=(Tensor(tag, (1, _width(data))),) if tag.startswith("loss_metric") else (),
        tail=("fc_no_bias",),
        words=(tag,),
        traits=frozenset({"metric"} if tag.startswith("loss_metric") else {"mmod"}),
    )


def _integer(raw: bytes, at: int) -> tuple[int, int] | None:
    if at >= len(raw):
        return None
    count, negative = raw[at] & 0x0F, raw[at] & 0x80
    if not 1 <= count <= 8 or raw[at] & 0x70 or at + 1 + count > len(raw):
        return None
    value = int.from_bytes(raw[at + 1 : at + 1 + count], "little")
    return (-value if negative else value), at + 1 + count


def _network_tag(head: bytes) -> str:
    """Give the name of the loss layer that a serialised network starts with."""
    version = _integer(head, 0)
    length = _integer(head, version[1]) if version else None
    if version is None or length is None or not 1 <= version[0] <= 9 or not 6 <= length[0] <= 40:
        return ""
    tag = head[length[1] : length[1] + length[0]]
    return tag.decode("ascii") if tag.startswith((b"loss_metric", b"loss_mmod")) and tag.isascii() else ""


def _landmarks(head: bytes) -> int:
    """Give the number of points of a shape predictor: version 1, then its mean shape as a column."""
    version = _integer(head, 0)
    rows = _integer(head, version[1]) if version else None
    columns = _integer(head, rows[1]) if rows else None
    if version is None or rows is None or columns is None:
        return 0
    if version[0] != 1 or columns[0] != -1 or not -2000 <= rows[0] <= -6 or rows[0] % 2:
        return 0
    # The mean shape follows as numbers, each a mantissa and an exponent: check two of them.
    at = columns[1]
    for _ in range(4):
        number = _integer(head, at)
        if number is None:
            return 0
        at = number[1]
    return -rows[0] // 2


def _input_size(head: bytes) -> tuple[int, int] | None:
    """Rows and columns of a sized input layer; they follow three colour means."""
    found = head.find(_INPUT + b"_sized")
    if found < 0:
        return None
    at = found + len(_INPUT) + len("_sized")
    values: list[int] = []
    for _ in range(8):
        number = _integer(head, at)
        if number is None:
            return None
        values.append(number[0])
        at = number[1]
    rows, columns = values[6:]
    return (rows, columns) if 16 <= rows <= 4096 and 16 <= columns <= 4096 else None


def _width(data: Reading) -> int:
    """Outputs of the last fully connected layer, which is serialised at the end; -1 when not found."""
    start = max(0, data.size - _TAIL)
    end = data.upto(start, _TAIL)
    for tag in (b"fc_2", b"fc_3"):
        found = end.rfind(b"\x01\x04" + tag)
        outputs = _integer(end, found + 6) if found >= 0 else None
        if outputs and 2 <= outputs[0] <= 4096:
            return outputs[0]
    return -1
