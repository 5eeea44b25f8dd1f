"""The agency's side through the command line: inventory, papers, explanations, and the bad inputs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.errors import Exit
from tests.conftest import Cli

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "disclosures"

SYSTEM = """
[agency]
name = "Springfield"
scope = "the front desk"
signer = "A. Clerk"
signer_title = "records clerk"
[[award]]
fain = "15PBJA-26-GG-00001-JAGX"
program = "JAG"
aln = "16.738"
[[system]]
name = "deface"
version = "1.5.0"
purpose = "covers faces before release"
capabilities = ["redaction", "face-detection"]
paths = ["*"]
release = "outside-agency"
retains = []
"""

WRONG = {
    "an expired waiver": (
        "scanner.toml",
        "[[waiver]]\nfingerprint='f'\nowner='o'\nreason='r'\napprover='the chief'\nexpires=2020-01-01\n",
        "waiver 1 (f) expired on 2020-01-01. Let the chief approve it anew",
    ),
    "an unknown key": (
        "scanner.toml",
        "[agency]\nnmae = 'x'\n",
        "agency: unknown key 'nmae'; did you mean 'name'?",
    ),
    "an unknown capability": (
        "scanner.toml",
        "[[system]]\nname='s'\ncapabilities=['face-recogniton']\n",
        "system 1, capabilities 1: 'face-recogniton' is not known here; did you mean 'face-recognition'?",
    ),
    "a system without retention": (
        "scanner.toml",
        "[[system]]\nname='s'\ncapabilities=['redaction']\nrelease='outside-agency'\n",
        "does not say what it retains. Write retains = []",
    ),
    "a system without capabilities": (
        "scanner.toml",
        "[[system]]\nname='s'\ncapabilities=[]\n",
        "no capability",
    ),
    "two systems of a name": (
        "scanner.toml",
        "[[system]]\nname='s'\ncapabilities=['redaction']\n" * 2,
        "two systems are called 's'",
    ),
    "an award without number": ("scanner.toml", "[[award]]\nfain=''\n", "award 1 has no fain"),
}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `scanner` in this process: there are many small runs here, and starting each anew would be slow."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCANNER_CACHE", str(tmp_path / "cache.sqlite"))
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*args: object, **_: object) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        given = [str(a) for a in args]
        with pytest.raises(SystemExit) as ended:
            main([*given, "--jobs", "0"] if given[0] == "scan" and "--jobs" not in given else given)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(given, int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "requirements.txt").write_text("deface==1.5.0\n")
    return folder


def scan(cli: Cli, project: Path, *more: object, code: int) -> dict[str, Any]:
    done = cli("scan", project, "--report", "json=run.json", *more)
    assert done.returncode == code, done.stderr
    run: dict[str, Any] = json.loads(Path("run.json").read_text())
    return run


def control(run: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in run["controls"] if c["id"] == name)
    return found


@pytest.mark.parametrize(("name", "text", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_scanner_toml_is_one_line_and_exit_2(
    cli: Cli, project: Path, name: str, text: str, says: str
) -> None:
    (project / name).write_text(text)
    done = cli("scan", project, "--report", "json=run.json")
    assert done.returncode == Exit.USAGE
    assert says in done.stderr
    assert str(project / name) in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (project.parent / "run.json").exists()


def test_a_policy_with_a_bad_predicate_is_one_line_and_exit_2(cli: Cli, project: Path) -> None:
    shipped = (ROOT / "scanner" / "policy" / "packs" / "us-moratorium.toml").read_text()
    ours = project.parent / "ours.toml"
    ours.write_text(shipped.replace('fact = "release"', 'fact = "relase"', 1))
    for done in (cli("scan", project, "--policy", ours), cli("policy", "check", ours)):
        assert done.returncode == Exit.USAGE
        assert "predicate 2, fact: 'relase' is not known here; did you mean 'release'?" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_ledger_with_a_wrong_date_is_one_line_and_exit_2(cli: Cli, project: Path) -> None:
    log = project.parent / "log.csv"
    log.write_text(
        (SAMPLE / "ledger.csv").read_text().replace("2026-01-21T10:05:00Z", "2026-01-32T10:05:00Z")
    )
    for done in (cli("disclosures", log, "--output", "out.json"), cli("scan", project, "--disclosures", log)):
        assert done.returncode == Exit.USAGE
        assert "line 3 (D-002): disclosed_at is '2026-01-32T10:05:00Z', which is not a date" in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (project.parent / "out.json").exists()


def test_without_an_inventory_redaction_needs_review(cli: Cli, project: Path) -> None:
    run = scan(cli, project, code=Exit.OPEN)
    assert control(run, "redaction")["result"] == "needs-review"
    assert run["agency"] is None
    assert not run["inventory"]


def test_a_declared_redaction_is_satisfied_and_explained(cli: Cli, project: Path) -> None:
    (project / "scanner.toml").write_text(SYSTEM)
    run = scan(cli, project, code=Exit.OPEN)
    redaction = control(run, "redaction")
    assert redaction["result"] == "satisfied"
    assert redaction["excused"] == redaction["findings"]
    assert control(run, "systems-inventory")["result"] == "satisfied"
    assert run["agency"]["signer_title"] == "records clerk"
    assert run["agency"]["scope"] == "the front desk"
    assert run["awards"][0]["aln"] == "16.738"
    named = run["run"]["versions"]["scanner.toml"]
    (project / "scanner.toml").write_text("# a comment\n" + SYSTEM)
    assert scan(cli, project, code=Exit.OPEN)["run"]["versions"]["scanner.toml"] == named
    (project / "scanner.toml").write_text(SYSTEM.replace("A. Clerk", "B. Clerk"))
    assert scan(cli, project, code=Exit.OPEN)["run"]["versions"]["scanner.toml"] != named
    text = " ".join(cli("explain", "redaction", "run.json").stdout.split())
    assert "holds: the system keeps none of: template, landmark, crop, track, attribute" in text
    assert "Exception redaction-for-release, asked of system 'deface':" in text
    assert "borrowed" in text


def test_what_is_found_and_undeclared_closes_the_gate(cli: Cli, project: Path) -> None:
    (project / "scanner.toml").write_text(SYSTEM)
    (project / "app.py").write_text("import mediapipe as mp\nmp.solutions.face_detection.FaceDetection()\n")
    run = scan(cli, project, code=Exit.OPEN)
    (project / "scanner.toml").write_text(SYSTEM.replace('paths = ["*"]', 'paths = ["requirements.txt"]'))
    run = scan(cli, project, code=Exit.CLOSED)
    inventory = control(run, "systems-inventory")
    assert inventory["result"] == "not-satisfied"
    assert "app.py" in inventory["reason"]
    text = cli("explain", "systems-inventory", "run.json").stdout
    assert "fail: face-detection was found in app.py" in text


def test_an_expired_law_never_closes_the_gate_but_the_ledger_does(cli: Cli, project: Path) -> None:
    (project / "a.py").write_text("import face_recognition as fr\nfr.compare_faces([], None)\n")
    assert (
        control(scan(cli, project, "--policy", "ca-pc-832-19", code=Exit.OPEN), "biometric-surveillance")[
            "result"
        ]
        == "not-satisfied"
    )
    scan(cli, project, "--policy", "ca-pc-832-19", "--disclosures", SAMPLE / "ledger.csv", code=Exit.CLOSED)


def test_papers_enter_the_run(cli: Cli, project: Path) -> None:
    (project.parent / "policy.md").write_text("No officer may use facial recognition.\n")
    (project.parent / "atlas.csv").write_text(
        "AOSNUMBER,Agency,State,Technology,Vendor\nAOS1,Springfield PD,OR,Face Recognition,Acme\n"
    )
    papers = ("--policy-text", "policy.md", "--atlas", "atlas.csv", "--agency", "Springfield")
    run = scan(cli, project, *papers, code=Exit.OPEN)
    found = {i["id"]: i["found"] for i in run["policy_text"]["items"]}
    assert found["verb-use"] == "passage"
    assert found["verb-possess"] == "not-found"
    assert [lead["reference"] for lead in run["leads"]] == ["AOS1"]
    assert not any("AOS1" in json.dumps(f) for f in run["findings"])
    grant = control(run, "grant-condition")
    assert grant["result"] == "needs-review"
    assert "policy.md" in grant["reason"]
    text = cli("explain", "grant-condition", "run.json").stdout
    assert "passage: forbids to use such a system (line 1): No officer may use" in text
    assert "not-found: forbids to possess such a system" in text


def test_a_ledger_enters_an_earlier_run(cli: Cli, project: Path) -> None:
    scan(cli, project, code=Exit.OPEN)
    done = cli(
        "disclosures",
        SAMPLE / "ledger.csv",
        "--run",
        "run.json",
        "--report",
        "json=both.json",
        "--as-of",
        "2026-07-01",
    )
    assert done.returncode == Exit.CLOSED
    run = json.loads((project.parent / "both.json").read_text())
    assert run["summary"]["exit_code"] == Exit.CLOSED
    assert run["disclosures"]["years"][0]["by_basis"]["emergency"] == 11
    assert "badge" not in json.dumps(run["disclosures"])
    text = cli("explain", "disclosure-ledger", "both.json").stdout
    assert "D-035: fail: contents were given on a subpoena" in text
    again = cli(
        "disclosures", SAMPLE / "ledger.csv", "--run", "both.json", "--report", "json=twice.json", "-q"
    )
    assert again.stdout == ""
    twice = json.loads((project.parent / "twice.json").read_text())
    assert sum(c["id"] == "disclosure-ledger" for c in twice["controls"]) == 1


def test_the_ledger_alone_prints_years_counts_and_flags(cli: Cli) -> None:
    done = cli(
        "disclosures", SAMPLE / "ledger.csv", "--clips", SAMPLE / "clips.txt",
        "--transparency", SAMPLE / "transparency.csv", "--as-of", "2026-07-01", "--output", "result.json",
    )  # fmt: skip
    assert done.returncode == Exit.CLOSED
    assert "2026: 36 disclosures to 3 agencies, 8 with a flag" in done.stdout
    assert "warrant, 2026-01-01 to 2026-06-30: reported 14, in the ledger 12, differs" in done.stdout
    assert "7 of 36 records" in done.stdout


def test_schema_and_rules_are_printed_without_a_ledger(cli: Cli) -> None:
    assert json.loads(cli("disclosures", "--schema").stdout)["title"] == "scanner disclosure ledger"
    assert "content-on-subpoena  [fail]" in cli("disclosures", "--rules").stdout


def test_a_report_of_a_ledger_needs_a_run(cli: Cli) -> None:
    done = cli("disclosures", SAMPLE / "ledger.csv", "--report", "html=x.html")
    assert done.returncode == Exit.USAGE
    assert "Add --run RUN.json" in done.stderr


def test_a_finding_is_explained_by_the_beginning_of_its_fingerprint(cli: Cli, project: Path) -> None:
    finding = next(
        f for f in scan(cli, project, code=Exit.OPEN)["findings"] if f["capability"] == "redaction"
    )
    text = cli("explain", finding["fingerprint"][:10], "run.json").stdout
    assert "where: requirements.txt, line 1" in text
    assert "control redaction: needs-review." in text
    assert "deface==1.5.0" in text


def test_explain_names_the_nearest_control(cli: Cli, project: Path) -> None:
    scan(cli, project, code=Exit.OPEN)
    done = cli("explain", "redacton", "run.json")
    assert done.returncode == Exit.USAGE
    assert "Did you mean redaction?" in done.stderr


def test_policy_check_and_show_say_what_a_pack_holds(cli: Cli) -> None:
    assert "8 controls" in cli("policy", "check", "us-moratorium", "ca-pc-832-19").stdout
    text = cli("policy", "show", "ca-pc-832-19").stdout
    assert "expired 2023-01-01); it never closes the gate" in text
    assert "- the system keeps none of: template" in text


def test_the_file_that_init_writes_fits_when_its_comments_are_taken_away(cli: Cli, project: Path) -> None:
    assert cli("init", project).returncode == Exit.OPEN
    path = project / "scanner.toml"
    lines = [
        line.removeprefix("# ") if line.startswith(("# [[", "# ")) and ("=" in line or "[[" in line) else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines))
    (project / "release").mkdir()
    (project / "requirements.txt").rename(project / "release" / "requirements.txt")
    done = cli("scan", project, "-q", "--report", "json=run.json")
    assert done.returncode == Exit.OPEN, done.stderr
    run = json.loads((project.parent / "run.json").read_text())
    assert run["systems"][0]["name"] == "deface"
    assert run["awards"]
    assert any("matches no finding" in n for n in run["run"]["notices"])


def test_init_drafts_the_inventory_from_a_run_as_comments(cli: Cli, project: Path) -> None:
    (project / "app").mkdir()
    (project / "app" / "a.py").write_text("import face_recognition as fr\nfr.compare_faces([], None)\n")
    scan(cli, project, code=Exit.CLOSED)
    done = cli("init", project, "--from", "run.json")
    assert "2 systems were drafted" in done.stdout
    path = project / "scanner.toml"
    assert '# paths = ["app/*"]' in path.read_text()
    assert not scan(cli, project, code=Exit.CLOSED)["systems"]
    drafts = path.read_text().split("# Found by a scan", 1)[1]
    drafts = drafts.split("[scan]")[0].replace("# ", "").replace("Found by a scan; ", "")
    entries = "".join(f"{line}\n" for line in drafts.splitlines() if "=" in line or line == "[[system]]")
    path.write_text(entries)
    run = scan(cli, project, code=Exit.CLOSED)
    assert control(run, "systems-inventory")["result"] == "satisfied"
    assert control(run, "face-recognition")["result"] == "not-satisfied"


def test_the_sample_agency_declares_less_than_its_pipeline_does(cli: Cli) -> None:
    agency = ROOT / "samples" / "agency"
    pipeline = ROOT / "samples" / "pipelines" / "noncompliant"
    run = scan(
        cli, pipeline, "--config", agency / "scanner.toml", "--policy-text", agency / "policy.md",
        "--atlas", agency / "atlas.csv", "--footage", "off", code=Exit.CLOSED,
    )  # fmt: skip
    checks = {(r["check"], r["system"]) for r in run["inventory"]}
    assert {("undeclared", ""), ("not-found", "scanner blur"), ("declared", "frigate")} <= checks
    assert len(run["leads"]) == 1
    found = {i["id"]: i["found"] for i in run["policy_text"]["items"]}
    assert found["object-third-parties"] == "passage"
    assert found["object-voice"] == "limited-ban"
    assert found["verb-possess"] == "not-found"
