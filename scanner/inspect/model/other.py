"""Reads what is left: Core ML, TensorRT (names only), Hugging Face configurations, OpenCV's recognisers."""

import re

from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.model.wire import Field, Wire
from scanner.inspect.reading import Reading, json_of

_STRINGS = re.compile(rb"[A-Za-z][A-Za-z0-9_./:-]{4,80}")
_ENGINE_SCAN = 4 * 1024 * 1024
_CLASSIFIERS = re.compile(r"For(?:Image|Audio|Video)Classification$|ForObjectDetection$")


def read_coreml(data: Reading) -> Network:
    """Read the interface of a Core ML model: features in and out, and class labels.

    Raises:
        UnreadableError: it is damaged.
    """
    wire = Wire(data)
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    words: list[str] = []
    labels: list[str] = []
    for item in wire.fields():
        if item.number == 2:
            for part in wire.inside(item):
                if part.number == 1:
                    inputs.append(_feature(wire, part))
                elif part.number == 10:
                    outputs.append(_feature(wire, part))
                elif part.number == 100:
                    words.extend(wire.text(f, 400) for f in wire.inside(part) if f.number in (1, 3))
        elif item.number in (403, 404):
            # A classifier; its labels are a vector of strings.
            for part in (f for f in wire.inside(item) if f.number == 100):
                labels.extend(wire.text(f, 100) for f in wire.inside(part) if f.number == 1)
    if not inputs and not outputs:
        raise data.damaged("is no Core ML model: it describes no features")
    return Network(
        "Core ML",
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        labels=tuple(labels),
        words=tuple(w.lower() for w in (*words, *(t.name for t in (*inputs, *outputs))) if w),
    )


def _feature(wire: Wire, message: Field) -> Tensor:
    name = ""
    shape: tuple[int, ...] = ()
    for item in wire.inside(message):
        if item.number == 1:
            name = wire.text(item, 200)
        elif item.number == 3:
            for kind in wire.inside(item):
                if kind.number == 4:
                    sizes = {f.number: f.value for f in wire.inside(kind) if not f.is_bytes}
                    channels = 1 if sizes.get(3) == 10 else 3
                    shape = (1, channels, sizes.get(2, -1) or -1, sizes.get(1, -1) or -1)
                elif kind.number == 5:
                    shape = tuple(d for f in wire.inside(kind) if f.number == 1 for d in wire.numbers(f))[:16]
    return Tensor(name, shape)


def read_engine(data: Reading) -> Network:
    """Read a TensorRT engine as far as it can be read without the library: the names that stand in it."""
    piece = data.upto(0, _ENGINE_SCAN)
    words = dict.fromkeys(s.decode().lower() for s in _STRINGS.findall(piece))
    return Network("TensorRT", words=tuple(words)[:20_000], traits=frozenset({"names-only"}))


def looks_like_transformer(head: bytes) -> bool:
    """Whether JSON is the configuration of a model on Hugging Face that classifies."""
    return b'"id2label"' in head and b'"architectures"' in head


def read_transformer(data: Reading) -> Network | None:
    """Read the classes of a model that takes pictures; one that takes text or sound has no faces to judge."""
    content = json_of(data, 4 * 1024 * 1024)
    if not isinstance(content, dict):
        return None
    kinds = content.get("architectures")
    labels = content.get("id2label")
    if not isinstance(kinds, list) or not isinstance(labels, dict):
        return None
    if not any(_CLASSIFIERS.search(str(k)) and "Audio" not in str(k) for k in kinds):
        return None
    boxes = any(str(k).endswith("ForObjectDetection") for k in kinds)
    return Network(
        "Transformers configuration",
        outputs=(Tensor("boxes", (1, -1, 4)), Tensor("logits", (1, -1, len(labels)))) if boxes else (),
        labels=tuple(str(v) for v in labels.values()),
    )


def looks_like_recognizer(head: bytes) -> bool:
    """Whether it is a face recogniser that OpenCV trained and saved: LBPH, Eigenfaces or Fisherfaces."""
    return bool(_RECOGNIZER.search(head))


def read_recognizer(data: Reading) -> Network:
    """Tell which; the histograms and labels that follow are not read."""
    found = _RECOGNIZER.search(data.upto(0, 8192))
    return Network(
        "OpenCV", words=(found[0].decode() if found else "",), traits=frozenset({"face-recognizer"})
    )


_RECOGNIZER = re.compile(rb"opencv_(?:lbphfaces|eigenfaces|fisherfaces)\b")
