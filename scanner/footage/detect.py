"""Face detectors on ONNX Runtime: a picture in, boxes with scores out, and nothing else.

A detector is a network and a way to read its heads; which way is told by the heads themselves, so that an
agency can bring its own file. Landmark heads are cut off before the network is loaded (see `graph`).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from scanner.errors import UnreadableError
from scanner.footage import graph, weights
from scanner.footage.boxes import EMPTY, Boxes, Floats, clip, suppress

Picture = NDArray[np.uint8]
"""H x W x 3, blue green red."""

_STEP = 32
_NMS = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces in one picture: N x 4 boxes in its pixels, and N scores from 0 to 1."""

    boxes: Boxes
    scores: Floats

    def above(self, score: float) -> "Detections":
        """Keep those whose score is at least `score`."""
        keep = self.scores >= score
        return Detections(self.boxes[keep], self.scores[keep])

    def moved(self, scale_x: float, scale_y: float) -> "Detections":
        """Map to a picture of another size."""
        return Detections(self.boxes * np.array([scale_x, scale_y, scale_x, scale_y]), self.scores)


NOTHING = Detections(EMPTY, np.zeros(0))

Heads = dict[str, NDArray[np.float32]]
"""What the network gives, by name; first axis is the picture in the batch."""
Decoder = Callable[[Heads, int, tuple[int, int], float], Detections]
"""Heads, position in the batch, height and width of the network's input, lowest score."""


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """A loaded network.

    Attributes:
        id: As in the manifest, or the file's name.
        sha256: Of the file it was loaded from.
    """

    id: str
    sha256: str
    _session: ort.InferenceSession
    _decode: Decoder
    _swap: bool

    def detect(self, picture: Picture, floor: float) -> Detections:
        """Find faces with a score of at least `floor` in a picture, at its own size."""
        return self.detect_many(picture[None], floor)[0]

    def detect_many(self, pictures: NDArray[np.uint8], floor: float) -> list[Detections]:
        """Find faces in N x H x W x 3 pictures of one size."""
        _, height, width, _ = pictures.shape
        padded = (-(-height // _STEP) * _STEP, -(-width // _STEP) * _STEP)
        batch = np.zeros((len(pictures), 3, *padded), dtype=np.float32)
        channels = pictures[..., ::-1] if self._swap else pictures
        batch[:, :, :height, :width] = channels.transpose(0, 3, 1, 2)
        name = self._session.get_inputs()[0].name
        names = [o.name for o in self._session.get_outputs()]
        heads = dict(zip(names, self._session.run(names, {name: batch}), strict=True))
        return [tidy(self._decode(heads, i, padded, floor), width, height) for i in range(len(pictures))]


def tidy(found: Detections, width: int, height: int) -> Detections:
    """Cut boxes to the picture, and keep the best of those that overlap."""
    boxes = clip(found.boxes, width, height)
    good = ((boxes[:, 2:] - boxes[:, :2]) > 1).all(axis=1)
    boxes, scores = boxes[good], found.scores[good]
    chosen = suppress(boxes, scores, _NMS)
    return Detections(boxes[chosen], scores[chosen])


def _yunet(heads: Heads, index: int, size: tuple[int, int], floor: float) -> Detections:
    """Read YuNet: per stride a class score and an objectness, whose geometric mean is the score.

    Its last layer folds the batch into the cells, picture after picture.
    """
    boxes, scores = [], []
    for stride in (8, 16, 32):
        columns = size[1] // stride
        count = columns * (size[0] // stride)
        classes, objects, sides = (
            heads[f"{head}_{stride}"].reshape(-1, count, width)[index]
            for head, width in (("cls", 1), ("obj", 1), ("bbox", 4))
        )
        score = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
        cells = np.flatnonzero(score >= floor)
        raw = sides[cells].astype(np.float64)
        corner = np.stack([cells % columns, cells // columns], axis=1)
        middle = (corner + raw[:, :2]) * stride
        half = np.exp(np.clip(raw[:, 2:], None, 8)) * (stride / 2)
        boxes.append(np.concatenate([middle - half, middle + half], axis=1))
        scores.append(score[cells].astype(np.float64))
    return Detections(np.concatenate(boxes), np.concatenate(scores))


def _centerface(heads: Heads, index: int, size: tuple[int, int], floor: float) -> Detections:
    """Read CenterFace: a heat map at a quarter of the size, with log sides and offsets, row before column."""
    heat, sides, offsets = (h[index] for h in heads.values())
    if heat.shape[1:] != (size[0] // 4, size[1] // 4):
        raise UnreadableError("The heat map of the detector has an unexpected size.")
    rows, columns = np.nonzero(heat[0] >= floor)
    middle = np.stack([columns + offsets[1, rows, columns], rows + offsets[0, rows, columns]], axis=1) + 0.5
    half = np.exp(np.clip(np.stack([sides[1, rows, columns], sides[0, rows, columns]], axis=1), None, 8)) / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1).astype(np.float64) * 4
    return Detections(boxes, heat[0, rows, columns].astype(np.float64))


def _reader(names: tuple[str, ...]) -> tuple[Decoder, Callable[[str], bool], bool]:
    """Choose how to read the heads: the decoder, which outputs it needs, and whether input is RGB."""
    yunet = {f"{head}_{stride}" for head in ("cls", "obj", "bbox") for stride in (8, 16, 32)}
    if yunet <= set(names):
        return _yunet, yunet.__contains__, False
    if len(names) == 4:
        return _centerface, frozenset(names[:3]).__contains__, True
    raise UnreadableError(
        f"The file has the outputs {', '.join(names[:12])}, which no decoder of scanner reads.",
        "Name a detector with the heads of YuNet or CenterFace.",
    )


def from_bytes(model_id: str, data: bytes, threads: int = 0) -> Detector:
    """Load a detector.

    Args:
        model_id: The name to report.
        data: A serialised ONNX model.
        threads: How many ONNX Runtime may use; 0 is as many as there are cores.

    Raises:
        UnreadableError: the bytes are no ONNX model, or one with heads that cannot be read.
    """
    decode, keep, swap = _reader(graph.outputs(data))
    session = open_session(model_id, data, keep, threads)
    return Detector(model_id, hashlib.sha256(data).hexdigest(), session, decode, swap)


def open_session(
    model_id: str, data: bytes, keep: Callable[[str], bool], threads: int
) -> ort.InferenceSession:
    """Hand a network to ONNX Runtime, with the outputs of which `keep` is true.

    Raises:
        UnreadableError: it cannot be loaded.
    """
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    # Pictures come in two sizes, by turns; a plan of memory for each would hold both at once.
    options.enable_mem_pattern = False
    # Idle threads that spin would burn a core beside the decoder and the encoder.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(
            graph.open_input(data, keep), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime raises many kinds, none of them exported
        raise UnreadableError(f"ONNX Runtime cannot load {model_id}: {error}.") from error


@cache
def shipped(model_id: str, threads: int = 0) -> Detector:
    """Load a detector of the manifest, checked by its SHA-256; kept for the life of the process.

    Args:
        model_id: Its name there.
        threads: As `from_bytes` takes it.
    """
    return from_bytes(model_id, weights.load(weights.by_id(model_id)), threads)


def from_file(path: Path, threads: int = 0) -> Detector:
    """Load a detector that the user brings.

    Raises:
        UnreadableError: it cannot be read or used.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return from_bytes(path.name, data, threads)
    except UnreadableError as error:
        raise UnreadableError(
            f"{path} cannot be used as a detector. {error.message}", error.remedy
        ) from error


def at_size(picture: Picture, side: int, upscale: float) -> tuple[Picture, float]:
    """Resize so that the longer side is `side`, enlarging at most `upscale` times.

    Returns:
        The picture, and how much larger it became.
    """
    height, width = picture.shape[:2]
    scale = min(side / max(height, width), upscale)
    if scale == 1:
        return picture, 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how).astype(np.uint8, copy=False), scale
