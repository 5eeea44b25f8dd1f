"""ONNX files judged by their structure: files as `onnx` writes them, and damaged ones."""

import contextlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from samples.embedder import write_embedder
from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Capability, Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.model import ModelInspector
from scanner.rules import RuleSet, load_rules

RULES = load_rules()


def look(artifact: Artifact, rules: RuleSet = RULES) -> list[Sighting]:
    inspector = ModelInspector()
    assert inspector.accepts(artifact)
    return list(inspector.inspect(artifact, rules))


def model(
    inputs: dict[str, list[int | str]],
    outputs: dict[str, list[int | str]],
    ops: tuple[str, ...] = ("Identity",),
    name: str = "main_graph",
    **props: str,
) -> bytes:
    """A graph that declares what goes in and out; its operations are a chain to the first output."""
    first, last = next(iter(inputs)), next(iter(outputs))
    steps = [first, *(f"t{i}" for i in range(len(ops) - 1)), last]
    nodes = [helper.make_node(op, [a], [b]) for op, a, b in zip(ops, steps, steps[1:], strict=False)]
    nodes += [helper.make_node("Identity", [first], [extra]) for extra in list(outputs)[1:]]
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
    )
    made = helper.make_model(graph)
    helper.set_model_props(made, props)
    return bytes(made.SerializeToString())


IMAGE = {"input": [1, 3, 112, 112]}


def roles(data: bytes, path: str = "weights/net.onnx") -> set[tuple[Capability, Confidence]]:
    return {(s.rule.capability, s.confidence) for s in look(Artifact(path, data=data))}


HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
RECOGNITION, DETECTION = Capability.FACE_RECOGNITION, Capability.FACE_DETECTION
VOICE = Capability.VOICE_RECOGNITION


def test_an_embedder_is_recognised_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "stage2.bin.onnx"
    write_embedder(path)
    (found,) = look(Artifact("stage2.bin.onnx", local=path))
    assert (found.rule.id, found.confidence) == ("model-face-embedding", HIGH)
    assert "one 112x112 colour picture in, one vector of 512 out" in found.note
    assert "normalised" in found.note


def test_an_embedder_without_a_suffix_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    write_embedder(path)
    assert [s.rule.id for s in look(Artifact("blob", local=path))] == ["model-face-embedding"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "ops", "expected"),
    [
        (IMAGE, {"fc1": [1, 512]}, ("Gemm", "BatchNormalization"), {(RECOGNITION, HIGH)}),
        ({"input": [1, 160, 160, 3]}, {"e": [1, 128]}, ("Gemm", "LpNormalization"), {(RECOGNITION, HIGH)}),
        ({"data": ["N", 3, 112, 112]}, {"fc1": ["N", 512]}, ("Flatten", "Gemm"), {(RECOGNITION, MEDIUM)}),
        ({"x": [1, 3, 55, 47]}, {"y": [1, 160]}, ("Gemm",), {(RECOGNITION, MEDIUM)}),
        ({"x": [1, 1, 128, 128]}, {"y": [1, 256]}, ("Gemm",), {(RECOGNITION, MEDIUM)}),
        # as many classes as people in a public set of faces
        ({"x": [1, 3, 224, 224]}, {"y": [1, 8631]}, ("Gemm",), {(RECOGNITION, HIGH)}),
        ({"feats": ["B", "T", 80]}, {"embs": ["B", 256]}, ("Gemm",), {(VOICE, MEDIUM)}),
        # could be a vector of anything
        ({"x": [1, 3, 224, 224]}, {"y": [1, 512]}, ("Gemm",), {(RECOGNITION, LOW)}),
    ],
)
def test_shapes_of_embedders(
    inputs: dict[str, list[int | str]],
    outputs: dict[str, list[int | str]],
    ops: tuple[str, ...],
    expected: set[tuple[Capability, Confidence]],
) -> None:
    assert roles(model(inputs, outputs, ops)) == expected


