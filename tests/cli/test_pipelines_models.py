"""Model files through the command line: item 6. Real files of each format, under names that say nothing."""

# ruff: noqa: E501 - tables of one file a line

import contextlib
import io
import json
import sys
import tempfile
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples.embedder import write_embedder
from tests.cli.pipelines import (
    ANALYSIS,
    DETECTION,
    HIGH,
    LOW,
    MEDIUM,
    RECOGNITION,
    Row,
    Scanned,
    check,
    check_complete,
    scan,
)
from tests.inspect.test_model_dlib import metric_network, shape_predictor
from tests.inspect.test_model_formats import (
    ARC,
    FC5,
    NORM,
    caffe,
    checkpoint,
    dense,
    field,
    ir,
    keras,
    node,
    safetensors,
    tflite,
)
from tests.inspect.test_model_onnx import model

FORMATS = (
    "onnx", "tflite", "openvino-ir", "keras-h5", "keras-zip", "tensorflow-pb", "saved-model", "pytorch-zip",
    "pytorch-legacy", "torchscript", "safetensors", "dlib", "caffe", "ncnn", "coreml", "tensorrt", "face-api-shards",
    "detector-by-heads", "classifier-by-labels", "known-by-hash",
)  # fmt: skip


def onnx_file(side: int, width: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.onnx"
        write_embedder(path, side=side, width=width)
        return path.read_bytes()


@contextlib.contextmanager
def torch_names() -> Iterator[None]:
    """The names that a checkpoint of PyTorch refers to, so that `pickle` can write it without PyTorch."""
    names = {"torch": "FloatStorage", "torch._utils": "_rebuild_tensor_v2"}
    with pytest.MonkeyPatch.context() as patch:
        for name, member in names.items():
            module = types.ModuleType(name)
            setattr(module, member, type(member, (), {"__module__": name, "__qualname__": member}))
            patch.setitem(sys.modules, name, module)
        yield


def torch_pickle(shapes: dict[str, tuple[int, ...]]) -> bytes:
    with torch_names():
        return checkpoint(shapes, wrap="state_dict")


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(
                name.replace("__", "/")
                .replace("_pkl", ".pkl")
                .replace("_py", ".py")
                .replace("_json", ".json"),
                data,
            )
    return out.getvalue()


IMAGENET = {"layer1.0.conv1.weight": (64, 64, 3, 3), "fc.weight": (1000, 512)}
SCRIPT = b"class Net(Module):\n  def forward(self, x): return x\n"
HDF5 = b"\x89HDF\r\n\x1a\n" + b"\0" * 3000


def hdf5(config: dict[str, object]) -> bytes:
    return HDF5 + json.dumps(config).encode() + b"\0" * 500


FACENET = keras(160, 3, dense(128), {"class_name": NORM["class_name"], "config": NORM["config"]})
CLASSES = keras(224, 3, dense(1000, "softmax"))
INCEPTION = node("input", "Placeholder") + node("InceptionResnetV1/Conv2d_1a_3x3/weights", "Const") + node("InceptionResnetV1/Conv2d_1a_3x3/Conv2D", "Conv2D", "input", "InceptionResnetV1/Conv2d_1a_3x3/weights") + node("embeddings", "Mul", "InceptionResnetV1/Conv2d_1a_3x3/Conv2D")  # fmt: skip
RESNET = node("input", "Placeholder") + node("resnet/Conv2D", "Conv2D", "input")


def saved_model(side: int, width: int, last: str) -> bytes:
    def tensor(name: bytes, *dims: int) -> bytes:
        return field(1, name) + field(
            2, field(1, name) + field(3, b"".join(field(2, field(1, d)) for d in dims))
        )

    signature = field(1, tensor(b"image", 1, side, side, 3)) + field(2, tensor(b"out", 1, width))
    meta = field(2, node("x", last)) + field(5, field(1, b"serving_default") + field(2, signature))
    return field(1, 1) + field(2, meta)


def coreml(side: int, output: bytes, size: bytes) -> bytes:
    image = field(1, b"image") + field(3, field(4, field(1, side) + field(2, side) + field(3, 20)))
    vector = field(1, output) + field(3, field(5, field(1, size)))
    return field(1, 4) + field(2, field(1, image) + field(10, vector))


def ncnn(last: str) -> str:
    return f"7767517\n3 3\nInput data 0 1 data 0=112 1=112 2=3\nInnerProduct fc1 1 1 data f 0={last}\nBatchNorm bn 1 1 f out\n"


def shards(*weights: tuple[str, list[int]]) -> str:
    made = [{"name": n, "shape": s, "dtype": "float32"} for n, s in weights]
    return json.dumps([{"weights": made, "paths": ["a-shard1"]}])


def pointer(oid: str) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 22466066\n"


CROP = "input_dim: 1 input_dim: 3 input_dim: 112 input_dim: 96"
EMOTIONS, PETS = "angry\nhappy\nsad\nneutral\n", "cat\ndog\nbird\nhorse\n"

MODELS = [
    Row("onnx", "stage2.onnx", onnx_file(112, 512), RECOGNITION, HIGH, "one vector of 512 out"),
    Row("onnx", "stage2.onnx", onnx_file(224, 1000)),
    Row("tflite", "m.tflite", tflite({"x": [1, 112, 112, 3]}, {"y": [1, 512]}, op=11), RECOGNITION, HIGH),
    Row("tflite", "m.tflite", tflite({"x": [1, 224, 224, 3]}, {"y": [1, 1001]}, op=25)),
    Row("openvino-ir", "m.xml", ir("net", "1,3,112,112", (1, 512), "NormalizeL2"), RECOGNITION, HIGH),
    Row("openvino-ir", "m.xml", ir("resnet-50", "1,3,224,224", (1, 1000), "SoftMax")),
    Row("keras-h5", "m.h5", hdf5(FACENET), RECOGNITION, HIGH),
    Row("keras-h5", "m.h5", hdf5(CLASSES)),
    Row("keras-zip", "m.keras", zipped(config_json=json.dumps(FACENET).encode(), metadata_json=b"{}"), RECOGNITION, HIGH),
    Row("keras-zip", "m.keras", zipped(config_json=json.dumps(CLASSES).encode(), metadata_json=b"{}")),
    Row("tensorflow-pb", "frozen.pb", INCEPTION, RECOGNITION, HIGH),
    Row("tensorflow-pb", "frozen.pb", RESNET),
    Row("saved-model", "net/saved_model.pb", saved_model(112, 512, "L2Normalize"), RECOGNITION, HIGH),
    Row("saved-model", "net/saved_model.pb", saved_model(224, 1000, "Softmax")),
    Row("pytorch-zip", "e.pth", zipped(archive__data_pkl=torch_pickle(ARC), archive__version=b"3\n"), RECOGNITION, HIGH),
    Row("pytorch-zip", "e.pth", zipped(archive__data_pkl=torch_pickle(IMAGENET), archive__version=b"3\n")),
    Row("pytorch-legacy", "e.pt", torch_pickle(ARC), RECOGNITION, HIGH),
    Row("pytorch-legacy", "e.pt", torch_pickle(IMAGENET)),
    Row("torchscript", "m.pt", zipped(m__data_pkl=torch_pickle(ARC), m__code__net_py=SCRIPT), RECOGNITION, HIGH),
    Row("torchscript", "m.pt", zipped(m__data_pkl=torch_pickle(IMAGENET), m__code__net_py=SCRIPT)),
    Row("safetensors", "model.safetensors", safetensors(ARC), RECOGNITION, HIGH),
    Row("safetensors", "model.safetensors", safetensors({"embeddings.word_embeddings.weight": (30522, 384)})),
    Row("dlib", "stage.dat", metric_network(), RECOGNITION, HIGH, "150x150"),
    Row("dlib", "gauge.dat", shape_predictor(7)),
    Row("caffe", "a.prototxt", caffe("net", CROP, FC5), RECOGNITION),
    Row("caffe", "a.prototxt", caffe("VGG_16", "input_dim: 1 input_dim: 3 input_dim: 224 input_dim: 224", FC5.replace("512", "1000"))),
    Row("ncnn", "m.param", ncnn("128"), RECOGNITION, HIGH),
    Row("ncnn", "m.param", ncnn("1000")),
    Row("coreml", "m.mlmodel", coreml(112, b"embedding", bytes([0x80, 0x04])), RECOGNITION, MEDIUM),
    Row("coreml", "m.mlmodel", coreml(224, b"classProbability", bytes([0xE8, 0x07]))),
    Row("tensorrt", "a.engine", b"ptrt\0\0\0\0" + b"\0arcface/fc1\0" * 3, RECOGNITION, LOW),
    Row("tensorrt", "a.engine", b"ptrt\0\0\0\0" + b"\0yolov8/surface\0" * 3, None, LOW),
    Row("face-api-shards", "a-weights_manifest.json", shards(("conv32_down/conv/filters", [3, 3, 3, 32]), ("fc", [256, 128])), RECOGNITION, HIGH),
    Row("face-api-shards", "a-weights_manifest.json", shards(("conv1/filters", [3, 3, 3, 32]), ("fc", [256, 1000]))),
    Row("detector-by-heads", "m.tflite", tflite({"x": [1, 128, 128, 3]}, {"r": [1, 896, 16], "c": [1, 896, 1]}), DETECTION, HIGH),
    Row("detector-by-heads", "m.onnx", model({"images": [1, 3, 640, 640]}, {"output0": [1, 84, 8400]}, ("Concat",))),
    Row("classifier-by-labels", "m.tflite", tflite({"x": [1, 48, 48, 3]}, {"y": [1, 4]}, op=25, labels=EMOTIONS), ANALYSIS, HIGH),
    Row("classifier-by-labels", "m.tflite", tflite({"x": [1, 48, 48, 3]}, {"y": [1, 4]}, op=25, labels=PETS)),
    Row("known-by-hash", "x.dat", pointer("55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"), RECOGNITION, HIGH),
    Row("known-by-hash", "x.dat", pointer("0" * 64)),
]  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("models"), MODELS)


@pytest.mark.parametrize("row", MODELS, ids=str)
def test_item_6_model_files(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


def test_the_reason_is_stated(scanned: Scanned) -> None:
    for row in MODELS:
        if row.capability:
            assert any(e["note"] for f in scanned.findings(row) for e in f["evidence"]), str(row)


def test_the_table_holds_the_whole_list() -> None:
    check_complete(MODELS, FORMATS)
