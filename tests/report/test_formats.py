"""What holds for every format."""

import json
import os
import subprocess
import sys

import pytest

from scanner.errors import UsageError
from scanner.findings import from_json, to_json
from scanner.report import FORMATS, WRITERS, render
from tests.example_runs import bad_run, clean_run
from tests.strange_runs import hostile_run, large_run

RUNS = {"bad": bad_run, "clean": clean_run, "hostile": hostile_run}
TEXTS = [f for f in FORMATS if f not in ("pdf", "bundle")]


def test_the_formats_of_the_contract_are_there() -> None:
    wanted = "json html pdf sarif oscal cyclonedx junit csv worksheet worksheet-json md bundle"
    assert set(FORMATS) >= set(wanted.split())


def test_an_unknown_format_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"docx.*json, html"):
        render("docx", clean_run())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("which", RUNS)
def test_equal_runs_give_equal_bytes_and_so_does_a_run_read_from_its_file(which: str, name: str) -> None:
    first = WRITERS[name](RUNS[which]())
    assert first == WRITERS[name](RUNS[which]())
    assert first == WRITERS[name](from_json(to_json(RUNS[which]())))
    if name in TEXTS:
        assert first.endswith(b"\n")
        first.decode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_do_not_hang_on_the_hash_seed(name: str) -> None:
    code = (
        "import sys; sys.path.append('.'); import hashlib; from tests import example_runs; "
        f"from scanner.report import render; data = render({name!r}, example_runs.bad_run()); "
        "print(hashlib.sha256(data).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


@pytest.mark.parametrize("name", [f for f in TEXTS if f != "json"])
def test_no_control_or_direction_changing_character_passes(name: str) -> None:
    text = WRITERS[name](hostile_run()).decode()
    allowed = {"\n", "\r"} if name in ("csv", "worksheet") else {"\n"}
    bad = {c for c in text if not c.isprintable() and c not in allowed}
    assert not bad


def test_json_spells_out_what_utf_8_cannot_hold_and_stays_whole() -> None:
    run = json.loads(WRITERS["json"](hostile_run()))
    paths = [f["artifact"]["path"] for f in run["findings"]]
    assert r"e\udce9\udc80.py" in paths
    assert len(paths) == len(hostile_run().findings)


@pytest.mark.parametrize(("name", "ceiling"), [("md", 60_000), ("junit", 400_000), ("sarif", 12_000_000)])
def test_a_large_run_stays_within_what_its_readers_take(name: str, ceiling: int) -> None:
    assert len(WRITERS[name](large_run())) < ceiling


def test_writing_never_loads_an_inspector_a_policy_or_a_video_library() -> None:
    code = (
        "import sys; sys.path.append('.'); from tests import example_runs\n"
        "from scanner.report import WRITERS\n"
        "import scanner.report.terminal\n"
        "for w in WRITERS.values(): w(example_runs.bad_run())\n"
        "print(*(m for m in sys.modules if m.startswith(('scanner.inspect', 'scanner.policy', "
        "'scanner.footage', 'scanner.rules', 'cv2', 'av', 'onnxruntime'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
