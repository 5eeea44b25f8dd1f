"""The figures of a report, as numbers: a bar of coverage, a matrix of places, timelines of visible faces.

Each figure is a picture of a table that stands beside it, so that nothing is said by a picture alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.findings import Capability, Confidence, Finding, Run, Span
from scanner.report.content import CAPABILITY_WORDS, cut, plain

MAX_ROWS = 30
MAX_CLIPS = 40
MAX_MARKS = 200
OTHERS = "(everything else)"
TOP = "(top level)"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bar: its name, its count, and where it lies, in thousandths of the width."""

    name: str
    number: int
    x: float
    width: float


def coverage_bar(run: Run) -> list[Part]:
    """Lay out inspected, skipped and failed artifacts along a bar 1000 units wide."""
    coverage = run.run.coverage
    numbers = {"inspected": coverage.inspected, "skipped": coverage.skipped, "failed": coverage.failed}
    total = sum(numbers.values())
    parts, x = [], 0.0
    for name, number in numbers.items():
        width = round(1000 * number / total, 2) if total else 0.0
        parts.append(Part(name, number, round(x, 2), width))
        x += width
    return parts


@dataclass(frozen=True, slots=True)
class Cell:
    """How many findings of a capability lie in one place, and the surest of their confidences."""

    number: int
    confidence: Confidence | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Places by capability; a place is a folder of the target."""

    columns: list[tuple[Capability, str]]
    rows: list[tuple[str, list[Cell]]]


def matrix(findings: Iterable[Finding]) -> Matrix:
    """Count findings by folder and capability, the folders with most findings first."""
    found = list(findings)
    depth = 2 if len({_folder(f.artifact.path, 2) for f in found}) <= MAX_ROWS else 1
    totals = Counter(_folder(f.artifact.path, depth) for f in found)
    named = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    if len(named) > MAX_ROWS:
        named = [*named[: MAX_ROWS - 1], OTHERS]
    kept = set(named)
    cells: dict[tuple[str, Capability], list[Finding]] = defaultdict(list)
    for finding in found:
        folder = _folder(finding.artifact.path, depth)
        cells[folder if folder in kept else OTHERS, finding.capability].append(finding)
    present = {f.capability for f in found}
    columns = [(c, words) for c, words in CAPABILITY_WORDS.items() if c in present]
    return Matrix(columns, [(name, [_cell(cells.get((name, c), [])) for c, _ in columns]) for name in named])


def _folder(path: str, depth: int) -> str:
    parts = path.split("/")[:-1]
    return cut(plain("/".join(parts[:depth])), 120) if parts else TOP


def _cell(findings: list[Finding]) -> Cell:
    surest = max((f.confidence for f in findings), key=lambda c: c.rank, default=None)
    return Cell(len(findings), surest)


@dataclass(frozen=True, slots=True)
class Timeline:
    """When faces are visible in one clip.

    `marks` are (x, width) in thousandths of the time from the start to the last visible face, in `end_s`
    seconds; `visible_s` is the time with at least one face; `spans` are in seconds.
    """

    path: str
    end_s: float
    visible_s: float
    spans: list[tuple[float, float]]
    marks: list[tuple[float, float]]


def timelines(findings: Iterable[Finding]) -> tuple[list[Timeline], int]:
    """Lay out visible faces by clip, the longest visible first; and say how many clips are left out."""
    spans: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for finding in findings:
        if finding.capability is not Capability.FACE_VISIBLE:
            continue
        for evidence in finding.evidence:
            match evidence.location:
                case Span(start_s=start, end_s=end) if end > 0 and end >= start:
                    spans[finding.artifact.path].add((start, end))
    made = [_timeline(path, sorted(found)) for path, found in spans.items()]
    made.sort(key=lambda t: (-t.visible_s, t.path))
    return made[:MAX_CLIPS], max(0, len(made) - MAX_CLIPS)


def _timeline(path: str, spans: list[tuple[float, float]]) -> Timeline:
    joined = _joined(spans)
    end = joined[-1][1]
    marks = [
        (round(1000 * start / end, 1), max(3.0, round(1000 * (stop - start) / end, 1)))
        for start, stop in joined[:MAX_MARKS]
    ]
    marks = [(min(x, 1000 - width), width) for x, width in marks]
    return Timeline(path, end, sum(stop - start for start, stop in joined), spans, marks)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join overlapping spans; sorted by start."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