@pytest.mark.parametrize(
    ("inputs", "outputs", "ops"),
    [
        ({"data": [1, 3, 224, 224]}, {"logits": [1, 1000]}, ("Gemm",)),
        (IMAGE, {"probs": [1, 512]}, ("Gemm", "Softmax")),
        (IMAGE, {"logits": [1, 10]}, ("Gemm",)),
        ({"input_ids": [1, 128], "attention_mask": [1, 128]}, {"embedding": [1, 384]}, ("LpNormalization",)),
        ({"input_ids": ["N", "T"]}, {"embedding": ["N", 512]}, ("LpNormalization",)),
        ({"images": [1, 3, 640, 640]}, {"output0": [1, 84, 8400]}, ("Concat",)),
        ({"feats": [1, 80, 3000]}, {"logits": [1, 512]}, ("Gemm",)),
        ({"x": [1, 3, 256, 128]}, {"y": [1, 512]}, ("Gemm",)),
    ],
)
def test_networks_for_something_else_are_not_named(
    inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]], ops: tuple[str, ...]
) -> None:
    assert roles(model(inputs, outputs, ops)) == set()


YUNET = {
    f"{k}_{s}": [1, (640 // s) ** 2, c]
    for k, c in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))
    for s in (8, 16, 32)
}
SCRFD = {
    f"{k}{s}": [12800 * 64 // s**2, c]
    for k, c in (("score", 1), ("bbox", 4), ("kps", 10))
    for s in (8, 16, 32)
}


@pytest.mark.parametrize(
    "outputs",
    [
        YUNET,
        SCRFD,
        {"loc": [1, 16800, 4], "conf": [1, 16800, 2], "landms": [1, 16800, 10]},
        {"537": [1, 1, 8, 8], "538": [1, 2, 8, 8], "539": [1, 2, 8, 8], "540": [1, 10, 8, 8]},
        {"regressors": [1, 896, 16], "classificators": [1, 896, 1]},
    ],
)
def test_heads_of_face_detectors(outputs: dict[str, list[int | str]]) -> None:
    assert roles(model({"input": [1, 3, 640, 640]}, outputs)) == {(DETECTION, HIGH)}


def test_a_detector_of_plates_with_the_same_heads_is_none() -> None:
    data = model({"input": [1, 3, 240, 320]}, YUNET, name="license_plate_detection_lpd_yunet")
    assert roles(data) == set()


def test_classes_decide_what_a_yolo_finds() -> None:
    shape = {"images": [1, 3, 640, 640]}, {"output0": [1, 5, 8400]}
    assert roles(model(*shape, names="{0: 'face'}")) == {(DETECTION, HIGH)}
    assert roles(model(*shape, names="{0: 'person'}")) == set()


def test_classes_of_emotion() -> None:
    shape = {"input": [1, 3, 224, 224]}, {"logits": [1, 7]}
    emotions = "{0: 'angry', 1: 'disgust', 2: 'fear', 3: 'happy', 4: 'sad', 5: 'surprise', 6: 'neutral'}"
    assert roles(model(*shape, names=emotions)) == {(Capability.FACE_ANALYSIS, HIGH)}
    assert roles(model(*shape, names="{0: 'cat', 1: 'dog', 2: 'happy'}")) == set()


def test_weights_stored_outside_still_tell_the_shape(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    write_embedder(path)
    loaded = onnx.load(str(path))
    onnx.save(loaded, str(path), save_as_external_data=True, location="net.data", size_threshold=0)
    assert [s.confidence for s in look(Artifact("net.onnx", local=path))] == [HIGH]


def test_big_weights_are_skipped_and_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "big.onnx"
    big = numpy_helper.from_array(np.zeros((8, 1 << 20), np.float32), "table")
    graph = helper.make_graph(
        [helper.make_node("Identity", ["table"], ["y"])],
        "g",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [8, 1 << 20])],
        [big],
    )
    path.write_bytes(helper.make_model(graph).SerializeToString())
    import tracemalloc

    artifact = Artifact("big.onnx", local=path)
    tracemalloc.start()
    assert look(artifact) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_file_cut_short_is_not_tested(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    write_embedder(path)
    with pytest.raises(UnreadableError, match=r"net\.onnx"):
        look(Artifact("net.onnx", data=path.read_bytes()[:-700]))


_VALID = model(IMAGE, {"fc1": [1, 512]}, ("Gemm", "BatchNormalization"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        look(Artifact("net.onnx", data=b"\x08\x08" + data))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_VALID) - 1), st.integers(0, 255), st.integers(0, len(_VALID)))
def test_mutated_files_raise_nothing_else(at: int, byte: int, stop: int) -> None:
    data = bytearray(_VALID)
    data[at] = byte
    with contextlib.suppress(UnreadableError):
        look(Artifact("net.onnx", data=b"\x08" + bytes(data)[1:stop]))
