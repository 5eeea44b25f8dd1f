"""Chooses the reader of a model file: by content where the format has a mark, by name where it has none."""

from collections.abc import Callable
from pathlib import PurePosixPath

from scanner.discover.artifact import Artifact
from scanner.inspect.model.dlib import looks_like_dlib, read_dlib
from scanner.inspect.model.network import Network
from scanner.inspect.model.onnx import looks_like_onnx, read_onnx
from scanner.inspect.reading import Reading

Reader = Callable[[Reading], Network | None]

_BY_KIND: dict[str, Reader] = {
    "onnx": read_onnx,
}
_UNMARKED = frozenset({"binary", "dlib", "tensorflow", "caffe", "coreml", "pickle", "tensorrt"})
"""Kinds that a name or nothing decided: the content is asked again."""
SUFFIXES = frozenset(
    (
        *(".onnx", ".ort", ".tflite", ".pb", ".h5", ".hdf5", ".keras", ".pt", ".pth", ".ckpt", ".bin"),
        *(".jit", ".torchscript", ".safetensors", ".dat", ".caffemodel", ".prototxt", ".param", ".mlmodel"),
        *(".engine", ".plan", ".trt", ".t7", ".csta", ".xml", ".svm", ".rknn", ".hef", ".nb", ".mnn"),
        *(".uff", ".etlt", ".weights"),
    )
)
"""Suffixes under which weights are kept; a name is a hint only on such a file."""


def suffix_of(artifact: Artifact) -> str:
    """Give the suffix in lower case."""
    return PurePosixPath(artifact.name.lower()).suffix


def reader_of(artifact: Artifact) -> Reader | None:
    """Give the reader for an artifact; None when it is no model that we can read."""
    kind, head = artifact.kind, artifact.head
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if kind in _UNMARKED:
        if looks_like_dlib(head):
            return read_dlib
        if looks_like_onnx(head):
            return read_onnx
    return None
