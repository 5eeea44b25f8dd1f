"""Records of redactions held against the files of a scan: the same bytes, others, renamed, in archives."""

import csv
import io
import zipfile
from pathlib import Path

import msgspec
import pypdf
import pytest

from samples import clips
from scanner.cli import main
from scanner.findings import Capability, Confidence, Exemption, Finding, Run, from_json
from scanner.footage import manifest
from scanner.footage.manifest import Review
from scanner.report import render


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redacted")
    clips.write(folder / "hall.mp4", clips.cctv(320, 180, spans=((0, 1),)), clips.steady_times(1, 5))
    with pytest.raises(SystemExit) as stopped:
        main(["blur", str(folder / "hall.mp4"), "-o", str(folder / "out"), "-q"])
    assert stopped.value.code == 0
    return folder / "out"


def _scan(target: Path, tmp_path: Path) -> Run:
    file = tmp_path / "run.json"
    with pytest.raises(SystemExit):
        main(["scan", str(target), "-q", "--no-cache", "--jobs", "0", "--report", f"json={file}"])
    return from_json(file.read_bytes())


def _copy(redacted: Path, into: Path, name: str = "hall.mp4", tail: bytes = b"") -> Path:
    into.mkdir(exist_ok=True)
    (into / name).write_bytes((redacted / "hall.mp4").read_bytes() + tail)
    (into / "hall.mp4.manifest.json").write_bytes((redacted / "hall.mp4.manifest.json").read_bytes())
    return into


def _records(run: Run) -> list[Finding]:
    return [f for f in run.findings if f.rule == "redaction-record"]


def test_the_same_bytes_are_verified_by_their_record(redacted: Path, tmp_path: Path) -> None:
    run = _scan(_copy(redacted, tmp_path / "in"), tmp_path)
    [found] = _records(run)
    assert (found.artifact.path, found.capability) == ("hall.mp4", Capability.REDACTION)
    assert found.confidence is Confidence.HIGH
    assert found.message.endswith("redacted and verified by hall.mp4.manifest.json")
    assert "1 covered face, solid; verification passed" in found.evidence[0].excerpt
    assert [c.record for c in run.footage] == ["redacted and verified (hall.mp4.manifest.json)"]


def test_a_renamed_file_is_known_by_its_content(redacted: Path, tmp_path: Path) -> None:
    [found] = _records(_scan(_copy(redacted, tmp_path / "in", "release-7.mp4"), tmp_path))
    assert found.artifact.path == "release-7.mp4"
    assert found.confidence is Confidence.HIGH


def test_other_bytes_are_not_what_the_record_says(redacted: Path, tmp_path: Path) -> None:
    run = _scan(_copy(redacted, tmp_path / "in", tail=b"\0\0\0\x08free"), tmp_path)
    [found] = _records(run)
    assert found.artifact.path == "hall.mp4"
    assert found.confidence is Confidence.LOW
    assert "the file is not what hall.mp4.manifest.json says" in found.message
    assert any("hall.mp4 is not what hall.mp4.manifest.json says" in n for n in run.run.notices)
    assert run.footage[0].record.startswith("is not what")


def test_a_record_without_its_file_says_so(redacted: Path, tmp_path: Path) -> None:
    folder = _copy(redacted, tmp_path / "in")
    (folder / "hall.mp4").unlink()
    [found] = _records(_scan(folder, tmp_path))
    assert found.artifact.path == "hall.mp4.manifest.json"
    assert found.evidence[0].note == "the file that it is about is not among what was scanned"


def test_record_and_file_in_an_archive(redacted: Path, tmp_path: Path) -> None:
    folder = _copy(redacted, tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "case.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"case/{file.name}")
    [found] = _records(_scan(tmp_path / "case.zip", tmp_path))
    assert found.artifact.path == "case.zip!/case/hall.mp4"
    assert found.confidence is Confidence.HIGH


def test_a_damaged_record_is_not_tested(redacted: Path, tmp_path: Path) -> None:
    folder = _copy(redacted, tmp_path / "in")
    record = folder / "hall.mp4.manifest.json"
    record.write_bytes(record.read_bytes()[:2000])
    run = _scan(folder, tmp_path)
    assert any("damaged record of a redaction" in n.reason for n in run.run.not_tested)


def test_decisions_of_a_person_stand_in_the_run_and_in_every_report(redacted: Path, tmp_path: Path) -> None:
    folder = _copy(redacted, tmp_path / "in")
    path = folder / "hall.mp4.manifest.json"
    made = manifest.read(path)
    log = (
        Exemption(
            0.0, 0.8, "track 1", "left visible", "(b)(6) consent on file", "R. Clerk", "2026-11-24T20:00:00Z"
        ),
        Exemption(0.5, None, "audio", "muted", "a name is said", "R. Clerk", "2026-11-24T20:01:00Z"),
    )
    said = Review(approved=True, by="R. Clerk", at="2026-11-24T20:02:00Z", output_sha256=made.output.sha256)
    path.write_bytes(manifest.to_json(msgspec.structs.replace(made, log=log, review=said)))
    run = _scan(folder, tmp_path)
    assert [(r.output, r.approved, r.reviewed_by, r.log) for r in run.redactions] == [
        ("hall.mp4", True, "R. Clerk", log)
    ]
    pages = pypdf.PdfReader(io.BytesIO(render("pdf", run))).pages
    texts = {name: render(name, run).decode() for name in ("html", "csv", "json")}
    texts["pdf"] = " ".join(" ".join(page.extract_text() for page in pages).split())
    for name, text in texts.items():
        assert "left visible" in text, name
        assert "consent on file" in text, name
        assert "a name is said" in text, name
    rows = list(csv.DictReader(io.StringIO(render("csv", run).decode())))
    [kept] = [row for row in rows if row["subject"] == "left visible"]
    assert (kept["path"], kept["start_s"], kept["end_s"]) == ("hall.mp4", "0.000", "0.800")
    assert "R. Clerk" in kept["note"]


def test_a_review_of_other_bytes_is_none(redacted: Path, tmp_path: Path) -> None:
    folder = _copy(redacted, tmp_path / "in")
    path = folder / "hall.mp4.manifest.json"
    said = Review(approved=True, by="R. Clerk", at="2026-11-24T20:02:00Z", output_sha256="0" * 64)
    path.write_bytes(manifest.to_json(msgspec.structs.replace(manifest.read(path), review=said)))
    [record] = _scan(folder, tmp_path).redactions
    assert (record.approved, record.rejected, record.reviewed_by) == (False, False, "")
