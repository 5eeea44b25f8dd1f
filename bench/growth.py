"""Measures how time, memory and the use of cores grow with the length of a clip.

    python bench/growth.py [--minutes 1,2,4,8] [--sizes 1280x720,1920x1080] [--share 20] [--preset balanced]

A fixed camera with noise at 25 frames a second, a group of pictures every two seconds, somebody walking by in
a share of the time; one minute is made, and copied packet by packet into longer clips. `scanner blur` runs on
each as a user calls it. Of all its processes together: seconds of processor (waited for, so exact), the peak
of resident memory (sampled; pages that they share count several times), and how busy the cores were:

- `busy`: seconds of processor by seconds of the clock and cores. Means something on an idle machine only.
- `ready`: how many threads could run at a moment, up to the number of cores, by cores, on average. A thread
  that waits for a core because other programs use it counts, so that this holds on a loaded machine too.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import av

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from samples import clips  # noqa: E402 - samples is no installed package

OUT = Path(__file__).resolve().parent / "out" / "growth"
RATE = 25
CORES = len(os.sched_getaffinity(0))
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
EVERY_S = 0.02


def minute(path: Path, size: tuple[int, int], share: float) -> None:
    """Write a minute of footage, unless it is there."""
    if path.exists():
        return
    scene = clips.cctv(*size, spans=[(t, t + 15 * share) for t in (4, 19, 34, 49)])
    partial = path.with_suffix(".part.mp4")
    with av.open(str(partial), "w") as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.options = {"preset": "veryfast", "crf": "23", "g": str(2 * RATE), "bf": "2"}
        for index in range(60 * RATE):
            frame = av.VideoFrame.from_ndarray(scene(index / RATE)[0], format="rgb24")
            frame.pts = index
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    partial.rename(path)


def longer(source: Path, path: Path, times: int) -> None:
    """Write a clip so many times after itself, without encoding anything."""
    if path.exists():
        return
    partial = path.with_suffix(".part.mp4")
    with av.open(str(source)) as one, av.open(str(partial), "w") as out:
        stream = one.streams.video[0]
        copy = out.add_stream_from_template(stream)
        assert stream.duration is not None
        for turn in range(times):
            one.seek(0)
            for packet in one.demux(stream):
                if packet.size and packet.pts is not None and packet.dts is not None:
                    packet.pts += turn * stream.duration
                    packet.dts += turn * stream.duration
                    packet.stream = copy
                    out.mux(packet)
    partial.rename(path)


@dataclass(frozen=True)
class Took:
    """What a command took; seconds, MiB, shares of all cores."""

    wall: float
    cpu: float
    mib: float
    busy: float
    ready: float


def run(command: list[str]) -> Took:
    """Run a command in a session of its own to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    peak, ready, samples = 0.0, 0, 0
    while child.poll() is None:
        mib, runnable = session(child.pid)
        peak, ready, samples = max(peak, mib), ready + min(runnable, CORES), samples + 1
        time.sleep(EVERY_S)
    wall = time.perf_counter() - start
    if child.returncode:
        assert child.stderr is not None
        sys.exit(f"{' '.join(command)} ended with {child.returncode}: {child.stderr.read()[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, peak, cpu / wall / CORES, ready / samples / CORES)


def session(leader: int) -> tuple[float, int]:
    """Give the resident MiB of a session's processes, and how many of their threads can run."""
    mib, runnable = 0.0, 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            fields = stat[stat.rindex(")") + 2 :].split()
            if int(fields[3]) != leader:
                continue
            mib += int(fields[21]) * PAGE_MIB
            for task in (entry / "task").iterdir():
                line = (task / "stat").read_text()
                runnable += line[line.rindex(")") + 2] == "R"
        except (OSError, ValueError):
            continue  # it ended while it was looked at
    return mib, runnable


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--minutes", default="1,2,4,8")
    words.add_argument("--sizes", default="1280x720,1920x1080")
    words.add_argument("--share", type=float, default=20, help="per cent of the time in which a face is seen")
    words.add_argument("--preset", default="balanced")
    given = words.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    print(f"{given.preset}, a face in {given.share:.0f} % of the time, {CORES} cores, load {load:.1f}")
    print("size       minutes  frames   wall s    cpu s  ms of cpu a frame  peak MiB  busy  ready")
    for size in given.sizes.split(","):
        width, height = (int(n) for n in size.split("x"))
        first = OUT / f"{size}-{given.share:.0f}.mp4"
        minute(first, (width, height), given.share / 100)
        for minutes in (int(m) for m in given.minutes.split(",")):
            source = first.with_stem(f"{first.stem}-{minutes}")
            longer(first, source, minutes)
            output = OUT / "redacted.mp4"
            command = [sys.executable, "-m", "scanner", "blur", str(source), "-o", str(output)]
            took = run([*command, "--overwrite", "-q", "--preset", given.preset])
            frames = minutes * 60 * RATE
            print(
                f"{size:10} {minutes:7} {frames:7} {took.wall:8.1f} {took.cpu:8.1f} "
                f"{1000 * took.cpu / frames:18.1f} {took.mib:9.0f} {took.busy:5.0%} {took.ready:6.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
