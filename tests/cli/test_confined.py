"""A file that takes over whoever reads it, through the command line: what can it do?

The taking over is made: a hook of Python's runs code in the process that opens a file of a certain name.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.engine import landlock, seccomp
from scanner.errors import Exit
from tests.conftest import Cli
from tests.fuzz.corpus import seeds

pytestmark = pytest.mark.skipif(
    not (seccomp.offered() and landlock.version()), reason="this kernel confines no process"
)

HOOK = """
import os, sys
seen = False
def attack():
    import socket, subprocess
    canary, port = os.environ["CANARY"], int(os.environ["PORT"])
    for go in (
        lambda: open(canary + "-written", "w").close(),
        lambda: subprocess.run(["touch", canary + "-started"]),
        lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
        lambda: os.kill(os.getppid(), 0) or open(canary + "-signalled", "w").close(),
        lambda: open(os.environ["SHOWN"], "w").close(),
    ):
        try:
            go()
        except OSError:
            pass
def hook(event, args):
    global seen
    if event == "open" and not seen and "armed" in os.path.basename(str(args[0])):
        if os.environ["READER"] in sys.modules:
            seen = True
            attack()
sys.addaudithook(hook)
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        yield server


@pytest.fixture
def armed(tmp_path: Path, listening: socket.socket) -> dict[str, str]:
    """What the environment must hold for the attack to run."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(HOOK)
    return {
        "PYTHONPATH": os.pathsep.join((str(site), os.environ.get("PYTHONPATH", ""))),
        "CANARY": str(tmp_path / "canary"),
        "PORT": str(listening.getsockname()[1]),
    }


def reached(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def canaries(folder: Path) -> set[str]:
    return {p.name for p in folder.glob("canary-*")}


@pytest.mark.parametrize(("jobs", "free"), [("1", False), ("0", True)])
def test_a_file_that_takes_over_a_scan_reaches_nothing_but_the_report(
    cli: Cli, tmp_path: Path, armed: dict[str, str], listening: socket.socket, jobs: str, *, free: bool
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "armed.py").write_text("import face_recognition\n")
    env = armed | {"READER": "scanner.inspect.unit", "SHOWN": str(tmp_path / "shown")}
    done = cli("scan", target, "--jobs", jobs, "--no-cache", **env)
    assert done.returncode == Exit.CLOSED, done.stderr
    # Without workers the same attack goes through: so it is the workers that stop it.
    assert bool(canaries(tmp_path)) == free
    assert reached(listening) == free


NOTING = """
import os, sys
def free():
    return "Seccomp:\\t0" in open("/proc/thread-self/status").read()
def hook(event, args):
    global noting
    if event == "open" and not noting and "/target/" in str(args[0]):
        noting = True
        if free():
            log = os.open(os.environ["LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(log, (os.path.basename(str(args[0])) + "\\n").encode())
            os.close(log)
        noting = False
noting = False
sys.addaudithook(hook)
"""


def test_a_process_that_is_not_confined_opens_no_file_of_a_target(cli: Cli, tmp_path: Path) -> None:
    target, site, log = tmp_path / "target", tmp_path / "site", tmp_path / "log"
    for number, (name, content) in enumerate(seeds()):
        (target / str(number) / name).parent.mkdir(parents=True)
        (target / str(number) / name).write_bytes(content)
    (target / ".scannerignore").write_text("*.nothing\n")
    site.mkdir()
    (site / "sitecustomize.py").write_text(NOTING)
    path = os.pathsep.join((str(site), os.environ.get("PYTHONPATH", "")))
    done = cli("scan", target, "--no-cache", "--footage", "off", PYTHONPATH=path, LOG=str(log))
    assert done.returncode == Exit.CLOSED, done.stderr
    assert set(log.read_text().split()) <= {".scannerignore", ".gitignore"}


def test_a_file_that_takes_over_a_redaction_writes_nowhere_but_beside_the_output(
    cli: Cli, tmp_path: Path, armed: dict[str, str], listening: socket.socket
) -> None:
    (tmp_path / "armed.mp4").write_bytes(dict(seeds())["clip.mp4"])
    shown = tmp_path / "out" / "shown"
    done = cli(
        "blur", tmp_path / "armed.mp4", "-o", tmp_path / "out/", **armed, READER="av", SHOWN=str(shown)
    )
    assert done.returncode == Exit.OPEN, done.stderr
    assert shown.exists()  # the attack ran
    assert not canaries(tmp_path)
    assert not reached(listening)
