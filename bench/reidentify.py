"""Attacks our own styles: how often is somebody named from behind a cover?

    python bench/reidentify.py [--each 40] [--seed 1]

Two persons whose portraits are in the public domain (NASA's astronaut Eileen Collins, in scikit-image; the US
Navy's Grace Hopper, in matplotlib) are put before backgrounds in many sizes, lights and qualities. `scanner
blur` covers them in each style. Then dlib's recognition network, in an environment of its own (bench/out),
is told where the face was and names the nearer of the two, by clear portraits (`clear`) and by portraits
that were covered in the same way (`alike`). Chance is one half. All pictures of a person come from one
portrait, so that the rates are not those of pictures taken on another day. Nothing that is measured of a face
is written down. Exit code 1 where `solid` is not at chance (two-sided binomial, 1 %).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from math import comb
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bench import scenes  # noqa: E402 - from the checkout

ATTACKER = HERE / "out" / "reidentify"
STYLES = ("none", "blur", "pixelate", "solid")
PEOPLE = {"collins": ("tune", 0), "hopper": ("held-out", 0)}
SIDE = 400
_LEVEL = 0.01


def attacker() -> Path:
    """Make the attacker's environment once, and give its interpreter."""
    python = ATTACKER / "bin" / "python"
    if not python.exists():
        venv.create(ATTACKER, with_pip=True)
        wanted = ["dlib-bin>=20", "face-recognition-models>=0.3", "numpy>=2.2", "pillow>=12.3"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


def portrait(
    face: scenes.Face, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[float, float, float, float]]:
    """Put a head before a background, and give the picture in BGR and the box of the face."""
    x1, y1, x2, y2 = face.box
    scale = rng.uniform(90, 190) / (y2 - y1)
    head = cv2.resize(face.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = head.shape[:2]
    picture = np.full((SIDE, SIDE, 3), rng.uniform(60, 200, 3), np.float32)
    picture += cv2.GaussianBlur(rng.normal(0, 60, picture.shape).astype(np.float32), (0, 0), 12)
    left = round(SIDE / 2 - (x1 + x2) / 2 * scale + rng.uniform(-20, 20))
    top = round(SIDE / 2 - (y1 + y2) / 2 * scale + rng.uniform(-20, 20))
    a, b = max(0, top), min(SIDE, top + height)
    c, d = max(0, left), min(SIDE, left + width)
    part = head[a - top : b - top, c - left : d - left]
    picture[a:b, c:d] = part[..., :3] + picture[a:b, c:d] * (1 - part[..., 3:])
    tilt = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), rng.uniform(-8, 8), 1.0)
    picture = cv2.warpAffine(picture, tilt, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)
    picture = picture * rng.uniform(0.6, 1.2) + rng.normal(0, rng.uniform(0, 6), picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)[..., ::-1]
    quality = int(rng.integers(40, 95))
    coded = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    box = (left + x1 * scale, top + y1 * scale, left + x2 * scale, top + y2 * scale)
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), box


def at_chance(right: int, of: int) -> bool:
    """Whether so many right out of two each could be luck."""
    tail = sum(comb(of, k) for k in range(max(right, of - right), of + 1)) / 2**of
    return min(1.0, 2 * tail) >= _LEVEL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--each", type=int, default=40, help="probes of each person; a third of it is gallery"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the pictures, to look at them")
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    task = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        clear = folder / "none"
        clear.mkdir(parents=True)
        for who, (cast, place) in PEOPLE.items():
            face = scenes.cast(cast)[place]
            for number in range(asked.each + asked.each // 3):
                kind = "probe" if number < asked.each else "gallery"
                name = f"{kind}-{who}-{number:03}.png"
                picture, box = portrait(face, rng)
                cv2.imwrite(str(clear / name), picture)
                task += [
                    {"set": kind, "who": who, "style": s, "path": str(folder / s / name), "box": box}
                    for s in STYLES
                ]
        for style in STYLES[1:]:
            how = ["--style", style, "-o", str(folder / style), "--quiet"]
            command = [sys.executable, "-m", "scanner", "blur", str(clear), *how]
            subprocess.run(command, cwd=HERE.parent, check=True, stderr=subprocess.DEVNULL)
        plan = folder / "task.json"
        plan.write_text(json.dumps(task))
        script = HERE / "reidentify_attack.py"
        said = subprocess.run([str(attacker()), str(script), str(plan)], capture_output=True, check=True)
    result = json.loads(said.stdout)
    print("| style | named rightly by clear portraits | by portraits covered alike | of |\n|---|---|---|---|")
    for style in STYLES:
        (a, of), (b, _) = result[f"clear {style}"], result[f"alike {style}"]
        print(f"| {style} | {a / of:.0%} | {b / of:.0%} | {of} |")
    lucky = [at_chance(*result[f"{attack} solid"]) for attack in ("clear", "alike")]
    print("chance is 50 %; solid is", "at chance" if all(lucky) else "NOT at chance")
    return 0 if all(lucky) else 1


if __name__ == "__main__":
    sys.exit(main())
