"""Markdown: what a pull request shows, and that no name in it becomes active."""

import re

from markdown_it import MarkdownIt

from scanner.report import WRITERS
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run, large_run

ALLOWED_HTML = {"<code>", "</code>", "<sub>", "</sub>"}


def text(run: object) -> str:
    return WRITERS["md"](run).decode()  # type: ignore[arg-type]


def tokens(markdown: str) -> list:
    parser = MarkdownIt("gfm-like", {"linkify": False})
    return [t for block in parser.parse(markdown) for t in (block, *(block.children or ()))]


def test_it_says_verdict_policy_status_controls_and_findings() -> None:
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(text(bad_run()))
    for words in (
        "gate closed",
        "(proposed)",
        "❌ not satisfied",
        "⚠️ needs review",
        "❔ not tested",
        "✅ satisfied",
        "14 findings: 12 new, 1 in the baseline, 1 waived",
        "src/match.py:14",
        "<strong>Looked at:</strong> 312 artifacts; 204 inspected, 106 skipped, 2 failed",
        "2 inputs not tested",
        "moov atom not found",
        "not legal advice",
    ):
        assert words in shown, words


def test_no_finding_is_not_praise() -> None:
    assert "proves nothing about what was not scanned" in text(clean_run())


def test_hostile_names_make_no_markup() -> None:
    kinds = {t.type for t in tokens(text(hostile_run()))}
    assert not kinds & {
        "link_open",
        "image",
        "code_inline",
        "fence",
        "code_block",
        "em_open",
        "html_block",
        "hr",
    }
    html = {t.content for t in tokens(text(hostile_run())) if t.type == "html_inline"}
    assert html <= ALLOWED_HTML


def test_hostile_names_keep_the_tables_in_shape() -> None:
    parsed = tokens(text(hostile_run()))
    rows, cells = [], 0
    for token in parsed:
        cells += token.type in ("td_open", "th_open")
        if token.type == "tr_close":
            rows.append(cells)
            cells = 0
    assert set(rows) == {4, 5}


def test_nobody_is_called_and_nothing_is_referred_to() -> None:
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(text(hostile_run()))
    outside = re.sub(r"<code>.*?</code>", "", shown)
    assert not re.search(r"@\w|#\d", outside)
    assert "http:" not in text(hostile_run())
    assert "www." not in text(hostile_run())


def test_at_most_twenty_findings_and_the_rest_counted() -> None:
    markdown = text(large_run(300))
    assert "and 280 more in the JSON" in markdown
    assert markdown.count("\n| high") + markdown.count("\n| medium") + markdown.count("\n| low") == 20
