"""Asks a second, slower and surer detector about single places of a frame.

The first detector looks at whole frames and is quick because it is small: it takes a headlamp for a face,
and loses a face that turns or smears. The second sees crops only, a few a look. It is asked about what is
new, and its answer is remembered for as long as the face stays in sight; and it is sent to search where a
face must be that the first one just lost. Both cost little, since few faces are new or lost in a frame.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Boxes, areas, iou, likeness
from scanner.footage.detect import Detections, Detector, Picture

View = Callable[[], tuple[Picture, float, float]]
"""Gives the whole upright picture, and how many pixels of the full one its pixels are, across and down."""

_SIDE = 96
_CONTEXT, _SEARCH = 1.7, 4.0
"""How many times the face's longer side a crop is wide, to judge a face and to search for one."""
_FACE, _NONE = 0.3, 0.1
"""Asked about a crop, the second detector is sure of a face from here on, and of none below that."""
_SAME = 0.4
"""Both detectors mean the same face when their boxes overlap this much."""
_LOST, _FOUND = 0.15, 0.3
"""The lowest score at which a lost face counts as found again, and what it is worth to a track at least."""
_ASKED = 4
"""So many crops of new places a look at most: texture full of half faces must not cost more than a face."""
_WORTH, _TRUSTED = 0.4, 0.6
"""Weaker detections are not asked about; surer ones are not thrown away, but no longer begin a track."""
_FORGET_S = 0.6
"""A face that neither detector saw for so long is no longer searched for."""
_FITS = 0.3
"""A weak detection that overlaps a known face's place this much is that face."""
_GROWTH = 1.5
"""Nor does a face change its area more than so many times between two looks."""
_STANDS_S = 1.0
"""How long an answer that there is no face stands for a place."""
_CONFIRMED, _KNOWN, _UNSURE = 0.75, 0.6, 0.59
"""Scores as tracks read them: one that begins a track of any size, one that supports it, one that cannot."""


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A face that the second detector confirmed, where it was last seen."""

    box: NDArray[np.float64]
    pace: NDArray[np.float64]
    time_s: float

    def at(self, time_s: float) -> NDArray[np.float64]:
        size = (self.box[2:] - self.box[:2]).max()
        return self.box + np.clip(self.pace * (time_s - self.time_s), -1.5 * size, 1.5 * size)


class SecondOpinion:
    """Remembers, from look to look, which places hold a face and which do not."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._faces: list[_Face] = []
        self._empty: list[_Face] = []
        self.asked = 0

    def forget(self) -> None:
        """Begin a new scene."""
        self._faces, self._empty = [], []

    def judge(self, view: View, found: Detections, time_s: float) -> Detections:
        """Correct what the first detector found in a frame.

        Args:
            view: The frame.
            found: Boxes in pixels of the full picture, with the first detector's scores.
            time_s: The frame's time.

        Returns:
            Those that may be faces, with scores that can begin or support a track where the second detector
            agrees, and cannot where it is unsure; and those that it found itself.
        """
        self._faces = [f for f in self._faces if time_s - f.time_s <= _FORGET_S]
        self._empty = [f for f in self._empty if time_s - f.time_s <= _STANDS_S]
        boxes, scores = found.boxes.copy(), found.scores.copy()
        owner = self._owners(boxes, scores, time_s)
        seen = [self._moved(self._faces[f], boxes[i], time_s) for i, f in owner.items()]
        scores[list(owner)] = np.maximum(scores[list(owner)], _KNOWN)
        keep = np.ones(len(boxes), dtype=bool)
        new = self._unknown(boxes, scores, owner, keep)
        if new:
            for i, answer in zip(new, self._ask(view, boxes[new], _CONTEXT, _NONE), strict=True):
                best, where = _agreed(answer, boxes[i])
                if best >= _FACE:
                    scores[i], boxes[i] = max(scores[i], _CONFIRMED), where
                    seen.append(_Face(boxes[i], np.zeros(4), time_s))
                elif best < _NONE and scores[i] < _TRUSTED:
                    keep[i] = False
                    self._empty.append(_Face(boxes[i], np.zeros(4), time_s))
                else:
                    scores[i] = min(scores[i], _UNSURE)
        lost = [f for i, f in enumerate(self._faces) if i not in set(owner.values())]
        again_boxes, again_scores = self._search(view, lost, np.array([s.box for s in seen]), time_s)
        for f, box, score in zip(lost, again_boxes, again_scores, strict=True):
            seen.append(self._moved(f, box, time_s) if score else f)
        self._faces = seen
        got = again_scores > 0
        return Detections(
            np.concatenate([boxes[keep], again_boxes[got]]),
            np.concatenate([scores[keep], np.maximum(again_scores[got], _FOUND)]),
        )

    def _owners(self, boxes: Boxes, scores: NDArray[np.float64], time_s: float) -> dict[int, int]:
        """Say which known face a detection is: the surest pair first."""
        if not self._faces or not len(boxes):
            return {}
        places = np.array([f.at(time_s) for f in self._faces])
        waited = np.array([time_s - f.time_s for f in self._faces])
        # Near is not enough for a weak detection: texture beside a face would take its name.
        fits = (iou(boxes, places) > _FITS) | (scores[:, None] >= _TRUSTED)
        size, was = (areas(b)[:, None] for b in (boxes, places))
        steady = np.maximum(size, was.T) < _GROWTH * np.minimum(size, was.T)
        alike = np.where(fits & steady, likeness(boxes, places, waited), 0)
        owner: dict[int, int] = {}
        for flat in np.argsort(-alike, axis=None, kind="stable"):
            i, j = (int(v) for v in np.unravel_index(flat, alike.shape))
            if alike[i, j] <= 0:
                break
            if i not in owner and j not in owner.values():
                owner[i] = j
        return owner

    def _unknown(
        self, boxes: Boxes, scores: NDArray[np.float64], owner: dict[int, int], keep: NDArray[np.bool_]
    ) -> list[int]:
        """Choose which detections to ask about; the rest stays unsure, or is known to be none."""
        empty = np.array([f.box for f in self._empty]).reshape(-1, 4)
        new: list[int] = []
        for i in np.argsort(-scores, kind="stable").tolist():
            if i in owner:
                continue
            if scores[i] < _TRUSTED and len(empty) and iou(boxes[i : i + 1], empty).max() > 0.5:
                keep[i] = False
            elif len(new) < _ASKED and scores[i] >= _WORTH:
                new.append(i)
            else:
                scores[i] = min(scores[i], _UNSURE)
        return new

    def _search(
        self, view: View, lost: list[_Face], taken: Boxes, time_s: float
    ) -> tuple[Boxes, NDArray[np.float64]]:
        out, scores = np.zeros((len(lost), 4)), np.zeros(len(lost))
        if not lost:
            return out, scores
        places = np.array([f.at(time_s) for f in lost])
        for i, answer in enumerate(self._ask(view, places, _SEARCH, _LOST)):
            if not len(answer.boxes):
                continue
            alike = likeness(answer.boxes, places[i : i + 1], np.array([time_s - lost[i].time_s]))[:, 0]
            free = (
                iou(answer.boxes, taken).max(axis=1) < 0.3 if len(taken) else np.ones(len(alike), dtype=bool)
            )
            worth = np.where((alike > 0) & free, answer.scores, 0)
            best = int(worth.argmax())
            if worth[best]:
                out[i], scores[i] = answer.boxes[best], worth[best]
        return out, scores

    def _moved(self, face: _Face, box: NDArray[np.float64], time_s: float) -> _Face:
        elapsed = time_s - face.time_s
        return replace(
            face, box=box, pace=(box - face.box) / elapsed if elapsed else face.pace, time_s=time_s
        )

    def _ask(self, view: View, boxes: Boxes, context: float, floor: float) -> list[Detections]:
        """Look at a crop around each box; answers are in the full picture's pixels."""
        full, across, down = view()
        ratio = np.array([across, down, across, down])
        places = [_place(box, context) for box in boxes / ratio]
        crops = np.stack([_cut(full, place) for place in places])
        self.asked += len(crops)
        out = []
        for place, answer in zip(places, self._detector.detect_many(crops, floor), strict=True):
            corner = np.array([place[0, 2], place[1, 2]] * 2)
            out.append(Detections((answer.boxes - corner) / place[0, 0] * ratio, answer.scores))
        return out


def _cut(full: Picture, place: NDArray[np.float64]) -> Picture:
    crop = cv2.warpAffine(full, place, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR)
    return crop.astype(np.uint8, copy=False)


def _place(box: NDArray[np.float64], context: float) -> NDArray[np.float64]:
    middle = (box[:2] + box[2:]) / 2
    scale = _SIDE / max(8.0, context * float((box[2:] - box[:2]).max()))
    return np.array([[scale, 0, _SIDE / 2 - middle[0] * scale], [0, scale, _SIDE / 2 - middle[1] * scale]])


def _agreed(answer: Detections, box: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Give the best score of a face that is the same as `box`, and that face's box."""
    same = answer.scores * (iou(answer.boxes, box[None])[:, 0] > _SAME)
    return (float(same.max()), answer.boxes[same.argmax()]) if same.any() else (0.0, box)
