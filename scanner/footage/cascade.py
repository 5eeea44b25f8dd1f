"""MTCNN, a cascade of three small networks: it proposes places at every size, and judges each twice.

It serves as a witness: it looks at what others redacted, and never searches for what is to be covered. Its
landmark head is cut off before the network is loaded. The method is that of arXiv 1604.02878; the networks
were trained on pictures stored columns first, and get them so.
"""

import hashlib
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from scanner.footage import weights
from scanner.footage.boxes import Boxes, Floats, suppress
from scanner.footage.detect import NOTHING, Detections, Picture, open_session, tidy

SMALLEST = 20
"""Faces under so many pixels are not looked for."""
_CELL, _STRIDE = 12, 2
"""The first network sees squares of 12 pixels, every second one across and down."""
_FACTOR = 0.709
"""From one size of the pyramid to the next: half the area."""
STAGES = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")
_PROPOSED, _LIKELY = 0.6, 0.6
"""What the first and second network must say for the next to be asked."""


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """One of the networks, by the names of its input and of its two outputs that are used."""

    session: ort.InferenceSession
    picture: str
    shift: str
    score: str

    def run(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give the shifts of the four edges in sides of the square, and the scores."""
        shift, score = self.session.run([self.shift, self.score], {self.picture: batch})
        return shift, score[..., 1]


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """The three networks.

    Attributes:
        id: What reports call it.
        sha256: Of the three files' bytes, one after the other.
    """

    id: str
    sha256: str
    _proposes: _Stage
    _refines: _Stage
    _judges: _Stage

    def detect(self, picture: Picture, floor: float) -> Detections:
        """Find faces of `SMALLEST` pixels and more with a score of at least `floor`."""
        return self.detect_many(picture[None], floor)[0]

    def detect_many(self, pictures: NDArray[np.uint8], floor: float) -> list[Detections]:
        """Find faces in N x H x W x 3 pictures of one size."""
        found = self._propose(pictures)
        found = _judged(self._refines, pictures, found, 24, _LIKELY, 0.7)
        found = _judged(self._judges, pictures, found, 48, floor, 0.5)
        height, width = pictures.shape[1:3]
        return [tidy(f, width, height) for f in found]

    def _propose(self, pictures: NDArray[np.uint8]) -> list[Detections]:
        count, height, width, _ = pictures.shape
        found: list[list[Detections]] = [[] for _ in range(count)]
        scale = _CELL / SMALLEST
        while min(height, width) * scale >= _CELL:
            size = (int(np.ceil(width * scale)), int(np.ceil(height * scale)))
            shifts, scores = self._proposes.run(_columns_first([_sized(p, size) for p in pictures]))
            for i in range(count):
                x, y = np.nonzero(scores[i] >= _PROPOSED)
                corner = np.stack([x, y], axis=1) * _STRIDE
                squares = np.concatenate([corner, corner + _CELL], axis=1) / scale
                found[i].append(_best(_shifted(squares, shifts[i, x, y]), scores[i, x, y], 0.5))
            scale *= _FACTOR
        return [_best(*_joined(f), 0.7) for f in found]


@cache
def witness() -> Cascade:
    """Load the cascade of the manifest, each network checked by its SHA-256.

    Raises:
        UnreadableError: a network is missing or is another.
    """
    data = [weights.load(weights.by_id(name)) for name in STAGES]
    names = (
        ("input_1", "conv2d_4", "softmax"),
        ("input_2", "dense_2", "softmax_1"),
        ("input_3", "dense_5", "softmax_2"),
    )
    # One thread: the networks are so small that sharing their work costs more than it saves.
    stages = [
        _Stage(open_session(model, file, heads[1:].__contains__, threads=1), *heads)
        for model, file, heads in zip(STAGES, data, names, strict=True)
    ]
    return Cascade("mtcnn", hashlib.sha256(b"".join(data)).hexdigest(), *stages)


def _judged(
    stage: _Stage, pictures: NDArray[np.uint8], found: list[Detections], side: int, floor: float, limit: float
) -> list[Detections]:
    """Cut every place out as a square, ask a network about all of them at once, and move their edges."""
    squares = [_squared(f.boxes) for f in found]
    cuts = [_cut(p, s, side) for p, boxes in zip(pictures, squares, strict=True) for s in boxes]
    if not cuts:
        return [NOTHING] * len(pictures)
    shifts, scores = stage.run(_columns_first(cuts))
    out, start = [], 0
    for boxes in squares:
        here = slice(start, start + len(boxes))
        start += len(boxes)
        good = scores[here] >= floor
        out.append(_best(_shifted(boxes[good], shifts[here][good]), scores[here][good], limit))
    return out


def _joined(parts: list[Detections]) -> tuple[Boxes, Floats]:
    parts = parts or [NOTHING]
    return np.concatenate([p.boxes for p in parts]), np.concatenate([p.scores for p in parts])


def _best(boxes: Boxes, scores: NDArray[np.floating], limit: float) -> Detections:
    chosen = suppress(boxes, scores.astype(np.float64), limit)
    return Detections(boxes[chosen], scores[chosen].astype(np.float64))


def _shifted(squares: Boxes, shifts: NDArray[np.float32]) -> Boxes:
    return squares + shifts * (squares[:, 2:3] - squares[:, :1])


def _squared(boxes: Boxes) -> Boxes:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)[:, None] / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def _cut(picture: Picture, square: NDArray[np.float64], side: int) -> Picture:
    """Cut a square out, black where it lies outside the picture."""
    (x1, y1), (x2, y2) = np.floor(square[:2]).astype(int), np.ceil(square[2:]).astype(int)
    height, width = picture.shape[:2]
    out = np.zeros((max(1, y2 - y1), max(1, x2 - x1), 3), np.uint8)
    a, b, c, d = max(0, x1), max(0, y1), min(width, x2), min(height, y2)
    if a < c and b < d:
        out[b - y1 : d - y1, a - x1 : c - x1] = picture[b:d, a:c]
    return _sized(out, (side, side))


def _sized(picture: Picture, size: tuple[int, int]) -> Picture:
    how = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how).astype(np.uint8, copy=False)


def _columns_first(pictures: list[Picture]) -> NDArray[np.float32]:
    """Give N x W x H x 3, red green blue, from -1 to 1."""
    stacked = np.stack(pictures)[..., ::-1].transpose(0, 2, 1, 3)
    batch: NDArray[np.float32] = np.ascontiguousarray(stacked, dtype=np.float32)
    batch -= 127.5
    batch /= 128
    return batch
