"""Tables that hold templates: SQLite files, dumps in SQL, Parquet. Schemas first, then a few cells."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import zip_longest

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Confidence, Table
from scanner.inspect.database import database
from scanner.inspect.reading import Reading
from scanner.inspect.store.evidence import (
    Evidence,
    Vectors,
    judge,
    says_face,
    says_template,
    unit_length,
    words_of,
)
from scanner.inspect.store.values import rows_of

_MAX_TABLES = 2_000
_MAX_STEPS = 2_000
_SAMPLE = 4
_DUMP = 64 * 1024 * 1024
_PIECE = 8 * 1024 * 1024
_MAX_BODY = 60_000
_COUNTED = 100_000
"""Rows beyond these are not counted."""
_CREATE = re.compile(
    r"CREATE\s{1,20}(?:UNLOGGED\s{1,20}|TEMP(?:ORARY)?\s{1,20})?TABLE\s{1,20}(?:IF\s{1,20}NOT\s{1,20}EXISTS\s{1,20})?"
    r"([\w.\"`\[\]]{1,200})\s{0,20}\(",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"[\"`\[]?(\w{1,100})[\"`\]]?\s{1,20}([\w.\"]{1,60}(?:\s{0,5}[(\[]\s{0,5}\d{1,6}\s{0,5}[)\]])?)"
)
_WIDE = re.compile(r"(?:vector|halfvec|float)\s*[(\[]\s*(\d{1,6})\s*[)\]]", re.IGNORECASE)
_NOT_COLUMNS = frozenset({"primary", "foreign", "unique", "constraint", "check", "key", "index", "exclude"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its table, its name, and the dimension that its type declares (0 for none)."""

    table: str
    name: str
    width: int = 0


def matching(column: Column, patterns: dict[str, object]) -> str:
    """Give the pattern `table:NAME.COLUMN` that a column fits, or ''; without the schema's name."""
    text = f"{column.table.rsplit('.', 1)[-1]}.{column.name}".lower()
    return next((p for p in patterns if fnmatchcase(text, p.partition(":")[2].lower())), "")


def read_sqlite(artifact: Artifact, patterns: dict[str, object]) -> Iterator[Evidence]:
    """Judge every table of a SQLite file.

    The file is opened read-only and as immutable, so that neither it nor a journal beside it is touched; a
    member of an archive is put into a private folder for as long as it takes.

    Raises:
        UnreadableError: it is damaged, or encrypted.
    """
    try:
        with database(artifact, _MAX_STEPS) as db:
            tables = db.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT ?",
                (_MAX_TABLES,),
            ).fetchall()
            for name, sql in tables:
                if not isinstance(name, str) or name.startswith("sqlite_"):
                    continue
                columns = list(_columns(db, name, str(sql or "")))
                if {"name", "dimension"} <= {c.name for c in columns}:
                    yield from _collections(db, name)
                for column in columns:
                    evidence = _judge(db, column, patterns, artifact.path)
                    if evidence:
                        yield evidence
    except sqlite3.Error as error:
        raise UnreadableError(f"{artifact.path} is a SQLite file that cannot be read: {error}.") from error


def _collections(db: sqlite3.Connection, table: str) -> Iterator[Evidence]:
    """A vector data store's list of what it holds, as Chroma keeps it: a name and a dimension each."""
    query = f"SELECT name, dimension FROM {_quoted(table)} LIMIT 1000"  # noqa: S608 - quoted
    for name, width in db.execute(query).fetchall():
        if isinstance(name, str) and isinstance(width, int):
            place = Table(table=table, column="dimension")
            evidence = judge(Vectors(width, 0, None, (name, "vectors"), place))
            if evidence:
                yield evidence


