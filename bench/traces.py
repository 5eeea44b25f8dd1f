"""How often drawn boxes around faces are found, and how often something else is taken for one.

    .venv/bin/python bench/traces.py [--depth auto|full] [--keep FOLDER]

Clips are made from public-domain faces (samples/clips.py): with boxes of many looks drawn around the faces,
and without, where windows, doors, picture frames, signs, scoreboards, time stamps and tiles of a video call
lie around or beside them. The real clips of bench/scenes.py are added where they were brought.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from samples import clips  # noqa: E402 - samples is no installed package
from scanner.discover.artifact import Artifact  # noqa: E402
from scanner.footage.options import FootageOptions  # noqa: E402
from scanner.inspect.footage import FootageInspector  # noqa: E402
from scanner.inspect.interface import Sighting  # noqa: E402
from scanner.rules import load_rules  # noqa: E402

SECONDS, RATE = 6, 12
Draw = Callable[[clips.Picture, tuple[clips.Box, ...], float], None]
GREEN, RED, YELLOW, BLUE, WHITE = (0, 255, 0), (255, 0, 0), (255, 255, 0), (0, 0, 255), (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Look:
    """How a program draws: colour (red green blue), line width, how far beyond the face, and its label."""

    colour: tuple[int, int, int]
    width: int = 2
    beyond: float = 0.2
    label: str = ""
    jitter: float = 0.0
    inside: bool = False


def boxes(look: Look) -> Draw:
    """Draw a box around each face, as detectors' sample programs do."""
    noise = np.random.default_rng(5)

    def draw(picture: clips.Picture, faces: tuple[clips.Box, ...], _: float) -> None:
        for x, y, w, h in faces:
            dx, dy = noise.normal(0, look.jitter, 2) * h if look.jitter else (0.0, 0.0)
            a = (round(x - look.beyond * w + dx), round(y - look.beyond * h + dy))
            b = (round(x + w + look.beyond * w + dx), round(y + h + look.beyond * h + dy))
            cv2.rectangle(picture, a, b, look.colour, look.width)
            if look.inside:
                low = (a[0], b[1] - (b[1] - a[1]) // 5)
                cv2.rectangle(picture, low, b, look.colour, -1)
                at = (a[0] + 4, b[1] - 4)
                cv2.putText(picture, look.label, at, cv2.FONT_HERSHEY_DUPLEX, 0.5, WHITE, 1)
            elif look.label:
                size, base = cv2.getTextSize(look.label, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
                top = (a[0], max(0, a[1] - size[1] - base))
                cv2.rectangle(picture, top, (a[0] + size[0], a[1]), look.colour, -1)
                at = (a[0], a[1] - base // 2)
                cv2.putText(picture, look.label, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)

    return draw


def _window(picture: clips.Picture, *_: object) -> None:
    height, width = picture.shape[:2]
    for x in range(width // 10, width, width // 5):
        cv2.line(picture, (x, 0), (x, height), (240, 240, 235), 3)
    for y in range(height // 8, height, height // 3):
        cv2.line(picture, (0, y), (width, y), (240, 240, 235), 3)


def _door(picture: clips.Picture, *_: object) -> None:
    height, width = picture.shape[:2]
    cv2.rectangle(
        picture, (int(width * 0.42), int(height * 0.1)), (int(width * 0.6), height), (90, 60, 30), 4
    )


def _sign(picture: clips.Picture, *_: object) -> None:
    height, width = picture.shape[:2]
    x, y = int(width * 0.4), int(height * 0.24)
    cv2.rectangle(picture, (x, y), (x + int(height * 0.3), y + int(height * 0.34)), GREEN, 2)


def _stamp(picture: clips.Picture, _: object, time_s: float) -> None:
    height, width = picture.shape[:2]
    cv2.rectangle(picture, (8, 8), (250, 34), WHITE, 1)
    cv2.putText(
        picture, f"2026-11-24 10:00:{time_s:05.2f}", (12, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.55, WHITE, 1
    )
    cv2.putText(picture, "CAM 3", (width - 90, height - 12), cv2.FONT_HERSHEY_SIMPLEX, 0.6, WHITE, 2)


def _score(picture: clips.Picture, _: object, time_s: float) -> None:
    width = picture.shape[1]
    for i, colour in enumerate((RED, BLUE)):
        x = width // 2 - 120 + 120 * i
        cv2.rectangle(picture, (x, 6), (x + 110, 40), colour, 2)
        text = f"T{i} {int(time_s)}"
        cv2.putText(picture, text, (x + 8, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.7, WHITE, 2)


def _portrait(picture: clips.Picture, *_: object) -> None:
    height, width = picture.shape[:2]
    face = clips.paste(picture, (width * 0.8, height * 0.4), height * 0.2)
    x, y, w, h = (round(v) for v in face)
    cv2.rectangle(picture, (x - w // 2, y - h // 2), (x + w + w // 2, y + h + h // 2), (110, 75, 40), 5)


def _tile(picture: clips.Picture, *_: object) -> None:
    height, width = picture.shape[:2]
    cv2.rectangle(picture, (4, 4), (width - 5, height - 5), GREEN, 4)


def _nothing(*_: object) -> None:
    pass


DRAWN = {
    f"{name} {look.width}px {label}": look
    for label, colours in (("thin", 1), ("usual", 2), ("thick", 3))
    for name, look in (
        ("green", Look(GREEN, colours)),
        ("red, tight", Look(RED, colours, 0.0)),
        ("yellow, wide", Look(YELLOW, colours, 0.45)),
        ("blue, jittering", Look(BLUE, colours, 0.25, jitter=0.05)),
        ("white", Look(WHITE, colours)),
        ("red, name inside", Look(RED, colours, 0.2, "Jane", inside=True)),
        ("green, labelled", Look(GREEN, colours, 0.2, "JANE DOE 0.93")),
    )
}
OTHERS: dict[str, Draw] = {
    "bare": _nothing,
    "window": _window,
    "door": _door,
    "sign": _sign,
    "time stamp": _stamp,
    "scoreboard": _score,
    "portrait on a wall": _portrait,
    "tile of a call": _tile,
}
SCENES = {
    "hall": lambda: clips.cctv(spans=((0.5, 5.5),)),
    "handheld": clips.handheld,
    "street": lambda: clips.street(960, 540),
}


def with_drawing(scene: clips.Scene, draw: Draw) -> clips.Scene:
    """Draw over a scene."""

    def at(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        picture, faces = scene(time_s)
        draw(picture, faces, time_s)
        return picture, faces

    return at


def found(path: Path, depth: str) -> list[Sighting]:
    """Give what is said of drawn boxes."""
    inspector = FootageInspector(FootageOptions(depth=depth))
    seen = inspector.inspect(Artifact(path.name, local=path), load_rules())
    return [s for s in seen if isinstance(s, Sighting) and s.rule.id == "face-box-drawn"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", choices=("auto", "full"), default="auto")
    parser.add_argument("--keep", type=Path, help="keep the clips in this folder")
    parser.add_argument("--only", default="", help="one scene")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        wanted: list[tuple[str, bool, Path]] = []
        for scene, make in SCENES.items():
            if args.only and args.only not in scene:
                continue
            for name, look in DRAWN.items():
                wanted.append((f"{scene}: {name}", True, _made(folder, scene, name, make(), boxes(look))))
            for name, draw in OTHERS.items():
                wanted.append((f"{scene}: {name}", False, _made(folder, scene, name, make(), draw)))
        real = HERE / "out" / "material"
        if args.only in "real":
            wanted += [(f"real: {p.name}", False, p) for p in sorted(real.glob("*.mp4"))]
        right = {True: 0, False: 0}
        count = {True: 0, False: 0}
        for name, drawn, path in wanted:
            said = found(path, args.depth)
            good = bool(said) == drawn
            right[drawn] += good
            count[drawn] += 1
            if not good:
                print(f"  {'missed' if drawn else 'FALSE'}: {name} {[s.excerpt for s in said]}")
        print(f"depth {args.depth}: {right[True]} of {count[True]} clips with drawn boxes found; ", end="")
        print(f"{count[False] - right[False]} false alarms in {count[False]} clips without")


def _made(folder: Path, scene: str, name: str, picture: clips.Scene, draw: Draw) -> Path:
    path = folder / f"{scene} {name}.mp4".replace(" ", "_").replace(",", "")
    if not path.exists():
        clips.write(path, with_drawing(picture, draw), clips.steady_times(SECONDS, RATE))
    return path


if __name__ == "__main__":
    main()
