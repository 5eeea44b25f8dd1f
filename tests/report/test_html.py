"""HTML: self-contained, closed to what names smuggle in, complete, and equal to the JSON in every number."""

import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from scanner.findings import NotTested, Run, to_json
from scanner.report import WRITERS
from scanner.report.page import MAX_DETAILED
from tests.agency_runs import agency_run, hostile_agency_run
from tests.example_runs import bad_run, clean_run, finding, lines, make_run
from tests.strange_runs import hostile_run, large_run

VOID = {"meta", "wbr", "input", "br", "hr", "img", "link", "path", "rect", "circle", "use", "line"}
TAGS = set(
    """
    html head meta title style body header main footer nav section article div span p h1 h2 h3 h4 h5 a b i
    code blockquote wbr time data ul ol li dl dt dd table caption thead tbody tfoot tr th td figure figcaption
    details summary form label input select option button output script
    svg symbol pattern circle rect path use line
    """.split()  # noqa: SIM905
)


class Page(HTMLParser):
    """Keeps every element with its attributes and the text within."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, list[str]]] = []
        self.feed(text)
        self.close()
        assert [tag for tag, _ in self.open] == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text: list[str] = []
        self.elements.append((tag, {k: v or "" for k, v in attrs}, text))
        if tag == "li" and self.open[-1][0] == "li":
            self.open.pop()
        if tag not in VOID:
            self.open.append((tag, text))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        if tag == "ul" and self.open[-1][0] == "li":
            self.open.pop()
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, text in self.open:
            text.append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str], str]]:
        return [(attrs, "".join(text)) for name, attrs, text in self.elements if name == tag]

    def attribute(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs, _ in self.elements if name in attrs]


@cache
def html(make: Any) -> str:
    return WRITERS["html"](make()).decode()


def page(make: Any) -> Page:
    return Page(html(make))


every_run = pytest.mark.parametrize("make", [bad_run, clean_run, hostile_run, agency_run, hostile_agency_run])


def resolve(document: Any, pointer: str) -> Any:
    """Follow a JSON pointer; a `#` at its end asks for the length of a list."""
    for part in pointer.removesuffix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document.get(key, 0)
    return len(document) if pointer.endswith("#") else document


@pytest.mark.parametrize("make", [bad_run, clean_run])
def test_every_number_equals_the_json(make: Any) -> None:
    run = json.loads(to_json(make()))
    numbers = page(make).all("data")
    assert len(numbers) > 15
    for attrs, text in numbers:
        assert int(attrs["value"]) == resolve(run, attrs["data-key"]), attrs["data-key"]
        assert text == f"{int(attrs['value']):,}"


@every_run
def test_nothing_comes_from_elsewhere(make: Any) -> None:
    parsed = page(make)
    assert not parsed.attribute("src")
    assert not parsed.attribute("srcset")
    assert not parsed.attribute("action")
    assert not parsed.attribute("style"), "the policy would block it"
    assert all(href.startswith("#") for href in parsed.attribute("href"))
    style = parsed.all("style")[0][1]
    assert "@import" not in style
    assert set(re.findall(r"url\((.*?)\)", style)) <= {"#p-skipped", "#p-failed"}


@every_run
def test_the_policy_names_its_own_style_and_script_and_nothing_else(make: Any) -> None:
    parsed = page(make)

    def digest(tag: str) -> str:
        ((_, text),) = parsed.all(tag)
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    policy = next(a["content"] for a, _ in parsed.all("meta") if "http-equiv" in a)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest('style')}'; script-src 'sha256-{digest('script')}'; "
        "base-uri 'none'; form-action 'none'"
    )


@every_run
def test_no_name_becomes_an_element_or_a_handler(make: Any) -> None:
    parsed = page(make)
    assert {tag for tag, _, _ in parsed.elements} <= TAGS
    assert not [name for _, attrs, _ in parsed.elements for name in attrs if name.startswith("on")]


def test_hostile_names_are_shown() -> None:
    text = "".join(text for _, text in page(hostile_run).all("main"))
    for name in (
        "a<script>alert(1)</script>.py",
        r"b\x1b[31mred\x1b[0m\x07.py",
        r"g\u202eyp.exe\u200b.py",
        "{{7*7}}",
    ):
        assert name in text


@every_run
def test_ids_are_unique_and_every_link_leads_somewhere(make: Any) -> None:
    parsed = page(make)
    ids = parsed.attribute("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in parsed.attribute("href")} <= set(ids)
    assert {i for name in ("aria-labelledby",) for i in parsed.attribute(name)} <= set(ids)


@every_run
def test_a_screen_reader_finds_its_way(make: Any) -> None:
    parsed = page(make)
    levels = [int(tag[1]) for tag, _, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attrs.get("scope") in ("col", "row") for attrs, _ in parsed.all("th"))
    assert all("aria-hidden" in attrs or attrs.get("aria-label") for attrs, _ in parsed.all("svg"))
    assert {tag for tag, _, _ in parsed.elements} >= {"header", "nav", "main", "footer"}
    assert parsed.all("html")[0][0]["lang"] == "en"
    assert parsed.all("a")[0][0]["href"] == "#main"


def test_the_policy_and_its_status_stand_at_the_top_and_on_every_printed_page() -> None:
    top = page(bad_run).all("header")[0][1]
    assert "Facial Recognition and Biometric Technology Moratorium Act" in top
    assert "proposed" in top
    assert "not legal advice" in top
    style = page(bad_run).all("style")[0][1]
    header = re.findall(r'@top-left\{content:"(.*?)"\}', style)[0]
    said = re.sub(r"\\([0-9a-f]{6}) ", lambda m: chr(int(m[1], 16)), header)
    assert said.startswith("Facial Recognition and Biometric Technology Moratorium Act, S.681")
    assert said.endswith("(proposed)")


def test_a_policy_title_cannot_leave_its_string_in_the_style() -> None:
    style = page(hostile_run).all("style")[0][1]
    assert "evil" in style
    assert "url(//evil" not in style
    assert style.count("{") == style.count("}")


def test_from_each_control_to_each_of_its_findings_and_back() -> None:
    run = bad_run()
    parsed = page(bad_run)
    ids = set(parsed.attribute("id"))
    assert {f"f-{f.id}" for f in run.findings} <= ids
    links = parsed.attribute("href")
    for number, control in enumerate(run.controls, 1):
        assert f"#c-{number}" in links
        for cited in (*control.findings, *control.waived):
            assert f"#f-{cited}" in links


def test_quotes_say_how_well_they_are_known() -> None:
    text = page(bad_run).all("main")[0][1]
    assert "assists in identifying an individual" in text
    assert "Quoted word for word" in text
    assert "not compared with the official print" in text


def test_what_was_not_tested_is_listed_with_its_reason() -> None:
    text = page(bad_run).all("main")[0][1]
    assert "footage/broken.mp4" in text
    assert "moov atom not found" in text


def test_charts_have_words() -> None:
    labels = [attrs["aria-label"] for attrs, _ in page(bad_run).all("svg") if "aria-label" in attrs]
    assert "Of 312 artifacts, 204 inspected, 106 skipped, 2 failed" in labels
    assert "3 appearances between 0 s and 1:24.0" in labels


def test_whose_run_it_is_stands_at_the_top() -> None:
    top = page(bad_run).all("header")[0][1]
    assert "Agency: Springfield Police Department; to be signed by A. Clerk" in top
    assert "Award: 15PBJA-25-GG-00001-JAGX" in top


def test_a_clean_run_is_not_praised() -> None:
    text = page(clean_run).all("main")[0][1]
    assert "Nothing was found. That proves nothing about what was not scanned." in text


def test_a_gate_that_was_told_to_stay_open_says_so() -> None:
    run = bad_run()
    told = msgspec.structs.replace(
        run, summary=msgspec.structs.replace(run.summary, gate="open", exit_code=0)
    )
    assert "open only because it was told not to close" in WRITERS["html"](told).decode()


def test_twenty_thousand_findings_stay_below_ten_megabytes_and_are_all_there() -> None:
    run = large_run()
    data = WRITERS["html"](run)
    assert len(data) < 10_000_000
    text = data.decode()
    assert set(re.findall(r'id="f-([0-9a-f]{16})"', text)) == {f.id for f in run.findings}
    assert text.count('<article class="finding"') == MAX_DETAILED
    assert "more, listed under" in text


def test_beyond_what_is_listed_the_rest_is_counted() -> None:
    many = make_run([finding(f"a/{i}.py", lines(1)) for i in range(20_050)], [])
    assert "and 50 more in the JSON" in WRITERS["html"](many).decode()


def test_a_finding_with_many_places_counts_those_left_out() -> None:
    many: Run = make_run([finding("a.py", *(lines(i) for i in range(1, 500)))], [])
    assert "and 474 more in the JSON" in WRITERS["html"](many).decode()


def test_many_untested_inputs_are_counted() -> None:
    many = make_run([], [], not_tested=[NotTested(path=f"{i}", reason="damaged") for i in range(2_100)])
    assert "and 100 more in the JSON" in WRITERS["html"](many).decode()


def test_several_signals_at_one_place_are_one_row() -> None:
    line = finding("a.py", lines(16), lines(16), lines(17))
    seen = msgspec.structs.replace(line.evidence[1], subject="face_recognition.face_encodings")
    merged = msgspec.structs.replace(line, evidence=(line.evidence[0], seen, line.evidence[2]))
    parsed = Page(WRITERS["html"](make_run([merged], [])).decode())
    cells = [text for _, text in parsed.all("td")]
    assert cells.count("line 16") == 1
    assert cells.count("line 17") == 1
    assert "face_recognition.compare_faces; face_recognition.face_encodings" in cells


def test_the_tables_of_the_agency_s_side_hold_the_numbers_of_the_json() -> None:
    run = json.loads(to_json(agency_run()))
    rows = re.findall(r"<tr>(.*?)</tr>", html(agency_run), re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    bases = ("consent", "warrant", "subpoena", "court-order", "emergency")
    for year in run["disclosures"]["years"]:
        numbers = [year["records"], *(year["by_basis"].get(b, 0) for b in bases), year["flagged"]]
        assert [str(year["year"]), *map(str, numbers)] in cells
    for compared in run["disclosures"]["compared"]:
        assert any(row[-2:] == [str(compared["reported"]), str(compared["counted"])] for row in cells)
    for flag in run["disclosures"]["flags"]:
        assert any(row[:3] == [flag["weight"], flag["record"], flag["rule"]] for row in cells)
