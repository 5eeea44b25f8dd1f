"""A cost model of redacting an archive, checked by a run of 1 % of one, and carried on to 10,000 hours.

    python bench/archive.py [--clips 1000] [--seed 1]

Model: a run costs `start` once, `clip` for each clip and `frame` for each picture, in processor seconds; the
three come from three runs on clips of their own. The archive is a list of lengths drawn from the seed; one in
a hundred of its clips is drawn, made and redacted in one run, whose cost was told beforehand. 1280 x 720
at 25 pictures a second, a fixed camera, somebody in view for a third of the time. Takes about four minutes.
"""

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from samples import clips  # noqa: E402 - no installed packages

RATE = 25
HOURS = 10_000
NETWORK = 117e6
"""Bytes a second of a gigabit line, less its frames."""
DISK = 200e6
"""Bytes a second of one spinning disk, read in order."""


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    cpu: float
    wall: float
    read: int
    written: int


def make(path: Path, seconds: float) -> None:
    """Make a clip."""
    spans = ((seconds / 3, 2 * seconds / 3),)
    clips.write(path, clips.cctv(1280, 720, spans=spans), clips.steady_times(seconds, RATE))


def blur(folder: Path) -> Cost:
    """Redact a folder in one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    out = folder.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "scanner", "blur", str(folder), "-o", str(out), "-q"], check=True, cwd=ROOT
    )
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    size = [sum(p.stat().st_size for p in each.iterdir()) for each in (folder, out)]
    cpu = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.monotonic() - began, *size)


def run(folder: Path, lengths: list[float]) -> Cost:
    """Make clips of these lengths and redact them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, seconds in enumerate(lengths):
        make(folder / f"{number}.mp4", seconds)
    return blur(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    dice = random.Random(args.seed)
    archive = [dice.uniform(4, 16) for _ in range(args.clips)]
    drawn = dice.sample(archive, max(1, args.clips // 100))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        short, twice, long = (run(folder, lengths) for lengths in ([4.0], [4.0, 4.0], [20.0]))
        frame = (long.cpu - short.cpu) / (16 * RATE)
        clip = twice.cpu - short.cpu - frame * 4 * RATE
        start = short.cpu - clip - frame * 4 * RATE
        print(f"CPU: {start:.2f} s a run, {clip:.2f} s a clip, {frame * 1e3:.2f} ms a frame")
        frames = sum(int(s * RATE) for s in drawn)
        told = start + clip * len(drawn) + frame * frames
        took = run(folder, drawn)
    print(
        f"1 % of the archive: {len(drawn)} clips, {frames} frames: told {told:.1f} s of CPU, "
        f"took {took.cpu:.1f} s ({told / took.cpu - 1:+.1%}); wall {took.wall:.1f} s, "
        f"{took.cpu / took.wall:.2f} processors busy"
    )
    second = took.cpu / frames * RATE
    moved = (took.read + took.written) / frames * RATE
    print(f"a second of footage: {second:.3f} s of CPU, {moved / 1e3:.0f} kB read and written")
    whole = HOURS * 3600 * second / 3600
    for workers in (1, 10, 100):
        hours = whole / workers
        rate = moved * HOURS * 3600 / (hours * 3600)
        by = "processors" if rate < NETWORK else "a gigabit line"
        print(
            f"{HOURS} hours, {workers} processors: {hours:.0f} h; moves {rate / 1e6:.2f} MB/s; bound by {by}"
        )
    print(
        f"one spinning disk is the limit from {DISK / (moved / second):.0f} processors on, "
        f"a gigabit line from {NETWORK / (moved / second):.0f}"
    )


if __name__ == "__main__":
    main()
