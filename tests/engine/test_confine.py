"""What a worker is kept from, tried in workers: each attempt says how it ended."""

import ctypes
import ctypes.util
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanner.engine import confine, landlock, scratch, seccomp
from scanner.engine.interface import Limits
from scanner.engine.local import InProcess, LocalPool
from scanner.errors import EngineError

FILTERED = pytest.mark.skipif(not seccomp.offered(), reason="this kernel filters no system calls")
LOCKED = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def compute() -> None:
    done: list[bool] = []
    thread = threading.Thread(target=lambda: done.append(True))
    thread.start()
    thread.join()
    assert done


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def temporary(size: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(size))


def beside() -> Path:
    return Path(tempfile.gettempdir()).with_name("scanner-test-written-by-a-worker")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "TCP": socket.socket,
    "UDP": lambda: socket.socket(type=socket.SOCK_DGRAM),
    "a socket of this machine": lambda: socket.socket(socket.AF_UNIX),
    "a name of the network": lambda: socket.create_connection(("localhost", 9)),
    "a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "a shell": lambda: os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {}),
    "a process": fork,
    "a process of threads' kind": lambda: clone(0x00000100 | signal.SIGCHLD),
    "writing elsewhere": lambda: beside().write_text("x"),
    "removing": lambda: Path(tempfile.gettempdir()).rmdir(),
    "a signal": lambda: os.kill(os.getppid(), 0),
    "a large file": lambda: temporary(2**20 + 1),
    "a small file": lambda: temporary(2**20),
    "threads": compute,
    "reading": lambda: Path(__file__).read_bytes(),
}


def clone(flags: int) -> None:
    """Ask for a new process by the raw call, as an exploit would."""
    number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    process = libc.syscall(ctypes.c_long(number), ctypes.c_ulong(flags), None, None, None, None)
    if process == 0:
        os._exit(0)
    if process < 0:
        raise OSError(ctypes.get_errno(), "clone")


def attempt(name: str) -> str:
    try:
        ATTEMPTS[name]()
    except OSError as error:
        return type(error).__name__
    return "done"


@pytest.fixture(scope="module")
def ended() -> dict[str, str | None]:
    pool = LocalPool(1, Limits(file_bytes=2**20), chunk=1)
    return {e.unit: e.result for e in pool.run(attempt, ATTEMPTS)}


@FILTERED
@pytest.mark.parametrize("name", list(ATTEMPTS)[:8])
def test_a_worker_reaches_no_network_and_starts_nothing(ended: dict[str, str | None], name: str) -> None:
    assert ended[name] == "PermissionError"


@LOCKED
@pytest.mark.parametrize("name", ["writing elsewhere", "removing"])
def test_a_worker_writes_and_removes_nothing_outside(ended: dict[str, str | None], name: str) -> None:
    assert ended[name] == "PermissionError"
    assert not beside().exists()


@pytest.mark.skipif(landlock.version() < 6, reason="an older Landlock knows no signals")
def test_a_worker_signals_nobody(ended: dict[str, str | None]) -> None:
    assert ended["a signal"] == "PermissionError"


def test_a_worker_does_its_work(ended: dict[str, str | None]) -> None:
    assert [ended[n] for n in ("a small file", "threads", "reading")] == ["done"] * 3
    assert ended["a large file"] == "OSError"


def test_without_workers_nothing_is_claimed() -> None:
    assert set(LocalPool(1).isolation) == set(InProcess.isolation)
    assert all("not confined" in said for said in InProcess.isolation.values())


@pytest.mark.parametrize(("filtered", "known"), [(True, 7), (True, 0), (False, 3), (False, 5), (False, 0)])
def test_what_is_said_is_what_the_kernel_gives(
    monkeypatch: pytest.MonkeyPatch, *, filtered: bool, known: int
) -> None:
    monkeypatch.setattr(seccomp, "offered", lambda: filtered)
    monkeypatch.setattr(landlock, "version", lambda: known)
    said = confine.isolation()
    assert said["network"].startswith("denied") == filtered
    assert ("TCP denied" in said["network"]) == (not filtered and known >= 4)
    assert said["programs"].startswith("not denied") == (not filtered and not known)
    assert said["writing"].startswith("denied") == (known > 0)


def spin() -> None:
    confine.allow_seconds(0.1)
    while True:
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_processor_time_ends_a_process_that_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os; os.cpu_count = lambda: 1\nfrom tests.engine.test_confine import spin; spin()"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -signal.SIGXCPU


@LOCKED
def test_a_worker_that_cannot_be_confined_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(scratch.Scratch):
        def __init__(self) -> None:
            super().__init__()
            self.folder.rmdir()

    monkeypatch.setattr(scratch, "Scratch", Gone)
    with pytest.raises(EngineError) as caught:
        list(LocalPool(1).run(attempt, ["reading"]))
    assert "--jobs 0" in str(caught.value)


@pytest.mark.skipif(ctypes.util.find_library("seccomp") is None, reason="compares with libseccomp's tables")
@pytest.mark.parametrize(("machine", "token"), [("x86_64", 0xC000003E), ("aarch64", 0xC00000B7)])
def test_the_numbers_are_those_of_libseccomp(machine: str, token: int) -> None:
    library = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    library.seccomp_syscall_resolve_name_arch.argtypes = (ctypes.c_uint32, ctypes.c_char_p)
    here = seccomp.MACHINES[machine]
    assert here.audit == token
    ours = here.calls | {"seccomp": here.seccomp}
    theirs = {n: library.seccomp_syscall_resolve_name_arch(token, n.encode()) for n in ours}
    assert ours == theirs
    missing = (seccomp.NETWORK | seccomp.PROGRAMS | seccomp.KERNEL) - set(ours)
    assert missing <= {"fork", "vfork"}  # arm64 has neither
