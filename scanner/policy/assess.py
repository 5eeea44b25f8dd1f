"""Says, control by control, what the evidence means under a pack; and whether the gate opens."""

from collections import Counter
from dataclasses import dataclass

from scanner.errors import Exit
from scanner.findings import (
    ControlResult,
    Coverage,
    Finding,
    NotTested,
    PolicyInfo,
    Result,
    Status,
    Summary,
)
from scanner.policy.pack import Control, Pack, Standing

FAIL_ON = ("not-satisfied", "needs-review", "never")


@dataclass(frozen=True, slots=True)
class Gate:
    """What closes the gate."""

    fail_on: str = "not-satisfied"
    allow_incomplete: bool = False


def assess(
    pack: Pack, findings: tuple[Finding, ...], coverage: Coverage, not_tested: tuple[NotTested, ...]
) -> tuple[ControlResult, ...]:
    """Give one result a control; a pure function of the evidence."""
    return tuple(_control(c, findings, coverage, not_tested) for c in pack.control)


def policy_info(pack: Pack) -> PolicyInfo:
    """What a report must say about the pack on every page."""
    return PolicyInfo(
        id=pack.id,
        title=pack.title,
        version=pack.version,
        status=pack.status.value,
        status_note=pack.status_note,
        sha256=pack.sha256,
    )


def summarise(
    pack: Pack,
    findings: tuple[Finding, ...],
    controls: tuple[ControlResult, ...],
    not_tested: tuple[NotTested, ...],
    gate: Gate,
) -> Summary:
    """Count, and decide the exit code."""
    code = _exit(pack, controls, not_tested, gate)
    status = Counter(f.status for f in findings)
    return Summary(
        gate={Exit.OPEN: "open", Exit.CLOSED: "closed"}.get(code, "incomplete"),
        exit_code=int(code),
        findings=len(findings),
        new=status[Status.NEW],
        baseline=status[Status.BASELINE],
        waived=status[Status.WAIVED],
        by_capability=dict(sorted(Counter(f.capability for f in findings).items())),
        by_confidence=dict(sorted(Counter(f.confidence for f in findings).items())),
        by_result=dict(sorted(Counter(c.result for c in controls).items())),
    )


def _exit(
    pack: Pack, controls: tuple[ControlResult, ...], not_tested: tuple[NotTested, ...], gate: Gate
) -> Exit:
    closing = {
        "not-satisfied": {Result.NOT_SATISFIED},
        "needs-review": {Result.NOT_SATISFIED, Result.NEEDS_REVIEW},
        "never": set[Result](),
    }[gate.fail_on]
    if pack.status is not Standing.EXPIRED and any(c.result in closing for c in controls):
        return Exit.CLOSED
    if not_tested and not gate.allow_incomplete:
        return Exit.INCOMPLETE
    return Exit.OPEN


def _control(
    control: Control, findings: tuple[Finding, ...], coverage: Coverage, not_tested: tuple[NotTested, ...]
) -> ControlResult:
    touching = [f for f in findings if f.capability in control.capabilities]
    sure = [f for f in touching if f.confidence.rank >= control.min_confidence.rank]
    new = [f for f in sure if f.status is Status.NEW]
    known = [f for f in sure if f.status is Status.BASELINE]
    waived = [f for f in touching if f.status is Status.WAIVED]
    hints = [f for f in touching if f not in sure and f.status is Status.NEW]
    result, reason = _judge(control, len(new), len(known), len(hints), coverage, not_tested)
    if waived and result is Result.SATISFIED:
        reason = f"{_count(len(waived), 'finding')} waived by name; {reason}"
    return ControlResult(
        id=control.id,
        title=control.title,
        citation=control.citation,
        quote=control.quote,
        quote_verified=control.quote_verified.value,
        result=result,
        reason=reason,
        findings=tuple(f.id for f in touching if f.status is not Status.WAIVED),
        waived=tuple(f.id for f in waived),
    )


def _judge(
    control: Control, new: int, known: int, hints: int, coverage: Coverage, not_tested: tuple[NotTested, ...]
) -> tuple[Result, str]:
    if control.manual:
        return Result.NEEDS_REVIEW, f"A person must judge this. {control.about}"
    if new:
        also = (
            " A person must say whether this is allowed." if control.on_finding is Result.NEEDS_REVIEW else ""
        )
        return control.on_finding, f"{_count(new, 'finding')} of medium or high confidence.{also}"
    if known:
        return Result.NEEDS_REVIEW, f"{_count(known, 'finding')} accepted in the baseline, none new."
    if not coverage.inspected:
        return Result.NOT_TESTED, "Nothing could be inspected."
    unasked = [name for name in control.needs if not coverage.inspectors.get(name)]
    if unasked:
        return (
            Result.NOT_TESTED,
            f"There was nothing for this inspector, or it was off: {', '.join(unasked)}.",
        )
    if not_tested:
        return (
            Result.NOT_TESTED,
            f"{_count(len(not_tested), 'input')} could not be read, so nothing can be said of the whole.",
        )
    if hints:
        return Result.NEEDS_REVIEW, f"Only hints: {_count(hints, 'finding')} of low confidence."
    skipped = f"; {coverage.skipped} were skipped" if coverage.skipped else ""
    return Result.SATISFIED, f"Nothing found in {coverage.inspected} of {coverage.seen} artifacts{skipped}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
