"""The disclosure ledger: its schema, and how CSV and JSON become records. One record is one disclosure.

A ledger names people and cases; what leaves this package names records by their id alone.
"""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from scanner.errors import UsageError
from scanner.findings import Basis
from scanner.findings.schema import schema_of
from scanner.typed import convert

MAX_BYTES = 64 << 20
YEARS = range(1980, 2101)
"""Of moments in a ledger; 0226 and 20226 are slips of the hand."""
REMEDY = "`scanner disclosures --schema` prints the format; docs/disclosures.md explains it."

When = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$",
        description="A date, or an RFC 3339 time with its zone.",
    ),
]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hexadecimal.")]


class Holds(StrEnum):
    """What was given: contents (footage, sound), records about an account, or both."""

    CONTENT = "content"
    RECORDS = "records"
    BOTH = "both"


class Audio(StrEnum):
    """Whether sound went along."""

    INCLUDED = "included"
    REMOVED = "removed"
    NONE = "none"


class Downstream(StrEnum):
    """What is known of recognition run on the footage by who received it."""

    NONE = "none"
    USED = "used"
    UNKNOWN = "unknown"


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One disclosure. An empty field says that nothing is recorded, which a rule may flag.

    Attributes:
        id: Names the record in reports; let it be no person's name.
        provider: Who held the footage (the vendor, or the agency itself).
        agency: The law enforcement agency that received it.
        basis: The ground it was given on.
        holds: Contents, records about an account, or both.
        requested_at, decided_at, disclosed_at: When it was asked for, decided and given.
        requester, approver: Who asked and who decided (a badge or staff number); never repeated in a report.
        requester_verified: How it was checked that the requester is who they say.
        process: The number of the warrant, subpoena or order.
        facts: In an emergency, the facts that showed danger of death or serious physical injury.
        form_sha256: Hash of the emergency request form as received.
        window_start, window_end: The stretch of footage that was given.
        justified_start, justified_end: The stretch that the ground covers.
        clips: SHA-256 of every clip given; in CSV separated by spaces.
        audio: Whether sound went along.
        owner_notified_at: When the owner of the camera was told.
        delay_order: The order that delays that notice.
        follow_up_at, follow_up_process: When and by what process an emergency was followed up.
        downstream_recognition: Whether the receiver ran recognition on it.
    """

    id: Annotated[str, Meta(min_length=1)]
    provider: Annotated[str, Meta(min_length=1)]
    agency: Annotated[str, Meta(min_length=1)]
    basis: Basis
    holds: Holds
    requested_at: When
    disclosed_at: When
    decided_at: When | None = None
    requester: str = ""
    requester_verified: str = ""
    approver: str = ""
    process: str = ""
    facts: str = ""
    form_sha256: Sha256 | None = None
    window_start: When | None = None
    window_end: When | None = None
    justified_start: When | None = None
    justified_end: When | None = None
    clips: tuple[Sha256, ...] = ()
    audio: Audio | None = None
    owner_notified_at: When | None = None
    delay_order: str = ""
    follow_up_at: When | None = None
    follow_up_process: str = ""
    downstream_recognition: Downstream | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger by name and content hash, and its records in the order of the file."""

    name: str
    sha256: str
    records: tuple[Record, ...]


Moment = dt.datetime | dt.date

FIELDS = tuple(f.name for f in msgspec.structs.fields(Record))
MOMENTS = tuple(name for name in FIELDS if name.endswith(("_at", "_start", "_end")))
_REQUIRED = tuple(f.name for f in msgspec.structs.fields(Record) if f.required)


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a ledger: an array of records. CSV has the same names as columns."""
    return schema_of(list[Record], address="urn:scanner:disclosures:1.0", title="scanner disclosure ledger")


@lru_cache(maxsize=4096)
def moment(text: str) -> Moment:
    """Read a date, or a time with its zone (given in UTC).

    Raises:
        ValueError: it is neither.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        when: Moment = dt.date.fromisoformat(text)
    else:
        time = dt.datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError("it has no time zone")
        when = time.replace(tzinfo=dt.UTC) - (time.utcoffset() or dt.timedelta(0))
    if when.year not in YEARS:
        raise ValueError("no ledger reaches there")
    return when


