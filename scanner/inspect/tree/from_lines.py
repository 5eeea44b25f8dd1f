"""Reads formats of one setting a line: INI, .properties, .env, and TOML with the place of its keys."""

import io
import re
import tomllib
from typing import Any

from scanner.inspect.tree.node import MAX_DEPTH, Counter, Node, Path, branch, damaged, too_deep

_SECTION = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:[#;].*)?$")
_SETTING = re.compile(r"\s*+(?:export\s++(?![=:]))?+([^\s=:#;][^=:#\n]{0,400}+)[=:]\s?(.*)$")
# A key of many parts costs `tomllib` the square of their number, in time and memory: refused before.
_PART = r"""(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)"""
_TOML_DEEP = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_DEPTH}}}+")
_TOML_TABLE = re.compile(r"\s*\[\[?([^\]]+)\]\]?")
_TOML_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_.-]+)\s*=")


def read_ini(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read sections and settings; settings before the first section stand at the root.

    A line that is indented deeper than the setting it follows belongs to that setting's value. This
    reader never fails: a line that is neither is passed over, as every product does.
    """
    root: list[tuple[str, Node]] = []
    section: list[tuple[str, Node]] = root
    name, begun = "", 1 + offset
    counter = Counter(path)
    key, key_line, indent, parts = "", 0, 0, list[str]()

    def close_setting() -> None:
        if parts:
            section.append((key, Node(key_line, _unquoted("\n".join(parts)), text_line=key_line)))
        parts.clear()

    def close_section() -> None:
        close_setting()
        if section is not root:
            root.append((name, branch(path, begun, section, is_list=False)))

    for number, line in enumerate(io.StringIO(text), 1 + offset):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if head := _SECTION.match(line):
            close_section()
            section, name, begun = [], head[1].strip(), number
        elif parts and len(line) - len(line.lstrip()) > indent:
            parts.append(stripped)
        elif setting := _SETTING.match(line):
            counter.one_more()
            close_setting()
            key, key_line, indent = setting[1].rstrip(), number, len(line) - len(line.lstrip())
            parts.append(setting[2].strip())
    close_section()
    return (branch(path, 1 + offset, root, is_list=False),)


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def read_toml(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read TOML; a value's line is that of its key, or of the table that holds it.

    Raises:
        UnreadableError: not TOML.
        LimitError: nested deeper or larger than a document may be.
    """
    if _TOML_DEEP.search(text):
        raise too_deep(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise damaged(
            path, "TOML", int(found[1]) + offset if found else 1 + offset, "not readable"
        ) from error
    except RecursionError as error:
        raise too_deep(path) from error
    return (_toml(path, data, (), _toml_lines(text, offset), 1 + offset),)


def _toml(path: str, value: Any, here: Path, lines: dict[Path, int], line: int) -> Node:
    line = lines.get(here, line)
    if len(here) > MAX_DEPTH:
        raise too_deep(path)
    if isinstance(value, dict):
        items = [(key, _toml(path, v, (*here, key), lines, line)) for key, v in value.items()]
        return branch(path, line, items, is_list=False)
    if isinstance(value, list):
        items = [("", _toml(path, v, (*here, str(i)), lines, line)) for i, v in enumerate(value)]
        return branch(path, line, items, is_list=True)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Node(line, text, text_line=line)


def _toml_lines(text: str, offset: int) -> dict[Path, int]:
    """Where tables and keys stand, by their path; a table of an array counts up."""
    lines: dict[Path, int] = {}
    table: Path = ()
    seen: dict[Path, int] = {}
    for number, line in enumerate(io.StringIO(text), 1 + offset):
        if head := _TOML_TABLE.match(line):
            table = _toml_path(head[1])
            if line.lstrip().startswith("[["):
                seen[table] = seen.get(table, -1) + 1
                table = (*table, str(seen[table]))
            lines.setdefault(table, number)
        elif key := _TOML_KEY.match(line):
            lines.setdefault((*table, *_toml_path(key[1])), number)
    return lines


def _toml_path(text: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in text.split("."))
