"""Asks a second, slower and surer detector about single places of a frame.

The first detector looks at whole frames and is quick because it is small: it takes a headlamp for a face,
and is unsure of a face that turns or smears. The second sees crops only, of what is new, a few a look. Its
answer is remembered for as long as the face stays in sight, so that it costs little.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Boxes, Floats, areas, iou, likeness
from scanner.footage.detect import Detections, Detector, Picture

View = Callable[[], tuple[Picture, float, float]]
"""Gives the whole upright picture, and how many pixels of the full one its pixels are, across and down."""

_SIDE = 96
_CONTEXT = 1.7
"""How many times the face's longer side a crop is wide."""
_FACE, _NONE = 0.2, 0.1
"""Asked about a crop, the second detector is sure of a face from here on, and of none below that."""
_SAME = 0.4
"""Both detectors mean the same face when their boxes overlap this much."""
ASKED, EVERY = 4, 1000
"""So many crops a look at most: texture full of half faces must not cost more than a face, and who is left
is asked about in the next look. Where no look follows soon, about every face of a crowd."""
_BATCH = 32
_WORTH, _TRUSTED = 0.4, 0.6
"""Weaker detections are not asked about; surer ones are not thrown away, but no longer begin a track."""
_CONFIRMED, _KNOWN, _UNSURE = 0.75, 0.6, 0.59
"""Scores as tracks read them: one that begins a track of any size, one that supports it, one that cannot."""
_FITS = 0.3
"""A weak detection that overlaps a known face's place this much is that face."""
_GROWTH = 1.5
"""Nor does a face change its area more than so many times between two looks."""
_FORGET_S, _STANDS_S = 0.6, 1.0
"""How long a face that was not seen again is known, and how long a place stays without one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where there was a face, or none.

    Attributes:
        box: In pixels of the full picture.
        time_s: When.
        pace: How the box changes in a second.
    """

    box: NDArray[np.float64]
    time_s: float
    pace: NDArray[np.float64] | float = 0.0

    def at(self, time_s: float) -> NDArray[np.float64]:
        """Where it will be if it goes on, but not further than one and a half times its size away."""
        far = 1.5 * (self.box[2:] - self.box[:2]).max()
        out: NDArray[np.float64] = self.box + np.clip(self.pace * (time_s - self.time_s), -far, far)
        return out

    def moved(self, box: NDArray[np.float64], time_s: float) -> "_Place":
        """The same face, seen again later."""
        return _Place(box, time_s, (box - self.box) / (time_s - self.time_s))


