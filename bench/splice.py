"""Measures smart rendering against encoding every frame, and `scanner blur` against blurry-opsec.

    python bench/splice.py [--seconds 29] [--shares 20,5] [--long SECONDS]

A fixed camera at 1280 x 720 and 25 frames a second, a group of pictures a second, with noise; somebody walks
by during the given shares of the time. CPU seconds are of all threads; ratios are of one run. `--long` times
both commands on a clip of that many seconds with a face in 5 % of it (bench/blur.py installs blurry-opsec
0.1.2 from PyPI under bench/out). blurry-opsec needs some 20 minutes of CPU for ten of footage: what it took
is kept under bench/out with its date, and not measured again unless with `--again`.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import av

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from samples import clips  # noqa: E402 - samples is no installed package
from scanner.footage import detect, manifest, media  # noqa: E402
from scanner.footage.options import PRESETS  # noqa: E402
from scanner.footage.render import Fitness, Shot, fitness, render  # noqa: E402
from scanner.footage.track import Tracking, track  # noqa: E402
from scanner.footage.watch import examine  # noqa: E402

OUT = Path(__file__).resolve().parent / "out" / "splice"
RATE = 25
T = TypeVar("T")


def write(path: Path, seconds: float, share: float) -> None:
    """Write the clip, unless it is there: a walk each minute, as long as the share asks."""
    if path.exists():
        return
    minutes = max(1, round(seconds / 60))
    part = seconds / minutes
    spans = [(i * part + 2, i * part + 2 + part * share) for i in range(minutes)]
    scene = clips.cctv(1280, 720, spans=spans)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        video.codec_context.options = {"preset": "veryfast", "crf": "23", "g": str(RATE), "bf": "2"}
        for index in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(scene(index / RATE)[0], format="rgb24")
            frame.pts = index
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Give a result and the CPU seconds it took."""
    before = time.process_time()
    return call(), time.process_time() - before


def decoded(path: Path) -> list[tuple[object, int]]:
    clip = media.probe(path)
    return [(f.pts * clip.time_base, f.digest()) for f in media.frames(clip)]


def compare(source: Path, share: float) -> None:
    """Print what smart rendering spares on a clip, and what it changes."""
    clip = media.probe(source)
    preset = PRESETS["balanced"]
    detectors = [detect.shipped(i) for i in preset.models]
    seen, looking = timed(lambda: examine(clip, media.frames(clip), preset, detectors))
    tracks = track(seen.frames, *clip.upright, Tracking())
    covers = manifest.covers(manifest.record(tracks, [f.time_s for f in seen.frames]))
    shot = Shot(clip, seen.pts, covers, "solid")
    outputs, seconds = {}, {}
    for name, fit in (("smart", fitness(clip)), ("full", Fitness(reason="asked for"))):
        outputs[name] = source.with_suffix(f".{name}.mp4")
        target = media.Target(outputs[name], outputs[name], "mp4")
        how, seconds[name] = timed(lambda f=fit, t=target: render(shot, t, f, lambda _: None))
        if name == "smart":
            spliced = how
    before, after = decoded(source), decoded(outputs["smart"])
    copied = {i for s in spliced.spans if s.how == "copied" for i in range(s.first_frame, s.last_frame + 1)}
    moved = sum(a[0] != b[0] for a, b in zip(before, after, strict=True))
    changed = sum(before[i][1] != after[i][1] for i in copied)
    all_in = (looking + seconds["full"]) / (looking + seconds["smart"])
    print(
        f"faces in {share:.0%} of {len(before)} frames: {spliced.encoded_frames} encoded, "
        f"{len(copied)} copied; writing took {seconds['smart']:.1f} s of CPU, encoding all "
        f"{seconds['full']:.1f} s: {seconds['full'] / seconds['smart']:.1f} x less "
        f"(with {looking:.1f} s of looking {all_in:.1f} x); "
        f"timestamps changed {moved}, copied pictures changed {changed}; size "
        f"{outputs['smart'].stat().st_size / source.stat().st_size:.2f} and "
        f"{outputs['full'].stat().st_size / source.stat().st_size:.2f} of the original's"
    )


def cpu(command: list[str]) -> float:
    """Run a command and give its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def against_blurry(seconds: float, *, again: bool) -> None:
    """Print the ratio of CPU seconds on a long clip."""
    source = OUT / f"long-{seconds:.0f}s.mp4"
    write(source, seconds, 0.05)
    frames = round(seconds * RATE)
    output = OUT / "long-redacted.mp4"
    ours = cpu([sys.executable, "-m", "scanner", "blur", str(source), "-o", str(output), "--overwrite"])
    print(f"scanner: {ours:.1f} s of CPU for {frames} frames, {ours * 1000 / frames:.1f} ms a frame")
    blurry = OUT.parent / "blurry-opsec" / "bin" / "blurry"
    if not blurry.exists():
        print("blurry-opsec left out: bench/blur.py installs it.")
        return
    kept = OUT / f"blurry-{seconds:.0f}s.json"
    if again or not kept.exists():
        folder = OUT / "blurry"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        took = cpu([str(blurry), str(source), "-o", str(folder)])
        today = datetime.now(UTC).isoformat(timespec="minutes")
        kept.write_text(json.dumps({"cpu_s": took, "frames": frames, "when": today}) + "\n")
    known = json.loads(kept.read_text())
    theirs = known["cpu_s"]
    each = theirs * 1000 / frames
    print(
        f"blurry-opsec 0.1.2: {theirs:.1f} s, {each:.1f} ms a frame, measured {known['when']}: "
        f"{theirs / ours:.1f} x ours"
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seconds", type=float, default=29)
    words.add_argument("--shares", default="20,5")
    words.add_argument("--long", type=float, default=0, metavar="SECONDS")
    words.add_argument("--again", action="store_true", help="measure blurry-opsec although that is known")
    given = words.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    print(f"{given.seconds:.0f} s of 1280x720 at {RATE} frames/s, {os.cpu_count()} cores")
    for share in [float(s) / 100 for s in given.shares.split(",") if s]:
        source = OUT / f"share-{share:.2f}-{given.seconds:.0f}s.mp4"
        write(source, given.seconds, share)
        compare(source, share)
    if given.long:
        against_blurry(given.long, again=given.again)


if __name__ == "__main__":
    main()
