"""What a check of a disclosure ledger says. Records are named by their id alone: no person stands here."""

from enum import StrEnum

import msgspec


class Basis(StrEnum):
    """On what ground footage was given to law enforcement."""

    CONSENT = "consent"
    WARRANT = "warrant"
    SUBPOENA = "subpoena"
    COURT_ORDER = "court-order"
    EMERGENCY = "emergency"


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about one record (or, without a record, about the whole ledger) that a person must look at.

    `weight` is `fail` where the record contradicts the ground it claims, else `warn`.
    """

    rule: str
    weight: str
    record: str
    reason: str
    citation: str


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """Disclosures of one calendar year (UTC) by basis, to how many agencies, and how many carry a flag."""

    year: int
    records: int
    flagged: int
    by_basis: dict[Basis, int]
    agencies: int = 0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A count of a vendor's transparency report beside the ledger's, over a period (days, inclusive)."""

    vendor: str
    basis: Basis
    first: str
    last: str
    reported: int
    counted: int


class Disclosures(msgspec.Struct, frozen=True, kw_only=True):
    """A checked ledger: what it was, what was flagged, and what it adds up to."""

    file: str
    sha256: str
    records: int
    follow_up_days: int
    flags: tuple[Flag, ...]
    years: tuple[Year, ...]
    compared: tuple[Compared, ...] = ()
