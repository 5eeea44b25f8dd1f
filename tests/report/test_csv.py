"""CSV: one row a place, and nothing that a spreadsheet would run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.findings import Run
from scanner.report import WRITERS
from scanner.report.csv import COLUMNS, guarded
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run


def rows(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(WRITERS["csv"](run).decode(), newline="")))


def test_one_row_a_place() -> None:
    run = bad_run()
    found = rows(run)
    assert len(found) == sum(f.occurrences for f in run.findings)
    assert {r["finding"] for r in found} == {f.id for f in run.findings}
    match = [r for r in found if r["path"] == "src/match.py"]
    assert [(r["start_line"], r["end_line"]) for r in match] == [("14", "14"), ("31", "31"), ("58", "60")]
    assert match[0]["controls"] == "face-recognition"


def test_locations_have_columns_of_their_own() -> None:
    by_rule = {r["rule"]: r for r in rows(bad_run())}
    assert by_rule["template-store"]["table"] == "face_embeddings"
    assert by_rule["frigate-face-recognition"]["pointer"] == "/face_recognition/enabled"
    clip = next(r for r in rows(bad_run()) if r["path"] == "footage/gate.mp4" and r["start_s"] == "2.000")
    assert clip["end_s"] == "6.400"
    assert clip["boxes"] == "8"


def test_a_run_without_findings_has_its_header() -> None:
    assert WRITERS["csv"](clean_run()).decode() == ",".join(COLUMNS) + "\r\n"


def test_lines_end_as_rfc_4180_says_and_never_inside_a_cell() -> None:
    run = hostile_run()
    data = WRITERS["csv"](run).decode()
    assert data.count("\r\n") == data.count("\n") == 1 + sum(f.occurrences for f in run.findings)


def test_no_cell_of_a_hostile_run_is_a_formula() -> None:
    cells = [cell for row in rows(hostile_run()) for cell in row.values()]
    assert not [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))]
    assert any(c.startswith("'=HYPERLINK") for c in cells)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1"])
def test_formulas_are_guarded(cell: str) -> None:
    assert guarded(cell)[0] in "'\\"


@given(st.text())
def test_a_guarded_cell_never_begins_a_formula(cell: str) -> None:
    assert not guarded(cell).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert guarded(cell).isprintable()


def test_plain_names_are_left_alone() -> None:
    assert guarded("src/match.py") == "src/match.py"
