"""Recognises networks that find faces or their landmarks, by their heads."""

from scanner.findings import Confidence
from scanner.inspect.model.network import Judgement, Network, Picture, Tensor, picture, shown
from scanner.inspect.model.words import (
    says_face,
    says_finder,
    says_plates,
    says_points,
)

_DETECTOR, _LANDMARKS = "face-detector", "face-landmarks"
_BLAZE_ANCHORS = frozenset({896, 2304, 576})
_ULTRA_LIGHT_ANCHORS = frozenset({4420, 17640, 70560})
_MESH = {1404: 468, 1434: 478, 136: 68, 196: 98, 212: 106}
"""Lengths of a flat list of coordinates, and how many points of a face that is."""
_MEDIAPIPE = (1404, 1434)
_FACE_LABELS = frozenset(
    {"face", "faces", "human face", "human_face", "head_face", "background", "bg", "__background__"}
)


def look(network: Network, name: str) -> tuple[Judgement, ...]:
    """Judge a network by its outputs."""
    if "shape-predictor" in network.traits:
        return _shape_predictor(network, name)
    if "face-cascade" in network.traits:
        return (
            Judgement(
                "face-cascade", Confidence.MEDIUM, "an OpenCV cascade, named after a face or its parts"
            ),
        )
    if "mmod" in network.traits:
        return _mmod(name)
    inside = " ".join(network.words)
    if says_plates(inside) or says_plates(name):
        return ()
    heads = _heads(network)
    for found in (
        _by_labels(network, heads),
        _by_landmark_heads(network, named=says_finder(f"{inside} {name}")),
        _by_anchors(network, inside, name),
        _by_words(heads, inside, name),
        _by_parts(inside),
        _by_mesh(network, inside, name),
    ):
        if found:
            return (found,)
    return ()


def _shape_predictor(network: Network, name: str) -> tuple[Judgement, ...]:
    points = network.outputs[0].shape[0]
    named = says_points(name)
    if "face-shape" not in network.traits and not named:
        return ()
    sure = Confidence.HIGH if points in (5, 68) else Confidence.MEDIUM
    return (Judgement(_LANDMARKS, sure, f"a dlib shape predictor of {points} points, as for faces"),)


def _mmod(name: str) -> tuple[Judgement, ...]:
    named = says_finder(name) or says_face(name)
    return (
        Judgement(
            _DETECTOR,
            Confidence.MEDIUM if named else Confidence.LOW,
            "a dlib object detector (mmod)"
            + ("; the file is named so" if named else "; of what, it does not say"),
        ),
    )


def _heads(network: Network) -> bool:
    """Whether the outputs look like those of a detector at all: boxes or rows of detections."""
    shapes = [t.shape for t in network.outputs]
    rows = any(len(s) >= 2 and s[-1] in (4, 5, 6, 7, 15, 16) for s in shapes)
    columns = any(len(s) == 3 and s[1] in (5, 6, 20) and (s[2] > 100 or s[2] < 0) for s in shapes)
    return (
        rows
        or columns
        or any("DetectionOutput" in op or "Detection_PostProcess" in op for op in network.tail)
    )


def _by_labels(network: Network, heads: bool) -> Judgement | None:  # noqa: FBT001 - a fact, not a switch
    labels = {label.lower() for label in network.labels}
    if not labels or not labels <= _FACE_LABELS or not labels & {"face", "faces", "human face", "human_face"}:
        return None
    sure = Confidence.HIGH if heads or len(network.outputs) > 1 else Confidence.MEDIUM
    return Judgement(_DETECTOR, sure, f"its only class is {', '.join(sorted(labels))}")


def _by_landmark_heads(network: Network, *, named: bool) -> Judgement | None:
    """Scores, boxes and five points of two coordinates: a layout that only face detectors have."""
    shapes = [t.shape for t in network.outputs]
    rows = sorted(s[-1] for s in shapes if len(s) in (2, 3) and (s[-2] < 0 or s[-2] >= 8))
    if {4, 10} <= set(rows) and set(rows) & {1, 2} and len(rows) == len(shapes) and len(rows) % 3 in (0, 1):
        return _heads_found(network.outputs, "scores, boxes and five landmarks a face")
    if rows == [1, 2, 14]:
        # The first YuNet; the same heads find the corners of number plates, so that it takes a name as well.
        sure = Confidence.HIGH if named else Confidence.LOW
        return Judgement(_DETECTOR, sure, "scores, overlaps, and boxes with five landmarks out")
    maps = [s[1] for s in shapes if len(s) == 4]
    if len(maps) != len(shapes):
        return None
    if sorted(maps) == [1, 2, 2, 10]:
        return _heads_found(
            network.outputs, "a heat map of centres, sizes, offsets and five landmarks a face"
        )
    if len(maps) % 3 == 0 and maps and set(maps) in ({2, 4, 10}, {4, 8, 20}, {1, 4, 10}, {2, 8, 20}):
        return _heads_found(network.outputs, "maps of scores, boxes and five landmarks a face")
    return None


