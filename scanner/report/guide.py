"""How to read a report: the words that the page on screen and the one on paper explain, and how."""

from collections.abc import Mapping
from types import MappingProxyType

from scanner.findings import Confidence, Result, Status

RESULTS: Mapping[Result, str] = MappingProxyType(
    {
        Result.NOT_SATISFIED: "Evidence of medium or high confidence stands against the control.",
        Result.NEEDS_REVIEW: "A person must judge: the evidence is a hint, was accepted earlier, or is a "
        "matter that no program can decide.",
        Result.NOT_TESTED: "Nothing can be said, because what would have to be inspected was missing or "
        "could not be read.",
        Result.SATISFIED: "What was inspected shows nothing against the control. It says nothing about "
        "what was not inspected.",
    }
)

CONFIDENCE: Mapping[Confidence, str] = MappingProxyType(
    {
        Confidence.HIGH: "Processing is shown: a call, an enabled setting, a model known by its structure or "
        "digest, a face in a picture.",
        Confidence.MEDIUM: "Strongly implied: a dependency, a feature that is installed but switched off.",
        Confidence.LOW: "A hint that calls for a look; alone it never makes a control not satisfied.",
    }
)

STATUS: Mapping[Status, str] = MappingProxyType(
    {
        Status.NEW: "Not accepted by anyone.",
        Status.BASELINE: "Known and accepted as of an earlier date.",
        Status.WAIVED: "Accepted by name, with an owner, a reason and a date on which this ends.",
    }
)

NOTES = (
    "A fingerprint names what was seen, not where, so that it survives a moved line and a renamed file. "
    "Places are lines counted from 1, pointers into a configuration (RFC 6901), tables and columns, or times "
    "of footage.",
    "Characters that would be invisible or change the direction of text are spelled out, as in \\x1b. "
    "Secrets in quoted lines are replaced by •••. This report holds no picture of a person and no biometric "
    "template.",
)

PROVENANCE: Mapping[str, str] = MappingProxyType(
    {
        "verbatim": "Quoted word for word from the text that was read.",
        "secondary": "Quoted after another source; not compared with the official print.",
        "summary": "Words of an official summary, not of the bill itself.",
        "not-quoted": "No text at hand to quote.",
    }
)
"""How well the quotation of a control is known."""
