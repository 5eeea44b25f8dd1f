"""JUnit XML: a test case for each control, for build servers that show test results.

A control that is not satisfied is a failure. One that was not tested is skipped. One that needs a review
fails when the run was gated on it (`--fail-on needs-review`) and is skipped otherwise, so that a build
server and the exit code of `scanner scan` agree. Each input that could not be tested is an error, or is
skipped where the run was told to go on without it (`--allow-incomplete`).
"""

from datetime import datetime
from xml.etree import ElementTree

from scanner.findings import ControlResult, Finding, Result, Run
from scanner.report import content

MAX_FINDINGS = 20
"""How many findings a failure names."""
MAX_INPUTS = 1000
"""How many untested inputs are listed one by one."""


def render(run: Run) -> bytes:
    """Write one suite for the policy's controls and one for what could not be tested."""
    root = ElementTree.Element("testsuites", {"name": f"{run.tool.name} {run.tool.version}"})
    by_id = {f.id: f for f in run.findings}
    cases = [_control(run, control, by_id) for control in content.ordered_controls(run)]
    root.append(_suite(run, content.policy_line(run), cases))
    if run.run.not_tested:
        root.append(_suite(run, "inputs", _inputs(run)))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suite(run: Run, name: str, cases: list[ElementTree.Element]) -> ElementTree.Element:
    def having(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = ElementTree.Element(
        "testsuite",
        {
            "name": content.plain(name),
            "tests": str(len(cases)),
            "failures": having("failure"),
            "errors": having("error"),
            "skipped": having("skipped"),
            "timestamp": run.run.started.removesuffix("Z"),
            "time": f"{_elapsed(run):.3f}",
        },
    )
    suite.extend(cases)
    return suite


def _elapsed(run: Run) -> float:
    try:
        took = datetime.fromisoformat(run.run.finished) - datetime.fromisoformat(run.run.started)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, took.total_seconds())


def _case(run: Run, group: str, name: str) -> ElementTree.Element:
    return ElementTree.Element(
        "testcase",
        {
            "classname": content.plain(f"{run.tool.name}.{group}"),
            "name": content.plain(name),
            "time": "0",
        },
    )


def _control(run: Run, control: ControlResult, by_id: dict[str, Finding]) -> ElementTree.Element:
    case = _case(run, run.policy.id, f"{control.id} {control.title}")
    tag = _tag(run, control.result)
    if not tag:
        return case
    message = f"{content.RESULT_WORDS[control.result]}: {content.squeezed(control.reason)}"
    child = ElementTree.SubElement(case, tag, {"message": content.plain(message)})
    child.set("type", control.result.value)
    found = content.worst_first(by_id[i] for i in dict.fromkeys(control.findings) if i in by_id)
    lines = [control.citation, *(f"{content.where(f)} {f.message}" for f in found[:MAX_FINDINGS])]
    if len(found) > MAX_FINDINGS:
        lines.append(f"and {len(found) - MAX_FINDINGS:,} more in the JSON")
    child.text = "\n".join(content.plain(line) for line in lines)
    return case


def _tag(run: Run, result: Result) -> str:
    match result:
        case Result.SATISFIED:
            return ""
        case Result.NOT_SATISFIED:
            return "failure"
        case Result.NEEDS_REVIEW if _gates_on_review(run):
            return "failure"
        case _:
            return "skipped"


def _gates_on_review(run: Run) -> bool:
    return run.run.options.get("fail-on") == "needs-review"


def _inputs(run: Run) -> list[ElementTree.Element]:
    # What was not drawn was asked to be left out: no error, and it comes last.
    entries = [(e.path, content.squeezed(e.reason), e.undrawn) for e in run.run.not_tested]
    if len(entries) > MAX_INPUTS:
        told = all(undrawn for _, _, undrawn in entries[MAX_INPUTS:])
        entries[MAX_INPUTS:] = [(f"and {len(entries) - MAX_INPUTS:,} more", "listed in the JSON", told)]
    allowed = run.run.options.get("allow-incomplete") == "true"
    cases = []
    for path, reason, undrawn in entries:
        tag = "skipped" if allowed or undrawn else "error"
        case = _case(run, "inputs", path)
        ElementTree.SubElement(case, tag, {"message": content.plain(reason), "type": "not-tested"})
        cases.append(case)
    return cases
