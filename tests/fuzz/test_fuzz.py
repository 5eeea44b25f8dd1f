"""Mutants through the command line. The long hunt is bench/fuzz.py; what it found lies in `found`."""

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import Exit
from tests.cli.hostile_files import scanned
from tests.fuzz.corpus import seeds
from tests.fuzz.mutate import mutant, mutants

FOUND = sorted((Path(__file__).parent / "found").iterdir())
MUTANTS = 200
BROKEN = re.compile(r" failed \(|could not be processed|ended its worker|took longer|more memory")
"""What a reason says where an inspector, a worker or a ceiling gave way, and not only the file."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target, report = tmp_path_factory.mktemp("target"), tmp_path_factory.mktemp("run") / "run.json"
    mutants(target, MUTANTS, random.Random(20), seeds())
    for number, file in enumerate(FOUND):
        (target / f"found{number}").mkdir()
        # What stands before `=` says what was wrong with it.
        shutil.copyfile(file, target / f"found{number}" / file.name.rpartition("=")[2])
    code, _ = scanned(target, report, 300)
    assert code in (Exit.CLOSED, Exit.INCOMPLETE)
    return json.loads(report.read_bytes())["run"]


def test_every_file_is_accounted_for(run: dict[str, Any]) -> None:
    assert run["coverage"]["files"] == MUTANTS + len(FOUND)


def test_nothing_breaks_but_the_files(run: dict[str, Any]) -> None:
    assert run["not_tested"]
    assert not [n for n in run["not_tested"] if BROKEN.search(n["reason"])]


def test_the_same_seed_makes_the_same_mutants() -> None:
    one, other = ([mutant(seeds(), random.Random(n)) for n in range(50)] for _ in range(2))
    assert one == other
    assert len({content for (_, content), _ in one}) > 40
