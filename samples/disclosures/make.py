"""Writes the sample ledger: invented disclosures of an invented vendor; 11 emergencies in half a year.

The number is that of Ring's letter of 2022-07-01; nothing else is Ring's, and no record is of a real case.
"""

import csv
import hashlib
from pathlib import Path

from scanner.disclosures.ledger import FIELDS

HERE = Path(__file__).parent
COLUMNS = FIELDS
AGENCIES = ("Sample City Police Department", "Example County Sheriff", "State Patrol of Nowhere")


def sha(text: str) -> str:
    """A hash of something invented."""
    return hashlib.sha256(text.encode()).hexdigest()


def record(number: int, basis: str, month: int, day: int, **changes: str) -> dict[str, str]:
    """One disclosure, in order; `changes` put it out of order."""
    name = f"D-{number:03}"
    date = f"2026-{month:02}-{day:02}"
    emergency = basis == "emergency"
    row = dict.fromkeys(COLUMNS, "") | {
        "id": name,
        "provider": "Example Doorbells",
        "agency": AGENCIES[number % 3],
        "basis": basis,
        "holds": "content",
        "requested_at": f"{date}T09:10:00Z",
        "decided_at": f"{date}T09:40:00Z",
        "disclosed_at": f"{date}T10:05:00Z",
        "requester": f"badge {4100 + number}",
        "requester_verified": "call back to the dispatch centre",
        "approver": "staff 17",
        "process": "" if basis in ("consent", "emergency") else f"{basis.upper()}-26-{number:04}",
        "facts": "a child of six left home on foot at night in frost" if emergency else "",
        "form_sha256": sha(f"form {number}") if emergency else "",
        "window_start": f"{date}T07:00:00Z",
        "window_end": f"{date}T08:00:00Z",
        "justified_start": f"{date}T07:00:00Z",
        "justified_end": f"{date}T08:00:00Z",
        "clips": sha(f"clip {number}"),
        "audio": "removed",
        "owner_notified_at": f"{date}T12:00:00Z",
        "follow_up_at": f"2026-{month:02}-{day + 2:02}" if emergency else "",
        "follow_up_process": f"W-26-{number:04}" if emergency else "",
        "downstream_recognition": "none",
    }
    return row | changes


def records() -> list[dict[str, str]]:
    """36 disclosures of half a year, of which some must be flagged."""
    faulty = {
        3: {"facts": "", "form_sha256": ""},
        5: {"approver": "badge 4105"},
        7: {"decided_at": "2026-04-03T11:30:00Z"},
        8: {"window_start": "2026-04-12T00:00:00Z", "window_end": "2026-04-12T23:59:00Z"},
        9: {"follow_up_at": "", "follow_up_process": "", "audio": ""},
        11: {"clips": sha("a clip nobody listed"), "downstream_recognition": "used"},
    }
    days = [(1, 8), (1, 21), (2, 3), (2, 17), (3, 2), (3, 19), (4, 3), (4, 12), (5, 5), (5, 23), (6, 9)]
    rows = [record(n, "emergency", m, d, **faulty.get(n, {})) for n, (m, d) in enumerate(days, 1)]
    rows += [record(n, "warrant", 1 + n % 6, n % 20 + 1) for n in range(12, 24)]
    rows += [record(n, "consent", 1 + n % 6, n % 20 + 1) for n in range(24, 31)]
    rows += [record(n, "subpoena", 2, n % 20 + 1, holds="records", clips="", audio="") for n in range(31, 35)]
    rows.append(record(35, "subpoena", 6, 20))
    rows.append(record(36, "court-order", 6, 21, owner_notified_at="", requester_verified=""))
    return rows


def main() -> None:
    """Write ledger, clips and counts beside this file."""
    rows = records()
    with (HERE / "ledger.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    known = [c for row in rows for c in row["clips"].split() if c != sha("a clip nobody listed")]
    (HERE / "clips.txt").write_text(
        "".join(f"{c}  clips/{n:03}.mp4\n" for n, c in enumerate(known, 1)), "utf-8"
    )
    (HERE / "transparency.csv").write_text(
        "vendor,basis,first,last,count\n"
        "Example Doorbells,emergency,2026-01-01,2026-06-30,11\n"
        "Example Doorbells,warrant,2026-01-01,2026-06-30,14\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
