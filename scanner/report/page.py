"""What the pages for people show: the HTML page below 10 MB with 20,000 findings, and the one on paper.

The findings that weigh most are shown with all their evidence, the next ones on a line each; what is left
out is counted on the page and stands in the JSON.
"""

from dataclasses import dataclass

from scanner.findings import Capability, ControlResult, Evidence, Finding, NotTested, Run
from scanner.report import charts, content, guide
from scanner.report.answers import said_in_short
from scanner.report.footage import footage_sections
from scanner.report.redactions import redaction_sections
from scanner.report.sections import Section, sections_of

MAX_DETAILED = 1000
MAX_LISTED = 20_000
MAX_EVIDENCE = 10_000
MAX_LINKS = 25
MAX_NOT_TESTED = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is shown: findings with their evidence, findings at all, places, links, untested inputs."""

    detailed: int = MAX_DETAILED
    listed: int = MAX_LISTED
    evidence: int = MAX_EVIDENCE
    links: int = MAX_LINKS
    not_tested: int = MAX_NOT_TESTED


@dataclass(frozen=True, slots=True)
class Row:
    """One place of a finding: where, what stands there, and what was made of it."""

    place: str
    text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Item:
    """A finding as the page shows it: with its evidence, or (`detailed` false) on one line.

    `more` counts the places that no row shows.
    """

    finding: Finding
    detailed: bool
    rows: list[Row]
    more: int
    controls: list[tuple[int, ControlResult]]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one capability, by artifact."""

    capability: Capability
    total: int
    artifacts: list[tuple[str, list[Item]]]
    unlisted: int


@dataclass(frozen=True, slots=True)
class Link:
    """A finding that a control rests on; `listed` tells whether the page holds it."""

    finding: Finding
    listed: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an exception, with its answer in a word."""

    exception: str
    predicate: str
    system: str
    answer: str
    says: str


@dataclass(frozen=True, slots=True)
class Control:
    """A control, its number on the page, the first of its findings, and the conditions of its exceptions."""

    number: int
    result: ControlResult
    reading: str
    links: list[Link]
    more: int
    capabilities: list[Capability]
    predicates: list[Condition]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template needs."""

    run: Run
    verdict: content.Verdict
    short: list[str]
    controls: list[Control]
    groups: list[Group]
    detailed: int
    matrix: charts.Matrix
    bar: list[charts.Part]
    timelines: list[charts.Timeline]
    timelines_left: int
    not_tested: tuple[NotTested, ...]
    not_tested_left: int
    identity: list[tuple[str, str]]
    notices: list[str]
    sections: list[Section]


ON_SCREEN = Limits()


def page_of(run: Run, limits: Limits = ON_SCREEN) -> Page:
    """Choose and order what the page shows."""
    ordered = content.worst_first(run.findings)
    listed = ordered[: limits.listed]
    timelines, timelines_left = charts.timelines(ordered)
    notices = [n for n in run.run.notices if n.split(": ", 1)[0] not in _IDENTITY]
    return Page(
        run=run,
        verdict=content.verdict(run),
        short=[said[:1].upper() + said[1:] for said in said_in_short(run)],
        controls=_controls(run, {f.id for f in listed}, limits),
        groups=_groups(run, listed, limits),
        detailed=min(len(ordered), limits.detailed),
        matrix=charts.matrix(ordered),
        bar=charts.coverage_bar(run),
        timelines=timelines,
        timelines_left=timelines_left,
        not_tested=run.run.not_tested[: limits.not_tested],
        not_tested_left=max(0, len(run.run.not_tested) - limits.not_tested),
        identity=_identity(run),
        notices=notices,
        sections=[*footage_sections(run), *redaction_sections(run), *sections_of(run)],
    )


_IDENTITY = {"agency": "Agency", "award": "Award"}
"""Notices that say whose run it is, as `name: value`; they stand at the top of the page."""


def _identity(run: Run) -> list[tuple[str, str]]:
    """Whose run it is; of runs without typed fields for it, as their notices say it."""
    if run.agency is None and not run.awards:
        said = (n.split(": ", 1) for n in run.run.notices if ": " in n)
        return [(_IDENTITY[k], v) for k, v in said if k in _IDENTITY]
    made = []
    if run.agency and run.agency.name:
        made.append(("Agency", run.agency.name))
    if run.agency and run.agency.scope:
        made.append(("Scope", run.agency.scope))
    if run.agency and run.agency.signer:
        made.append(
            ("To be signed by", ", ".join(filter(None, (run.agency.signer, run.agency.signer_title))))
        )
    for award in run.awards:
        named = filter(None, (award.fain, award.program, award.aln and f"ALN {award.aln}"))
        made.append(("Award", ", ".join(named)))
    return made


ANSWERS = {True: "holds", False: "does not hold", None: "not answered: a person must"}


def _controls(run: Run, listed: set[str], limits: Limits) -> list[Control]:
    by_id = {f.id: f for f in run.findings}
    made = []
    for number, control in enumerate(content.ordered_controls(run), 1):
        ids = dict.fromkeys((*control.findings, *control.waived))
        found = content.worst_first(by_id[i] for i in ids if i in by_id)
        present = {f.capability for f in found}
        made.append(
            Control(
                number=number,
                result=control,
                reading=guide.PROVENANCE.get(control.quote_verified, control.quote_verified),
                links=[Link(f, f.id in listed) for f in found[: limits.links]],
                more=len(found) - len(found[: limits.links]),
                capabilities=[c for c in content.CAPABILITY_WORDS if c in present],
                predicates=[
                    Condition(p.exception, p.predicate, p.system, ANSWERS[p.holds], p.says)
                    for p in control.predicates
                ],
            )
        )
    return made


def _groups(run: Run, listed: list[Finding], limits: Limits) -> list[Group]:
    numbers = {control.id: number for number, control in enumerate(run.controls, 1)}
    controls = content.controls_of(run)
    detailed = {f.id for f in listed[: limits.detailed]}
    room = max(3, min(25, limits.evidence // max(1, len(listed))))

    def item(finding: Finding) -> Item:
        rows, more = _rows(finding.evidence, room) if finding.id in detailed else ([], 0)
        cited = [(numbers[c.id], c) for c in controls.get(finding.id, [])]
        return Item(finding, finding.id in detailed, rows, more, cited)

    made = []
    shown = dict(content.grouped(listed))
    for capability in content.CAPABILITY_WORDS:
        artifacts = shown.get(capability, [])
        here = sum(len(findings) for _, findings in artifacts)
        total = max(run.summary.by_capability.get(capability, 0), here)
        items = [(path, [item(f) for f in findings]) for path, findings in artifacts]
        if total:
            made.append(Group(capability, total, items, total - here))
    return made


def _rows(evidence: tuple[Evidence, ...], room: int) -> tuple[list[Row], int]:
    """Make one row of what several signals say of the same place; and count what has no room."""
    remarks: dict[tuple[str, str], dict[str, None]] = {}
    left = 0
    for sign in evidence:
        key = content.place(sign.location) or "the whole file", content.shows(sign)
        if key not in remarks and len(remarks) == room:
            left += 1
            continue
        subject = sign.subject if sign.excerpt and sign.subject != sign.excerpt else ""
        remarks.setdefault(key, {}).update(dict.fromkeys(filter(None, (subject, sign.note))))
    return [Row(place, text, "; ".join(said)) for (place, text), said in remarks.items()], left
