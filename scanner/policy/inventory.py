"""The agency's inventory beside what was found: what is undeclared, what is not there, what differs.

The inventory is the agency's own word; the evidence is the scan's. Where they disagree, one of them is
wrong, and a person must say which. Tests and documentation are no systems, and an uncovered face in
footage is none either: neither is asked of the inventory.
"""

import re
from collections.abc import Iterable

from scanner.findings import (
    Capability,
    Confidence,
    ControlResult,
    Coverage,
    Finding,
    InventoryResult,
    Level,
    NotTested,
    Result,
    Status,
    System,
)
from scanner.policy.predicate import covers

CONTROL = "systems-inventory"

_NO_SYSTEM = frozenset({Capability.FACE_VISIBLE})

_MAKERS = {
    "aws": "Amazon",
    "rekognition": "Amazon",
    "amazon": "Amazon",
    "ring": "Amazon",
    "azure": "Microsoft",
    "gcp": "Google",
    "google": "Google",
    "hikvision": "Hikvision",
    "dahua": "Dahua",
    "axis": "Axis",
    "verkada": "Verkada",
    "clearview": "Clearview AI",
    "compreface": "Exadel",
}
"""Words of rules and subjects that name a maker; of all others nothing is said."""

_VERSION = r"[\s\"']*(?:===|==|~=|>=|<=|@|:|=|\^|\s)[\s\"'^~=v]*(\d+(?:\.\d+)+(?:[-.\w]*\w)?)"


def cross_check(systems: tuple[System, ...], findings: Iterable[Finding]) -> tuple[InventoryResult, ...]:
    """Compare the inventory with the findings; nothing where no inventory is declared."""
    if not systems:
        return ()
    live = [f for f in findings if _is_live(f)]
    relevant = [f for f in live if _is_system(f)]
    results: list[InventoryResult] = []
    for system in systems:
        results += _of_system(system, [f for f in relevant if covers(system, f)])
        results += _versions(system, [f for f in live if covers(system, f)])
    for capability in Capability:
        undeclared = [f for f in relevant if f.capability is capability and not _declared(f, systems)]
        if undeclared:
            places = sorted({f.artifact.path for f in undeclared})
            more = f" and {len(places) - 3} more" if len(places) > 3 else ""
            results.append(
                InventoryResult(
                    check="undeclared",
                    level=Level.FAIL,
                    system="",
                    capability=capability,
                    says=f"{capability.value} was found in {', '.join(places[:3])}{more}, "
                    "and no system of the inventory declares it there.",
                    findings=tuple(f.id for f in undeclared),
                )
            )
    return tuple(results)


def inventory_control(
    results: tuple[InventoryResult, ...], coverage: Coverage, not_tested: tuple[NotTested, ...]
) -> ControlResult:
    """Make a control of the comparison, so that gate, reports and explanations treat it as any other."""
    failed = [r for r in results if r.level is Level.FAIL]
    warned = [r for r in results if r.level is Level.WARN]
    result, reason = Result.SATISFIED, "Every system found is declared, and every one declared was found."
    if failed:
        result, reason = Result.NOT_SATISFIED, " ".join(r.says for r in failed)
    elif any(not n.undrawn for n in not_tested) or not coverage.inspected:
        result, reason = Result.NOT_TESTED, "Some input could not be read, so the inventory cannot be closed."
    elif not_tested:
        result, reason = (
            Result.NEEDS_REVIEW,
            "Clips that were not drawn may hold a system that is not declared.",
        )
    elif warned:
        result, reason = Result.NEEDS_REVIEW, " ".join(r.says for r in warned)
    return ControlResult(
        id=CONTROL,
        title="The systems inventory says what was found",
        citation="the agency's own inventory in scanner.toml",
        quote="",
        quote_verified="not-quoted",
        result=result,
        reason=reason,
        findings=tuple(dict.fromkeys(i for r in (*failed, *warned) for i in r.findings)),
        about="Found but undeclared fails; declared but not found, or of another make, is for review.",
        basis="agency",
    )