def day(when: Moment) -> dt.date:
    """The day of a moment, in UTC."""
    return when.date() if isinstance(when, dt.datetime) else when


def before(one: Moment, other: Moment) -> bool:
    """Whether one is before the other; where one is a day alone, days are compared."""
    if isinstance(one, dt.datetime) and isinstance(other, dt.datetime):
        return one < other
    return day(one) < day(other)


def load_ledger(path: Path) -> Ledger:
    """Read a ledger; JSON where it starts with a bracket, else CSV.

    Raises:
        UsageError: it cannot be read, or a record does not fit the schema; the message names it.
    """
    data = read_bytes(path)
    rows = _json_rows(path, data) if data.lstrip()[:1] in (b"[", b"{") else _csv_rows(path, data)
    records: list[Record] = []
    seen: set[str] = set()
    for place, row in rows:
        record = _record(path, place, row)
        if record.id in seen:
            raise UsageError(f"{path}, {place}: the id {record.id!r} stands twice.", "Give each its own.")
        seen.add(record.id)
        records.append(record)
    if not records:
        raise UsageError(f"{path} holds no records.", REMEDY)
    return Ledger(path.name, hashlib.sha256(data).hexdigest(), tuple(records))


def read_bytes(path: Path) -> bytes:
    """Read a file within the size limit.

    Raises:
        UsageError: it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB.", "Split it by year.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", REMEDY) from error


def csv_rows(
    path: Path, data: bytes, known: tuple[str, ...], needed: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each row of a CSV with its line; empty cells are left out.

    Raises:
        UsageError: it is not a CSV in UTF-8, or its columns are not those expected.
    """
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        _check_header(header, known, needed)
        for row in reader:
            if None in row or None in row.values():
                raise UsageError(f"{path}, line {reader.line_num}: the number of cells is wrong.", REMEDY)
            cells = {key: value.strip() for key, value in row.items()}
            if any(cells.values()):
                yield f"line {reader.line_num}", {k: v for k, v in cells.items() if v}
    except (ValueError, csv.Error) as error:
        said = str(error)
        raise UsageError(f"{path}: {said if said.endswith('?') else said + '.'}", REMEDY) from error


def _check_header(header: list[str], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    """Columns stand for the keys of a record: the same words for what is wrong with them."""
    keys = [(k, str) if k in needed else (k, str, "") for k in known]
    convert(
        dict.fromkeys(header, ""), msgspec.defstruct("Row", keys, forbid_unknown_fields=True, kw_only=True)
    )


def _csv_rows(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, cells in csv_rows(path, data, FIELDS, _REQUIRED):
        row: dict[str, Any] = dict(cells)
        if "clips" in row:
            row["clips"] = row["clips"].split()
        yield place, row


def _json_rows(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        rows = msgspec.json.decode(data, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not a list of records: {error}.", REMEDY) from error
    for number, row in enumerate(rows, 1):
        yield f"record {number}", row


def _record(path: Path, place: str, row: dict[str, Any]) -> Record:
    named = f"{place} ({row['id']})" if isinstance(row.get("id"), str) else place
    for field in MOMENTS:
        if isinstance(text := row.get(field), str):
            try:
                moment(text)
            except (ValueError, OverflowError) as error:
                raise UsageError(
                    f"{path}, {named}: {field} is {text!r}, which is not a date, or a time with its zone.",
                    "Write 2026-03-31, or 2026-03-31T14:05:00Z.",
                ) from error
    try:
        return convert(row, Record)
    except ValueError as error:
        said = _plain(str(error))
        raise UsageError(f"{path}, {named}: {said if said.endswith('?') else said + '.'}", REMEDY) from error


def _plain(message: str) -> str:
    if "[0-9a-f]{64}" in message:
        return f"{message.partition(':')[0]} is not a SHA-256 of 64 hexadecimal digits"
    if "matching regex" in message:
        return f"{message.partition(':')[0]} is not a date, or a time with its zone"
    return message
