"""CPU of a scan of footage against a plain loop that decodes and detects: PyAV, the same detectors, no more.

    .venv/bin/python bench/depth.py [--seconds 60] [--keys 1.0]

`auto` is held against decoding the key frames alone and detecting on each; `full` against decoding every
frame and detecting where something moved since the last look (means of small blocks, as in the scan). Both
run in a process of their own; times are CPU seconds of the process with all its threads, imports and loading
of models left out on both sides. The clip: 1280 x 720, faces in a third of it.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from samples import clips  # noqa: E402 - samples is no installed package
from scanner.discover.artifact import Artifact  # noqa: E402
from scanner.footage import detect  # noqa: E402
from scanner.footage.look import detect_in  # noqa: E402
from scanner.footage.options import PRESETS, FootageOptions  # noqa: E402
from scanner.inspect.footage import FootageInspector  # noqa: E402
from scanner.rules import load_rules  # noqa: E402

RATE = 25
MOVED, STALE_S = 6.0, 0.5
PRESET = PRESETS["balanced"]


def make(path: Path, seconds: int, key_s: float) -> None:
    """Write the clip with a key frame every `key_s` seconds."""
    spans = tuple((t, min(t + 5, seconds)) for t in range(5, seconds, 15))
    scene = clips.cctv(1280, 720, spans=spans)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        video.codec_context.options = {
            "preset": "veryfast",
            "crf": "23",
            "g": str(round(key_s * RATE)),
            "keyint_min": str(round(key_s * RATE)),
            "sc_threshold": "0",
        }
        for i in range(seconds * RATE):
            picture, _ = scene(i / RATE)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def _view(frame: av.VideoFrame) -> Callable[[int, float], tuple[np.ndarray, float, float]]:
    def picture(side: int, upscale: float) -> tuple[np.ndarray, float, float]:
        scale = min(side / max(frame.width, frame.height), upscale)
        size = (round(frame.width * scale), round(frame.height * scale))
        how = "AREA" if scale < 1 else "BILINEAR"
        small = frame.reformat(*size, format="bgr24", interpolation=how).to_ndarray()
        return small, frame.width / size[0], frame.height / size[1]

    return picture


def plain(path: Path, depth: str) -> int:
    """Decode and detect, and nothing else; give how many frames were looked at."""
    detectors = [detect.shipped(i) for i in PRESET.models]
    looks, reference, since = 0, None, 0.0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if depth == "auto":
            stream.codec_context.skip_frame = "NONKEY"
        for frame in container.decode(stream):
            if depth == "full":
                luma = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, -1)[:, : frame.width]
                blocks = cv2.resize(luma, (160, 90), interpolation=cv2.INTER_AREA).astype(np.float32)
                still = reference is not None and np.abs(blocks - reference).max() <= MOVED
                if still and frame.time - since < STALE_S:
                    continue
                reference, since = blocks, frame.time
            sides = PRESET if depth == "auto" else _one_side(looks)
            detect_in(_view(frame), sides, detectors)
            looks += 1
    return looks


def _one_side(looks: int):
    """In a clip the sizes at which the detector looks take turns, in the scan as here."""
    sides = PRESET.sides[0]
    return replace(PRESET, sides=((sides[looks % len(sides)],),))


def ours(path: Path, depth: str) -> int:
    """Inspect as a scan does; give how many frames were looked at."""
    inspector = FootageInspector(FootageOptions(depth=depth, preset="balanced"))
    seen = list(inspector.inspect(Artifact(path.name, local=path), load_rules()))
    return next(s.looks for s in seen if hasattr(s, "looks"))


def _measured(call: Callable[[Path, str], int], path: Path, depth: str, line) -> None:
    for model in PRESET.models:
        detect.shipped(model)
    list(FootageInspector().inspect(Artifact("warm.png", data=_png()), load_rules()))
    before = resource.getrusage(resource.RUSAGE_SELF)
    looks = call(path, depth)
    after = resource.getrusage(resource.RUSAGE_SELF)
    line.send((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, looks))


def _png() -> bytes:
    return cv2.imencode(".png", np.full((240, 320, 3), 90, np.uint8))[1].tobytes()


def measured(call: Callable[[Path, str], int], path: Path, depth: str) -> tuple[float, int]:
    """Run in a process of its own; give CPU seconds and looks."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_measured, args=(call, path, depth, far))
    process.start()
    told = near.recv()
    process.join()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keys", type=float, default=1.0, help="seconds from key frame to key frame")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        make(path, args.seconds, args.keys)
        print(f"{args.seconds} s of 1280x720, a key frame every {args.keys:g} s; CPU seconds (looks)")
        for depth, bar in (("auto", 1.5), ("full", 1.3)):
            base, base_looks = measured(plain, path, depth)
            cost, looks = measured(ours, path, depth)
            print(
                f"  {depth}: plain loop {base:.2f} ({base_looks}), scan {cost:.2f} ({looks}): "
                f"{cost / base:.2f} x, bar {bar} x"
            )


if __name__ == "__main__":
    main()