def draft(findings: Iterable[Finding]) -> tuple[System, ...]:
    """Suggest inventory entries for what was found, one a folder; a person must confirm and name each."""
    by_place: dict[str, list[Finding]] = {}
    for finding in filter(_is_live, findings):
        if _is_system(finding):
            folder, slash, _ = finding.artifact.path.replace("!/", "/").partition("/")
            by_place.setdefault(folder + slash, []).append(finding)
    return tuple(
        System(
            name=place.rstrip("/"),
            capabilities=tuple(c for c in Capability if any(f.capability is c for f in found)),
            vendor=", ".join(sorted({maker for f in found for maker in _makers(f)})),
            paths=(f"{place}*" if place.endswith("/") else place,),
        )
        for place, found in sorted(by_place.items())
    )


def _is_live(finding: Finding) -> bool:
    return finding.context == "product" and finding.status is not Status.WAIVED


def _is_system(finding: Finding) -> bool:
    return finding.capability not in _NO_SYSTEM and finding.confidence.rank >= Confidence.MEDIUM.rank


def _declared(finding: Finding, systems: tuple[System, ...]) -> bool:
    return any(finding.capability in s.capabilities and covers(s, finding) for s in systems)


def _of_system(system: System, inside: list[Finding]) -> list[InventoryResult]:
    results: list[InventoryResult] = []
    for capability in system.capabilities:
        shown = [f for f in inside if f.capability is capability]
        if shown:
            check, level, says = (
                "declared",
                Level.OK,
                f"{system.name}: {capability.value} declared and found.",
            )
        else:
            where = f" in {', '.join(system.paths)}" if system.paths else ""
            check, level = "not-found", Level.WARN
            says = f"{system.name}: {capability.value} is declared, and nothing of it was found{where}."
        results.append(_result(check, level, system, capability, says, shown))
    return results + _vendors(system, [f for f in inside if f.capability in system.capabilities])


def _versions(system: System, own: list[Finding]) -> list[InventoryResult]:
    """Other versions wherever the system is named, in hints too: its name says that it is the one meant."""
    if not system.version:
        return []
    seen: dict[str, list[Finding]] = {}
    for finding in own:
        for version in _named_versions(system.name, finding):
            seen.setdefault(version, []).append(finding)
    return [
        _result(
            "version-differs",
            Level.WARN,
            system,
            None,
            f"{system.name}: version {system.version} is declared, and {version} was found "
            f"in {found[0].artifact.path}.",
            found,
        )
        for version, found in sorted(seen.items())
        if version.removeprefix("v") != system.version.removeprefix("v")
    ]


def _named_versions(name: str, finding: Finding) -> set[str]:
    """Versions that stand behind the system's name where it was found: `deface==1.5.0`, `frigate:0.14.1`."""
    spelled = re.escape(_plain(name)).replace(r"\-", "[-_. ]?")
    pattern = re.compile(rf"(?<![\w]){spelled}{_VERSION}", re.IGNORECASE)
    return {m.group(1) for e in finding.evidence for m in pattern.finditer(f"{e.subject} {e.excerpt}")}


def _vendors(system: System, own: list[Finding]) -> list[InventoryResult]:
    if not system.vendor:
        return []
    seen: dict[str, list[Finding]] = {}
    for finding in own:
        for maker in _makers(finding):
            if not _same(maker, system.vendor):
                seen.setdefault(maker, []).append(finding)
    return [
        _result(
            "vendor-differs",
            Level.WARN,
            system,
            None,
            f"{system.name}: vendor {system.vendor} is declared, and a product of {maker} was found "
            f"in {found[0].artifact.path}.",
            found,
        )
        for maker, found in sorted(seen.items())
    ]


def _makers(finding: Finding) -> set[str]:
    named = f"{finding.rule} {' '.join(e.subject for e in finding.evidence)}".lower()
    return {_MAKERS[w] for w in set(re.split(r"[^a-z]+", named)) & _MAKERS.keys()}


def _same(one: str, other: str) -> bool:
    a, b = _plain(one), _plain(other)
    return a in b or b in a


def _plain(name: str) -> str:
    return re.sub(r"[-_. ]+", "-", name.strip().lower())


def _result(
    check: str,
    level: Level,
    system: System,
    capability: Capability | None,
    says: str,
    findings: list[Finding],
) -> InventoryResult:
    return InventoryResult(
        check=check,
        level=level,
        system=system.name,
        capability=capability,
        says=says,
        findings=tuple(f.id for f in findings),
    )
