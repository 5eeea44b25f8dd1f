"""Writes the recognition parts of the pipeline that does not comply: a network, a gallery, a data store.

The network is a real one, small and with random weights: it runs, and it recognises nobody. The vectors in
the galleries are random as well. Needs `onnx`, a development dependency.
"""

import sqlite3
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH = 512
_SEED = 20261124


def write_embedder(
    path: Path, *, side: int = 112, width: int = WIDTH, name: str = "torch-jit-export"
) -> None:
    """Write an ONNX network: one `side` x `side` colour picture in, a normalised vector of `width` out."""
    rng = np.random.default_rng(_SEED)
    pooled = 16

    def weight(label: str, *shape: int) -> TensorProto:
        values = rng.normal(0, 0.1, shape).astype(np.float32)
        return numpy_helper.from_array(values, label)

    nodes = [
        helper.make_node("Conv", ["input", "conv1.weight"], ["c1"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("PRelu", ["c1", "prelu.weight"], ["r1"]),
        helper.make_node("Conv", ["r1", "conv2.weight"], ["c2"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["c2"], ["pool"]),
        helper.make_node("Flatten", ["pool"], ["flat"]),
        helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["fc"], transB=1),
        helper.make_node("LpNormalization", ["fc"], ["embedding"], axis=1, p=2),
    ]
    weights = [
        weight("conv1.weight", 8, 3, 3, 3),
        weight("prelu.weight", 8, 1, 1),
        weight("conv2.weight", pooled, 8, 3, 3),
        weight("fc.weight", width, pooled),
        weight("fc.bias", width),
    ]
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, width])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="samples")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))


def templates(count: int, width: int = WIDTH) -> npt.NDArray[np.float32]:
    """Give `count` random vectors of length 1, as a gallery of face templates holds them."""
    vectors = np.random.default_rng(_SEED + 1).normal(size=(count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write_gallery(path: Path, count: int = 12, width: int = WIDTH) -> None:
    """Write a gallery as numpy keeps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, templates(count, width), allow_pickle=False)


def write_store(path: Path, count: int = 5, width: int = WIDTH) -> None:
    """Write a data store with the table in which DeepStack keeps its registered faces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE TB_EMBEDDINGS(id INTEGER PRIMARY KEY, userid TEXT, embedding TEXT)")
        connection.executemany(
            "INSERT INTO TB_EMBEDDINGS(userid, embedding) VALUES (?, ?)",
            [(f"person-{i}", str(v.tolist())) for i, v in enumerate(templates(count, width))],
        )
    connection.close()
