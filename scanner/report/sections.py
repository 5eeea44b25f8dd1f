"""What the agency says of itself, beside what was found: tables that the pages on screen and paper share.

The run holds these parts only where `scanner.toml`, a policy text or a disclosure ledger brought them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.findings import (
    Basis,
    ChecklistItem,
    Disclosures,
    Finding,
    InventoryResult,
    Lead,
    PolicyText,
    Run,
    System,
    Trend,
)
from scanner.report import content

MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar of a chart: its label, and (name, number, x, width) of its parts, in thousandths."""

    label: str
    parts: list[tuple[str, int, float, float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: column names (`numeric`: those of numbers), rows of words, and how many are left out."""

    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[int] = frozenset()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: an anchor, a heading, what it says, its tables, and a chart of the first."""

    id: str
    title: str
    says: list[str]
    grids: list[Grid]
    stacks: list[Stack] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def sections_of(run: Run) -> list[Section]:
    """Give the parts that this run holds, in the order in which an auditor asks for them."""
    by_id = {f.id: f for f in run.findings}
    made = (
        _trend(run.trend),
        _systems(run.systems, run.inventory, by_id),
        _leads(run.leads),
        _policy_text(run.policy_text),
        _disclosures(run.disclosures),
        _exclusions(run),
    )
    return [section for section in made if section]


def _trend(trend: Trend | None) -> Section | None:
    if trend is None:
        return None
    results = [(words, result.value) for result, words in content.RESULT_WORDS.items()]
    named = {c for p in trend.points for c, number in p.by_capability.items() if number}
    capabilities = [c for c in content.CAPABILITY_WORDS if c in named]
    most = max(sum(p.by_result.values()) for p in trend.points) or 1
    lists = (("Appeared since the run before", trend.appeared), ("Gone since the run before", trend.gone))
    return Section(
        "trend",
        "Since earlier runs",
        [
            f"Since {content.moment(trend.points[-2].finished)}, "
            f"{content.count(len(trend.appeared), 'finding')} appeared and {len(trend.gone):,} went.",
            *trend.cautions,
        ],
        [
            *grid_of(
                "Results of controls, by run",
                ("Run of", *(words for words, _ in results), "Inputs not tested"),
                (
                    (
                        content.moment(p.finished),
                        *(f"{p.by_result.get(value, 0):,}" for _, value in results),
                        f"{p.not_tested:,}",
                    )
                    for p in trend.points
                ),
                *range(1, len(results) + 2),
            ),
            *grid_of(
                "Findings, by run",
                ("Run of", "All", *(content.CAPABILITY_WORDS[c] for c in capabilities)),
                (
                    (
                        content.moment(p.finished),
                        f"{p.findings:,}",
                        *(f"{p.by_capability.get(c, 0):,}" for c in capabilities),
                    )
                    for p in trend.points
                ),
                *range(1, len(capabilities) + 2),
            ),
            *(
                grid
                for caption, seen in lists
                for grid in grid_of(
                    caption,
                    ("Capability", "Where", "What"),
                    ((content.CAPABILITY_WORDS[s.capability], s.where, s.message) for s in seen),
                )
            ),
        ],
        [
            _stack(p.finished[:10], [(words, p.by_result.get(value, 0)) for words, value in results], most)
            for p in trend.points
        ],
        [words for words, _ in results],
    )


def grid_of(
    caption: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], *numeric: int
) -> list[Grid]:
    """Make a table of at most `MAX_ROWS` rows, or none; `numeric` are the columns of numbers."""
    every = list(rows)
    if not every:
        return []
    return [Grid(caption, columns, every[:MAX_ROWS], frozenset(numeric), max(0, len(every) - MAX_ROWS))]


def _systems(
    systems: tuple[System, ...], inventory: tuple[InventoryResult, ...], by_id: dict[str, Finding]
) -> Section | None:
    if not systems and not inventory:
        return None
    named = {c for s in systems for c in s.capabilities} | {i.capability for i in inventory if i.capability}
    columns = [c for c in content.CAPABILITY_WORDS if c in named]
    found = {(i.system, i.capability): len(i.findings) for i in inventory if i.check in _FOUND}
    rows = [
        (s.name, *(_standing(c in s.capabilities, found.get((s.name, c), 0)) for c in columns))
        for s in systems
    ]
    undeclared = [(_standing(declared=False, found=found.get(("", c), 0))) for c in columns]
    if any(undeclared):
        rows.append(("(no declared system)", *undeclared))
    words = tuple(content.CAPABILITY_WORDS[c] for c in columns)
    return Section(
        "systems",
        "Systems the agency declares",
        ["What the agency's inventory declares, held against what was found."],
        [
            *grid_of("Systems by capability", ("System", *words), rows),
            *grid_of(
                "As declared",
                ("System", "Vendor", "Version", "Purpose", "Release", "Keeps"),
                (
                    (
                        s.name,
                        s.vendor,
                        s.version,
                        s.purpose,
                        s.release.value if s.release else "not stated",
                        "not stated" if s.retains is None else ", ".join(s.retains) or "nothing",
                    )
                    for s in systems
                ),
            ),
            *grid_of(
                "Declared against found",
                ("Weight", "System", "What was compared", "Findings"),
                ((i.level.value, i.system or "none", i.says, _places(i.findings, by_id)) for i in inventory),
            ),
        ],
    )


_FOUND = ("declared", "undeclared")


def _standing(declared: bool, found: int) -> str:  # noqa: FBT001 - a cell of the matrix
    if declared:
        return f"declared, {found:,} found" if found else "declared"
    return f"{found:,} found, not declared" if found else ""


def _places(ids: tuple[str, ...], by_id: dict[str, Finding], most: int = 3) -> str:
    places = list(dict.fromkeys(content.where(by_id[i]) for i in ids if i in by_id))
    more = f" and {len(places) - most:,} more" if len(places) > most else ""
    return "; ".join(places[:most]) + more


def _leads(leads: tuple[Lead, ...]) -> Section | None:
    if not leads:
        return None
    return Section(
        "leads",
        "Leads from others",
        ["What others published about the agency. A lead is a reason to ask, never a finding."],
        grid_of(
            "Leads",
            ("Technology", "Vendor", "Agency named", "Source", "What it says"),
            ((x.technology, x.vendor, x.agency, f"{x.source} {x.reference}".strip(), x.says) for x in leads),
        ),
    )


_ANSWERS = {
    "passage": "a sentence that forbids",
    "limited-ban": "a sentence that forbids under a condition, or for some purposes",
    "mentioned": "named, but not forbidden in that sentence",
    "not-found": "not found",
}


def _policy_text(text: PolicyText | None) -> Section | None:
    if text is None:
        return None

    def row(item: ChecklistItem) -> tuple[str, ...]:
        line = f"line {item.line:,}" if item.line else ""
        return (item.asks, _ANSWERS.get(item.found, item.found), line, item.passage)

    return Section(
        "policy-text",
        "The agency's own law or policy",
        [
            f"{content.plain(text.file)}, SHA-256 {text.sha256}. Whether this text is substantially similar "
            "to the proposed Act is for a person to judge; the list says only which words were found where."
        ],
        grid_of("Checklist", ("Asked for", "Found", "Where", "Passage"), map(row, text.items)),
    )


def _disclosures(ledger: Disclosures | None) -> Section | None:
    if ledger is None:
        return None
    bases = list(Basis)
    most = max((y.records for y in ledger.years), default=0) or 1
    return Section(
        "disclosures",
        "Disclosures to law enforcement",
        [
            f"{content.count(ledger.records, 'record')} in {content.plain(ledger.file)}, "
            f"SHA-256 {ledger.sha256}; {content.count(len(ledger.flags), 'flag')}."
        ],
        [
            *grid_of(
                "By year and ground",
                ("Year", "Records", *(b.value for b in bases), "Flagged"),
                (
                    (
                        str(y.year),
                        f"{y.records:,}",
                        *(f"{y.by_basis.get(b, 0):,}" for b in bases),
                        f"{y.flagged:,}",
                    )
                    for y in ledger.years
                ),
                *range(1, len(bases) + 3),
            ),
            *grid_of(
                "Flags",
                ("Weight", "Record", "Rule", "Reason", "Citation"),
                ((f.weight, f.record or "the ledger", f.rule, f.reason, f.citation) for f in ledger.flags),
            ),
            *grid_of(
                "Against the vendor's transparency report",
                ("Vendor", "Ground", "From", "To", "Reported", "In the ledger"),
                (
                    (c.vendor, c.basis.value, c.first, c.last, f"{c.reported:,}", f"{c.counted:,}")
                    for c in ledger.compared
                ),
                4,
                5,
            ),
        ],
        [_stack(str(y.year), [(b.value, y.by_basis.get(b, 0)) for b in bases], most) for y in ledger.years],
        [b.value for b in bases],
    )


def _stack(label: str, numbers: list[tuple[str, int]], most: int) -> Stack:
    """Lay numbers one after another along a bar whose 1000 units stand for `most`."""
    parts, x = [], 0.0
    for name, number in numbers:
        width = 1000 * number / most
        parts.append((name, number, round(x, 1), round(width, 1)))
        x += width
    return Stack(label, parts)


def _exclusions(run: Run) -> Section | None:
    if not run.exclusions:
        return None
    return Section(
        "exclusions",
        "Left out by the agency",
        ["Paths that scanner.toml excludes. Nothing is said about them."],
        grid_of("Exclusions", ("Path", "Reason"), ((x.path, x.reason) for x in run.exclusions)),
    )
