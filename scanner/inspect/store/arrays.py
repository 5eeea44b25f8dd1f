"""Reads vectors in numpy files, pickles, JSON and CSV. Pickles are walked, never loaded."""

import csv
import io
import re
import tokenize
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from scanner.errors import LimitError, UnreadableError
from scanner.findings import Confidence
from scanner.inspect.pickled import looks_like_pickle, read_pickle
from scanner.inspect.reading import MAX_PIECE, Reading, as_file, json_of
from scanner.inspect.store.evidence import Evidence, Vectors, counted, judge, says_face, unit_length, words_of
from scanner.inspect.store.values import Contents, contents, rows_of

_HEAD = 64 * 1024
_MAX_HEADER = 10_000
_ZLIB = (b"x\x01", b"x^", b"x\x9c", b"x\xda")
_HINTS = re.compile(
    rb'"(?:\w*(?:embedding|encoding|descriptor|template|faceprint)s?|data)"\s*:\s*(?:\{|\[)', re.IGNORECASE
)
_CLASSIFIED = frozenset({128, 512})
_CLASSIFIERS = ("KNeighborsClassifier", "SVC", "LinearSVC")
"""What tutorials train on face encodings to tell people apart."""
# What numpy lets through when the text of a header is no Python.
_HEADER_ERRORS = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, SyntaxError, MemoryError),
    tokenize.TokenError,
)
_HOWDY = frozenset({"time", "label", "id", "data"})


