"""Names: their words, and the chain of receivers before them."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SEPARATORS = (b"?->", b"?.", b"!!.", b"!.", b"->", b"::", b".", b"\\")
_SPACE = b" \t\r\n"
_CLOSERS = {ord(")"): ord("("), ord("]"): ord("[")}
_QUOTED = re.compile(r"""["'`]([^"'`\\]{1,120})["'`]""")
_MADE = re.compile(r"(\w*)\(([\w-]*)\)$")
MAX_CHAIN = 400
MAX_ARGUMENTS = 2000


@lru_cache(maxsize=8192)
def words(identifier: str) -> str:
    """Give an identifier's words in lower case, singular, each between spaces.

    >>> words("computeFaceEmbeddings")
    ' compute face embedding '
    """
    found = (w.lower() for w in _WORD.findall(identifier))
    return f" {' '.join(singular(w) for w in found)} "


def singular(word: str) -> str:
    """Drop a plural's ending, crudely but alike for rules and code."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def token_at(data: bytes, start: int) -> tuple[int, int]:
    """Widen a position to the identifier around it: start and end in bytes."""
    end = start
    while start > 0 and _is_name(data[start - 1]):
        start -= 1
    while end < len(data) and _is_name(data[end]):
        end += 1
    return start, end


_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") | frozenset(
    range(0x80, 0x100)
)


def _is_name(byte: int) -> bool:
    return byte in _NAME_BYTES


def chain_before(data: bytes, start: int) -> tuple[list[str], int]:
    """Read the receivers before a name: `boto3.client("rekognition").` gives
    `["boto3", "client(rekognition)"]` and the byte where the chain begins.
    """
    segments: list[str] = []
    position, floor = start, max(0, start - MAX_CHAIN)
    while True:
        at = _skip_space_back(data, position, floor)
        separator = next((s for s in _SEPARATORS if data[max(floor, at - len(s)) : at] == s), None)
        if separator is None:
            return segments[::-1], position
        at = _skip_space_back(data, at - len(separator), floor)
        begin, segment = _segment_back(data, at, floor)
        if not segment:
            return segments[::-1], position
        segments.append(segment)
        position = begin


def _skip_space_back(data: bytes, at: int, floor: int) -> int:
    while at > floor and data[at - 1] in _SPACE:
        at -= 1
    return at


def _name_back(data: bytes, at: int, floor: int) -> int:
    while at > floor and _is_name(data[at - 1]):
        at -= 1
    return at


def _segment_back(data: bytes, at: int, floor: int) -> tuple[int, str]:
    """Step over one receiver that ends at `at`: a name, with what it was called or indexed with."""
    suffix = ""
    opener = _CLOSERS.get(data[at - 1]) if at > floor else None
    if opener is not None:
        begin = _opening(data, at, floor, opener)
        if begin is None:
            return at, ""
        inside = data[begin + 1 : at - 1].decode("utf-8", "replace")
        suffix = "[]" if opener == ord("[") else f"({first_string(inside)})"
        at = begin
    begin = _name_back(data, at, floor)
    name = data[begin:at].decode("utf-8", "replace")
    return begin, name + suffix if name else ""


def _opening(data: bytes, at: int, floor: int, opener: int) -> int | None:
    closer, depth = data[at - 1], 0
    for position in range(at - 1, floor - 1, -1):
        depth += (data[position] == closer) - (data[position] == opener)
        if depth == 0:
            return position
    return None


def arguments_after(data: bytes, end: int) -> str | None:
    """Give the text between the brackets of the call that follows a name; None where there is none."""
    position = end
    while position < len(data) and data[position] in b" \t":
        position += 1
    if data[position : position + 1] != b"(":
        return None
    depth, ceiling = 0, min(len(data), position + MAX_ARGUMENTS)
    for index in range(position, ceiling):
        if data[index] == 0x28:
            depth += 1
        elif data[index] == 0x29:
            depth -= 1
            if depth == 0:
                return data[position + 1 : index].decode("utf-8", "replace")
    return data[position + 1 : ceiling].decode("utf-8", "replace")


def first_string(arguments: str) -> str:
    """Give the first quoted value among arguments, or nothing."""
    match = _QUOTED.search(arguments)
    return match.group(1) if match else ""


def called_after(maker: str, name: str) -> bool:
    """Whether a receiver is called after what a maker makes: such clients are made in another file.

    >>> called_after("*client(rekognition)", ".aws.rekognition_client.compare_faces")
    True
    >>> called_after("*RekognitionClient()", "this.rekognition.compareFaces")
    True
    >>> called_after("*client(rekognition)", "face_recognition.compare_faces")
    False
    """
    made = _MADE.search(maker)
    service = _bare((made.group(2) or made.group(1).removesuffix("Client")) if made else "")
    receiver = name.rpartition(".")[0].rpartition(".")[2].partition("(")[0]
    return bool(service) and service in _bare(receiver)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
