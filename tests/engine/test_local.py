import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.engine.interface import Ended, Limits
from scanner.engine.local import InProcess, LocalPool
from scanner.errors import EngineError


def work(unit: int) -> int:
    if unit == 13:
        os._exit(9)
    if unit == 21:
        time.sleep(60)
    if unit == 34:
        raise ValueError("odd")
    if unit == 55:
        bytearray(2**40)
    return unit * 2


@pytest.fixture(scope="module")
def ended() -> dict[int, Ended[int, int]]:
    pool = LocalPool(2, Limits(seconds=2.0, memory=6 * 2**30), chunk=10)
    results = list(pool.run(work, range(60)))
    assert len(results) == 60
    return {e.unit: e for e in results}


def test_one_that_dies_does_not_take_the_others_along(ended: dict[int, Ended[int, int]]) -> None:
    bad = {unit for unit, e in ended.items() if e.result is None}
    assert bad == {13, 21, 34, 55}
    assert all(ended[u].result == u * 2 for u in range(60) if u not in bad)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (13, "ended its worker process (exit code 9)"),
        (21, "took longer than 2 s"),
        (34, "odd"),
        (55, "memory"),
    ],
)
def test_each_death_has_its_reason(ended: dict[int, Ended[int, int]], unit: int, reason: str) -> None:
    assert reason in ended[unit].reason


def test_in_process_reports_what_fails() -> None:
    assert [e.result for e in InProcess().run(work, [1, 34, 2])] == [2, None, 4]


def test_no_units_start_no_worker() -> None:
    assert list(LocalPool(2).run(work, [])) == []


def report_and_hang(unit: str) -> None:
    Path(unit).write_text(str(os.getpid()))
    time.sleep(120)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the worker in /proc")
def test_no_worker_outlives_a_run_that_was_killed(tmp_path: Path) -> None:
    code = (
        "from scanner.engine.local import LocalPool\n"
        "from tests.engine.test_local import report_and_hang\n"
        f"if __name__ == '__main__': list(LocalPool(1).run(report_and_hang, [{str(tmp_path / 'pid')!r}]))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert process.poll() is None
        time.sleep(0.02)
    worker = Path("/proc") / (tmp_path / "pid").read_text()
    assert worker.exists()
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not worker.exists()


def fails() -> None:
    raise ValueError("no tables")


def test_a_preparation_that_fails_is_left_to_the_units_to_tell() -> None:
    pool = LocalPool(2, chunk=1, prepare=fails)
    assert sorted(e.result or 0 for e in pool.run(work, range(4))) == [0, 2, 4, 6]


def test_a_pool_that_cannot_start_its_workers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("pebble.pool.process.launch_process", refuse)
    with pytest.raises(EngineError) as caught:
        list(LocalPool(2).run(work, range(4)))
    assert "--jobs 0" in str(caught.value)
