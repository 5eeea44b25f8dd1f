"""The witness's detector: what it sees at which size, and that no landmark comes out of it."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from skimage import data

from scanner.errors import UnreadableError
from scanner.footage import weights
from scanner.footage.boxes import iou
from scanner.footage.cascade import Cascade, witness

_FACE = np.array([[180.0, 60.0, 270.0, 178.0]])


def _portrait(side: int) -> np.ndarray:
    picture = np.ascontiguousarray(data.astronaut()[..., ::-1])
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("side", [512, 300, 110])
def test_a_face_is_found_at_any_size(side: int) -> None:
    found = witness().detect(_portrait(side), 0.95)
    assert iou(found.boxes, _FACE * side / 512).max() > 0.6
    assert len(found.boxes) == 1


def test_a_batch_gives_what_single_pictures_give_and_nothing_for_nothing() -> None:
    pictures = np.stack([_portrait(128), _portrait(128)[:, ::-1], np.zeros((128, 128, 3), np.uint8)])
    many = witness().detect_many(pictures, 0.6)
    assert [len(f.boxes) for f in many] == [1, 1, 0]
    for picture, found in zip(pictures, many, strict=True):
        alone = witness().detect(picture, 0.6)
        assert np.allclose(alone.boxes, found.boxes, atol=0.05)
        assert np.allclose(alone.scores, found.scores, atol=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (19, 400), (400, 19), (3000, 20)])
def test_a_picture_too_small_for_a_face_holds_none(size: tuple[int, int]) -> None:
    assert not len(witness().detect(np.full((*size, 3), 128, np.uint8), 0.5).boxes)


def test_a_face_cut_by_the_edge_is_seen_and_its_box_stays_inside() -> None:
    half = _portrait(300)[:, 132:]  # of the face, which ends at 158, less than a third is cut off
    cut = _portrait(300)[:, 118:]
    assert not len(witness().detect(np.ascontiguousarray(half[:, 40:]), 0.8).boxes)
    found = witness().detect(np.ascontiguousarray(cut), 0.8)
    assert len(found.boxes)
    assert (found.boxes >= 0).all()


def test_landmarks_are_cut_off() -> None:
    stored = onnx.load_from_string(weights.load(weights.by_id("mtcnn-onet")))
    heads = {o.name: o.type.tensor_type.shape.dim[-1].dim_value for o in stored.graph.output}
    landmarks = {name for name, width in heads.items() if width == 10}
    assert landmarks, "the stored network has such a head"
    loaded = {o.name for o in witness()._judges.session.get_outputs()}
    assert loaded == set(heads) - landmarks


def test_another_network_in_its_place_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(weights.folder(), tmp_path / "models")
    monkeypatch.setattr(weights, "folder", lambda: tmp_path / "models")
    path = tmp_path / "models" / "weights" / "mtcnn_rnet.onnx"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(UnreadableError, match="mtcnn-rnet"):
        witness.__wrapped__()


def test_its_hash_is_of_the_files_one_after_the_other() -> None:
    loaded: Cascade = witness()
    card = (weights.folder() / "cards" / "mtcnn.md").read_text()
    assert loaded.sha256 in card
