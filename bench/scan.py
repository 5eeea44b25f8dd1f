"""Times `scanner scan` on a large checkout against ripgrep and semgrep, and prints ratios of one run.

    python bench/scan.py FOLDER [--no-semgrep]

FOLDER should hold at least 10,000 files. ripgrep (Debian: ripgrep) searches one literal; semgrep (installed
into bench/out) runs rules made of our own catalogue: every call, import and string that it knows, in the
languages that both parse (`semgrep_rules.py`). Every command runs three times in turn, semgrep once; medians
count.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import semgrep_rules

OUT = Path(__file__).parent / "out"
ROUNDS = 3
TICK = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of all its processes together: seconds of processor, peak megabytes.

    The last two are sampled from /proc every 20 ms, since workers of a fork server are nobody's children;
    what a process does in its last moment is missed.
    """

    wall: float
    cpu: float
    mib: float


def run(command: list[str], env: dict[str, str]) -> Took:
    """Run a command in a session of its own to its end, and measure all processes of the session."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    cpu: dict[int, float] = {}
    peak = 0.0
    while child.poll() is None:
        used = dict(_session(child.pid))
        cpu.update({pid: seconds for pid, (seconds, _) in used.items()})
        peak = max(peak, sum(mib for _, mib in used.values()))
        time.sleep(0.02)
    wall = time.perf_counter() - start
    if child.returncode not in (0, 1, 3):
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return Took(wall, sum(cpu.values()), peak)


def _session(leader: int) -> Iterator[tuple[int, tuple[float, float]]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended just now
        if int(words[3]) == leader:
            yield int(entry.name), ((int(words[11]) + int(words[12])) / TICK, int(words[21]) * PAGE_MIB)


def semgrep() -> str:
    """Install semgrep into an environment of its own; give its path."""
    folder = OUT / "semgrep"
    tool = folder / "bin" / "semgrep"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "semgrep==1.185.0"], check=True)
    return str(tool)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-semgrep", action="store_true")
    args = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    folder = str(args.folder)
    scanner = [
        str(Path(sys.executable).parent / "scanner"),
        "scan",
        folder,
        "-q",
        "--fail-on",
        "never",
        "--footage",
        "off",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "SCANNER_CACHE": f"{scratch}/cache.sqlite"}
        commands: dict[str, Callable[[], list[str]]] = {
            "rg -c, one literal": lambda: ["rg", "-c", "face_encodings", folder],
            "scanner, cold": lambda: [*scanner, "--no-cache"],
            "scanner, warm": lambda: scanner,
        }
        if not args.no_semgrep:
            (Path(scratch) / "rules.yml").write_text(semgrep_rules.of_catalogue())
            tool = semgrep()
            env["PATH"] = f"{Path(tool).parent}:{env['PATH']}"
            commands["semgrep"] = lambda: [
                tool, "scan", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore",
                "--config", f"{scratch}/rules.yml", folder,
            ]  # fmt: skip
        run(scanner, env)
        took: dict[str, list[Took]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                if name != "semgrep" or not took[name]:
                    took[name].append(run(command(), env))
    files = sum(len(names) for _, _, names in os.walk(folder))
    print(f"{files} files; median of {ROUNDS} (semgrep: one run)\n")
    base = statistics.median(t.wall for t in took["rg -c, one literal"])
    print(f"{'':24}{'wall s':>9}{'x rg':>8}{'cpu s':>9}{'MiB':>7}")
    for name, values in took.items():
        wall, cpu, mib = (
            statistics.median(getattr(v, key) for v in values) for key in ("wall", "cpu", "mib")
        )
        print(f"{name:24}{wall:9.2f}{wall / base:8.1f}{cpu:9.2f}{mib:7.0f}")


if __name__ == "__main__":
    main()
