"""WCAG 2.2 AA: axe-core looks at the page in Chromium, on screen, in the dark and on a narrow window."""

from pathlib import Path
from typing import Any

import pytest

from scanner.report import WRITERS
from tests.agency_runs import agency_run
from tests.example_runs import bad_run, clean_run
from tests.tools import axe

pytestmark = pytest.mark.skipif(bool(axe.missing()), reason=axe.missing() or "-")
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.mark.parametrize(
    ("make", "flags"),
    [(agency_run, ()), (agency_run, (DARK,)), (bad_run, ("--window-size=360,800",))],
    ids=["light", "dark", "narrow"],
)
def test_axe_finds_nothing_to_object_to(make: Any, flags: tuple[str, ...], tmp_path: Path) -> None:
    assert axe.violations(WRITERS["html"](make()), tmp_path, *flags) == []


def test_the_dark_page_is_dark(tmp_path: Path) -> None:
    script = 'return matchMedia("(prefers-color-scheme: dark)").matches'
    assert axe.evaluate(WRITERS["html"](clean_run()), script, tmp_path, DARK) is True


BROKEN = {
    "html-has-lang": ('<html lang="en">', "<html>"),
    "color-contrast": ("--ink: #1b1d21;", "--ink: #c8c8c8;"),
    "label": ('<label>Search <input type="search"', '<label></label><input type="search" placeholder=""'),
}


def test_axe_objects_to_each_of_three_faults(tmp_path: Path) -> None:
    page = WRITERS["html"](bad_run()).decode()
    for good, broken in BROKEN.values():
        assert good in page
        page = page.replace(good, broken)
    found = axe.violations(page.encode(), tmp_path)
    assert {v["id"] for v in found} >= set(BROKEN)


def test_search_filters_and_says_how_many_are_shown(tmp_path: Path) -> None:
    script = """
    const form = document.querySelector("#filter");
    form.elements.text.value = "arcface";
    form.elements.text.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise(r => setTimeout(r, 500));
    const shown = [...document.querySelectorAll("article.finding")].filter(a => a.offsetParent).length;
    return {shown, said: form.elements.shown.textContent, hidden: form.hidden};
    """
    said = axe.evaluate(WRITERS["html"](bad_run()), script, tmp_path)
    assert said["shown"] == 1
    assert "1 of 14" in said["said"]
    assert said["hidden"] is False
