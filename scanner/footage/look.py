"""Decides which frames a detector looks at, and looks.

Where nothing moved since the last look, what was seen then still stands: most of a CCTV clip needs no
detector at all. Motion is judged on means over small blocks, so that noise does not count and a
small face that comes in does; drift adds up against the frame last looked at, and cannot creep by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import suppress
from scanner.footage.detect import Detections, Detector
from scanner.footage.options import Preset
from scanner.footage.second import ASKED, EVERY, SecondOpinion

_BLOCKS = 160
"""Blocks across the longer side."""
_MOVED = 6.0
"""How many of 255 levels a block's mean must change to count as motion."""
_CUT_MEAN = 16.0
"""A mean change of all blocks above this, with little likeness left, begins a new scene. A cut that goes by
unseen lets tracks of the old scene take the new one's faces."""
_CUT_LIKENESS = 0.35
_STALE_S = 0.5
FLOOR = 0.25
"""The lowest score that is written down; tracks decide what is done with it."""
_VIEW = 1920
"""Crops for the second detector are cut from a picture at most this long."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to look.

    Attributes:
        frames: Where something moved, once this many frames went by since the last look.
        seconds: And not before this much time went by.
        stale_s: Even where nothing moves, a look is never older than this.
        in_turns: Whether a detector's sizes take turns where the preset lets them.
        asked: How many places a look the second detector is asked about.
    """

    frames: int = 1
    seconds: float = 0.0
    stale_s: float = _STALE_S
    in_turns: bool = True
    asked: int = ASKED


Picturing = Callable[[int, float], tuple[NDArray[np.uint8], float, float]]
"""Gives a picture at most so many pixels long and so many times enlarged, with its ratios to full size."""

Witness = Callable[[float, Picturing, Detections], None]
"""Is shown a frame's time, its picture and what the detectors saw in it."""


def detect_in(picture: Picturing, preset: Preset, detectors: Sequence[Detector]) -> Detections:
    """Look at a single picture, in all sizes.

    Args:
        picture: Gives it.
        preset: Sizes.
        detectors: In the order of the preset's `models`.

    Returns:
        Detections in pixels of the full upright picture.
    """
    return Looker(preset, detectors, asked=EVERY).look(picture, 0.0, None)


class Looker:
    """The detectors of a preset, and what the second of them remembers."""

    def __init__(
        self,
        preset: Preset,
        detectors: Sequence[Detector],
        witness: Witness | None = None,
        asked: int = ASKED,
    ) -> None:
        self._witness = witness
        first = len(preset.detectors)
        self._sizes = tuple(zip(detectors[:first], preset.sides, strict=True))
        self._upscale = preset.upscale
        self._second = SecondOpinion(detectors[first], asked) if preset.second else None

    def look(self, picture: Picturing, time_s: float, turn: int | None, *, cut: bool = False) -> Detections:
        """Ask every detector, at the size whose turn it is or at all, and show the witness what they see."""
        found = self._ask(picture, time_s, turn, cut=cut)
        if self._witness is not None:
            self._witness(time_s, picture, found)
        return found

    def _ask(self, picture: Picturing, time_s: float, turn: int | None, *, cut: bool) -> Detections:
        found = []
        for detector, sides in self._sizes:
            for side in sides if turn is None else (sides[turn % len(sides)],):
                pixels, across, down = picture(side, self._upscale)
                found.append(detector.detect(pixels, FLOOR).moved(across, down))
        merged = found[0] if len(found) == 1 else _merged(found)
        if self._second is None:
            return merged
        if cut:
            self._second.forget()
        return self._second.judge(lambda: picture(_VIEW, 1.0), merged, time_s)


def _merged(found: Sequence[Detections]) -> Detections:
    boxes = np.concatenate([f.boxes for f in found])
    scores = np.concatenate([f.scores for f in found])
    chosen = suppress(boxes, scores, 0.5)
    return Detections(boxes[chosen], scores[chosen])


class Gate:
    """Decides frame by frame; remembers the one last looked at."""

    def __init__(self, cadence: Cadence) -> None:
        self.cadence = cadence
        self.looks = 0
        self.still = False
        self._reference: NDArray[np.float32] | None = None
        self._previous: NDArray[np.float32] | None = None
        self._since = 0
        self._time_s = 0.0

    def judge(self, luma: NDArray[np.uint8], time_s: float) -> tuple[bool, bool]:
        """Say whether to look at this frame, and whether a new scene begins with it."""
        blocks = _blocks(luma)
        cut = self._previous is not None and _is_cut(self._previous, blocks)
        self._previous = blocks
        self._since += 1
        self.still = self._reference is not None and not _moved(self._reference, blocks)
        age = time_s - self._time_s
        how = self.cadence
        due = self._reference is None or cut or age >= how.stale_s
        due = due or (not self.still and self._since >= how.frames and age >= how.seconds)
        if due:
            self._reference, self._since, self._time_s = blocks, 0, time_s
            self.looks += 1
        return due, cut


def _blocks(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = luma.shape
    scale = min(1.0, _BLOCKS / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _moved(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    return bool(np.abs(a - b).max() > _MOVED)


def _is_cut(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    if np.abs(a - b).mean() < _CUT_MEAN:
        return False
    x, y = a - a.mean(), b - b.mean()
    likeness = float((x * y).sum() / (np.sqrt((x * x).sum() * (y * y).sum()) + 1e-6))
    return likeness < _CUT_LIKENESS
