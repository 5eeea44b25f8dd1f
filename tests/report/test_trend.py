"""The trend: what appeared, what went, what merely moved, and when the comparison is weak."""

from pathlib import Path

import msgspec
import pytest

from scanner.cli import main
from scanner.errors import UsageError
from scanner.findings import Finding, Run, from_json, to_json
from scanner.report import WRITERS
from scanner.report.trend import with_trend
from tests.example_runs import bad_run, clean_run, finding, lines, make_run
from tests.report.pdf_checks import alternatives


def on(day: int, run: Run) -> Run:
    stamp = f"2026-11-{day:02}T09:00:12Z"
    return msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, finished=stamp))


def of(*findings: Finding) -> Run:
    return make_run(findings, [])


KEPT = finding("a.py", lines(3))
MOVED = finding("old/b.py", lines(3), subject="x.y")
MOVED_TO = finding("new/b.py", lines(90), subject="x.y")
FIXED = finding("c.py", lines(1), subject="c.d")
FRESH = finding("e.py", lines(1), subject="e.f")


def test_what_appeared_and_went_is_named_and_what_moved_is_neither() -> None:
    trend = with_trend(on(24, of(KEPT, MOVED_TO, FRESH)), [on(1, of(KEPT, MOVED, FIXED))]).trend
    assert trend
    assert [s.where for s in trend.appeared] == ["e.py:1"]
    assert [s.where for s in trend.gone] == ["c.py:1"]
    assert [p.findings for p in trend.points] == [3, 3]
    assert trend.cautions == ()


def test_a_copy_in_a_second_file_appears() -> None:
    trend = with_trend(on(24, of(MOVED, MOVED_TO)), [on(1, of(MOVED))]).trend
    assert trend
    assert [s.where for s in trend.appeared] == ["new/b.py:90"]


def test_runs_are_ordered_and_the_latest_is_compared() -> None:
    first, second = on(1, of()), on(9, of(KEPT, FIXED))
    trend = with_trend(on(24, of(KEPT)), [second, first]).trend
    assert trend
    assert [p.finished[:10] for p in trend.points] == ["2026-11-01", "2026-11-09", "2026-11-24"]
    assert [s.where for s in trend.gone] == ["c.py:1"]


def test_a_comparison_of_unlike_runs_is_cautioned() -> None:
    before = on(1, bad_run())
    before = msgspec.structs.replace(before, policy=msgspec.structs.replace(before.policy, sha256="0" * 64))
    trend = with_trend(on(24, clean_run()), [before]).trend
    assert trend
    assert any("another policy" in c for c in trend.cautions)
    assert any("2 inputs of the earlier run" in c for c in trend.cautions)


def test_a_later_run_is_no_earlier_one() -> None:
    with pytest.raises(UsageError, match="is not earlier than"):
        with_trend(on(1, of()), [on(24, of())])


def test_without_an_earlier_run_nothing_changes() -> None:
    assert with_trend(bad_run(), []) == bad_run()


def test_the_pages_show_it_with_a_chart_and_the_json_keeps_it() -> None:
    run = with_trend(on(24, bad_run()), [on(1, clean_run())])
    html = WRITERS["html"](run).decode()
    assert "Since earlier runs" in html
    assert "14 findings appeared and 0 went" in html
    assert 'aria-label="2026-11-24: 2 not satisfied, 2 needs review, 1 not tested, 1 satisfied"' in html
    assert "2026-11-01: 0 not satisfied, 0 needs review, 0 not tested, 1 satisfied" in alternatives(
        WRITERS["pdf"](run)
    )
    assert "**Since 1 November 2026, 09:00 UTC:** 14 appeared, 0 gone." in WRITERS["md"](run).decode()
    assert from_json(WRITERS["json"](run)).trend == run.trend


def test_the_command_line_takes_earlier_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, before = tmp_path / "now.json", tmp_path / "before.json"
    now.write_bytes(to_json(on(24, bad_run())))
    before.write_bytes(to_json(on(1, clean_run())))
    for first, second, code in ((now, before, 0), (before, now, 2)):
        with pytest.raises(SystemExit) as ended:
            main(["report", str(first), "--previous", str(second), "--report", "md=-", "-q"])
        assert ended.value.code == code
    said = capsys.readouterr()
    assert "14 appeared" in said.out
    assert said.err.count("\n") == 1
