import os
import signal
import subprocess
import sys
import tempfile
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


def report_and_hang(name: str) -> None:
    Path(tempfile.gettempdir(), name).write_text(str(os.getpid()))
    time.sleep(120)


def hanging(folder: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a run whose worker hangs; give it, and where the worker wrote its number."""
    code = (
        "from scanner.engine.local import LocalPool\n"
        "from tests.engine.test_local import report_and_hang\n"
        "if __name__ == '__main__': list(LocalPool(1).run(report_and_hang, ['pid']))\n"
    )
    before = set(written_in(folder))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(folder)},
    )
    while not (new := set(written_in(folder)) - before):
        assert process.poll() is None
        time.sleep(0.02)
    return process, new.pop()


def written_in(folder: Path) -> list[Path]:
    return [p for p in folder.glob("scanner-work-*/pid") if p.read_text()]


def until_gone(path: Path) -> None:
    deadline = time.monotonic() + 10
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the worker in /proc")
def test_no_worker_outlives_a_run_that_was_killed_and_no_file_of_it(tmp_path: Path) -> None:
    process, written = hanging(tmp_path)
    worker = Path("/proc") / written.read_text()
    assert worker.exists()
    process.kill()
    process.wait()
    until_gone(worker)
    assert not written.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")
def test_what_is_left_where_all_were_killed_is_gone_with_the_next_run(tmp_path: Path) -> None:
    killed, left = hanging(tmp_path)
    killed.send_signal(signal.SIGSTOP)
    os.kill(int(left.read_text()), signal.SIGKILL)
    killed.kill()
    killed.wait()
    assert left.exists()
    runs = [hanging(tmp_path), hanging(tmp_path)]
    try:
        assert not left.parent.exists()
        assert all(written.exists() for _, written in runs)  # neither took what the other holds
    finally:
        for process, _ in runs:
            process.kill()
            process.wait()


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
