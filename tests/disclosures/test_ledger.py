"""What a ledger may look like, and that a wrong one is one line that names the record."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.disclosures.check import load_clips, load_transparency
from scanner.disclosures.ledger import FIELDS, json_schema, load_ledger
from scanner.errors import UsageError

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "schema" / "disclosures.schema.json"
SAMPLE = ROOT / "samples" / "disclosures"

ROW = {
    "id": "D-1",
    "provider": "Example Doorbells",
    "agency": "Sample City",
    "basis": "warrant",
    "holds": "content",
    "requested_at": "2026-03-01T09:00:00Z",
    "disclosed_at": "2026-03-02",
}


def as_csv(**changes: str) -> str:
    row = ROW | changes
    return f"{','.join(row)}\n{','.join(row.values())}\n"


def test_the_sample_ledger_is_read_and_fits_the_schema() -> None:
    ledger = load_ledger(SAMPLE / "ledger.csv")
    assert len(ledger.records) == 36
    assert ledger.records[0].clips
    assert len(load_clips(SAMPLE / "clips.txt")) > 20
    assert [line.count for line in load_transparency(SAMPLE / "transparency.csv")] == [11, 14]


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(json_schema()))


def test_csv_and_json_give_the_same_records(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(as_csv(audio="removed"))
    (tmp_path / "a.json").write_text(json.dumps([ROW | {"audio": "removed"}]))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate([ROW])
    assert load_ledger(tmp_path / "a.csv").records == load_ledger(tmp_path / "a.json").records


def test_the_documented_fields_are_those_of_the_schema() -> None:
    text = (ROOT / "docs" / "disclosures.md").read_text()
    assert [f for f in FIELDS if f"`{f}`" not in text] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            as_csv(disclosed_at="2026-02-30"),
            "line 2 (D-1): disclosed_at is '2026-02-30', which is not a date",
        ),
        (as_csv(disclosed_at="2026-03-01T09:00:00"), "disclosed_at is '2026-03-01T09:00:00'"),
        (as_csv(disclosed_at="0226-03-01"), "disclosed_at is '0226-03-01'"),
        (as_csv(disclosed_at="0001-01-01T00:00:00+09:00"), "disclosed_at is '0001-01-01T00:00:00+09:00'"),
        ("[" * 100_000, "is not a list of records"),
        (as_csv(decided_at="yesterday"), "decided_at is 'yesterday'"),
        (as_csv(basis="emergancy"), "basis: 'emergancy' is not known here; did you mean 'emergency'?"),
        (as_csv(form_sha256="abc"), "form_sha256 is not a SHA-256"),
        (as_csv(requestor="x"), "unknown key 'requestor'; did you mean 'requester'?"),
        ("id,provider\nD-1,x\n", "'agency' is missing"),
        (as_csv() + "D-2,x\n", "line 3: the number of cells is wrong"),
        (as_csv() + as_csv().split("\n")[1] + "\n", "the id 'D-1' stands twice"),
        (",".join(ROW) + "\n", "holds no records"),
        ("", "'id' is missing"),
        ("[{]", "is not a list of records"),
        ('[{"id": 3}]', "record 1: id: expected `str`"),
        (json.dumps([ROW | {"requested_at": "2026-13-01"}]), "record 1 (D-1): requested_at is '2026-13-01'"),
        ("\0", "line"),
    ],
)
def test_a_wrong_ledger_is_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "log"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_ledger(path)
    if text != "\0":
        assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_latin_1_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(as_csv(agency="Süd").encode("latin-1"))
    with pytest.raises(UsageError, match="utf-8"):
        load_ledger(path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("V,emergency,2026-01-01,2026-06-31,1", "last: this is not a date"),
        ("V,emergency,2026-01-01,2026-06-30,many", "count is not a whole number"),
        ("V,emergency,2026-07-01,2026-06-30,1", "ends before it starts"),
        ("V,warant,2026-01-01,2026-06-30,1", "did you mean 'warrant'"),
    ],
)
def test_a_wrong_transparency_report_is_one_clear_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "v.csv"
    path.write_text(f"vendor,basis,first,last,count\n{line}\n")
    with pytest.raises(UsageError, match=says):
        load_transparency(path)


def test_a_clip_list_without_hashes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clips.txt"
    path.write_text("clip.mp4\n")
    with pytest.raises(UsageError, match="no SHA-256"):
        load_clips(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: (as_csv() + t).encode())))
def test_no_bytes_end_otherwise_than_in_records_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    try:
        assert load_ledger(path).records
    except UsageError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right
