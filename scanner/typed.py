"""Turns decoded data into our types, and what does not fit into one line that names the place.

`msgspec` says what is wrong and where; this says it in the user's words, counts entries from 1, and
names the nearest word that would have been right.
"""

import difflib
import re
import tomllib
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_PLAIN = {
    "Invalid RFC3339 encoded date": "this is not a date; write it as in 2027-06-30",
    "Expected `date`, got `str`": "a date stands without quotes, as in 2027-06-30",
    "Expected `date`, got `datetime`": "this is a date with a time; write it as in 2027-06-30",
}
_VALUE = re.compile(r"Invalid (?:enum )?value (?P<value>.*)")


def from_toml(text: str, kind: type[T]) -> T:
    """Read TOML into `kind`.

    Raises:
        ValueError: it is not TOML, or does not fit; the message is one clause without a full stop.
    """
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return convert(data, kind)


def convert(data: Any, kind: type[T]) -> T:
    """Fit decoded data into `kind`, forbidding what it does not know.

    Raises:
        ValueError: it does not fit; the message is one clause without a full stop.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ValueError(explain(str(error), kind)) from error


def explain(message: str, kind: type[Any]) -> str:
    """Say a validation error of `msgspec` for a person who wrote the file."""
    parts = _AT.match(message)
    if not parts:
        return message
    what, path = parts["what"], parts["path"] or "$"
    where = f"{_place(path)}: " if path != "$" else ""
    node = _node(inspect.type_info(kind), path)
    if unknown := _UNKNOWN.match(what):
        return f"{where}unknown key {unknown['name']!r}{_nearest(unknown['name'], _keys(node))}"
    if missing := _MISSING.match(what):
        return f"{where}{missing['name']!r} is missing"
    if value := _VALUE.match(what):
        said = value["value"].strip("'\"")
        return f"{where}{said!r} is not known here{_nearest(said, _words(node, path))}"
    return f"{where}{_PLAIN.get(what) or what[:1].lower() + what[1:]}"


def nearest(word: str, known: list[str]) -> str:
    """Give the known word that is nearest to a wrong one, or nothing."""
    close = difflib.get_close_matches(word.lower(), known, 1, 0.6)
    return close[0] if close else ""


def _nearest(word: str, known: list[str]) -> str:
    if close := nearest(word, known):
        return f"; did you mean {close!r}?"
    return f"; known are {', '.join(known)}" if known else ""


def _place(path: str) -> str:
    """`$.waiver[0].expires` as `waiver 1, expires`."""
    words = re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path)
    said = ""
    for name, index in words:
        if name:
            said += f", {name}" if said else name
        elif index != "...":
            said += f" {int(index) + 1}"
    return said


def _node(node: inspect.Type, path: str) -> inspect.Type | None:
    """The type that stands at a path; None where the path leads through what has no type of its own."""
    for name, index in re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", path):
        found: inspect.Type | None = None
        for option in _options(node):
            if name and isinstance(option, inspect.StructType):
                found = next((f.type for f in option.fields if f.encode_name == name), found)
            elif name and isinstance(option, inspect.DictType):
                found = option.value_type
            elif index and isinstance(option, inspect.VarTupleType | inspect.ListType):
                found = option.item_type
        if found is None:
            return node if name else None
        node = found
    return node


def _options(node: inspect.Type) -> tuple[inspect.Type, ...]:
    return node.types if isinstance(node, inspect.UnionType) else (node,)


def _keys(node: inspect.Type | None) -> list[str]:
    structs = [o for o in _options(node) if isinstance(o, inspect.StructType)] if node else []
    return sorted({f.encode_name for s in structs for f in s.fields})


def _words(node: inspect.Type | None, path: str) -> list[str]:
    """The words that could stand at a path: those of an enumeration, or the tags of a union."""
    words: set[str] = set()
    for option in _options(node) if node else ():
        if isinstance(option, inspect.EnumType):
            words.update(str(member.value) for member in option.cls)
        elif isinstance(option, inspect.StructType) and path.endswith(f".{option.tag_field}"):
            words.add(str(option.tag))
    return sorted(words)
