"""PDF: tagged so that it can be read aloud, complete, bounded, and the same bytes every time."""

import re
from collections.abc import Callable
from functools import cache
from io import BytesIO

import msgspec
import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.findings import Capability, Result, Run
from scanner.report import WRITERS, content
from scanner.report.pdf import LETTERS, ON_PAPER, _document, printed
from tests.agency_runs import agency_run, hostile_agency_run
from tests.example_runs import bad_run, clean_run, control, finding, lines, make_run
from tests.report.pdf_checks import alternatives, names, problems
from tests.strange_runs import hostile_run, large_run

Make = Callable[[], Run]


@cache
def pdf(make: Make) -> bytes:
    return WRITERS["pdf"](make())


@cache
def text(make: Make) -> str:
    pages = pypdf.PdfReader(BytesIO(pdf(make))).pages
    return squeezed(" ".join(page.extract_text() for page in pages))


def squeezed(words: str) -> str:
    """Blanks and breaks are where lines happen to end."""
    return re.sub(r"\s+", "", words)


@pytest.mark.parametrize("make", [bad_run, clean_run, hostile_run, agency_run, hostile_agency_run])
def test_nothing_that_a_screen_reader_needs_is_missing(make: Make) -> None:
    assert problems(pdf(make)) == []


def broken(change: Callable[[pikepdf.Pdf], None]) -> list[str]:
    with pikepdf.open(BytesIO(pdf(bad_run))) as document:
        change(document)
        out = BytesIO()
        document.save(out)
    return problems(out.getvalue())


def _no_tree(document: pikepdf.Pdf) -> None:
    del document.Root.StructTreeRoot


def _no_language(document: pikepdf.Pdf) -> None:
    del document.Root.Lang


def _not_marked(document: pikepdf.Pdf) -> None:
    document.Root.MarkInfo.Marked = False


def _no_identifier(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as xmp:
        del xmp["pdfuaid:part"]


def _silent_figures(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
            del item.Alt


def _headless_tables(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH":
            item.S = pikepdf.Name.TD


def _scribble(document: pikepdf.Pdf) -> None:
    document.pages[0].contents_add(b"0 0 m 10 10 l S")


def _bare_font(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                if key in item:
                    del item[key]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_no_tree, "no structure tree"),
        (_no_language, "no language"),
        (_not_marked, "not marked as tagged"),
        (_no_identifier, "no PDF/UA identifier"),
        (_silent_figures, "a figure without words"),
        (_headless_tables, "a table without headers"),
        (_scribble, "neither tagged nor an artifact"),
        (_bare_font, "is not embedded"),
    ],
)
def test_each_of_these_checks_sees_what_it_is_for(change: Callable[[pikepdf.Pdf], None], said: str) -> None:
    assert any(said in problem for problem in broken(change))


def test_the_policy_and_its_status_stand_on_every_page() -> None:
    pages = pypdf.PdfReader(BytesIO(pdf(bad_run))).pages
    assert len(pages) > 3
    for page in pages:
        assert squeezed(content.policy_line(bad_run())) in squeezed(page.extract_text())


def test_every_control_finding_and_untested_input_is_there() -> None:
    run, said = bad_run(), text(bad_run)
    assert squeezed(content.verdict(run).sentence) in said
    for result in run.controls:
        for words in (result.title, result.citation, result.quote, result.reason):
            assert squeezed(words) in said
    for found in run.findings:
        assert squeezed(found.message) in said
        assert squeezed(found.artifact.path) in said
        assert found.fingerprint in said
    for entry in run.run.not_tested:
        assert squeezed(entry.path) in said
        assert squeezed(entry.reason) in said


def test_the_agency_side_is_there() -> None:
    said = text(agency_run)
    for words in (
        "To be signed by: A. Clerk, Records manager",
        "15PBJA-25-GG-00001-JAGX",
        "Lobby recorder",
        "no system declares it",
        "A lead is a reason to ask, never a finding.",
        "shall not acquire",
        "emergency-without-facts",
        "not answered: a person must",
        "third_party/**",
    ):
        assert squeezed(words) in said, words
    assert any("25 warrant" in alt for alt in alternatives(pdf(agency_run)))


def test_pictures_have_words() -> None:
    said = alternatives(pdf(bad_run))
    assert "Of 312 artifacts, 204 inspected, 106 skipped, 2 failed" in said
    assert "3 appearances between 0 s and 1:24.0" in said


def test_links_lead_from_each_control_to_its_findings_and_back() -> None:
    kinds = names(pdf(bad_run))
    cited = sum(len({*c.findings, *c.waived}) for c in bad_run().controls)
    assert kinds.count("Link") >= 2 * cited + len(bad_run().controls)


def test_a_hostile_name_is_shown_as_text() -> None:
    said = text(hostile_run)
    for words in (
        r"b\x1b[31mred\x1b[0m\x07.py",
        r"g\u202eyp.exe\u200b.py",
        r"j-é\u4eba\U0001f600.py",
        "{{7*7}}",
    ):
        assert squeezed(words) in said, words


def test_every_letter_that_is_printed_is_in_the_fonts() -> None:
    every = "".join(chr(c) for a, b in LETTERS for c in range(a, b + 1) if chr(c).isprintable())
    every = " ".join(every[i : i + 60] for i in range(0, len(every), 60))
    assert printed(every) == every
    run = make_run([finding("a.py", lines(1), message=m) for m in (every[:500], every[500:])], [])
    assert problems(WRITERS["pdf"](run)) == []


def test_equal_runs_give_equal_bytes() -> None:
    assert pdf(bad_run) == WRITERS["pdf"](bad_run())


def test_many_findings_are_bounded_and_the_rest_is_counted() -> None:
    run = large_run(6_000)
    data = WRITERS["pdf"](run)
    with pikepdf.open(BytesIO(data)) as document:
        assert 100 < len(document.pages) < 400
    groups = _document(run)["groups"]
    assert len(groups) == len(Capability), "one without a line is still counted"
    left = sum(int(g["unlisted"].replace(",", "") or 0) for g in groups)
    assert left == 6_000 - ON_PAPER.listed


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=4, max_size=4))
def test_no_text_of_an_input_stops_it(texts: list[str]) -> None:
    message, path, excerpt, target = texts
    run = make_run([finding(path, lines(1), message=message, excerpt=excerpt, note=target)], [])
    inputs = (msgspec.structs.replace(run.run.inputs[0], target=target),)
    run = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, inputs=inputs))
    assert WRITERS["pdf"](run).startswith(b"%PDF-1.7")


def test_a_run_file_that_names_two_findings_alike_is_set_all_the_same() -> None:
    twice = finding("a.py", lines(1))
    run = make_run([twice, twice], [control("c", "C", Result.NOT_SATISFIED, [twice])])
    assert problems(WRITERS["pdf"](run)) == []


def test_a_long_word_breaks_and_is_found_whole() -> None:
    word = "client.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor()" * 3
    made = WRITERS["pdf"](make_run([finding("a.py", lines(1), message=word)], []))
    page = "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages)
    assert max(len(line) for line in page.splitlines()) < len(word)
    assert word in squeezed(page)
    assert "\u200b" not in page