class SecondOpinion:
    """Remembers, from look to look, which places hold a face and which do not."""

    def __init__(self, detector: Detector, most: int = ASKED) -> None:
        """Begin a clip.

        Args:
            detector: The second one.
            most: How many crops a look it is asked about.
        """
        self._detector, self._most = detector, most
        self._faces: list[_Place] = []
        self._empty: list[_Place] = []
        self.asked = 0

    def forget(self) -> None:
        """Begin a new scene."""
        self._faces, self._empty = [], []

    def judge(self, view: View, found: Detections, time_s: float) -> Detections:
        """Correct what the first detector found in a frame.

        Args:
            view: The frame.
            found: Boxes in pixels of the full picture, with the first detector's scores.
            time_s: The frame's time, later than that of the frame before.

        Returns:
            Those that may be faces, with scores that can begin or support a track where the second detector
            agrees or agreed before, and that cannot where it is unsure.
        """
        self._faces = [f for f in self._faces if time_s - f.time_s <= _FORGET_S]
        self._empty = [f for f in self._empty if time_s - f.time_s <= _STANDS_S]
        boxes, scores = found.boxes.copy(), found.scores.copy()
        owner = self._owners(found, time_s)
        none = self._known_as_none(found)
        order = np.argsort(-found.scores, kind="stable").tolist()
        new = [i for i in order if i not in owner and not none[i]]
        asked = [i for i in new if scores[i] >= _WORTH][: self._most]
        scores[list(owner)] = np.maximum(scores[list(owner)], _KNOWN)
        scores[new] = np.minimum(scores[new], _UNSURE)
        fresh = []
        for i, (sure, where) in zip(asked, self._ask(view, boxes[asked]), strict=True):
            if sure >= _FACE:
                boxes[i], scores[i] = where, max(found.scores[i], _CONFIRMED)
                fresh.append(_Place(where, time_s))
            elif sure < _NONE and found.scores[i] < _TRUSTED:
                none[i] = True
                self._empty.append(_Place(boxes[i], time_s))
        for i, face in owner.items():
            self._faces[face] = self._faces[face].moved(boxes[i], time_s)
        self._faces += fresh
        return Detections(boxes[~none], scores[~none])

    def _owners(self, found: Detections, time_s: float) -> dict[int, int]:
        """Say which detection is which known face, the likeliest pair first."""
        boxes = found.boxes
        if not self._faces or not len(boxes):
            return {}
        places = np.array([f.at(time_s) for f in self._faces])
        waited = np.array([time_s - f.time_s for f in self._faces])
        # Near is not enough for a weak detection: texture beside a face would take its name.
        fits = (iou(boxes, places) > _FITS) | (found.scores[:, None] >= _TRUSTED)
        now, then = areas(boxes)[:, None], areas(places)[None]
        steady = np.maximum(now, then) < _GROWTH * np.minimum(now, then)
        alike = np.where(fits & steady, likeness(boxes, places, waited), 0)
        owner: dict[int, int] = {}
        for flat in np.argsort(-alike, axis=None, kind="stable"):
            i, j = (int(v) for v in np.unravel_index(flat, alike.shape))
            if alike[i, j] <= 0:
                break
            if i not in owner and j not in owner.values():
                owner[i] = j
        return owner

    def _known_as_none(self, found: Detections) -> NDArray[np.bool_]:
        """Say which lie where the second detector just saw nothing, unless the first is sure by now."""
        empty = np.array([f.box for f in self._empty]).reshape(-1, 4)
        taken: Floats = iou(found.boxes, empty).max(axis=1, initial=0)
        out: NDArray[np.bool_] = (taken > 0.5) & (found.scores < _TRUSTED)
        return out

    def _ask(self, view: View, boxes: Boxes) -> list[tuple[float, NDArray[np.float64]]]:
        """Look at a crop around each box; give the score of the face that agrees with it, and its box."""
        if not len(boxes):
            return []
        full, across, down = view()
        ratio = np.array([across, down, across, down])
        places = [_place(box) for box in boxes / ratio]
        answers = [
            answer
            for at in range(0, len(places), _BATCH)
            for answer in self._detector.detect_many(
                np.stack([_cut(full, p) for p in places[at : at + _BATCH]]), _NONE
            )
        ]
        self.asked += len(boxes)
        out = []
        for place, box, answer in zip(places, boxes, answers, strict=True):
            seen = (answer.boxes - np.tile(place[:, 2], 2)) / place[0, 0] * ratio
            agreed = answer.scores * (iou(seen, box[None])[:, 0] > _SAME)
            out.append((float(agreed.max()), seen[agreed.argmax()]) if agreed.any() else (0.0, box))
        return out


def _place(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the 2 x 3 matrix that maps a picture to the crop around a box."""
    middle = (box[:2] + box[2:]) / 2
    scale = _SIDE / max(8.0, _CONTEXT * float((box[2:] - box[:2]).max()))
    return np.array([[scale, 0, _SIDE / 2 - middle[0] * scale], [0, scale, _SIDE / 2 - middle[1] * scale]])


def _cut(full: Picture, place: NDArray[np.float64]) -> Picture:
    crop = cv2.warpAffine(full, place, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR)
    return crop.astype(np.uint8, copy=False)
