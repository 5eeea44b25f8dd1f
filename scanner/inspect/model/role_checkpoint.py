"""Recognises checkpoints, which hold weights and no graph, by the names and shapes of their arrays."""

import re

from scanner.findings import Confidence
from scanner.inspect.model.network import Judgement, Network
from scanner.inspect.model.words import says_identity

_IDENTITIES = frozenset({2622, 8631, 10572, 10575, 85164, 85742, 93431, 360232, 205990, 617970})
_WIDTHS = frozenset({128, 256, 512, 1792, 2048, 4096})


def look(network: Network, name: str) -> tuple[Judgement, ...]:  # noqa: ARG001 - all looks take both
    """Judge by arrays that only one family of networks has."""
    if not network.weights:
        return _by_names(network)
    shapes = {t.name: t.shape for t in network.weights}
    return (*_embedding(shapes), *_detector(shapes), *_analysis(shapes), *_speaker(shapes))


def _ends(shapes: dict[str, tuple[int, ...]], ending: str) -> tuple[int, ...]:
    """Give the shape of the array whose name ends so, with a whole part before it."""
    return next((s for n, s in shapes.items() if n == ending or n.endswith(f".{ending}")), ())


def _has(shapes: dict[str, tuple[int, ...]], pattern: str) -> bool:
    compiled = re.compile(pattern)
    return any(compiled.search(n) for n in shapes)


def _embedding(shapes: dict[str, tuple[int, ...]]) -> tuple[Judgement, ...]:
    def found(reason: str) -> tuple[Judgement, ...]:
        return (Judgement("face-embedding", Confidence.HIGH, reason),)

    if _ends(shapes, "last_linear.weight") == (512, 1792):
        return found(
            "weights of InceptionResnetV1 with a vector of 512 (last_linear 512x1792), as FaceNet has"
        )
    for part in ("fc.weight", "output_layer.3.weight", "pre_fc1.weight"):
        shape = _ends(shapes, part)
        if len(shape) == 2 and shape[0] in (128, 256, 512) and shape[1] == 512 * 49:
            return found(
                f"a 112x112 backbone ends in a vector of {shape[0]} ({part} {shape[0]}x25088), as ArcFace has"
            )
    if (
        _has(shapes, r"(^|\.)conv_6_dw\.")
        and _has(shapes, r"(^|\.)conv_23\.")
        and _has(shapes, r"(^|\.)conv_45\.")
    ):
        return found("weights of MobileFaceNet (conv_23, conv_45, conv_6_dw)")
    if _has(shapes, r"(^|/)conv32_down") and (256, 128) in shapes.values():
        return found("weights of face-api's recognition network: 256 features to a vector of 128")
    for array, shape in shapes.items():
        # A vocabulary may by chance be as large, so the width beside it has to be one of a face's too.
        people = set(shape) & _IDENTITIES if len(shape) == 2 else set()
        if people and set(shape) & _WIDTHS:
            reason = f"a head of {min(people)} classes, as many as people in a face recognition set ({array})"
            return (Judgement("face-embedding", Confidence.MEDIUM, reason),)
    return ()


