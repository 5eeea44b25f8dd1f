from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.policy.atlas import load_leads

CSV = (
    '"AOSNUMBER","City","County","State","Agency","Technology","Vendor","Summary"\n'
    '"AOS-1","Springfield","","OR","Springfield Police Department","Face Recognition","Acme","It uses it."\n'
    '"AOS-2","Springfield","","OR","Springfield Police Department","Body-worn Cameras","","x"\n'
    '"AOS-3","Springfield","","OR","Springfield Police Department","Gunshot Detection","","x"\n'
    '"AOS-4","Shelbyville","","OR","Shelbyville Police Department","Face Recognition","","x"\n'
)


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    path = tmp_path / "atlas.csv"
    path.write_text("\ufeff" + CSV, encoding="utf-8")
    return path


def test_rows_of_the_agency_on_cameras_and_biometrics_are_leads(atlas: Path) -> None:
    leads = load_leads(atlas, "springfield police")
    assert [lead.reference for lead in leads] == ["AOS-1", "AOS-2"]
    assert leads[0].vendor == "Acme"
    assert leads[0].source == "EFF Atlas of Surveillance"


@pytest.mark.parametrize(
    ("text", "agency", "says"),
    [
        (CSV, "Capital City", "no row for the agency 'Capital City'"),
        (CSV, "", "whose rows"),
        ("a,b\n1,2\n", "x", "no column 'agency'"),
        (CSV.replace('"Technology"', '"Technologies"'), "Springfield", "is it 'technologies'"),
    ],
)
def test_a_wrong_file_or_name_is_one_clear_line(tmp_path: Path, text: str, agency: str, says: str) -> None:
    path = tmp_path / "atlas.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        load_leads(path, agency)
