"""Chooses the reader of a model file: by content where the format has a mark, by name where it has none."""

from collections.abc import Callable

from scanner.discover.artifact import Artifact
from scanner.discover.kind import is_text
from scanner.inspect.model.caffe import looks_like_ncnn, read_caffemodel, read_ncnn, read_prototxt
from scanner.inspect.model.checkpoint import (
    looks_like_array_of_objects,
    looks_like_safetensors,
    read_array_of_objects,
    read_manifest,
    read_pytorch,
    read_safetensors,
)
from scanner.inspect.model.dlib import looks_like_dlib, read_dlib
from scanner.inspect.model.keras import looks_like_keras_json, read_hdf5, read_keras_json
from scanner.inspect.model.mxnet import looks_like_symbol, read_symbol
from scanner.inspect.model.network import Network
from scanner.inspect.model.onnx import looks_like_onnx, read_onnx
from scanner.inspect.model.openvino import looks_like_cascade, looks_like_ir, read_cascade, read_ir
from scanner.inspect.model.other import (
    looks_like_recognizer,
    looks_like_transformer,
    read_coreml,
    read_engine,
    read_recognizer,
    read_transformer,
)
from scanner.inspect.model.tensorflow import looks_like_tfjs, read_graph, read_tfjs
from scanner.inspect.model.tflite import read_tflite
from scanner.inspect.pickled import looks_like_pickle
from scanner.inspect.reading import Reading

Reader = Callable[[Reading], Network | None]
Look = tuple[Callable[[bytes], bool], Reader]

_BY_KIND: dict[str, Reader] = {
    "onnx": read_onnx,
    "tflite": read_tflite,
    "pytorch": read_pytorch,
    "hdf5": read_hdf5,
    "keras": read_hdf5,
    "safetensors": read_safetensors,
    "tensorrt": read_engine,
    "coreml": read_coreml,
}
_BY_LOOK: dict[str, tuple[Look, ...]] = {
    "yaml": ((looks_like_recognizer, read_recognizer),),
    "xml": (
        (looks_like_recognizer, read_recognizer),
        (looks_like_ir, read_ir),
        (looks_like_cascade, read_cascade),
    ),
    "json": (
        (looks_like_recognizer, read_recognizer),
        (looks_like_tfjs, read_tfjs),
        (looks_like_keras_json, read_keras_json),
        (looks_like_symbol, read_symbol),
        (looks_like_transformer, read_transformer),
        (lambda head: head.lstrip().startswith(b"[") and b'"weights"' in head[:64], read_manifest),
    ),
    "ncnn": ((looks_like_ncnn, read_ncnn),),
    "text": ((looks_like_ncnn, read_ncnn),),
    "pickle": ((looks_like_pickle, read_pytorch),),
    "numpy": ((looks_like_array_of_objects, read_array_of_objects),),
}
_UNMARKED = frozenset({"binary", "dlib", "tensorflow", "caffe", "pickle"})
"""Kinds that a name or nothing decided: the content is asked again."""
SUFFIXES = frozenset(
    (
        *(".onnx", ".ort", ".tflite", ".pb", ".h5", ".hdf5", ".keras", ".pt", ".pth", ".ckpt", ".bin"),
        *(".jit", ".torchscript", ".safetensors", ".dat", ".caffemodel", ".prototxt", ".param", ".mlmodel"),
        *(".engine", ".plan", ".trt", ".t7", ".csta", ".svm", ".rknn", ".hef", ".nb", ".mnn"),
        *(".uff", ".etlt", ".weights"),
    )
)
"""Suffixes under which weights are kept; a name is a hint only on such a file."""


def suffix_of(artifact: Artifact) -> str:
    """Give the suffix in lower case."""
    stem, dot, suffix = artifact.name.lower().rpartition(".")
    return dot + suffix if stem else ""


def reader_of(artifact: Artifact) -> Reader | None:
    """Give the reader for an artifact; None when it is no model that we can read."""
    kind, head = artifact.kind, artifact.head
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    for looks, reader in _BY_LOOK.get(kind, ()):
        if looks(head):
            return reader
    if kind == "caffe" and is_text(head):
        return read_prototxt
    if kind in _UNMARKED:
        for looks, reader in _UNMARKED_LOOKS:
            if looks(head):
                return reader
    return {"tensorflow": read_graph, "caffe": read_caffemodel}.get(kind)


_UNMARKED_LOOKS: tuple[Look, ...] = (
    (looks_like_dlib, read_dlib),
    (looks_like_safetensors, read_safetensors),
    (looks_like_onnx, read_onnx),
)
