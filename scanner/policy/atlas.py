"""Leads from the EFF's Atlas of Surveillance, a CSV the user downloads: reasons to ask, never findings.

One row is one agency and one technology, gathered from public sources; it shows nothing of a pipeline.
"""

import csv
import io
import re
from pathlib import Path

from scanner.errors import UsageError
from scanner.findings import Lead
from scanner.typed import nearest

SOURCE = "EFF Atlas of Surveillance"
MAX_BYTES = 64 << 20
_NEEDED = ("agency", "technology")
_BIOMETRIC = re.compile(
    r"face|facial|biometric|voice|gait|iris|video analytics|camera|ring|doorbell|real-time crime",
    re.IGNORECASE,
)


def load_leads(path: Path, agency: str) -> tuple[Lead, ...]:
    """Read the rows of an agency that concern cameras or biometrics.

    Args:
        path: The CSV; columns are found by name (Agency, Technology, Vendor, Summary, AOSNUMBER).
        agency: The agency's name; rows match where each of its words stands in the row's agency or place.

    Raises:
        UsageError: it cannot be read, lacks a column, or names no such agency at all.
    """
    rows = _rows(path)
    wanted = _words(agency)
    if not wanted:
        raise UsageError(f"{path}: whose rows?", "Name the agency with --agency, or in scanner.toml.")
    of_agency = [r for r in rows if wanted <= _words(" ".join(r.get(k, "") for k in _PLACE))]
    if not of_agency:
        raise UsageError(
            f"{path} has no row for the agency {agency!r}.",
            "Write the name as the file does, or leave it out.",
        )
    return tuple(
        Lead(
            source=SOURCE,
            reference=row.get("aosnumber", ""),
            agency=row["agency"],
            technology=row["technology"],
            vendor=row.get("vendor", ""),
            says=row.get("summary", "")[:400],
        )
        for row in of_agency
        if _BIOMETRIC.search(row["technology"])
    )


_PLACE = ("agency", "city", "county", "state")


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB.", "Name the Atlas's CSV.")
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        rows = [
            {
                (k or "").strip().lower(): (v or "").strip()
                for k, v in row.items()
                if isinstance(v, str | None)
            }
            for row in reader
        ]
        header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name the Atlas's CSV.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is not a CSV in UTF-8: {error}.", "Name the Atlas's CSV.") from error
    for column in _NEEDED:
        if column not in header:
            near = nearest(column, header)
            hint = f" (is it {near!r}?)" if near else ""
            raise UsageError(f"{path} has no column {column!r}{hint}.", "Name the Atlas's CSV as downloaded.")
    return rows


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))
