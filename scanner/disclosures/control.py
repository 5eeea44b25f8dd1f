"""A checked ledger as a control of the run."""

from scanner.findings import ControlResult, Disclosures, Result

FAIL, WARN = "fail", "warn"
"""How a flag weighs: the record contradicts the ground it claims, or a person must look."""

CONTROL = "disclosure-ledger"

QUOTE = (
    "to a governmental entity, if the provider, in good faith, believes that an emergency involving danger "
    "of death or serious physical injury to any person requires disclosure without delay of communications "
    "relating to the emergency"
)
"""18 U.S.C. 2702(b)(8), read in the United States Code on 2026-11-24."""


def ledger_control(disclosures: Disclosures) -> ControlResult:
    """Make a control of the check, so that gate, reports and explanations treat it as any other."""
    failed = {f.record for f in disclosures.flags if f.weight == FAIL}
    asked = {f.record for f in disclosures.flags if f.weight == WARN and f.record} - failed
    counts = any(not f.record for f in disclosures.flags)
    total = f"of {disclosures.records} records in {disclosures.file}"
    if failed:
        result = Result.NOT_SATISFIED
        reason = f"{len(failed)} {total} contradict the ground they claim; {len(asked)} more for review."
    elif asked or counts:
        result, reason = Result.NEEDS_REVIEW, f"{len(asked)} {total} are for review."
    else:
        result, reason = Result.SATISFIED, f"None {total} is flagged."
    if counts:
        reason += " Counts differ from the vendor's transparency report."
    return ControlResult(
        id=CONTROL,
        title="Footage was given to law enforcement on a recorded ground",
        citation="18 U.S.C. 2702(b)(8), (c)(4)",
        quote=QUOTE,
        quote_verified="verbatim",
        result=result,
        reason=reason,
        findings=(),
        about="Each flag names its rule and citation; a flag asks a person and accuses nobody.",
        source="United States Code, title 18, section 2702 (2023)",
        verified_on="2026-11-24",
        basis="agency",
    )
