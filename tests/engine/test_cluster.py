"""Many machines, as far as one can be many: a real scheduler and workers in processes of their own."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.clusters import Cluster as Machines
from scanner.engine import cluster as engine
from scanner.engine.alone import Task
from scanner.engine.cluster import Address, Cluster
from scanner.engine.interface import Ended, Limits
from scanner.engine.there import Recipe
from scanner.errors import EngineError, LimitError, UnreadableError, UsageError
from tests.engine.test_alone import Given, Told
from tests.engine.test_alone import work as answer
from tests.engine.test_local import work

# Found, not imported: it changes how every exception of its process is pickled.
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="pip install '.[cluster]'"
)
ROOT = Path(__file__).parents[2]


def same(_: str) -> str:
    return "one"


def own(_: str) -> str:
    return str(os.getpid())


def weigh(_: object) -> int:
    return 0


RECIPE = Recipe(Limits(seconds=2.0, memory=6 * 2**30), weigh)


def certificates(folder: Path) -> Path:
    spec = importlib.util.spec_from_file_location("certificates", ROOT / "packaging/cluster/certificates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make(folder, 1)
    return folder


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    tls = certificates(tmp_path_factory.mktemp("made") / "tls")
    with Machines(tmp_path_factory.mktemp("cluster"), tls) as running:
        yield running


@pytest.fixture
def cluster(machines: Machines) -> Iterator[Cluster]:
    with Cluster(Address(machines.url, machines.tls), same) as connected:
        yield connected


def test_every_unit_is_isolated_on_its_machine_as_it_is_here(cluster: Cluster) -> None:
    results: dict[int, Ended[int, int]] = {e.unit: e for e in cluster.run(work, range(60), RECIPE, most=10)}
    assert len(results) == 60
    reasons = {unit: e.reason for unit, e in results.items() if e.result is None}
    assert reasons.keys() == {13, 21, 34, 55}
    assert "exit code 9" in reasons[13]
    assert "took longer than 2 s" in reasons[21]
    assert "odd" in reasons[34]
    assert "memory" in reasons[55]
    assert all(results[u].result == u * 2 for u in range(60) if u not in reasons)


def test_answers_and_errors_of_single_questions_come_back_as_they_are(cluster: Cluster) -> None:
    task = Task(answer, Told, Given)
    questions = ["one", "crash", "hang", "unreadable", "two"]
    answers = dict(cluster.ask(task, questions, Limits(seconds=3, memory=4 * 2**30)))
    assert isinstance(answers["one"], Given)
    assert isinstance(answers["two"], Given)
    assert isinstance(answers["crash"], UnreadableError)
    assert "SIGSEGV" in str(answers["crash"])
    assert isinstance(answers["hang"], LimitError)
    assert str(answers["unreadable"]) == "a.mp4 is damaged. Export it again."


def count(unit: int) -> int:
    time.sleep(0.02)
    return unit


def test_a_killed_worker_takes_nothing_along(machines: Machines, cluster: Cluster) -> None:
    results = []
    for ended in cluster.run(count, range(120), RECIPE, most=5):
        results.append(ended.result)
        if len(results) == 1:
            machines.kill_worker(0)
    machines.start()
    assert sorted(r for r in results if r is not None) == list(range(120))


def test_a_worker_of_another_version_is_not_worked_with(machines: Machines) -> None:
    with (
        Cluster(Address(machines.url, machines.tls), own) as connected,
        pytest.raises(EngineError, match="Install the same version"),
    ):
        list(connected.run(count, [1], RECIPE))


def test_who_shows_no_certificate_is_refused(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CONNECT_S", 2.0)
    plain = machines.url.replace("tls://", "tcp://")
    with pytest.raises(EngineError, match="No scheduler answers"):
        Cluster(Address(plain), same)


def test_who_shows_the_certificate_of_another_authority_is_refused(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CONNECT_S", 2.0)
    with pytest.raises(EngineError, match="same authority"):
        Cluster(Address(machines.url, certificates(tmp_path / "other")), same)


def test_a_lost_scheduler_is_one_sentence(tmp_path: Path) -> None:
    with Machines(tmp_path, workers=1) as machines, Cluster(Address(machines.url), same) as connected:
        threading.Timer(1.0, machines.kill_scheduler).start()
        with pytest.raises(EngineError, match="was lost") as caught:
            list(connected.run(count, range(2000), RECIPE))
        assert "goes on" in str(caught.value)


def test_a_scheduler_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CONNECT_S", 1.0)
    with Machines(tmp_path, workers=0) as machines, pytest.raises(EngineError, match="has no workers"):
        Cluster(Address(machines.url), same)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("tcp://192.0.2.7:8786", "lets everybody on the way run code there"),
        ("tcp://cluster.example:8786", "lets everybody"),
        ("tcp://127.0.0.1", "no address"),
        ("http://127.0.0.1:80", "no address"),
        ("tls://[::1", "no address"),
        ("tls://cluster.example:8786", "asks for certificates"),
    ],
)
def test_an_address_that_would_not_do_is_refused_before_anything_starts(url: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        Address(url)


def test_a_folder_without_its_key_is_named(tmp_path: Path) -> None:
    certificates(tmp_path / "tls")
    (tmp_path / "tls/key.pem").unlink()
    with pytest.raises(UsageError, match=r"has no key\.pem"):
        Address("tls://cluster.example:8786", tmp_path / "tls")


def scan(folder: Path, *words: str) -> bytes:
    command = [sys.executable, "-m", "scanner", "scan", str(folder), "--no-cache", "-q", "--report", "json=-"]
    ran = subprocess.run(
        [*command, *words], capture_output=True, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": "0"}
    )
    assert ran.returncode in (1, 3), ran.stderr.decode()
    return ran.stdout


def results(run: bytes) -> dict[str, Any]:
    """All that a run says but for what its processes were kept from: in one process that is nothing."""
    said: dict[str, Any] = json.loads(run)
    assert said["run"].pop("isolation")
    return said


def test_one_process_a_pool_and_a_cluster_give_the_same_bytes(machines: Machines, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.py").write_text(f"import face_recognition\nN = {number}\n")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 not an archive")
    here = scan(tmp_path, "--jobs", "2")
    assert here == scan(tmp_path, *machines.words)
    assert results(here) == results(scan(tmp_path, "--jobs", "0"))
    assert here.count(b'"fingerprint"') > 50
