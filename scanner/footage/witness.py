"""Looks at what was redacted with a detector that had no part in it, and says where it saw a face.

Three questions: is there a face in a place that was covered; is there one outside every cover; and did the
witness see the faces that were covered, before they were? A witness that never says yes proves nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.footage.boxes import Boxes, areas, overlaps
from scanner.footage.cascade import Cascade
from scanner.footage.detect import Picture
from scanner.footage.manifest import Check, Manifest, TrackRecord, covers

FACE = 0.8
"""From this score on, what the witness sees in a covered place is a face that was missed."""
DOUBT = 0.6
"""From here on it is a doubt: a person should look, and nothing is held back for it."""
_BELOW = float(np.nextafter(FACE, 0))
ELSEWHERE = 0.95
"""Outside the covers, where a picture is full of things, only what it is this sure of is a doubt."""
_CROP, _CONTEXT, _BATCH = 96, 2.0, 16
_WHOLE = 1280
"""Whole pictures are looked at with their longer side at most this long."""
_HIDDEN = 0.5
"""A face of which this share lies under covers is a covered one."""


class Viewed(Protocol):
    """A frame or a still."""

    def picture(self, side: int, upscale: float) -> tuple[NDArray[np.uint8], float, float]:
        """Give the upright picture in BGR, and its ratios to full size."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A crop around a cover: of which frame, and where the cover lies in it."""

    frame: int
    crop: Picture
    cover: NDArray[np.float64]
    flat: bool


class Witness:
    """Remembers what it saw, frame by frame.

    Attributes:
        scores: Of the surest face in each covered place that was looked at, with its frame; 0 for none.
        whole: Frames that were looked at as a whole.
        outside: Those of them in which there was a face outside every cover.
    """

    def __init__(self, detector: Cascade) -> None:
        self.detector = detector
        self.scores: list[tuple[int, float]] = []
        self.whole: list[int] = []
        self.outside: list[int] = []
        self._waiting: list[_Place] = []

    def look_at_covers(self, index: int, frame: Viewed, boxes: Boxes, *, flat: bool = False) -> None:
        """Look at covered places with their surroundings, sooner or later.

        Args:
            index: Which frame.
            frame: The frame.
            boxes: The covered places.
            flat: Nothing can be seen in them, which was checked: a face that lies there for the most part is
                imagined, at a cover's edge, and a doubt at most.
        """
        full, across, down = frame.picture(1 << 20, 1.0)
        for box in boxes / np.array([across, down, across, down]):
            self._waiting.append(_place(index, full, box, flat=flat))
            if len(self._waiting) == _BATCH:
                self.flush()

    def look_around(self, index: int, frame: Viewed, boxes: Boxes) -> None:
        """Look at a whole picture, for faces that lie outside the covers."""
        pixels, across, down = frame.picture(_WHOLE, 1.0)
        found = self.detector.detect(pixels, ELSEWHERE).moved(across, down).boxes
        hidden = overlaps(found, boxes).sum(axis=1) / np.maximum(areas(found), 1)
        self.whole.append(index)
        if (hidden < _HIDDEN).any():
            self.outside.append(index)

    def flush(self) -> None:
        """Look at what waits."""
        if not self._waiting:
            return
        found = self.detector.detect_many(np.stack([p.crop for p in self._waiting]), DOUBT)
        for place, faces in zip(self._waiting, found, strict=True):
            middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
            inside = ((middles >= place.cover[:2]) & (middles <= place.cover[2:])).all(axis=1)
            hidden = overlaps(faces.boxes, place.cover[None])[:, 0] / np.maximum(areas(faces.boxes), 1)
            imagined = place.flat & (hidden >= _HIDDEN)
            scores = np.where(imagined, np.minimum(faces.scores, _BELOW), faces.scores)
            self.scores.append((place.frame, float(scores[inside].max(initial=0))))
        self._waiting.clear()

    def of_covers(self, asked: tuple[int, int] | None) -> Check:
        """Sum up what it saw in covered places.

        Args:
            asked: In how many places of the original it saw a face, of how many; None without an original.
        """
        self.flush()
        faces = [frame for frame, score in self.scores if score >= FACE]
        doubts = [frame for frame, score in self.scores if DOUBT <= score < FACE]
        said = [f"{len(self.scores)} areas looked at with {self.detector.id}, which had no part in it"]
        if asked is not None and asked[1]:
            said.append(f"in the original it saw a face in {asked[0]} of {asked[1]} such areas")
        if faces:
            said.append(f"faces in {len(faces)}, first in frame {faces[0]}")
        if doubts:
            said.append(f"unsure in {len(doubts)}, first in frame {doubts[0]}")
        return Check(
            name="no face in a covered area",
            passed=not faces,
            detail="; ".join(said),
            frames=tuple(sorted({*faces, *doubts})),
        )

    def of_surroundings(self, manifest: Manifest) -> Check:
        """Sum up what it saw outside the covers. It never fails: what it is sure of can still be a poster."""
        said = f"{len(self.whole)} whole pictures looked at"
        if self.outside:
            said += f"; something like a face in {len(self.outside)}, first in frame {self.outside[0]}"
        # Where a person left faces visible, seeing them is no doubt.
        meant = bool(manifest.visible)
        if self.outside and meant:
            said += ", where a person left something visible"
        return Check(
            name="no face outside the covers",
            passed=True,
            detail=said,
            frames=() if meant else tuple(self.outside),
        )


def ask_about(
    tracks: Sequence[TrackRecord], frame: Callable[[int], Viewed], detector: Cascade, most: int
) -> tuple[int, int]:
    """Look at places of an original that were covered: in the middle of each track, of at most so many.

    Returns:
        In how many the witness saw a face, and how many it looked at.
    """
    witness = Witness(detector)
    tracks = [t for t in tracks if t.boxes]
    chosen = tracks[:: max(1, -(-len(tracks) // most))]
    # In the order of the frames, so that each is decoded once.
    for at, track in sorted(((_middle(t), t) for t in chosen), key=lambda pair: pair[0]):
        witness.look_at_covers(at, frame(at), covers((track,))[at])
    witness.flush()
    return sum(score >= FACE for _, score in witness.scores), len(witness.scores)


def _middle(track: TrackRecord) -> int:
    return (track.first_frame + track.last_frame) // 2


def _place(index: int, full: Picture, box: NDArray[np.float64], *, flat: bool) -> _Place:
    middle = (box[:2] + box[2:]) / 2
    scale = _CROP / max(8.0, _CONTEXT * float((box[2:] - box[:2]).max()))
    matrix = np.array([[scale, 0, _CROP / 2 - middle[0] * scale], [0, scale, _CROP / 2 - middle[1] * scale]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    crop = cv2.warpAffine(full, matrix, (_CROP, _CROP), flags=how).astype(np.uint8, copy=False)
    half = (box[2:] - box[:2]) / 2 * scale
    return _Place(index, crop, np.concatenate([_CROP / 2 - half, _CROP / 2 + half]), flat)