def _detector(shapes: dict[str, tuple[int, ...]]) -> tuple[Judgement, ...]:
    def found(reason: str) -> tuple[Judgement, ...]:
        return (Judgement("face-detector", Confidence.HIGH, reason),)

    if _has(shapes, r"(^|\.)ClassHead\.\d") and _has(shapes, r"(^|\.)LandmarkHead\.\d"):
        return found("weights of RetinaFace (ClassHead, BboxHead, LandmarkHead)")
    stages = {n.split(".", 1)[0].lower() for n in shapes}
    if {"pnet", "rnet", "onet"} <= stages:
        return found("weights of MTCNN's three stages (pnet, rnet, onet)")
    # The first release of MTCNN, and what was converted from it, has hyphens.
    if {10, 256} in (set(s) for n, s in shapes.items() if "conv6-3" in n):
        return found("weights of MTCNN's last stage: five landmarks a face")
    if {4, 32, 1} in (set(s) for n, s in shapes.items() if "conv4-2" in n):
        return found("weights of MTCNN's first stage: a score and a box")
    if {4, 128} in (set(s) for n, s in shapes.items() if "conv5-2" in n):
        return found("weights of MTCNN's second stage: a score and a box")
    heads = [s for n, s in shapes.items() if re.search(r"classification_headers\.3\.(?:\d\.)*weight$", n)]
    if any(s[0] in (6, 9) for s in heads if s) and _has(shapes, r"(^|\.)regression_headers\.3"):
        reason = "two or three classes at four strides, as Ultra-Light-Fast-Generic-Face-Detector has"
        return (Judgement("face-detector", Confidence.MEDIUM, reason),)
    if _ends(shapes, "dense6_3.weight") == (10, 256) or _ends(shapes, "conv6_3.weight") == (10, 256):
        return found("weights of MTCNN's last stage: five landmarks a face")
    if _ends(shapes, "dense5_1.weight") == (2, 128) and _ends(shapes, "dense5_2.weight") == (4, 128):
        return found("weights of MTCNN's second stage: a score and a box")
    if _ends(shapes, "conv4_2.weight") == (4, 32, 1, 1) and _ends(shapes, "conv4_1.weight") == (2, 32, 1, 1):
        return found("weights of MTCNN's first stage: a score and a box")
    if _has(shapes, r"(^|\.)bbox_head\.multi_level_kps\."):
        return found("weights of YuNet (bbox_head.multi_level_kps)")
    return ()


def _analysis(shapes: dict[str, tuple[int, ...]]) -> tuple[Judgement, ...]:
    if _has(shapes, r"(^|/)fc/age/weights$") and _has(shapes, r"(^|/)fc/gender/weights$"):
        return (Judgement("age-gender", Confidence.HIGH, "weights of face-api's age and gender heads"),)
    if shapes.get("fc/weights") == (256, 7) and _has(shapes, r"^dense0/conv0"):
        return (Judgement("emotion", Confidence.HIGH, "weights of face-api's expression network: 7 classes"),)
    if shapes.get("fc/weights") == (256, 136) and _has(shapes, r"^dense0/conv0"):
        return (
            Judgement("face-landmarks", Confidence.HIGH, "weights of face-api's landmark network: 68 points"),
        )
    return ()


def _speaker(shapes: dict[str, tuple[int, ...]]) -> tuple[Judgement, ...]:
    def found(reason: str) -> tuple[Judgement, ...]:
        return (Judgement("speaker-embedding", Confidence.HIGH, reason),)

    if _ends(shapes, "similarity_weight") == (1,) and _has(shapes, r"lstm\.weight_ih_l0$"):
        return found("weights of a GE2E speaker encoder (similarity_weight beside an LSTM)")
    if _has(shapes, r"(^|\.)asp\.tdnn\.") and _has(shapes, r"(^|\.)mfa\."):
        return found("weights of ECAPA-TDNN (mfa, asp)")
    return ()


def _by_names(network: Network) -> tuple[Judgement, ...]:
    """Graphs without shapes and weights without a graph still name their parts."""
    inside = " ".join(network.words)
    if "names-only" in network.traits:
        if says_identity(inside):
            reason = "names within say face recognition; the rest cannot be read without its library"
            return (Judgement("face-embedding", Confidence.LOW, reason),)
        return ()
    facenet = "inceptionresnetv1/" in inside and "embeddings" in network.words
    if facenet or ("block35_1_branch_0" in inside and "bottleneck" in inside):
        return (
            Judgement(
                "face-embedding",
                Confidence.HIGH,
                "the parts of FaceNet by name: Inception-ResNet v1 and a bottleneck",
            ),
        )
    if "pnet/" in inside and "onet/" in inside:
        return (Judgement("face-detector", Confidence.HIGH, "the stages of MTCNN by name (pnet, onet)"),)
    return ()
