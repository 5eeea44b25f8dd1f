"""Decides which frames a detector looks at, and looks.

Where nothing moved since the last look, what was seen then still stands: most of a CCTV clip needs no
detector at all. Motion is judged on means over small blocks, so that noise does not count and a
small face that comes in does; drift adds up against the frame last looked at, and cannot creep by.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import suppress
from scanner.footage.clip import Clip
from scanner.footage.detect import Detections, Detector
from scanner.footage.media import Frame
from scanner.footage.options import Preset
from scanner.footage.track import Examined

_BLOCKS = 160
"""Blocks across the longer side."""
_MOVED = 6.0
"""How many of 255 levels a block's mean must change to count as motion."""
_CUT_MEAN = 35.0
"""A mean change of all blocks above this, with little likeness left, begins a new scene."""
_CUT_LIKENESS = 0.35
_STALE_S = 0.5
FLOOR = 0.25
"""The lowest score that is written down; tracks decide what is done with it."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to look.

    Attributes:
        frames: Where something moved, once this many frames went by since the last look.
        seconds: And not before this much time went by.
        stale_s: Even where nothing moves, a look is never older than this.
        in_turns: Whether a detector's sizes take turns, or are all used at each look.
    """

    frames: int = 1
    seconds: float = 0.0
    stale_s: float = _STALE_S
    in_turns: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What one pass over a clip gave.

    Attributes:
        frames: Every frame, in order.
        pts: Their times in ticks of the clip's time base.
        looks: How many frames a detector looked at.
    """

    frames: tuple[Examined, ...]
    pts: tuple[int, ...]
    looks: int


def detect_in(
    picture: Callable[[int, float], tuple[NDArray[np.uint8], float, float]],
    preset: Preset,
    detectors: Sequence[Detector],
    turn: int | None = None,
) -> Detections:
    """Ask every detector, and merge what they see.

    Args:
        picture: Gives the picture at most so many pixels long and enlarged, with its ratios to full size.
        preset: Sizes.
        detectors: In the order of the preset's.
        turn: Which of a detector's sizes is due; None for all of them.

    Returns:
        Detections in pixels of the full upright picture.
    """
    found = []
    for detector, sides in zip(detectors, preset.sides, strict=True):
        for side in sides if turn is None else (sides[turn % len(sides)],):
            pixels, across, down = picture(side, preset.upscale)
            found.append(detector.detect(pixels, FLOOR).moved(across, down))
    if len(found) == 1:
        return found[0]
    boxes = np.concatenate([f.boxes for f in found])
    scores = np.concatenate([f.scores for f in found])
    chosen = suppress(boxes, scores, 0.5)
    return Detections(boxes[chosen], scores[chosen])


def examine(
    clip: Clip,
    frames: Iterator[Frame],
    preset: Preset,
    detectors: Sequence[Detector],
    *,
    cadence: Cadence | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Seen:
    """Go through a clip once.

    Args:
        clip: What the frames belong to.
        frames: All of them, or the key frames only.
        preset: How closely to look.
        detectors: In the order of the preset's.
        cadence: How often; by default as the preset says.
        progress: Told the number of frames done.
    """
    examined: list[Examined] = []
    pts: list[int] = []
    cadence = cadence or Cadence(frames=preset.every)
    gate = _Gate(cadence)
    found: Detections | None = None
    for frame in frames:
        time_s = float(frame.pts * clip.time_base)
        due, cut = gate.judge(frame.luma(), time_s)
        if due:
            turn = gate.looks if cadence.in_turns else None
            found = detect_in(frame.picture, preset, detectors, turn)
        examined.append(Examined(time_s, found if due or gate.still else None, cut))
        pts.append(frame.pts)
        progress(len(examined))
    return Seen(tuple(examined), tuple(pts), gate.looks)


class _Gate:
    """Remembers the frame last looked at."""

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
