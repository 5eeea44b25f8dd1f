"""Breaks clips and pictures at seeded places, and accounts for every one: redacted and verified, or refused.

    python bench/broken_media.py [--count 200] [--seed 7]

The files go through `scanner blur` as one batch, and what comes out of it through `scanner verify`. Printed
are how many were redacted, how many refused and why, and every file for which neither holds. Exit code 1 if
there is one, if the batch died (it may end with 0, 3, or 1 for a redaction that failed its verification
and was not written), or if an output does not pass its verification.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from samples import clips  # noqa: E402 - from the checkout
from tests.footage.reels import Reel, shoot  # noqa: E402

_TIMES = clips.steady_times(0.6, 25)
_QUIET = {"x265-params": "log-level=none"}
_QUICK = {"deadline": "realtime", "cpu-used": "8"}
CLIPS = {
    "h264.mp4": Reel(audio=True),
    "sparse.mp4": Reel(options={"g": "250", "bf": "3"}),
    "h264.mov": Reel(audio=True),
    "h264.mkv": Reel(audio=True),
    "h264.ts": Reel(audio=True),
    "h264.flv": Reel(ticks=1000),
    "hevc.mp4": Reel("libx265", options=_QUIET),
    "hevc.ts": Reel("libx265", options=_QUIET),
    "mpeg2.mpg": Reel("mpeg2video", ticks=25, options={}),
    "mpeg4.avi": Reel("mpeg4", ticks=25, options={}),
    "mjpeg.avi": Reel("mjpeg", "yuvj420p", ticks=25, options={}),
    "vp8.webm": Reel("libvpx", options=_QUICK),
    "vp9.webm": Reel("libvpx-vp9", options=_QUICK),
    "av1.mp4": Reel("libsvtav1", options={"preset": "11"}),
    "prores.mov": Reel("prores_ks", "yuv422p10le", options={}),
}
PICTURES = ("jpg", "png", "gif", "webp", "tif", "heic", "avif", "bmp")


@dataclass(frozen=True)
class Account:
    """What became of the files of a batch."""

    redacted: int
    refused: Counter[str]
    unaccounted: list[str]
    unverified: list[str]
    exit_code: int

    @property
    def is_clean(self) -> bool:
        return not self.unaccounted and not self.unverified and self.exit_code in (0, 1, 3)


def whole(folder: Path, names: Iterator[str] | None = None) -> list[Path]:
    """Write one whole file of each kind; half of the clips show a face."""
    pillow_heif.register_heif_opener()
    paths = []
    for number, name in enumerate(names or CLIPS):
        scene = clips.handheld(320, 180) if number % 2 else clips.empty(320, 180)
        paths.append(shoot(folder / name, _TIMES, CLIPS[name], scene))
    for suffix in PICTURES if names is None else ():
        path = folder / f"picture.{suffix}"
        Image.fromarray(clips.astronaut()[:256, :256]).save(path)
        paths.append(path)
    return paths


def broken(source: Path, target: Path, rng: np.random.Generator) -> Path:
    """Write a copy of a file in which up to 24 bits are flipped; every third time among its first 2 kB."""
    data = bytearray(source.read_bytes())
    reach = min(len(data), 2048) if rng.integers(3) == 0 else len(data)
    for at in rng.integers(0, reach, rng.integers(1, 25)):
        data[at] ^= 1 << int(rng.integers(8))
    target.write_bytes(data)
    return target


def account(paths: list[Path], out: Path) -> Account:
    """Redact files in one batch, verify what came out, and say what became of each."""
    command = [sys.executable, "-m", "scanner"]
    listed = [str(p) for p in paths]
    said = subprocess.run(
        [*command, "blur", *listed, "-o", str(out), "--preset", "fast"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    made = dict(re.findall(r"^(.*?) -> (.*): .* in \d+ frames?, verified", said.stdout, re.MULTILINE))
    lines = [line for line in said.stderr.splitlines() if line.startswith("scanner: ")]
    refused: Counter[str] = Counter()
    unaccounted = []
    for path in listed:
        why = [line for line in lines if path in line]
        if path not in made and len(why) == 1:
            refused[_reason(why[0].replace(path, "FILE"))] += 1
        elif path not in made or why:
            unaccounted.append(f"{path}: {why}")
    unverified = []
    for path, output in made.items():
        asked = [*command, "verify", output, "--original", path]
        checked = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        if checked.returncode:
            failed = [line for line in checked.stdout.splitlines() if line.startswith("FAILED")]
            unverified.append(f"{path}: {checked.returncode} {failed} {checked.stderr.strip()}")
    return Account(len(made), refused, unaccounted, unverified, said.returncode)


def _reason(line: str) -> str:
    sentence = line.removeprefix("scanner: ").split(". ")[0]
    return re.sub(r"\d+(\.\d+)?", "N", sentence)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the broken files, to look at them")
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "whole").mkdir()
        made = whole(folder / "whole")
        place = asked.keep or folder / "broken"
        place.mkdir(parents=True, exist_ok=True)
        paths = [
            broken(made[i % len(made)], place / f"{i:03}-{made[i % len(made)].name}", rng)
            for i in range(asked.count)
        ]
        result = account(paths, folder / "out")
    print(f"{asked.count} files of {len(made)} kinds, seed {asked.seed}: {result.redacted} redacted and "
          f"verified, {result.refused.total()} refused, {len(result.unaccounted)} unaccounted for, "
          f"{len(result.unverified)} failed verification; exit code {result.exit_code}")  # fmt: skip
    for why, count in result.refused.most_common():
        print(f"{count:4} {why}")
    for line in (*result.unaccounted, *result.unverified):
        print("!", line)
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
