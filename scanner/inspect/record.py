"""Reads records of redactions (the manifests that `scanner blur` writes), wherever they lie.

What a record claims is held against the files of the scan when all of them are known (`scanner.records`).
"""

from collections.abc import Iterable

import msgspec

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import RECORD_SUFFIX, Confidence, Recorded, Whole
from scanner.inspect.interface import Sighting
from scanner.rules import RuleSet
from scanner.rules.model import FootageSignal

SIGNAL = "record"
_MAX = 64 * 1024 * 1024


class RecordInspector:
    """Says that a file is the record of a redaction, and what it claims."""

    name = "record"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether its name is that of a manifest."""
        return artifact.kind == "json" and artifact.name.endswith(RECORD_SUFFIX)

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting | Recorded]:
        """Give the claim, and one sighting.

        Raises:
            UnreadableError: it is a manifest of ours and damaged.
        """
        claim = _claim(artifact)
        if claim is None:
            return
        yield claim
        for rule, signal in rules.signals(FootageSignal):
            if SIGNAL in signal.match:
                yield Sighting(
                    rule=rule,
                    subject="record of a redaction",
                    signal="footage",
                    location=Whole(),
                    confidence=Confidence.MEDIUM,
                    excerpt=summary(claim),
                    note="the file that it is about is not among what was scanned",
                )


def _claim(artifact: Artifact) -> Recorded | None:
    from scanner.footage import manifest  # noqa: PLC0415 - numpy comes with it; other JSON needs none

    data = artifact.read(_MAX)
    try:
        read = msgspec.json.decode(data, type=manifest.Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        # Web projects have manifests, too; ours says which tool wrote it.
        if b'"tool": "scanner' in data[:4096]:
            raise UnreadableError(f"{artifact.path} is a damaged record of a redaction: {error}.") from error
        return None
    # A word about other bytes is no word about these.
    said = read.review if read.review and read.review.output_sha256 == read.output.sha256 else None
    return Recorded(
        path=artifact.path,
        output=read.output.name,
        output_sha256=read.output.sha256,
        style=read.style,
        faces=len(read.tracks),
        verified=read.verification is not None and read.verification.passed,
        forced=read.forced,
        approved=said is not None and said.approved,
        rejected=said is not None and not said.approved,
        reviewed_by=said.by if said else "",
        reviewed_at=said.at if said else "",
        kept=sum(row.treatment == "left visible" for row in read.log),
        log=read.log,
    )


def summary(claim: Recorded) -> str:
    """Say in a line what a record claims."""
    parts = [
        f"{claim.faces} covered {'face' if claim.faces == 1 else 'faces'}, {claim.style}",
        "verification passed" if claim.verified else "verification not passed",
    ]
    if claim.forced:
        parts.append("written all the same (--force)")
    if claim.approved:
        parts.append("approved by a person")
    if claim.rejected:
        parts.append("rejected by a person")
    if claim.kept:
        parts.append(f"{claim.kept} left visible by a person")
    return "; ".join(parts)