def read_npy(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge an array file by its header and its first rows.

    Raises:
        UnreadableError: the header is damaged.
    """
    file = as_file(data)
    try:
        with warnings.catch_warnings():
            # A file of Python 2 says so by a warning; it is read all the same.
            warnings.simplefilter("ignore")
            shape, column_order, dtype = _header(file)
    except UnreadableError:
        raise
    except _HEADER_ERRORS as error:
        raise data.damaged("is a numpy file whose header is damaged") from error
    start = file.tell()
    if dtype.hasobject:
        if looks_like_pickle(data.upto(start, 4)):
            yield from _judged(contents(read_pickle(data, start)[0], data.path), names)
        return
    if column_order and len(shape) > 1:
        # Rows do not lie in one piece then; the shape still tells.
        found = rows_of(shape, dtype.str.lstrip("<=|"), b"")
    else:
        found = rows_of(shape, dtype.str.lstrip("<=|"), data.upto(start, _HEAD))
    if found:
        width, count, rows = found
        evidence = judge(Vectors(width, count, unit_length(rows), names))
        if evidence:
            yield evidence


def _header(file: io.BufferedReader) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Give shape, order of columns and type of an array file."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(file, max_header_size=_MAX_HEADER)


def read_pickled(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge the values of a pickle.

    Raises:
        UnreadableError: it starts like a pickle and is damaged.
    """
    if looks_like_pickle(data.upto(0, 4)):
        yield from _judged(contents(read_pickle(data)[0], data.path), names)
        return
    if data.upto(0, 2) in _ZLIB:
        content = _unpacked(data)
        yield from _judged(
            contents(read_pickle(Reading(data.path, len(content), data=content))[0], data.path), names
        )
        return
    # Protocols 0 and 1 have no mark: what is none is another file under the same suffix.
    try:
        value, _ = read_pickle(data)
    except LimitError:
        raise
    except UnreadableError:
        return
    yield from _judged(contents(value, data.path), names)


def _unpacked(data: Reading) -> bytes:
    """Unpack what joblib packed, up to a ceiling."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data.at(0, data.size), MAX_PIECE)
    except zlib.error as error:
        raise data.damaged("is a packed pickle that cannot be unpacked") from error
    if unpacker.unconsumed_tail:
        raise LimitError(f"{data.path} is a packed pickle of more than {MAX_PIECE // 2**20} MiB.")
    return content


def looks_like_vectors(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether a JSON file is worth decoding: it is named after faces, or starts with such keys."""
    return bool(_HINTS.search(head)) or (b"." in head and says_face(words_of(names)) and b"[" in head)


def read_json(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge a JSON file. What is no JSON is for the inspector of configuration to say.

    Raises:
        LimitError: it is too large to be decoded.
    """
    try:
        value = json_of(data, MAX_PIECE)
    except LimitError:
        raise
    except UnreadableError:
        return
    yield from _judged(contents(value, data.path), names)


def _judged(held: Contents, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Give what the layout shows where it is one that is known, else what each group of vectors shows."""
    widths = {width for _, width in held.groups}
    layout = _layout(held, widths)
    if layout:
        signal, what = layout
        count = sum(g.count for g in held.groups.values())
        width = max(widths)
        yield Evidence(
            signal, f"face templates of {width}", Confidence.HIGH, f"{counted(count)} of {width} {what}"
        )
        return
    if (
        widths <= _CLASSIFIED
        and widths
        and any(c.endswith(_CLASSIFIERS) for c in held.calls)
        and not says_face(words_of(names))
    ):
        reason = f"a classifier of labelled vectors of {max(widths)}; of what, it does not say"
        yield Evidence("vectors:face", f"face templates of {max(widths)}", Confidence.LOW, reason)
        return
    for vectors in held.vectors((*names, *sorted(held.keys)[:40])):
        evidence = judge(vectors)
        if evidence:
            yield evidence


def _layout(held: Contents, widths: set[int]) -> tuple[str, str] | None:
    """Recognise the layouts of known programs."""
    keys = {k.lower() for k in held.keys}
    if widths <= {128, 512} and {"encodings", "names"} <= keys and widths:
        return (
            "format:face-encodings",
            "under `encodings` beside `names`, as face_recognition's examples keep them",
        )
    if {"identity"} <= keys and widths and keys & {"embedding", "target_x", "vgg-face_representation"}:
        return "format:deepface", "beside `identity`, as DeepFace keeps its data store"
    if {"label", "descriptors"} <= keys and widths == {128}:
        return "format:face-api", "under `descriptors` beside `label`, as face-api keeps them"
    if keys == _HOWDY and widths == {128}:
        return "format:howdy", "as Howdy keeps the face of a user"
    return None


def read_csv(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge a table by its header and first rows: as many numbers in a row as a template has."""
    text = data.upto(0, _HEAD).decode("utf-8", "replace")
    if data.size > _HEAD:
        text = text.rsplit("\n", 1)[0]
    try:
        rows = [row for row, _ in zip(csv.reader(io.StringIO(text)), range(6), strict=False)]
    except csv.Error:
        return
    if not rows:
        return
    titles = rows[0] if not any(_is_number(c) for c in rows[0]) else []
    body = [r for r in (rows[1:] if titles else rows) if r]
    numbers = [[float(c) for c in row if _is_number(c) and "." in c] for row in body]
    widths = {len(n) for n in numbers}
    if len(widths) == 1 and (width := widths.pop()) >= 64:
        unit = unit_length(numbers)
        evidence = judge(Vectors(width, 0, unit, (*names, *titles[:20])))
        if evidence:
            yield evidence
        return
    for index, title in enumerate(titles):
        cells = [row[index] for row in body if index < len(row)]
        inner = [
            c.strip("[]() \n").replace(",", " ").split() for c in cells if c.strip().startswith(("[", "("))
        ]
        if inner and all(len(i) == len(inner[0]) and all(map(_is_number, i)) for i in inner):
            unit = unit_length([[float(x) for x in i] for i in inner])
            evidence = judge(Vectors(len(inner[0]), 0, unit, (title, *names)))
            if evidence:
                yield evidence


def _is_number(text: str) -> bool:
    return bool(_NUMBER.match(text.strip()))


_NUMBER = re.compile(r"[-+]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,2})?\Z")