def _heads_found(outputs: tuple[Tensor, ...], what: str) -> Judgement:
    names = ", ".join(str(t) for t in outputs[:4]) + (
        f" and {len(outputs) - 4} more" if len(outputs) > 4 else ""
    )
    return Judgement(_DETECTOR, Confidence.HIGH, f"{what} out: {names}")


def _by_anchors(network: Network, inside: str, name: str) -> Judgement | None:
    shapes = [t.shape for t in network.outputs]
    for count in _BLAZE_ANCHORS:
        if (1, count, 16) in shapes and (1, count, 1) in shapes:
            return Judgement(
                _DETECTOR,
                Confidence.HIGH,
                f"{count} anchors with a box and six points each, as BlazeFace has",
            )
    for count in _ULTRA_LIGHT_ANCHORS:
        scores = (1, count, 2) in shapes or (1, count, 3) in shapes
        if (1, count, 4) in shapes and scores and len(shapes) == 2:
            named = says_finder(f"{inside} {name}") or says_face(f"{inside} {name}")
            return Judgement(
                _DETECTOR,
                Confidence.HIGH if named else Confidence.MEDIUM,
                f"{count} anchors of two or three classes, as Ultra-Light-Fast-Generic-Face-Detector has",
            )
    return None


def _by_words(heads: bool, inside: str, name: str) -> Judgement | None:  # noqa: FBT001
    if not heads:
        return None
    if says_finder(inside):
        return Judgement(_DETECTOR, Confidence.HIGH, "boxes out, and it calls itself a face detector")
    if says_finder(name):
        return Judgement(
            _DETECTOR, Confidence.MEDIUM, "boxes out, and the file is named after a face detector"
        )
    return None


def _by_parts(inside: str) -> Judgement | None:
    """Graphs whose shapes are computed still name their parts."""
    if "face_rpn_" in inside:
        return Judgement(_DETECTOR, Confidence.HIGH, "heads called face_rpn, as RetinaFace has")
    if "layer_64_1_conv1_h" in inside and ("detection_out" in inside or "mbox" in inside):
        reason = "the parts of OpenCV's ResNet-10 detector by name (layer_64_1_conv1_h, mbox)"
        return Judgement(_DETECTOR, Confidence.MEDIUM, reason)
    return None


def _by_mesh(network: Network, inside: str, name: str) -> Judgement | None:
    seen = next((p for t in network.inputs if (p := picture(t))), None)
    if seen is None:
        return None
    for output in network.outputs[:8]:
        length = _length(output)
        points = _MESH.get(length)
        if points and (
            length in _MEDIAPIPE or says_points(f"{inside} {name}") or says_face(f"{inside} {name}")
        ):
            return _points(
                seen,
                output,
                points,
                Confidence.HIGH if length in _MEDIAPIPE or says_points(inside) else Confidence.MEDIUM,
            )
    if {213, 15} <= {_length(t) for t in network.outputs}:
        return Judgement(_LANDMARKS, Confidence.HIGH, f"{seen} in, points of an eye and an iris out")
    first = network.outputs[0] if network.outputs else None
    if first is not None and says_points(inside) and not says_finder(inside):
        return Judgement(
            _LANDMARKS, Confidence.MEDIUM, f"{seen} in, {shown(first.shape) or '?'} out; it calls itself so"
        )
    return None


def _length(tensor: Tensor) -> int:
    total = 1
    for d in tensor.shape:
        total *= max(d, 1)
    return total


def _points(seen: Picture, output: Tensor, points: int, sure: Confidence) -> Judgement:
    return Judgement(_LANDMARKS, sure, f"{seen} in, coordinates of {points} points of a face out ({output})")
