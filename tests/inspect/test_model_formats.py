"""Every other format of models, as its own programs write it; and files that only look like one."""

import contextlib
import io
import json
import pickle
import struct
import sys
import time
import types
import zipfile
from collections import OrderedDict
from collections.abc import Iterator

import flatbuffers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.model import ModelInspector
from scanner.rules import load_rules

RULES = load_rules()
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
Seen = list[tuple[str, Confidence]]
EMBEDDING: Seen = [("model-face-embedding", HIGH)]


def look(path: str, data: bytes) -> list[Sighting]:
    artifact = Artifact(path, data=data)
    inspector = ModelInspector()
    return list(inspector.inspect(artifact, RULES)) if inspector.accepts(artifact) else []


def seen(path: str, data: bytes) -> Seen:
    return [(s.rule.id, s.confidence) for s in look(path, data)]


# --- PyTorch ---


class _Tensor:
    def __init__(self, *shape: int) -> None:
        self.shape = shape


class _Storage:
    pass


@pytest.fixture(scope="module")
def torch_like() -> Iterator[None]:
    """The names that a checkpoint of PyTorch refers to, so that `pickle` can write it without PyTorch."""
    names = {"torch": ("FloatStorage",), "torch._utils": ("_rebuild_tensor_v2",)}
    for name, members in names.items():
        module = types.ModuleType(name)
        for member in members:
            made = type(member, (), {"__module__": name, "__qualname__": member})
            setattr(module, member, made)
        sys.modules[name] = module
    yield
    for name in names:
        del sys.modules[name]


def checkpoint(shapes: dict[str, tuple[int, ...]], *, wrap: str = "") -> bytes:
    rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: object) -> object:
            if isinstance(obj, _Storage):
                return ("storage", sys.modules["torch"].FloatStorage, "0", "cpu", 1)
            return None

        def reducer_override(self, obj: object) -> object:
            if isinstance(obj, _Tensor):
                return rebuild, (_Storage(), 0, obj.shape, (1,) * len(obj.shape), False, OrderedDict())
            return NotImplemented

    weights: object = OrderedDict((k, _Tensor(*v)) for k, v in shapes.items())
    out = io.BytesIO()
    Pickler(out, protocol=2).dump({wrap: weights, "epoch": 3} if wrap else weights)
    return out.getvalue()


def zipped(content: bytes, folder: str = "archive") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{folder}/data.pkl", content)
        archive.writestr(f"{folder}/data/0", b"\0" * 16)
        archive.writestr(f"{folder}/version", b"3\n")
    return out.getvalue()


ARC = {"layer1.0.conv1.weight": (64, 64, 3, 3), "fc.weight": (512, 25088), "features.weight": (512,)}
CHECKPOINTS: list[tuple[dict[str, tuple[int, ...]], Seen]] = [
    (ARC, EMBEDDING),
    ({"module.last_linear.weight": (512, 1792), "module.logits.weight": (8631, 512)}, EMBEDDING),
    ({"fc.weight": (8631, 2048)}, [("model-face-embedding", MEDIUM)]),
    (
        {"ClassHead.0.conv1x1.weight": (4, 64, 1, 1), "LandmarkHead.0.conv1x1.weight": (20, 64, 1, 1)},
        [("model-face-detector", HIGH)],
    ),
    ({"similarity_weight": (1,), "lstm.weight_ih_l0": (1024, 40)}, [("model-speaker-embedding", HIGH)]),
    (
        {"classification_headers.3.weight": (6, 256, 3, 3), "regression_headers.3.weight": (12, 256, 3, 3)},
        [("model-face-detector", MEDIUM)],
    ),
    (
        {"classification_headers.3.weight": (63, 256, 3, 3), "regression_headers.3.weight": (12, 256, 3, 3)},
        [],
    ),
    ({"classifier.0.weight": (4096, 25088), "classifier.6.weight": (1000, 4096)}, []),
    ({"fc.weight": (1000, 2048)}, []),
    ({"embeddings.word_embeddings.weight": (30522, 384)}, []),
]


@pytest.mark.usefixtures("torch_like")
@pytest.mark.parametrize(("shapes", "expected"), CHECKPOINTS)
def test_checkpoints_of_both_generations(shapes: dict[str, tuple[int, ...]], expected: Seen) -> None:
    content = checkpoint(shapes, wrap="state_dict")
    assert seen("epoch_3.pth", zipped(content)) == expected
    assert seen("epoch_3.pth", content) == expected
    # A zip without a suffix of PyTorch is opened as an archive, and its pickle is looked at by itself.
    assert seen("pytorch_model.bin!/archive/data.pkl", content) == expected


