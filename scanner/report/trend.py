"""Holds a run against earlier ones, as `scanner report RUN.json --previous EARLIER.json` asks.

A finding is the same where its fingerprint is: first in the same artifact, then, of those left over, in any,
so that a renamed file neither appears nor goes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from scanner.errors import UsageError
from scanner.findings import Finding, Point, Run, Seen, Trend, to_json
from scanner.report import content


def with_trend(run: Run, earlier: Sequence[Run]) -> Run:
    """Give the run with its trend; without earlier runs it is unchanged.

    Raises:
        UsageError: a run that is called earlier ended after this one.
    """
    if not earlier:
        return run
    ordered = sorted(earlier, key=lambda r: r.run.finished)
    last = ordered[-1]
    if last.run.finished > run.run.finished:
        raise UsageError(
            f"A run of {last.run.finished} is not earlier than one of {run.run.finished}.",
            "Give the later run as RUN.json and the earlier one with --previous.",
        )
    appeared, gone = _changed(last.findings, run.findings)
    trend = Trend(
        points=tuple(_point(r) for r in (*ordered, run)),
        appeared=tuple(_seen(f) for f in content.worst_first(appeared)),
        gone=tuple(_seen(f) for f in content.worst_first(gone)),
        cautions=tuple(_cautions(last, run)),
    )
    return msgspec.structs.replace(run, trend=trend)


def _point(run: Run) -> Point:
    bare = msgspec.structs.replace(run, trend=None)
    return Point(
        finished=run.run.finished,
        sha256=hashlib.sha256(to_json(bare)).hexdigest(),
        policy=content.policy_line(run),
        findings=run.summary.findings,
        new=run.summary.new,
        not_tested=len(run.run.not_tested),
        by_capability=run.summary.by_capability,
        by_result={result.value: run.summary.by_result.get(result, 0) for result in content.RESULT_WORDS},
    )


def _seen(finding: Finding) -> Seen:
    return Seen(
        fingerprint=finding.fingerprint,
        capability=finding.capability,
        message=finding.message,
        where=content.where(finding),
    )


def _changed(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Give those that appeared and those that are gone."""
    before, after = list(before), list(after)
    same = {f.id for f in before} & {f.id for f in after}
    left: dict[str, list[Finding]] = defaultdict(list)
    for finding in before:
        if finding.id not in same:
            left[finding.fingerprint].append(finding)
    appeared = []
    for finding in after:
        if finding.id in same:
            continue
        if left[finding.fingerprint]:
            left[finding.fingerprint].pop()
        else:
            appeared.append(finding)
    return appeared, [finding for rest in left.values() for finding in rest]


def _cautions(before: Run, after: Run) -> Iterable[str]:
    """Name what makes the two hard to compare: a change of numbers then says little of the inputs."""
    if before.policy.sha256 != after.policy.sha256:
        yield f"The earlier run was held against another policy: {content.policy_line(before)}."
    if before.run.versions.get("rules") != after.run.versions.get("rules"):
        yield "The rules differ between the two runs."
    if before.tool.version != after.tool.version:
        yield f"The earlier run was made by {before.tool.name} {before.tool.version}."
    if sorted(i.target for i in before.run.inputs) != sorted(i.target for i in after.run.inputs):
        yield "The two runs looked at different inputs."
    if before.run.options != after.run.options:
        yield "The options of the two runs differ."
    if before.run.not_tested or after.run.not_tested:
        yield (
            f"{len(before.run.not_tested):,} inputs of the earlier run and {len(after.run.not_tested):,} of "
            "this one could not be tested."
        )
