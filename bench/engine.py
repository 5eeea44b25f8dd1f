"""Measures the engine: two workers against one, what it costs by itself, and whether its memory stays flat.

    python bench/engine.py [--files 2000] [--clips 60]

Needs an idle machine of two processors for the first figure (wall time); the others are processor time and
memory, which hold under load too. Takes about three minutes.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from samples import clips  # noqa: E402 - no installed packages
from scanner.engine.local import LocalPool  # noqa: E402

UNITS = 10_000


def nothing(unit: int) -> int:
    return unit


def cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(
        u.ru_utime + u.ru_stime
        for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def adopt() -> None:
    """Become the parent of what children leave behind, so that its processor time is counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def rss() -> int:
    """Resident bytes of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def material(folder: Path, files: int, count: int) -> None:
    """Write source files of a usual length, and short clips."""
    pipelines = sorted(p for p in (ROOT / "scanner").rglob("*.py"))
    for number in range(files):
        text = pipelines[number % len(pipelines)].read_text("utf-8")
        (folder / f"{number}.py").write_text(f"N = {number}\n{text}")
    first = folder / "clip0.mp4"
    clips.write(first, clips.cctv(640, 360, spans=((1, 2),)), clips.steady_times(4, 25))
    for number in range(1, count):
        shutil.copy(first, folder / f"clip{number}.mp4")


def scan(folder: Path, jobs: int) -> tuple[float, float]:
    """Scan without a cache; give wall and processor seconds."""
    began, used = time.monotonic(), cpu()
    command = ["scan", str(folder), "--no-cache", "-q", "--jobs", str(jobs)]
    subprocess.run([sys.executable, "-m", "scanner", *command], check=False, cwd=ROOT)
    wall = time.monotonic() - began
    with contextlib.suppress(ChildProcessError):  # the fork server, which ends a moment later
        while True:
            os.waitpid(-1, 0)
    return wall, cpu() - used


@dataclass(frozen=True)
class Pool:
    """What a pool took, and by how many bytes this process grew after the first tenth."""

    cpu: float
    grown: int


def pool(units: int) -> Pool:
    """Run units that do nothing, and end the fork server, so that all is counted."""
    used, early = cpu(), 0
    for number, _ in enumerate(LocalPool(2).run(nothing, range(units))):
        if number == units // 10:
            early = rss()
    grown = rss() - early
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    return Pool(cpu() - used, grown)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--clips", type=int, default=60)
    args = parser.parse_args()
    adopt()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        material(folder, args.files, args.clips)
        one, two = scan(folder, 1), scan(folder, 2)
    print(
        f"{args.files} files and {args.clips} clips: one worker {one[0]:.1f} s ({one[1]:.1f} s of CPU), "
        f"two {two[0]:.1f} s ({two[1]:.1f} s of CPU): {one[0] / two[0]:.2f} times"
    )
    few, many = pool(100), pool(UNITS)
    each = (many.cpu - few.cpu) / (UNITS - 100)
    unit = one[1] / (args.files + args.clips)
    print(
        f"{UNITS} units that do nothing: {each * 1e3:.3f} ms of CPU each, in all processes; "
        f"{each / unit:.2%} of a unit of the scan ({unit * 1e3:.1f} ms)"
    )
    print(f"memory of the main process from unit {UNITS // 10} to {UNITS}: {many.grown / 2**20:+.1f} MiB")


if __name__ == "__main__":
    main()