@pytest.mark.usefixtures("torch_like")
def test_a_checkpoint_cut_short_is_not_tested() -> None:
    with pytest.raises(UnreadableError, match=r"w\.pth"):
        look("w.pth", checkpoint(ARC)[:-30])
    with pytest.raises(UnreadableError, match=r"w\.pt"):
        look("w.pt", zipped(checkpoint(ARC))[:-60])


def safetensors(shapes: dict[str, tuple[int, ...]]) -> bytes:
    header = {k: {"dtype": "F32", "shape": list(v), "data_offsets": [0, 4]} for k, v in shapes.items()}
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + b"\0" * 4


@pytest.mark.parametrize(("shapes", "expected"), CHECKPOINTS)
def test_safetensors(shapes: dict[str, tuple[int, ...]], expected: Seen) -> None:
    assert seen("model.safetensors", safetensors(shapes)) == expected


# --- TensorFlow Lite ---


def tflite(
    inputs: dict[str, list[int]], outputs: dict[str, list[int]], op: int = 9, labels: str = ""
) -> bytes:
    """A model with one operator, built by flatbuffers' own builder."""
    b = flatbuffers.Builder(0)

    def ints(values: list[int]) -> int:
        b.StartVector(4, len(values), 4)
        for v in reversed(values):
            b.PrependInt32(v)
        return int(b.EndVector())

    def offsets(values: list[int]) -> int:
        b.StartVector(4, len(values), 4)
        for v in reversed(values):
            b.PrependUOffsetTRelative(v)
        return int(b.EndVector())

    def table(size: int, **slots: int) -> int:
        b.StartObject(size)
        for slot, value in slots.items():
            b.PrependUOffsetTRelativeSlot(int(slot[1:]), value, 0)
        return int(b.EndObject())

    tensors = []
    for name, shape in (*inputs.items(), *outputs.items()):
        text, dims = b.CreateString(name), ints(shape)
        tensors.append(table(8, f0=dims, f3=text))
    first, last = ints(list(range(len(inputs)))), ints(list(range(len(inputs), len(tensors))))
    operator = table(9, f1=ints([0]), f2=ints([len(inputs)]))
    graph = table(5, f0=offsets(tensors), f1=first, f2=last, f3=offsets([operator]))
    b.StartObject(4)
    b.PrependInt8Slot(0, op, 0)
    b.PrependInt32Slot(3, op, 0)
    code = b.EndObject()
    b.Finish(table(8, f1=offsets([code]), f2=offsets([graph])), b"TFL3")
    data = bytes(b.Output())
    if not labels:
        return data
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("labels.txt", labels)
    return data + behind.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (tflite({"x": [1, 112, 112, 3]}, {"y": [1, 512]}, op=11), EMBEDDING),
        (tflite({"x": [1, 160, 160, 3]}, {"y": [1, 128]}), [("model-face-embedding", MEDIUM)]),
        (
            tflite({"x": [1, 128, 128, 3]}, {"r": [1, 896, 16], "c": [1, 896, 1]}),
            [("model-face-detector", HIGH)],
        ),
        (
            tflite({"x": [1, 192, 192, 3]}, {"y": [1, 1, 1, 1404], "s": [1, 1, 1, 1]}),
            [("model-face-landmarks", HIGH)],
        ),
        (
            tflite({"x": [1, 48, 48, 3]}, {"y": [1, 4]}, op=25, labels="angry\nhappy\nsad\nneutral\n"),
            [("model-face-analysis", HIGH)],
        ),
        # MediaPipe's palms and poses, a classifier of everything
        (tflite({"x": [1, 192, 192, 3]}, {"r": [1, 2016, 18], "c": [1, 2016, 1]}), []),
        (tflite({"x": [1, 224, 224, 3]}, {"y": [1, 1001]}, op=25), []),
        (tflite({"x": [1, 224, 224, 3]}, {"y": [1, 4]}, op=25, labels="cat\ndog\nbird\nhappy\n"), []),
    ],
)
def test_tensorflow_lite(data: bytes, expected: Seen) -> None:
    assert seen("m.tflite", data) == expected


# --- Graphs in text ---


