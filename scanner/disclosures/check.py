"""From a ledger to what the run says of it: flags, years by basis, counts beside the vendor's."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import msgspec

from scanner.disclosures.control import WARN
from scanner.disclosures.ledger import Ledger, Record, csv_rows, day, moment, read_bytes
from scanner.disclosures.rules import COUNT_CITATION, COUNT_DIFFERS, Terms, flags_of
from scanner.errors import UsageError
from scanner.findings import Basis, Compared, Disclosures, Flag, Year
from scanner.typed import convert


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of a vendor's transparency report: how many on a basis, over a period (days, inclusive)."""

    vendor: str
    basis: Basis
    first: dt.date
    last: dt.date
    count: int


def check(ledger: Ledger, terms: Terms, reported: tuple[Reported, ...] = ()) -> Disclosures:
    """Ask every rule of every record and add up; a pure function."""
    flags = [flag for record in ledger.records for flag in flags_of(record, terms)]
    compared = tuple(_compare(line, ledger.records) for line in reported)
    flags += [_difference(line) for line in compared if line.reported != line.counted]
    return Disclosures(
        file=ledger.name,
        sha256=ledger.sha256,
        records=len(ledger.records),
        follow_up_days=terms.follow_up_days,
        flags=tuple(flags),
        years=_years(ledger.records, {f.record for f in flags}),
        compared=compared,
    )


def load_clips(path: Path) -> frozenset[str]:
    """Read an inventory of clips: lines of `sha256sum`, or any text with their hashes, as a manifest is.

    Raises:
        UsageError: it cannot be read, or holds no hash.
    """
    text = read_bytes(path).decode("utf-8", "replace").lower()
    hashes = frozenset(re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text))
    if not hashes:
        raise UsageError(f"{path} holds no SHA-256.", "Make it with: sha256sum clips/* > clips.txt")
    return hashes


def load_transparency(path: Path) -> tuple[Reported, ...]:
    """Read a vendor's counts: a CSV with vendor, basis, first, last, count.

    Raises:
        UsageError: it cannot be read, or a line does not fit.
    """
    columns = tuple(f.name for f in msgspec.structs.fields(Reported))
    lines: list[Reported] = []
    for place, row in csv_rows(path, read_bytes(path), columns, columns):
        try:
            line = convert({**row, "count": int(row.get("count", ""))}, Reported)
        except ValueError as error:
            said = str(error) if "int()" not in str(error) else "count is not a whole number"
            raise UsageError(
                f"{path}, {place}: {said if said.endswith('?') else said + '.'}",
                "A line is vendor, basis, first, last, count, as in Acme,emergency,2026-01-01,2026-06-30,11",
            ) from error
        if line.last < line.first:
            raise UsageError(f"{path}, {place}: the period ends before it starts.", "Swap first and last.")
        lines.append(line)
    return tuple(lines)


def _compare(line: Reported, records: tuple[Record, ...]) -> Compared:
    counted = sum(
        r.basis is line.basis
        and r.provider.casefold() == line.vendor.casefold()
        and line.first <= day(moment(r.disclosed_at)) <= line.last
        for r in records
    )
    return Compared(
        vendor=line.vendor,
        basis=line.basis,
        first=line.first.isoformat(),
        last=line.last.isoformat(),
        reported=line.count,
        counted=counted,
    )


def _difference(line: Compared) -> Flag:
    return Flag(
        rule=COUNT_DIFFERS,
        weight=WARN,
        record="",
        reason=f"{line.vendor} reports {line.reported} by {line.basis.value}, the ledger has {line.counted} "
        f"({line.first} to {line.last})",
        citation=COUNT_CITATION,
    )


def _years(records: tuple[Record, ...], flagged: set[str]) -> tuple[Year, ...]:
    by_year: dict[int, list[Record]] = {}
    for record in records:
        by_year.setdefault(day(moment(record.disclosed_at)).year, []).append(record)
    return tuple(
        Year(
            year=year,
            records=len(members),
            flagged=sum(r.id in flagged for r in members),
            by_basis={b: n for b in Basis if (n := Counter(r.basis for r in members)[b])},
            agencies=len({r.agency.casefold() for r in members}),
        )
        for year, members in sorted(by_year.items())
    )
