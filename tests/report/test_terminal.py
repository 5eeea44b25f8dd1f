"""The summary on a terminal and in a pipe."""

import io

import pytest
from rich.console import Console

from scanner.findings import Run
from scanner.report.terminal import show
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run, large_run


def shown(run: Run, *, terminal: bool, width: int = 100, **options: object) -> str:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=width, color_system="standard" if terminal else None
    )
    show(run, console=console, **options)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.fixture(autouse=True)
def _colour(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("terminal", [True, False])
def test_it_says_controls_findings_coverage_and_where_reports_went(terminal: bool) -> None:
    text = shown(bad_run(), terminal=terminal, reports=[("html", "out/report.html"), ("json", "-")])
    for words in (
        "(proposed)",
        "not satisfied",
        "needs review",
        "not tested",
        "src/match.py:14",
        "config/frigate.yml:42",
        "312 artifacts seen, 204 inspected",
        "backup/old.zip",
        "html=out/report.html",
        "The gate is closed.",
        "4 more findings",
    ):
        assert words in " ".join(text.replace("\x1b", " \x1b").split()) or words in text, words
    assert "json=-" not in text


def test_a_pipe_gets_plain_lines_nothing_wrapped_or_coloured() -> None:
    text = shown(bad_run(), terminal=False, width=20)
    assert "\x1b" not in text
    assert (
        "src/match.py:14: high face-recognition: A face recognition library is used: "
        "face_recognition.compare_faces [face-recognition-library]"
    ) in text.splitlines()


def test_colour_obeys_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31m" in shown(bad_run(), terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "[31m" not in shown(bad_run(), terminal=True)
    assert ";31m" not in shown(bad_run(), terminal=True)


@pytest.mark.parametrize("terminal", [True, False])
def test_no_escape_or_newline_of_a_name_reaches_the_terminal(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(hostile_run(), terminal=terminal, verbose=True)
    assert "\x1b[31mred" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "\nnewline" not in text
    assert r"b\x1b[31mred\x1b[0m\x07.py" in text


def test_markup_of_a_name_is_text() -> None:
    assert "d|pipe|`tick`*star*_under_[link]" in shown(hostile_run(), terminal=False)


def test_verbose_shows_every_finding() -> None:
    run = large_run(50)
    assert "40 more findings" in shown(run, terminal=False)
    lines = shown(run, terminal=False, verbose=True).splitlines()
    assert sum("[rule-number-" in line for line in lines) == 50


def test_no_finding_is_not_praise() -> None:
    text = shown(clean_run(), terminal=True)
    assert "proves nothing about what was not scanned" in text
    assert "The gate is open." in text
