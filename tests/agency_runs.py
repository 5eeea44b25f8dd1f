"""A run with the agency side filled in: who, awards, systems, inventory, leads, policy text, disclosures."""

import msgspec

from scanner.findings import (
    Agency,
    Award,
    Basis,
    Capability,
    ChecklistItem,
    Compared,
    Disclosures,
    Exclusion,
    Exemption,
    Flag,
    InventoryResult,
    Kept,
    Lead,
    Level,
    PolicyText,
    PredicateResult,
    Recorded,
    Release,
    Run,
    System,
    Year,
)
from tests.example_runs import bad_run
from tests.strange_runs import HOSTILE_NAMES, hostile_run


def agency_run() -> Run:
    """The bad run of an agency that declares two systems, gave its policy and its ledger."""
    return _filled(bad_run(), "Springfield Police Department", "Gate cameras")


def hostile_agency_run() -> Run:
    """The same, with hostile names in every text the agency or others wrote."""
    return _filled(hostile_run(), "\n".join(HOSTILE_NAMES), " ".join(HOSTILE_NAMES))


def _filled(run: Run, agency: str, system: str) -> Run:
    found = tuple(f.id for f in run.findings[:2])
    exception = PredicateResult(
        exception="redaction before release",
        predicate="released outside the agency",
        system=system,
        holds=None,
        says="The inventory does not say where its footage goes.",
        findings=found,
    )
    controls = tuple(
        msgspec.structs.replace(c, predicates=(exception,)) if i == 3 else c
        for i, c in enumerate(run.controls)
    )
    return msgspec.structs.replace(
        run,
        controls=controls,
        agency=Agency(name=agency, signer="A. Clerk", signer_title="Records manager"),
        awards=(Award(fain="15PBJA-25-GG-00001-JAGX", program="Byrne JAG", aln="16.738"),),
        systems=(
            System(
                name=system,
                vendor="Frigate",
                version="0.16",
                purpose="traffic counts",
                capabilities=(Capability.FACE_DETECTION, Capability.REDACTION),
                release=Release.OUTSIDE_AGENCY,
                retains=(Kept.TRACK,),
            ),
            System(name="Lobby recorder", capabilities=(Capability.FACE_RECOGNITION,)),
        ),
        exclusions=(Exclusion(path="third_party/**", reason="sources of a compiler"),),
        inventory=(
            InventoryResult(
                check="undeclared",
                level=Level.FAIL,
                system="",
                capability=Capability.FACE_RECOGNITION,
                says=f"Face recognition was found, and no system declares it: {agency}",
                findings=found,
            ),
            InventoryResult(
                check="not-found",
                level=Level.WARN,
                system=system,
                capability=Capability.REDACTION,
                says="Redaction is declared and was not found.",
            ),
        ),
        leads=(
            Lead(
                source="Atlas", reference="AOS-1", agency=agency, technology="Face Recognition", vendor=system
            ),
        ),
        policy_text=PolicyText(
            file=f"policy {system}.txt",
            sha256="2b" * 32,
            items=(
                ChecklistItem(
                    id="v1",
                    kind="verb",
                    asks="acquire",
                    found="passage",
                    passage=f"{agency} shall not acquire",
                    line=3,
                ),
                ChecklistItem(id="v2", kind="verb", asks="possess", found="not-found"),
            ),
        ),
        redactions=(
            Recorded(
                path=f"release/{system}.manifest.json",
                output=system,
                output_sha256="4d" * 32,
                style="solid",
                faces=12,
                verified=True,
                approved=True,
                reviewed_by=agency,
                reviewed_at="2026-11-24T20:00:00+00:00",
                kept=1,
                log=(
                    Exemption(
                        0.0, 4.5, "track 3", "left visible", system, agency, "2026-11-24T19:58:00+00:00"
                    ),
                    Exemption(9.0, None, "audio", "muted", "(b)(7)(C) a witness is named"),
                ),
            ),
        ),
        disclosures=Disclosures(
            file=f"ledger {system}.csv",
            sha256="3c" * 32,
            records=41,
            follow_up_days=10,
            flags=(
                Flag(
                    rule="emergency-without-facts",
                    weight="fail",
                    record="D-17",
                    reason=f"No facts are given: {agency}",
                    citation="18 U.S.C. 2702(b)(8)",
                ),
            ),
            years=(
                Year(year=2025, records=30, flagged=0, by_basis={Basis.WARRANT: 25, Basis.EMERGENCY: 5}),
                Year(year=2026, records=11, flagged=1, by_basis={Basis.WARRANT: 6, Basis.SUBPOENA: 5}),
            ),
            compared=(
                Compared(
                    vendor=system,
                    basis=Basis.EMERGENCY,
                    first="2025-01-01",
                    last="2025-06-30",
                    reported=11,
                    counted=5,
                ),
            ),
        ),
    )
