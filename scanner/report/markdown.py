"""Markdown for a pull-request comment: verdict, controls, the worst findings, what was not tested.

Names come from the repository under test and may be hostile: nothing in them becomes a link, a mention,
a picture or markup. The whole stays below the length that code hosts take for a comment.
"""

import re

from scanner.findings import Finding, Result, Run
from scanner.report import content
from scanner.report.answers import said_in_short
from scanner.report.footage import sample_in_short

MAX_FINDINGS = 20
MAX_INPUTS = 20
MAX_CONTROLS = 40
MAX_TEXT = 240

_SIGNS = {
    Result.NOT_SATISFIED: "❌",
    Result.NEEDS_REVIEW: "⚠️",
    Result.NOT_TESTED: "❔",
    Result.SATISFIED: "✅",
}
_ACTIVE = re.compile(r"[#$&*:<>@\[\\\]^_`{|}~!\"]|(?<=www)\.", re.IGNORECASE)
"""What opens markup, an address, an emoji, a formula, a mention or a reference within a line."""


def render(run: Run) -> bytes:
    """Write the comment; ends with a newline."""
    verdict = content.verdict(run)
    parts = [
        f"## Biometric processing: gate {verdict.word}",
        _text(verdict.sentence, 1000),
        f"Policy: **{_text(content.policy_line(run))}**. {_text(run.policy.status_note, 600)}".rstrip(),
        "\n".join(f"- {_text(answer, 400)}" for answer in said_in_short(run)),
        _trend(run),
        _controls(run),
        _findings(run),
        _coverage(run),
        f"**Sample:** {_text(sample_in_short(run.sample))}." if run.sample else "",
        _not_tested(run),
        f"<sub>{_text(run.tool.name)} {_text(run.tool.version)}, {_text(run.run.finished)}. "
        f"{_text(content.DISCLAIMER, 400)}</sub>",
    ]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _trend(run: Run) -> str:
    if run.trend is None:
        return ""
    before = content.moment(run.trend.points[-2].finished)
    said = f"**Since {before}:** {len(run.trend.appeared):,} appeared, {len(run.trend.gone):,} gone."
    return " ".join((said, *(_text(caution) for caution in run.trend.cautions)))


def _controls(run: Run) -> str:
    if not run.controls:
        return ""
    rows = [
        f"| {_SIGNS[c.result]} {content.RESULT_WORDS[c.result]} | {_text(c.title)} | {_text(c.citation)} "
        f"| {len(c.findings):,} | {_text(c.reason)} |"
        for c in run.controls[:MAX_CONTROLS]
    ]
    more = len(run.controls) - MAX_CONTROLS
    table = "\n".join(
        ["| Result | Control | Citation | Findings | Reason |", "| --- | --- | --- | ---: | --- |", *rows]
    )
    return table + (f"\n\nand {content.count(more, 'more control')} in the JSON." if more > 0 else "")


def _findings(run: Run) -> str:
    findings = content.worst_first(run.findings)
    if not findings:
        return f"### Findings\n\n{content.NOTHING_FOUND}"
    summary = run.summary
    head = (
        f"### {content.count(summary.findings, 'finding')}: {summary.new:,} new, "
        f"{summary.baseline:,} in the baseline, {summary.waived:,} waived"
    )
    rows = [_finding(f) for f in findings[:MAX_FINDINGS]]
    table = "\n".join(["| Confidence | Capability | Where | What |", "| --- | --- | --- | --- |", *rows])
    more = len(findings) - MAX_FINDINGS
    return f"{head}\n\n{table}" + (f"\n\nand {more:,} more in the JSON." if more > 0 else "")


def _finding(finding: Finding) -> str:
    capability = content.CAPABILITY_WORDS[finding.capability]
    status = "" if finding.status.value == "new" else f" ({finding.status.value})"
    return (
        f"| {finding.confidence.value}{status} | {capability} | {_code(content.where(finding))} "
        f"| {_text(finding.message)} |"
    )


def _coverage(run: Run) -> str:
    coverage = run.run.coverage
    line = (
        f"**Looked at:** {content.count(coverage.seen, 'artifact')}; {coverage.inspected:,} inspected, "
        f"{coverage.skipped:,} skipped, {coverage.failed:,} failed."
    )
    reasons = sorted(coverage.skipped_reasons.items(), key=lambda item: (-item[1], item[0]))[:10]
    if reasons:
        line += " Skipped: " + "; ".join(f"{number:,} {_text(reason)}" for reason, number in reasons) + "."
    return line


def _not_tested(run: Run) -> str:
    entries = run.run.not_tested
    if not entries:
        return ""
    rows = [f"- {_code(e.path)}: {_text(e.reason)}" for e in entries[:MAX_INPUTS]]
    more = len(entries) - MAX_INPUTS
    if more > 0:
        rows.append(f"- and {more:,} more in the JSON")
    return "\n".join([f"### {content.count(len(entries), 'input')} not tested", "", *rows])


def _entities(text: str, length: int) -> str:
    shown = content.cut(content.plain(content.squeezed(text)), length)
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", shown)


def _text(text: str, length: int = MAX_TEXT) -> str:
    """Prose: punctuation as entities, and `@` and `#` parted from what follows, so that nobody is called."""
    return _entities(text, length).replace("&#64;", "&#64;&#8203;").replace("&#35;", "&#35;&#8203;")


def _code(text: str) -> str:
    return f"<code>{_entities(text, MAX_TEXT)}</code>"
