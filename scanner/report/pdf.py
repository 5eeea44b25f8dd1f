"""PDF: the pages of the HTML report on paper, tagged as PDF/UA-1 asks, so that it can be read aloud.

Typst sets it from data alone: no text of an input is ever markup. Fonts are those inside typst, never the
system's, so that equal runs give equal bytes on every machine.
"""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from scanner.errors import UsageError
from scanner.findings import Finding, Run
from scanner.report import charts, content, guide, page
from scanner.report.sections import Grid, Section

ON_PAPER = page.Limits(detailed=200, listed=5000, evidence=2000, links=15, not_tested=500)
"""20,000 findings make about 250 pages; the rest is counted and stands in the JSON."""

LETTERS = (
    (0x20, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x377),
    (0x384, 0x38A),
    (0x38C, 0x38C),
    (0x38E, 0x3A1),
    (0x3A3, 0x4FF),
    (0x2010, 0x2027),
    (0x2030, 0x2040),
    (0x20A0, 0x20BF),
    (0x2190, 0x22FF),
)
"""Ranges of characters that the fonts hold: Latin, Greek, Cyrillic, punctuation, arrows, mathematics."""

WORD = 20
"""Longer words may break: at a joint, or here when they have none."""


def render(run: Run) -> bytes:
    """Set the pages."""
    data = json.dumps(_document(run), ensure_ascii=True)
    try:
        made = typst.compile(
            (files("scanner.report") / "templates" / "report.typ").read_bytes(),
            font_paths=_fonts(),
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs={"data": data},
            timestamp=_epoch(run.run.finished),
        )
    except typst.TypstError as error:
        said = str(error).splitlines()[0]
        raise UsageError(f"The PDF cannot be set: {said}.", "The HTML report says the same.") from error
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _epoch(stamp: str) -> int:
    try:
        return int(datetime.fromisoformat(stamp).timestamp())
    except ValueError:
        return 0


def printed(text: str) -> str:
    """Spell out what the fonts cannot show, as `content.plain` does for what cannot be seen."""
    text = content.plain(text)
    if text.isascii():
        return text
    return "".join(c if _has(ord(c)) else c.encode("unicode_escape").decode() for c in text)


def _has(code: int) -> bool:
    return any(first <= code <= last for first, last in LETTERS)


def breakable(text: str) -> str:
    """Let a long word break: after a joint of a path, or anywhere when it has none for long."""
    return " ".join(word if len(word) <= WORD else _jointed(word) for word in printed(text).split(" "))


