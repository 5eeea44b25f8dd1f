"""The grant condition: the agency's own law or policy is substantially similar, and practice keeps to it."""

from collections import Counter

import msgspec

from scanner.findings import ControlResult, PolicyText, PredicateResult, Result
from scanner.policy.pack import Control, Pack


def asking(pack: Pack) -> Control | None:
    """The control of a pack that a policy text is held against."""
    return next((c for c in pack.control if c.policy_text), None)


def grant_condition(
    result: ControlResult, others: tuple[ControlResult, ...], text: PolicyText | None
) -> ControlResult:
    """Rest the grant condition on its two halves: what the policy says, and what the scan shows.

    It stays for review whatever they say: the first half is a legal judgement.
    """
    halves = (_says(text), _does(others))
    return msgspec.structs.replace(
        result,
        result=Result.NEEDS_REVIEW,
        reason=f"A person must judge this. (a) {halves[0].says} (b) {halves[1].says}",
        predicates=halves,
    )


def _says(text: PolicyText | None) -> PredicateResult:
    if text is None:
        says = "No policy text was given (--policy-text FILE)."
    else:
        count = Counter(i.found for i in text.items)
        says = (
            f"Of {len(text.items)} things asked, {text.file} has {count['passage']} in a sentence that "
            f"forbids, {count['limited-ban']} in one that forbids under a condition or for some purposes, "
            f"mentions {count['mentioned']} otherwise, and {count['not-found']} were not found."
        )
    return PredicateResult(
        exception="",
        predicate="(a) the agency's own law or policy is substantially similar",
        system="",
        holds=None,
        says=says,
    )


def _does(others: tuple[ControlResult, ...]) -> PredicateResult:
    broken = [c for c in others if c.basis == "law" and c.result is Result.NOT_SATISFIED]
    open_ = [c for c in others if c.basis == "law" and c.result in (Result.NEEDS_REVIEW, Result.NOT_TESTED)]
    holds: bool | None = True
    says = "The scan shows no breach of the controls above."
    if broken:
        holds, says = False, f"The scan shows a breach: {', '.join(c.id for c in broken)}."
    elif open_:
        holds = None
        says = f"The scan shows no breach, but these are open: {', '.join(c.id for c in open_)}."
    return PredicateResult(
        exception="",
        predicate="(b) practice does not breach it",
        system="",
        holds=holds,
        says=says,
        findings=tuple(dict.fromkeys(i for c in broken for i in c.findings)),
    )
