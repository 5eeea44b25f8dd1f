"""A policy document against the Act's words: where it forbids, where it mentions, where it is silent."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from scanner.errors import UsageError
from scanner.findings import ControlResult, PolicyText, Result
from scanner.policy.checklist import check_policy
from scanner.policy.document import Document, read_document
from scanner.policy.grant import asking, grant_condition
from scanner.policy.pack import load_pack

PACK = load_pack("us-moratorium")

FULL = """POLICY 7

It shall be unlawful for any official to acquire, possess, access, or use a biometric surveillance system in
real time or on a recording or photograph, whether by facial recognition, voice recognition or gait, or by
logging the face or body to infer emotion or location.

No official may obtain information derived from facial recognition, by agreement with a third party or else.
"""


def found(text: str) -> dict[str, str]:
    checked = check_policy(Document("p.txt", "0" * 64, text), PACK)
    assert checked
    return {item.id: item.found for item in checked.items}


def test_a_policy_that_covers_all_has_a_passage_for_each() -> None:
    assert set(found(FULL).values()) == {"passage"}


def test_an_empty_subject_is_not_found() -> None:
    assert set(found("Officers wash their cars on Fridays.").values()) == {"not-found"}


def test_a_policy_that_allows_only_mentions() -> None:
    items = found("Detectives may use facial recognition on a recording.")
    assert items["verb-use"] == "mentioned"
    assert items["object-face-recognition"] == "mentioned"
    assert items["verb-possess"] == "not-found"


def test_a_verb_elsewhere_does_not_count_for_the_system() -> None:
    items = found("No officer shall use a siren at night. Facial recognition is a technology.")
    assert items["verb-use"] == "not-found"


def test_a_definition_that_leaves_something_out_is_no_ban() -> None:
    assert found('"Facial recognition" does not include use for redaction.')["verb-use"] == "mentioned"


@pytest.mark.parametrize(
    "text",
    [
        "Personnel shall not use facial recognition to surveil the public.",
        "Members shall not use facial recognition unless the chief approves.",
        "Results of facial recognition shall not be used as the sole basis for an arrest.",
        "No officer shall use facial recognition for the following: live video.",
    ],
)
def test_a_ban_under_a_condition_is_told_from_a_ban(text: str) -> None:
    assert found(text)["verb-use"] == "limited-ban"
    assert found(f"{text} No officer shall use facial recognition.")["verb-use"] == "passage"


def test_items_of_a_list_carry_the_ban_that_opens_it() -> None:
    text = "The City shall not:\n(a) obtain face recognition technology.\n\n(b) access facial recognition.\n"
    items = found(text)
    assert items["verb-acquire"] == items["verb-access"] == "passage"


def test_a_passage_is_quoted_with_its_line() -> None:
    checked = check_policy(Document("p.txt", "0" * 64, FULL), PACK)
    assert checked
    item = next(i for i in checked.items if i.id == "object-third-parties")
    assert item.line == 7
    assert item.passage.startswith("No official may obtain")


def test_a_heading_is_no_part_of_the_sentence_below_it() -> None:
    text = "## Prohibition\nOfficers may use facial recognition.\n"
    assert found(text)["verb-use"] == "mentioned"


def test_a_pack_without_such_a_control_asks_nothing() -> None:
    assert check_policy(Document("p.txt", "0" * 64, FULL), load_pack("eu-ai-act-5-1-h")) is None


def result(name: str, outcome: Result) -> ControlResult:
    return ControlResult(
        id=name, title="", citation="", quote="", quote_verified="not-quoted", result=outcome, reason="",
        findings=("f1",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("practice", "holds"),
    [(Result.SATISFIED, True), (Result.NOT_SATISFIED, False), (Result.NOT_TESTED, None)],
)
def test_the_grant_condition_has_two_halves_and_is_never_decided(
    practice: Result, holds: bool | None
) -> None:
    asked = asking(PACK)
    assert asked
    text = PolicyText(file="p.txt", sha256="0" * 64, items=())
    both = grant_condition(result("grant-condition", Result.SATISFIED), (result("x", practice),), text)
    assert both.result is Result.NEEDS_REVIEW
    assert [p.holds for p in both.predicates] == [None, holds]


HTML = (
    "<!DOCTYPE html><html><head><title>x</title></head><body>"
    "<script>No officer shall acquire facial recognition.</script>"
    "<p>No officer shall <b>use</b> facial&nbsp;recognition.</p></body></html>"
)
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>No officer shall use </w:t></w:r><w:r><w:t>facial recognition.</w:t></w:r></w:p>"
    "</w:body></w:document>"
)


def docx(xml: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return buffer.getvalue()


def pdf(text: str) -> bytes:
    """The smallest PDF that shows a line of text."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return data + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.html", HTML.encode()),
        ("p.docx", docx(WORD)),
        ("p.pdf", pdf("No officer shall use facial recognition.")),
        ("p.md", b"# Policy\n\n- No officer shall **use** facial recognition.\n"),
        ("no-ending", b"No officer shall use facial recognition."),
    ],
)
def test_documents_are_read_by_their_content(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    items = found(read_document(path).text)
    assert items["verb-use"] == "passage"
    assert items["verb-acquire"] == "not-found"


def empty_pdf() -> bytes:
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a\0b", "it is not text"),
        (b"%PDF-1.7 broken", "damaged or locked"),
        (empty_pdf(), "holds no text"),
        (b"PK\x03\x04broken", "cannot be read"),
        (docx('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "cannot be read"),
        (b"", "holds no text"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_clear_line(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "policy"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=says) as caught:
        read_document(path)
    assert "\n" not in str(caught.value)


GOOD_PDF, GOOD_DOCX = pdf("No officer shall use facial recognition."), docx(WORD)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.sampled_from([GOOD_PDF, GOOD_DOCX, HTML.encode()]), st.integers(0, 2000), st.binary(max_size=40))
def test_a_damaged_document_is_read_or_refused_in_one_line(
    tmp_path: Path, data: bytes, at: int, put: bytes
) -> None:
    path = tmp_path / "policy"
    path.write_bytes(data[: at % len(data)] + put + data[at % len(data) + len(put) :])
    try:
        assert isinstance(read_document(path), Document)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