def _jointed(word: str) -> str:
    out, since = [], 0
    for c in word:
        out.append(c)
        since += 1
        if since >= WORD or (c in "/_.:-,=()&?" and since > WORD // 3):
            out.append("\u200b")
            since = 0
    return "".join(out)


def _document(run: Run) -> dict[str, Any]:
    """All that the template sets: lists and words, no decision left to it."""
    shown = page.page_of(run, ON_PAPER)
    made: dict[str, Any] = _printed(
        {
            "title": ", ".join(i.target for i in run.run.inputs)[:200] or "No input",
            "policy": content.policy_line(run),
            "tool": f"{run.tool.name} {run.tool.version}",
            "finished": content.moment(run.run.finished),
            "identity": shown.identity,
            "gate": shown.verdict.word,
            "verdict": shown.verdict.sentence,
            "short": [content.cut(said, 400) for said in shown.short],
            "status": run.policy.status,
            "status_note": content.squeezed(run.policy.status_note),
            "disclaimer": content.DISCLAIMER,
            "inputs": [
                [i.target, i.kind, f"{i.artifacts:,}", content.size(i.bytes), i.sha256]
                for i in run.run.inputs
            ],
            "coverage": _coverage(run, shown),
            "notices": [content.squeezed(n) for n in shown.notices[:200]],
            "controls": [_control(c) for c in shown.controls],
            "matrix": {
                "columns": [words for _, words in shown.matrix.columns],
                "rows": [
                    [name, [[c.number, c.confidence.value if c.confidence else ""] for c in cells]]
                    for name, cells in shown.matrix.rows
                ],
            },
            "timelines": [_timeline(t) for t in shown.timelines],
            "timelines_left": shown.timelines_left,
            "sections": [_section(s) for s in shown.sections],
            "totals": _totals(run, shown),
            "groups": _groups(shown),
            "nothing": content.NOTHING_FOUND,
            "untested": [[n.path, content.squeezed(n.reason)] for n in shown.not_tested],
            "untested_left": shown.not_tested_left,
            "guide": [
                [
                    "Results of controls",
                    [[content.RESULT_WORDS[r], words] for r, words in guide.RESULTS.items()],
                ],
                ["Confidence of findings", [[c.value, words] for c, words in guide.CONFIDENCE.items()]],
                ["Status of findings", [[s.value, words] for s, words in guide.STATUS.items()]],
            ],
            "notes": list(guide.NOTES),
            "versions": _versions(run),
        }
    )
    return made


def _printed(value: Any) -> Any:
    """Pass every word through the one guard."""
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, dict):
        return {k: _printed(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_printed(v) for v in value]
    return value


def _coverage(run: Run, shown: page.Page) -> dict[str, Any]:
    coverage = run.run.coverage
    return {
        "says": f"Of {content.count(coverage.seen, 'artifact')}, {coverage.inspected:,} inspected, "
        f"{coverage.skipped:,} skipped, {coverage.failed:,} failed",
        "bytes": content.size(coverage.bytes),
        "bar": [{"name": p.name, "number": f"{p.number:,}", "width": p.width} for p in shown.bar],
        "kinds": [[k, f"{n:,}"] for k, n in sorted(coverage.kinds.items())],
        "reasons": [[content.squeezed(k), f"{n:,}"] for k, n in sorted(coverage.skipped_reasons.items())],
    }


def _control(control: page.Control) -> dict[str, Any]:
    result = control.result
    return {
        "number": control.number,
        "title": result.title or result.id,
        "id": result.id,
        "result": result.result.value,
        "words": content.RESULT_WORDS[result.result],
        "citation": result.citation,
        "quote": content.squeezed(result.quote),
        "reading": control.reading,
        "reason": content.squeezed(result.reason),
        "findings": f"{len(result.findings):,}",
        "predicates": [[p.exception, p.system, p.predicate, p.answer, p.says] for p in control.predicates],
        "counted": content.count(len(result.findings), "finding")
        + (f" and {len(result.waived):,} waived" if result.waived else ""),
        "links": [
            {
                "id": link.finding.id if link.listed else "",
                "sure": link.finding.confidence.value,
                "text": content.cut(link.finding.message, 160),
                "where": content.cut(content.where(link.finding), 200),
                "status": link.finding.status.value,
            }
            for link in control.links
        ],
        "more": f"{control.more:,}" if control.more else "",
    }


def _timeline(line: charts.Timeline) -> dict[str, Any]:
    spans = [f"{content.seconds(a)} to {content.seconds(b)}" for a, b in line.spans[:6]]
    more = f" and {len(line.spans) - 6:,} more" if len(line.spans) > 6 else ""
    end = content.seconds(line.end_s)
    return {
        "path": line.path,
        "end": end,
        "alt": f"{content.count(len(line.spans), 'appearance')} between 0 s and {end}",
        "visible": content.seconds(line.visible_s),
        "spans": "; ".join(spans) + more,
        "marks": [list(mark) for mark in line.marks],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "says": section.says,
        "grids": [
            {
                "caption": g.caption,
                "columns": g.columns,
                "rows": [[content.cut(cell, 600) for cell in row] for row in g.rows],
                "numeric": sorted(g.numeric),
                "widths": _widths(g),
                "left": f"{g.left:,}" if g.left else "",
            }
            for g in section.grids
        ],
        "keys": section.keys,
        "stacks": [
            {
                "label": s.label,
                "alt": f"{s.label}: " + ", ".join(f"{number:,} {name}" for name, number, _, _ in s.parts),
                "parts": [[x, width] for _, _, x, width in s.parts],
            }
            for s in section.stacks
        ],
    }


def _widths(grid: Grid) -> list[int]:
    """How much room each column gets: as its longest cell asks for, within bounds."""
    cells = zip(grid.columns, *grid.rows, strict=True)
    return [max(8, min(40, max(len(cell) for cell in column))) for column in cells]


def _totals(run: Run, shown: page.Page) -> list[str]:
    summary = run.summary
    sure = ", ".join(f"{number:,} {confidence.value}" for confidence, number in content.by_confidence(run))
    said = [
        f"{summary.findings:,} in all: {summary.new:,} new, {summary.baseline:,} in the baseline, "
        f"{summary.waived:,} waived. Confidence: {sure}."
    ]
    if shown.detailed < len(run.findings):
        said.append(
            f"The {shown.detailed:,} that weigh most are shown with their evidence, others on a line each. "
            "The JSON report holds everything."
        )
    return said


def _groups(shown: page.Page) -> list[dict[str, Any]]:
    """The groups; where a foreign run file names two findings alike, links lead to the first."""
    made = [_group(group) for group in shown.groups]
    seen: set[str] = set()
    for artifact in (artifact for group in made for artifact in group["artifacts"]):
        for finding in artifact["findings"]:
            finding["id"] = "" if finding["id"] in seen else finding["id"]
            seen.add(finding["id"])
        for line in artifact["lines"]:
            line[0] = "" if line[0] in seen else line[0]
            seen.add(line[0])
    return made


def _group(group: page.Group) -> dict[str, Any]:
    return {
        "title": content.CAPABILITY_WORDS[group.capability],
        "total": f"{group.total:,}",
        "meaning": content.CAPABILITY_MEANING[group.capability],
        "artifacts": [
            {
                "path": content.cut(path, 400),
                "kind": items[0].finding.artifact.kind,
                "findings": [_finding(item) for item in items if item.detailed],
                "lines": [_line(item.finding) for item in items if not item.detailed],
            }
            for path, items in group.artifacts
        ],
        "unlisted": f"{group.unlisted:,}" if group.unlisted else "",
    }


def _finding(item: page.Item) -> dict[str, Any]:
    finding = item.finding
    said = [finding.status.value, f"rule {finding.rule}", f"fingerprint {finding.fingerprint}"]
    if finding.context != "product":
        said.insert(1, f"in {finding.context}")
    return {
        "id": finding.id,
        "sure": finding.confidence.value,
        "message": content.cut(finding.message, 600),
        "rows": [
            [content.cut(r.place, 200), content.cut(r.text, 240), content.cut(r.remark, 400)]
            for r in item.rows
        ],
        "more": f"{item.more:,}" if item.more else "",
        "waiver": content.cut(finding.waiver, 600),
        "meta": ", ".join(said),
        "controls": [
            [number, content.cut(control.title or control.id, 80)] for number, control in item.controls[:10]
        ],
    }


def _line(finding: Finding) -> list[str]:
    spot = content.cut(content.place(finding.location), 80) or "whole"
    return [
        finding.id,
        f"{finding.confidence.value}, {spot}: {content.cut(finding.message, 160)} ({finding.rule})",
    ]


def _versions(run: Run) -> list[list[str]]:
    return [
        ["Run", f"from {run.run.started} to {run.run.finished}"],
        ["Policy", f"{run.policy.id}, sha256 {run.policy.sha256}"],
        *([name, version] for name, version in sorted(run.run.versions.items())),
        *([name, value] for name, value in sorted(run.run.options.items())),
        *([f"isolation: {name}", how] for name, how in sorted(run.run.isolation.items())),
        ["Schema", run.schema_version],
    ]