def ir(name: str, shape: str, out: tuple[int, ...], op: str = "MatMul") -> bytes:
    dims = "".join(f"<dim>{d}</dim>" for d in out)
    return (
        f'<?xml version="1.0"?><net name="{name}" version="11"><layers>'
        f'<layer id="0" name="data" type="Parameter"><data shape="{shape}" element_type="f32"/></layer>'
        f'<layer id="1" name="out" type="{op}"><output><port id="1">{dims}</port></output></layer>'
        '<layer id="2" name="result" type="Result"/></layers>'
        '<edges><edge from-layer="0" to-layer="1"/><edge from-layer="1" to-layer="2"/></edges></net>'
    ).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ir("face-reidentification-retail-0095", "1,3,128,128", (1, 256, 1, 1)), EMBEDDING),
        (ir("net", "1,3,112,112", (1, 512), "NormalizeL2"), EMBEDDING),
        (
            ir("face-detection-0200", "1,3,256,256", (1, 1, 200, 7), "DetectionOutput"),
            [("model-face-detector", HIGH)],
        ),
        (
            ir("emotions-recognition-retail", "1,3,64,64", (1, 5, 1, 1), "SoftMax"),
            [("model-face-analysis", HIGH)],
        ),
        (ir("person-reidentification-retail", "1,3,256,128", (1, 256)), [("model-person-reid", MEDIUM)]),
        (ir("vehicle-license-plate-detection", "1,3,300,300", (1, 1, 200, 7), "DetectionOutput"), []),
        (ir("resnet-50", "1,3,224,224", (1, 1000), "SoftMax"), []),
    ],
)
def test_openvino(data: bytes, expected: Seen) -> None:
    assert seen("m.xml", data) == expected


def keras(side: int, channels: int, *layers: dict[str, object]) -> dict[str, object]:
    first = {
        "class_name": "InputLayer",
        "config": {"name": "in", "batch_input_shape": [None, side, side, channels]},
    }
    return {"class_name": "Functional", "config": {"name": "model", "layers": [first, *layers]}}


def dense(units: int, activation: str = "linear") -> dict[str, object]:
    return {"class_name": "Dense", "config": {"name": "d", "units": units, "activation": activation}}