def _columns(db: sqlite3.Connection, table: str, sql: str) -> Iterator[Column]:
    if "virtual" in sql[:40].lower():
        # Its module is not here; the declaration names what it holds.
        for name, kind in _COLUMN.findall(sql.partition("(")[2]):
            yield Column(table, name, _declared(kind))
        return
    for _, name, kind, *_ in db.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()[:500]:
        yield Column(table, str(name), _declared(str(kind)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _declared(kind: str) -> int:
    found = _WIDE.search(kind)
    return int(found[1]) if found else 0


def _judge(
    db: sqlite3.Connection, column: Column, patterns: dict[str, object], shown: str
) -> Evidence | None:
    pattern = matching(column, patterns)
    words = words_of((column.table, column.name))
    if not pattern and not column.width and not says_template(words) and not says_face(words):
        return None
    count, cells = _cells(db, column)
    vectors = _vectors(column, count, cells, shown)
    if pattern:
        what = "no rows yet" if count == 0 else "rows cannot be counted" if count < 0 else _rows(count)
        sure = Confidence.HIGH if count > 0 else Confidence.MEDIUM
        return Evidence(
            pattern,
            f"table {column.table}.{column.name}",
            sure,
            what,
            Table(table=column.table, column=column.name),
        )
    if not vectors.width or not count or not says_template(words):
        return None
    evidence = judge(vectors)
    if evidence and count < 0:
        return replace(evidence, confidence=min(evidence.confidence, Confidence.MEDIUM, key=lambda c: c.rank))
    return evidence


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}{' or more' if count == _COUNTED else ''}"


def _cells(db: sqlite3.Connection, column: Column) -> tuple[int, list[object]]:
    table, name = _quoted(column.table), _quoted(column.name)
    try:
        some = f"SELECT 1 FROM {table} WHERE {name} IS NOT NULL LIMIT {_COUNTED}"  # noqa: S608 - quoted
        (count,) = db.execute(f"SELECT COUNT(*) FROM ({some})").fetchone()  # noqa: S608 - quoted
        query = f"SELECT substr({name}, 1, 65536) FROM {table} WHERE {name} IS NOT NULL LIMIT {_SAMPLE}"  # noqa: S608
        return int(count), [row[0] for row in db.execute(query)]
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
        # A virtual table whose module is not here: its rows cannot be counted.
        return -1, []


def _vectors(column: Column, count: int, cells: list[object], shown: str) -> Vectors:
    rows = [r for cell in cells if (r := _row(cell))]
    widths = {len(r) for r in rows}
    width = column.width or (widths.pop() if len(widths) == 1 else 0)
    # A unit vector is told by its length only where all of it was read.
    unit = unit_length(rows) if width and all(len(r) == width for r in rows) else None
    place = Table(table=column.table, column=column.name)
    return Vectors(width, max(count, 0), unit, (column.name, column.table, *_named_parts(shown)), place)


def _named_parts(path: str) -> tuple[str, ...]:
    return tuple(path.replace("!/", "/").split("/")[-2:])


def _row(cell: object) -> list[float]:
    if isinstance(cell, str):
        texts = cell.strip("[](){} \n").replace(",", " ").split()
        try:
            return [float(t) for t in texts] if 64 <= len(texts) <= 5000 else []
        except ValueError:
            return []
    if isinstance(cell, bytes):
        for kind, size in (("f4", 4), ("f8", 8)):
            width = len(cell) // size
            if len(cell) % size == 0 and width in _CELL_WIDTHS:
                found = rows_of((width,), kind, cell)
                if found and found[2] and all(abs(x) < 100 for x in found[2][0]):
                    return found[2][0]
    return []


_CELL_WIDTHS = frozenset({128, 160, 192, 256, 512, 1024, 2048, 4096})


def read_dump(data: Reading, patterns: dict[str, object], names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge the tables that a dump in SQL creates."""
    seen: set[tuple[str, str]] = set()
    for start in range(0, min(data.size, _DUMP), _PIECE):
        text = data.upto(start, _PIECE + 64 * 1024).decode("utf-8", "replace")
        starts = list(_CREATE.finditer(text))
        for match, following in zip_longest(starts, starts[1:]):
            table = match[1].translate(_UNQUOTE)
            # A table's columns end before the next table begins, and at the statement's end.
            stop = min(following.start() if following else len(text), match.end() + _MAX_BODY)
            body = text[match.end() : stop].split(";", 1)[0]
            for name, kind in _COLUMN.findall(body):
                if name.lower() in _NOT_COLUMNS or (table, name) in seen:
                    continue
                seen.add((table, name))
                column = Column(table, name, _declared(kind))
                evidence = _declared_only(column, patterns, names)
                if evidence:
                    yield evidence


_UNQUOTE = str.maketrans("", "", '"`[]')


def _declared_only(column: Column, patterns: dict[str, object], names: tuple[str, ...]) -> Evidence | None:
    """A schema without its rows: what is created to hold templates."""
    pattern = matching(column, patterns)
    place = Table(table=column.table, column=column.name)
    if pattern:
        return Evidence(
            pattern, f"table {column.table}.{column.name}", Confidence.HIGH, "created by this dump", place
        )
    words = words_of((column.table, column.name))
    if not column.width or not says_template(words):
        return None
    return judge(Vectors(column.width, 0, None, (column.name, column.table, *names), place))
