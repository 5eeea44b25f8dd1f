"""Code as it lies in files: plain, in the cells of a notebook, in the scripts of a page or component."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Lines, Location, Pointer

MAX_SOURCE = 16 * 1024 * 1024

_SCRIPT = re.compile(rb"(<script\b([^>]*)>)(.*?)</script", re.DOTALL | re.IGNORECASE)
_COMPONENT = re.compile(rb"<([A-Z]\w*)[\s/>]")
_SRC = re.compile(rb"""\bsrc\s*=\s*(["'][^"'\n]+["'])""", re.IGNORECASE)
_DATA_BLOCK = re.compile(
    rb"""\btype\s*=\s*["'](?!module|text/(?:java|babel|jsx|typescript)|application/java)"""
)
_MAGIC = re.compile(r"^(\s*)[%!?]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Code of one language, and how a range of its lines (from 1) is shown to a reader."""

    language: str
    data: bytes
    place: Callable[[int, int], Location]


def language_of(artifact: Artifact) -> str:
    """Give the language an artifact is read as; empty where it holds no code that can be read."""
    kind, name = artifact.kind, artifact.name.lower()
    if kind == "typescript" and name.endswith(".tsx"):
        return "tsx"
    if kind == "document":
        return "javascript" if name.endswith((".html", ".htm")) else ""
    if kind == "notebook":
        return "python"
    return kind


def piece_of(artifact: Artifact, data: bytes, *, magics: bool = False) -> Piece | None:
    """Lay an artifact's code bare; None where there is none.

    Args:
        magics: Keep the lines of a notebook that are commands to its shell.

    Raises:
        UnreadableError: a notebook is not one.
    """
    language, name = language_of(artifact), artifact.name.lower()
    if artifact.kind == "notebook":
        return _notebook(artifact.path, data, magics=magics)
    if name.endswith((".html", ".htm", ".vue", ".svelte", ".astro")):
        typed = re.search(rb"<script\b[^>]*\blang\s*=\s*[\"']tsx?[\"']", data)
        components = not name.endswith((".html", ".htm"))
        return Piece("typescript" if typed else language, _scripts(data, components=components), _lines)
    return Piece(language, data, _lines)


def _lines(start: int, end: int) -> Location:
    return Lines(start_line=start, end_line=end)


def _scripts(data: bytes, *, components: bool) -> bytes:
    """Blank everything but scripts, their sources and the components used; every byte keeps its place."""
    out = bytearray(re.sub(rb"[^\n]", b" ", data))
    for tag in _COMPONENT.finditer(data) if components else ():
        out[tag.start(1) : tag.end(1)] = tag.group(1)
    for match in _SCRIPT.finditer(data):
        source = _SRC.search(match.group(1))
        if source:
            begin = match.start() + source.start(1)
            out[begin : begin + len(source.group(1))] = source.group(1)
        elif not _DATA_BLOCK.search(match.group(2)):
            out[match.start(3) : match.end(3)] = match.group(3)
    return bytes(out)


def _notebook(path: str, data: bytes, *, magics: bool) -> Piece | None:
    """Join the code cells, so that a name imported in one is known in the next."""
    try:
        book = json.loads(data)
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        code = [(i, _source(cell)) for i, cell in enumerate(cells) if cell.get("cell_type") == "code"]
        language = book.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"{path} is not a notebook that can be read.") from error
    if language.lower() != "python" or not code:
        return None
    starts: list[int] = []
    lines: list[str] = []
    for _, text in code:
        starts.append(len(lines))
        lines.extend(line if magics else _MAGIC.sub(r"\1#", line) for line in text.split("\n"))

    def place(start: int, _: int) -> Location:
        cell = max(bisect_right(starts, start - 1) - 1, 0)
        return Pointer(pointer=f"/cells/{code[cell][0]}/source", start_line=start - starts[cell])

    return Piece("python", "\n".join(lines).encode("utf-8", "replace"), place)


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return "".join(str(s) for s in source) if isinstance(source, list) else str(source)
