"""The summary on a terminal, and plain lines for a pipe.

Texts from the inputs are shown as text: no markup of theirs is read and no control character passes.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.findings import Capability, Finding, Result, Run
from scanner.report import content
from scanner.report.answers import said_in_short
from scanner.report.footage import sample_in_short

T = TypeVar("T")

MAX_FINDINGS = 10
MAX_INPUTS = 5

_SIGNS = {
    Result.NOT_SATISFIED: ("✗", "bold red"),
    Result.NEEDS_REVIEW: ("!", "yellow"),
    Result.NOT_TESTED: ("?", "magenta"),
    Result.SATISFIED: ("✓", "green"),
}
_GATE = {"open": "bold green", "closed": "bold red", "incomplete": "bold magenta"}


def show(
    run: Run,
    *,
    reports: Sequence[tuple[str, str]] = (),
    verbose: bool = False,
    to_stderr: bool = False,
    console: Console | None = None,
) -> None:
    """Print the summary of a run: controls, the worst findings, coverage, where reports went.

    Args:
        run: What to sum up.
        reports: The reports that were written, as (format, file); one on stdout (`-`) is not listed.
        verbose: Show every finding and every input that was not tested, instead of the first few.
        to_stderr: Leave stdout to a report.
        console: Where to, instead; a terminal gets colour (NO_COLOR is obeyed), a pipe plain lines.
    """
    console = console or Console(stderr=to_stderr)
    files = [f"{name}={file}" for name, file in reports if file != "-"]
    if console.is_terminal:
        _rich(run, files, console, verbose=verbose)
    else:
        for line in lines(run, files, verbose=verbose):
            console.out(line, highlight=False)


def lines(run: Run, written: Sequence[str] = (), *, verbose: bool = False) -> Iterator[str]:
    """Give the summary as plain lines, one fact a line, with nothing cut."""
    yield f"policy: {content.plain(content.policy_line(run))}"
    for answer in said_in_short(run):
        yield f"answer: {answer}"
    for control in run.controls:
        yield content.plain(
            f"control: {content.RESULT_WORDS[control.result]}: {control.id} "
            f"({content.count(len(control.findings), 'finding')}): {content.squeezed(control.reason)}"
        )
    shown, more = _first(content.worst_first(run.findings), None if verbose else MAX_FINDINGS)
    yield from map(_finding_line, shown)
    if more:
        yield f"and {content.count(more, 'more finding')}, in the reports"
    if not shown:
        yield content.NOTHING_FOUND
    yield f"coverage: {_coverage(run)}"
    if run.sample:
        yield f"sample: {content.plain(sample_in_short(run.sample))}"
    untested, more = _first(run.run.not_tested, None if verbose else MAX_INPUTS)
    for entry in untested:
        yield content.plain(f"not tested: {entry.path}: {content.squeezed(entry.reason)}")
    if more:
        yield f"and {content.count(more, 'more input')} not tested"
    for notice in run.run.notices:
        yield f"notice: {content.plain(content.squeezed(notice))}"
    for report in written:
        yield f"report: {content.plain(report)}"
    yield content.plain(content.verdict(run).sentence)


def _first(items: Sequence[T], limit: int | None) -> tuple[Sequence[T], int]:
    """The first items and how many are left."""
    shown = items[:limit]
    return shown, len(items) - len(shown)


def _finding_line(finding: Finding) -> str:
    return (
        f"{content.where(finding)}: {finding.confidence.value} {finding.capability.value}: "
        f"{content.plain(finding.message)} [{content.plain(finding.rule)}]"
    )


def _rich(run: Run, written: Sequence[str], console: Console, *, verbose: bool) -> None:
    console.print(Text(content.plain(content.policy_line(run)), style="bold"))
    if run.policy.status_note:
        console.print(Text(content.plain(content.squeezed(run.policy.status_note)), style="dim"))
    console.print()
    for answer in said_in_short(run):
        does, _, rest = answer.partition(": ")
        console.print(Text(f"{does}: ", style="bold").append(rest, style="not bold"))
    console.print()
    console.print(_controls(run))
    _findings(run, console, None if verbose else MAX_FINDINGS)
    console.print(_labelled("coverage", _coverage(run)))
    if run.sample:
        console.print(_labelled("sample", sample_in_short(run.sample)))
    untested, more = _first(run.run.not_tested, None if verbose else MAX_INPUTS)
    for entry in untested:
        console.print(_labelled("not tested", f"{entry.path}: {content.squeezed(entry.reason)}", "magenta"))
    if more:
        console.print(_labelled("", f"and {content.count(more, 'more input')} not tested"))
    for notice in run.run.notices:
        console.print(_labelled("notice", content.squeezed(notice)))
    for report in written:
        console.print(_labelled("report", report))
    verdict = content.verdict(run)
    console.print()
    console.print(Text(content.plain(verdict.sentence), style=_GATE[verdict.word]))


def _controls(run: Run) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("result", no_wrap=True)
    table.add_column("control", overflow="fold")
    table.add_column("findings", justify="right")
    table.add_column("citation", overflow="fold", style="dim")
    for control in run.controls:
        sign, style = _SIGNS[control.result]
        table.add_row(
            Text(f"{sign} {content.RESULT_WORDS[control.result]}", style=style),
            Text(content.plain(control.title or control.id)),
            Text(f"{len(control.findings):,}"),
            Text(content.plain(control.citation)),
        )
    return table


def _findings(run: Run, console: Console, limit: int | None) -> None:
    console.print()
    shown, more = _first(content.worst_first(run.findings), limit)
    if not shown:
        console.print(Text(content.NOTHING_FOUND))
        console.print()
        return
    for finding in shown:
        head = Text(content.where(finding), style="bold", overflow="fold")
        harmless = finding.capability in (Capability.REDACTION, Capability.FACE_DETECTION)
        tone = "green" if harmless else "yellow"
        head.append(f"  {finding.confidence.value} {finding.capability.value}", style=f"not bold {tone}")
        if finding.status.value != "new":
            head.append(f"  {finding.status.value}", style="not bold dim")
        console.print(head)
        console.print(Padding(Text(content.plain(finding.message)), (0, 0, 0, 2)))
    if more:
        console.print(Text(f"and {content.count(more, 'more finding')}, in the reports", style="dim"))
    console.print()


def _labelled(label: str, text: str, style: str = "dim") -> Text:
    return Text(f"{label:<11}", style=style).append(content.plain(text), style="not dim default")


def _coverage(run: Run) -> str:
    coverage = run.run.coverage
    said = (
        f"{content.count(coverage.seen, 'artifact')} seen, {coverage.inspected:,} inspected, "
        f"{coverage.skipped:,} skipped, {coverage.failed:,} failed"
    )
    reasons = sorted(coverage.skipped_reasons.items(), key=lambda item: (-item[1], item[0]))[:3]
    if reasons:
        said += " (skipped: " + ", ".join(f"{n:,} {reason}" for reason, n in reasons) + ")"
    return said
