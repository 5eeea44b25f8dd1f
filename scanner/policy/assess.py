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
    System,
)
from scanner.policy.pack import Control, Pack, Standing
from scanner.policy.predicate import Excused, excuse

FAIL_ON = ("not-satisfied", "needs-review", "never")


@dataclass(frozen=True, slots=True)
class Gate:
    """What closes the gate."""

    fail_on: str = "not-satisfied"
    allow_incomplete: bool = False


def assess(
    pack: Pack,
    findings: tuple[Finding, ...],
    coverage: Coverage,
    not_tested: tuple[NotTested, ...],
    systems: tuple[System, ...] = (),
) -> tuple[ControlResult, ...]:
    """Give one result a control; a pure function of the evidence and of the agency's inventory."""
    return tuple(_control(pack, c, findings, coverage, not_tested, systems) for c in pack.control)


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
    standing: Standing,
    findings: tuple[Finding, ...],
    controls: tuple[ControlResult, ...],
    not_tested: tuple[NotTested, ...],
    gate: Gate,
) -> Summary:
    """Count, and decide the exit code; an expired law does not close the gate, the agency's own files do."""
    code = _exit(standing, controls, not_tested, gate)
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
    standing: Standing, controls: tuple[ControlResult, ...], not_tested: tuple[NotTested, ...], gate: Gate
) -> Exit:
    closing = {
        "not-satisfied": {Result.NOT_SATISFIED},
        "needs-review": {Result.NOT_SATISFIED, Result.NEEDS_REVIEW},
        "never": set[Result](),
    }[gate.fail_on]
    binding = [c for c in controls if c.basis != "law" or standing is not Standing.EXPIRED]
    if any(c.result in closing for c in binding):
        return Exit.CLOSED
    if any(not n.undrawn for n in not_tested) and not gate.allow_incomplete:
        return Exit.INCOMPLETE
    return Exit.OPEN


@dataclass(frozen=True, slots=True)
class _Weighed:
    """How many findings of each kind touch a control."""

    new: int
    excused: int
    known: int
    hints: int


def _control(
    pack: Pack,
    control: Control,
    findings: tuple[Finding, ...],
    coverage: Coverage,
    not_tested: tuple[NotTested, ...],
    systems: tuple[System, ...],
) -> ControlResult:
    touching = [f for f in findings if f.capability in control.capabilities]
    waived = [f for f in touching if f.status is Status.WAIVED]
    live = [f for f in touching if f.status is not Status.WAIVED]
    excused = excuse(control.exception, live, findings, systems)
    weighed = _weigh(control, live, excused)
    result, reason = _judge(control, weighed, coverage, not_tested)
    if waived and result is Result.SATISFIED:
        reason = f"{_count(len(waived), 'finding')} waived by name; {reason}"
    source = pack.source_of(control)
    return ControlResult(
        id=control.id,
        title=control.title,
        citation=control.citation,
        quote=control.quote,
        quote_verified=control.quote_verified.value,
        result=result,
        reason=reason,
        findings=tuple(f.id for f in live),
        waived=tuple(f.id for f in waived),
        excused=tuple(f.id for f in live if f.id in excused.ids),
        predicates=excused.asked,
        about=control.about,
        source=source.name if source else "",
        source_url=source.url if source else "",
        verified_on=source.verified_on.isoformat() if source else "",
    )


def _weigh(control: Control, live: list[Finding], excused: Excused) -> _Weighed:
    sure = [f for f in live if f.confidence.rank >= control.min_confidence.rank]
    new = [f for f in sure if f.status is Status.NEW]
    return _Weighed(
        new=sum(f.id not in excused.ids for f in new),
        excused=sum(f.id in excused.ids for f in new),
        known=sum(f.status is Status.BASELINE for f in sure),
        hints=sum(f.status is Status.NEW and f not in sure for f in live),
    )


def _judge(
    control: Control, weighed: _Weighed, coverage: Coverage, not_tested: tuple[NotTested, ...]
) -> tuple[Result, str]:
    if control.manual:
        return Result.NEEDS_REVIEW, f"A person must judge this. {control.about}"
    if weighed.new:
        also = (
            " A person must say whether this is allowed." if control.on_finding is Result.NEEDS_REVIEW else ""
        )
        return control.on_finding, f"{_count(weighed.new, 'finding')} of medium or high confidence.{also}"
    if weighed.known:
        return Result.NEEDS_REVIEW, f"{_count(weighed.known, 'finding')} accepted in the baseline, none new."
    if untested := _untested(control, coverage, not_tested):
        return Result.NOT_TESTED, untested
    if weighed.hints:
        return Result.NEEDS_REVIEW, f"Only hints: {_count(weighed.hints, 'finding')} of low confidence."
    if left := sum(n.undrawn for n in not_tested):
        return Result.NEEDS_REVIEW, (
            f"Nothing found in what was inspected; clips that were not drawn: {left}. The sample bounds how "
            "many may show something, and a person must say whether that is enough."
        )
    if weighed.excused:
        return Result.SATISFIED, _excused_reason(control, weighed.excused)
    skipped = f"; {coverage.skipped} were skipped" if coverage.skipped else ""
    return Result.SATISFIED, f"Nothing found in {coverage.inspected} of {coverage.seen} artifacts{skipped}."


def _untested(control: Control, coverage: Coverage, not_tested: tuple[NotTested, ...]) -> str:
    if not coverage.inspected:
        return "Nothing could be inspected."
    unasked = [name for name in control.needs if not coverage.inspectors.get(name)]
    if unasked:
        return f"There was nothing for this inspector, or it was off: {', '.join(unasked)}."
    if unread := sum(not n.undrawn for n in not_tested):
        return f"{_count(unread, 'input')} could not be read, so nothing can be said of the whole."
    return ""


def _excused_reason(control: Control, number: int) -> str:
    """Say that what was found is excepted, on whose word, and where the exception comes from."""
    borrowed = any(e.borrowed for e in control.exception)
    whence = " The test is borrowed: the law of this pack, as far as it was read, holds no such exception."
    return (
        f"{_count(number, 'finding')} covered by an exception whose conditions all hold, on the agency's own "
        f"declaration in scanner.toml.{whence if borrowed else ''}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
