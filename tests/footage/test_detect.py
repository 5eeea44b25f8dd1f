"""Detectors: the graph rewriting, the reading of heads, agreement with an independent decoder, weights."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from scanner.errors import UnreadableError
from scanner.footage import detect, graph, weights
from scanner.footage.boxes import iou
from tests.footage.conftest import Cli

_FACE = np.array([[180.0, 60.0, 270.0, 178.0]])


def _portrait(side: int) -> np.ndarray:
    picture = np.ascontiguousarray(data.astronaut()[..., ::-1])
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("model", ["yunet-2023mar", "centerface"])
@pytest.mark.parametrize("side", [512, 300, 96])
def test_a_face_is_found_at_any_size(model: str, side: int) -> None:
    found = detect.shipped(model).detect(_portrait(side), 0.5)
    assert len(found.boxes) == 1
    assert iou(found.boxes, _FACE * side / 512).max() > 0.6


@pytest.mark.parametrize("model", ["yunet-2023mar", "centerface"])
def test_a_batch_gives_what_single_pictures_give(model: str) -> None:
    pictures = np.stack([_portrait(128), _portrait(128)[:, ::-1], np.zeros((128, 128, 3), np.uint8)])
    detector = detect.shipped(model)
    many = detector.detect_many(pictures, 0.4)
    assert [len(f.boxes) for f in many] == [1, 1, 0]
    for picture, found in zip(pictures, many, strict=True):
        alone = detector.detect(picture, 0.4)
        assert np.allclose(alone.boxes, found.boxes, atol=0.05)


def test_yunet_is_read_as_opencv_reads_it(tmp_path: Path) -> None:
    model = weights.by_id("yunet-2023mar")
    path = weights.folder() / "weights" / model.file
    peer = cv2.FaceDetectorYN.create(str(path), "", (320, 320), 0.5, 0.4)
    _, faces = peer.detect(_portrait(320))
    ours = detect.shipped(model.id).detect(_portrait(320), 0.5)
    x, y, w, h = faces[0][:4]
    assert iou(ours.boxes, np.array([[x, y, x + w, y + h]], dtype=np.float64)).max() > 0.95
    assert abs(ours.scores[0] - faces[0][14]) < 0.02


@pytest.mark.parametrize("model", ["yunet-2023mar", "centerface"])
def test_landmark_heads_are_cut_off(model: str) -> None:
    stored = weights.load(weights.by_id(model))
    shapes = {
        o.name: [d.dim_value for d in o.type.tensor_type.shape.dim]
        for o in onnx.load_from_string(stored).graph.output
    }
    landmarks = {name for name, shape in shapes.items() if 10 in (shape[-1], shape[1])}
    assert landmarks
    session = detect.shipped(model)._session
    assert landmarks.isdisjoint(o.name for o in session.get_outputs())


def test_the_rewritten_graph_is_sound_and_gives_the_same_numbers() -> None:
    stored = weights.load(weights.by_id("yunet-2023mar"))
    opened = graph.open_input(stored, lambda name: not name.startswith("kps"))
    model = onnx.load_from_string(opened)
    onnx.checker.check_model(model)
    dims = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    assert dims == ["batch", 3, "height", "width"]
    picture = np.random.default_rng(3).random((1, 3, 640, 640), dtype=np.float32) * 255
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    before, after = (
        onnxruntime.InferenceSession(b, quiet, providers=["CPUExecutionProvider"]) for b in (stored, opened)
    )
    for name in ("cls_8", "bbox_32"):
        assert np.allclose(
            before.run([name], {"input": picture})[0], after.run([name], {"input": picture})[0], atol=1e-5
        )


@given(st.binary(max_size=200))
def test_bytes_that_are_no_model_are_refused_or_left_alone(noise: bytes) -> None:
    try:
        graph.open_input(noise, lambda _: True)
        graph.outputs(noise)
    except UnreadableError:
        pass


def test_a_model_of_another_kind_is_refused() -> None:
    with pytest.raises(UnreadableError, match="no decoder"):
        detect.from_bytes("x", b"")


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    shutil.copytree(weights.folder(), tmp_path / "models")
    monkeypatch.setattr(weights, "folder", lambda: tmp_path / "models")
    assert cli("models", "verify").code == 0
    assert "MIT" in cli("models", "list").out
    path = tmp_path / "models" / "weights" / "centerface.onnx"
    broken = bytearray(path.read_bytes())
    broken[5000] ^= 1
    path.write_bytes(broken)
    said = cli("models", "verify")
    assert said.code == 3
    assert "centerface" in said.err
    path.unlink()
    assert "missing" in cli("models", "verify").err


def test_every_model_has_a_card_and_is_a_face_detector() -> None:
    for model in weights.manifest():
        assert model.task == "face-detector"
        assert (weights.folder() / model.card).is_file()
        assert len(weights.load(model)) == model.bytes