NORM = {"class_name": "BatchNormalization", "config": {"name": "Bottleneck_BatchNorm"}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (keras(160, 3, dense(128), NORM), EMBEDDING),
        (keras(48, 1, dense(7, "softmax")), [("model-face-analysis", MEDIUM)]),
        (keras(28, 1, dense(10, "softmax")), []),
        (keras(224, 3, dense(1000, "softmax")), []),
    ],
)
def test_keras_in_hdf5_and_alone(config: dict[str, object], expected: Seen) -> None:
    text = json.dumps(config).encode()
    assert seen("m.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 3000 + text + b"\0" * 500) == expected
    assert seen("m.keras!/config.json", text) == expected
    assert seen("model.json", json.dumps({"modelTopology": {"model_config": config}}).encode()) == expected


def test_weights_of_facenet_without_a_graph() -> None:
    parts = b"\0Block35_1_Branch_0_Conv2d_1x1\0\0Bottleneck\0\0Bottleneck_BatchNorm\0"
    assert seen("w.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 64 + parts) == EMBEDDING
    assert seen("w.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 64 + b"\0Bottleneck\0block5_conv1\0") == []


def caffe(name: str, dims: str, last: str) -> bytes:
    return (
        f'name: "{name}"\ninput: "data"\n{dims}\nlayer {{ name: "c" type: "Convolution" }}\n{last}\n'.encode()
    )


FC5 = 'layer { name: "fc5" type: "InnerProduct" inner_product_param { num_output: 512 } }'


def test_caffe_and_ncnn() -> None:
    dims = "input_dim: 1 input_dim: 3 input_dim: 112 input_dim: 96"
    assert seen("a.prototxt", caffe("sphereface_20", dims, FC5)) == EMBEDDING
    big = "input_dim: 1 input_dim: 3 input_dim: 224 input_dim: 224"
    assert seen("a.prototxt", caffe("VGG_16", big, FC5.replace("512", "1000"))) == []
    assert seen("solver.prototxt", b'net: "train.prototxt"\nbase_lr: 0.01\n') == []
    param = "7767517\n3 3\nInput data 0 1 data 0=112 1=112 2=3\n"
    param += "InnerProduct fc1 1 1 data f 0=128\nBatchNorm bn 1 1 f out\n"
    assert seen("mobile.param", param.encode()) == EMBEDDING
    assert (
        seen("mobile.param", param.replace("0=128 ", "0=1000 ").replace("0=128\n", "0=1000\n").encode()) == []
    )


def test_parts_that_only_one_detector_has() -> None:
    dims = "input_dim: 1 input_dim: 3 input_dim: 300 input_dim: 300"
    ssd = (
        'layer { name: "layer_64_1_conv1_h" type: "Convolution" }\nlayer { name: "detection_out" type: "X" }'
    )
    assert seen("deploy.prototxt", caffe("net", dims, ssd)) == [("model-face-detector", MEDIUM)]
    assert seen("deploy.prototxt", caffe("net", dims, ssd.replace("layer_64_1", "conv4_3"))) == []
    rpn = "7767517\n2 2\nInput data 0 1 data 0=-1 1=-1 2=3\nSoftmax face_rpn_cls_prob_stride32 1 1 data out\n"
    assert seen("mnet.param", rpn.encode()) == [("model-face-detector", HIGH)]


def converted(weights: dict[str, dict[str, np.ndarray]]) -> bytes:
    out = io.BytesIO()
    np.save(out, np.array(weights, dtype=object), allow_pickle=True)
    return out.getvalue()


def test_weights_that_a_converter_kept_in_a_numpy_file() -> None:
    last = {"conv6-3": {"weights": np.zeros((256, 10), np.float32), "biases": np.zeros(10, np.float32)}}
    assert seen("det3.npy", converted(last)) == [("model-face-detector", HIGH)]
    other = {"conv6-3": {"weights": np.zeros((256, 64), np.float32)}}
    assert seen("det3.npy", converted(other)) == []
    assert look("plain.npy", np.zeros(3).tobytes()) == []


def symbol(*nodes: tuple[str, str, int, dict[str, str]]) -> bytes:
    made = [{"op": o, "name": n, "inputs": [[i, 0, 0]] if i >= 0 else [], "attrs": a} for o, n, i, a in nodes]
    return json.dumps({"nodes": made, "heads": [[len(nodes) - 1, 0, 0]]}).encode()


def test_mxnet() -> None:
    data = ("null", "data", -1, {})
    arc = (data, ("FullyConnected", "pre_fc1", 0, {"num_hidden": "512"}), ("BatchNorm", "fc1", 1, {}))
    assert seen("model-symbol.json", symbol(*arc)) == EMBEDDING
    logits = (data, ("FullyConnected", "fc1", 0, {"num_hidden": "1000"}), ("SoftmaxOutput", "softmax", 1, {}))
    assert seen("model-symbol.json", symbol(*logits)) == []
    rpn = (data, ("Convolution", "face_rpn_cls_score_stride32", 0, {}))
    assert seen("R50-symbol.json", symbol(*rpn)) == [("model-face-detector", HIGH)]
    assert seen("graph.json", json.dumps({"nodes": [{"op": 3, "name": "fc1"}], "heads": 4}).encode()) == []


def test_cascades_are_told_apart_by_their_names() -> None:
    text = b'<?xml version="1.0"?><opencv_storage><cascade type_id="opencv-cascade-classifier"/>'
    assert seen("haarcascade_frontalface_alt2.xml", text) == [("model-face-detector", MEDIUM)]
    for name in ("haarcascade_frontalcatface.xml", "haarcascade_russian_plate_number.xml", "cars.xml"):
        assert seen(name, text) == []


def field(number: int, value: bytes | int) -> bytes:
    def varint(n: int) -> bytes:
        out = b""
        while n > 0x7F:
            out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
        return out + bytes([n])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(name: str, op: str, *inputs: str) -> bytes:
    return field(
        1, field(1, name.encode()) + field(2, op.encode()) + b"".join(field(3, i.encode()) for i in inputs)
    )


def test_tensorflow_graphs() -> None:
    facenet = (
        node("input", "Placeholder")
        + node("InceptionResnetV1/Conv2d_1a_3x3/weights", "Const")
        + node(
            "InceptionResnetV1/Conv2d_1a_3x3/Conv2D",
            "Conv2D",
            "input",
            "InceptionResnetV1/Conv2d_1a_3x3/weights",
        )
        + node("embeddings", "Mul", "InceptionResnetV1/Conv2d_1a_3x3/Conv2D")
    )
    assert seen("20180402-114759.pb", facenet) == EMBEDDING
    other = node("input", "Placeholder") + node("resnet/Conv2D", "Conv2D", "input")
    assert seen("frozen.pb", other) == []
    assert seen("descriptor.pb", field(1, field(1, b"google/api.proto") + field(2, b"google.api"))) == []

    def tensor(name: bytes, *dims: int) -> bytes:
        shape = b"".join(field(2, field(1, d)) for d in dims)
        return field(1, name) + field(2, field(1, name) + field(3, shape))

    signature = field(1, tensor(b"image", 1, 112, 112, 3)) + field(2, tensor(b"vector", 1, 512))
    meta = field(2, node("x", "L2Normalize")) + field(5, field(1, b"serving_default") + field(2, signature))
    assert seen("net/saved_model.pb", field(1, 1) + field(2, meta)) == EMBEDDING


def test_core_ml() -> None:
    def feature(name: bytes, kind: bytes) -> bytes:
        return field(1, name) + field(3, kind)

    image = feature(b"image", field(4, field(1, 112) + field(2, 112) + field(3, 20)))
    vector = feature(b"embedding", field(5, field(1, bytes([0x80, 0x04]))))
    assert seen("m.mlmodel", field(1, 4) + field(2, field(1, image) + field(10, vector))) == [
        ("model-face-embedding", MEDIUM)
    ]
    labels = b"".join(field(1, e) for e in (b"angry", b"happy", b"sad", b"neutral"))
    emotion = field(1, 4) + field(2, field(1, image)) + field(403, field(100, labels))
    assert seen("m.mlmodel", emotion) == [("model-face-analysis", HIGH)]


def test_engines_are_read_as_far_as_their_names() -> None:
    assert seen("a.engine", b"ptrt\0\0\0\0" + b"\0arcface/fc1\0" * 3) == [("model-face-embedding", LOW)]
    assert seen("a.engine", b"ptrt\0\0\0\0" + b"\0yolov8/conv\0" * 3) == []


def test_text_and_sound_are_no_faces() -> None:
    labels = {str(i): n for i, n in enumerate(("angry", "happy", "sad", "neutral"))}
    for kind, expected in (
        ("ViTForImageClassification", 1),
        ("Wav2Vec2ForAudioClassification", 0),
        ("BertForSequenceClassification", 0),
    ):
        config = json.dumps({"architectures": [kind], "id2label": labels}).encode()
        assert len(look("config.json", config)) == expected, kind


@pytest.mark.parametrize("name", ["m.tflite", "m.xml", "m.safetensors"])
def test_damage_is_not_tested(name: str) -> None:
    valid = {
        "m.tflite": tflite({"x": [1, 112, 112, 3]}, {"y": [1, 512]}),
        "m.xml": ir("n", "1,3,112,112", (1, 512)),
        "m.safetensors": safetensors(ARC),
    }[name]
    with pytest.raises(UnreadableError, match=name):
        look(name, valid[: len(valid) // 2])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.prototxt", b"a" * 3_000_000),
        ("b.prototxt", (b"a" + b" " * 2000) * 1500),
        ("c.prototxt", b"layer { " * 300_000),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + b'{"config": {' * 200_000),
        ("a.param", b"7767517\n" + b"Input a 0 1 a\n" * 200_000),
        ("a.pb", b"\x0a\x00" * 1_000_000),
        ("a.safetensors", struct.pack("<Q", 2_000_000) + b'{"a":' * 400_000),
    ],
)
def test_hostile_files_end_soon(name: str, data: bytes) -> None:
    begun = time.process_time()
    with contextlib.suppress(UnreadableError):
        assert look(name, data) == []
    assert time.process_time() - begun < 5


_FILES = {
    "m.tflite": tflite({"x": [1, 112, 112, 3]}, {"y": [1, 512]}, labels="a\nb\n"),
    "m.safetensors": safetensors(ARC),
    "m.h5": b"\x89HDF\r\n\x1a\n" + json.dumps(keras(160, 3, dense(128), NORM)).encode(),
    "m.prototxt": caffe("n", "input_dim: 1 input_dim: 3 input_dim: 112 input_dim: 96", FC5),
    "saved_model.pb": field(1, 1) + field(2, field(2, node("x", "Mul")) + field(5, field(2, field(1, b"")))),
    "m.mlmodel": field(1, 4) + field(2, field(1, field(1, b"image"))),
    "m.param": b"7767517\n2 2\nInput data 0 1 data 0=112 1=112 2=3\nInnerProduct fc1 1 1 data f 0=128\n",
    "m.pt": zipped(pickle.dumps({"a": [1, (2, 3)]}, protocol=2)),
    "m.pth": pickle.dumps({"a": [1, (2, 3)], "b": OrderedDict(c=1)}, protocol=2),
    "model.json": json.dumps(
        {"modelTopology": {}, "weightsManifest": [{"weights": [{"name": "a", "shape": [1]}]}]}
    ).encode(),
    "config.json": json.dumps(
        {"architectures": ["ViTForImageClassification"], "id2label": {"0": "a"}}
    ).encode(),
    "m.xml": ir("n", "1,3,112,112", (1, 512)),
    "s.json": symbol(("null", "data", -1, {}), ("FullyConnected", "fc1", 0, {"num_hidden": "512"})),
}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(_FILES)), st.data())
def test_mutated_files_raise_nothing_else(name: str, data: st.DataObject) -> None:
    changed = bytearray(_FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableError):
        look(name, bytes(changed[: data.draw(st.integers(1, len(changed)))]))
