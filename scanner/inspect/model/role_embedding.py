"""Recognises networks that turn a face, a person or a voice into a vector by which they can be told apart."""

from scanner.findings import Confidence
from scanner.inspect.model.network import Judgement, Network, Picture, Tensor, picture, vector
from scanner.inspect.model.words import (
    analysis_said,
    says_gait,
    says_identity,
    says_plates,
    says_reid,
    says_speaker,
)

# Aligned crops that hardly anything but a face network takes, and crops that others take as well.
_ALIGNED_CROPS = frozenset(
    {(112, 112), (112, 96), (160, 160), (150, 150), (152, 152), (55, 47), (47, 55), (182, 182)}
)
_SHARED_CROPS = frozenset({(96, 96), (128, 128), (224, 224), (64, 64), (140, 140), (144, 144), (108, 108)})
_WIDTHS = frozenset({128, 160, 192, 256, 512, 1024, 2048, 2622, 4096})
_TYPICAL = frozenset({128, 160, 256, 512})
_IDENTITIES = {
    2622: "VGGFace",
    8631: "VGGFace2",
    10572: "CASIA-WebFace",
    10575: "CASIA-WebFace",
    85164: "MS1M",
    85742: "MS1MV2",
    93431: "MS1MV3",
    360232: "Glint360K",
    205990: "WebFace12M",
    617970: "WebFace42M",
}
"""People in the public sets that face recognition is trained on: as many classes are no accident."""
_NORMALISED = frozenset({"LpNormalization", "L2_NORMALIZATION", "L2Normalize", "NormalizeL2", "l2_normalize"})
_BATCH_NORM = frozenset({"BatchNormalization", "BatchNorm", "BatchNormInference", "batch_norm"})
_DENSE = frozenset(
    {"Gemm", "MatMul", "FULLY_CONNECTED", "InnerProduct", "fc_no_bias", "Dense", "innerProduct"}
)
_LOGITS = frozenset({"Softmax", "SOFTMAX", "LogSoftmax", "Sigmoid", "LOGISTIC", "SoftMax", "ArgMax"})


def look(network: Network, name: str) -> tuple[Judgement, ...]:
    """Judge a network that gives a vector."""
    if "face-recognizer" in network.traits:
        reason = f"a trained face recogniser of OpenCV's ({', '.join(network.words)})"
        return (Judgement("face-embedding", Confidence.HIGH, reason),)
    if "metric" in network.traits:
        return (_dlib_metric(network),)
    # Where a network gives more than one, the longest is the one that tells people apart.
    found = max(((t, vector(t)) for t in network.outputs if vector(t)), key=lambda f: f[1], default=None)
    if found is None or len(network.outputs) > 4 or not network.inputs:
        return ()
    output, width = found
    seen = next((p for t in network.inputs if (p := picture(t))), None)
    inside = " ".join(network.words)
    if network.tail[:1] and network.tail[0] in _LOGITS and width not in _IDENTITIES:
        return ()
    if seen is None:
        return _without_picture(network, output, width, inside, name)
    if says_plates(inside):
        return ()
    named = {t.name.lower() for t in network.outputs}
    if width in _WIDTHS and any("age" in n for n in named) and any("gender" in n for n in named):
        reason = _reason(seen, output, width, "age and gender of the same face come out beside it")
        return (Judgement("face-embedding", Confidence.MEDIUM, reason),)
    if analysis_said(inside):
        return ()
    if width in _IDENTITIES and width not in _WIDTHS:
        reason = f"{seen} in, {width} classes out: as many as people in {_IDENTITIES[width]}"
        return (Judgement("face-embedding", Confidence.HIGH, reason),)
    if width not in _WIDTHS:
        return ()
    if seen.height == 2 * seen.width and says_reid(f"{inside} {name}"):
        return (Judgement("person-reid", Confidence.MEDIUM, _reason(seen, output, width, "named so")),)
    return _face(network, seen, output, width, inside, name)


def _face(
    network: Network, seen: Picture, output: Tensor, width: int, inside: str, name: str
) -> tuple[Judgement, ...]:
    crop = (seen.height, seen.width)
    ending = _ending(network.tail)
    arc = {"pre_fc1", "fc1"} <= set(network.words) and ending.startswith("batch")
    if arc and width in _TYPICAL:
        reason = _reason(seen, output, width, "pre_fc1 and fc1 by name, batch normalised, as ArcFace has")
        return (Judgement("face-embedding", Confidence.HIGH, reason),)
    said = "it calls itself so" if says_identity(inside) else ""
    hinted = said or ("the file is named so" if says_identity(name) else "")
    confidence = _confidence(crop, seen.channels, width, ending, said=bool(said), hinted=bool(hinted))
    if confidence is None:
        return ()
    why = "; ".join(w for w in (ending, hinted) if w) or "such a crop and such a vector"
    if confidence is Confidence.LOW:
        why += "; pictures of anything could be meant"
    return (Judgement("face-embedding", confidence, _reason(seen, output, width, why)),)


def _confidence(
    crop: tuple[int, int], channels: int, width: int, ending: str, *, said: bool, hinted: bool
) -> Confidence | None:
    if crop in _ALIGNED_CROPS and width in _TYPICAL | {4096}:
        if said or (crop in {(112, 112), (160, 160), (112, 96)} and ending.startswith(("norm", "batch"))):
            return Confidence.HIGH
        return Confidence.MEDIUM
    if said:
        return Confidence.HIGH if crop in _ALIGNED_CROPS | _SHARED_CROPS else Confidence.MEDIUM
    if crop in _SHARED_CROPS and width in _TYPICAL:
        light_cnn = crop == (128, 128) and channels == 1 and width == 256
        openface = crop == (96, 96) and width == 128 and ending.startswith("norm")
        return Confidence.MEDIUM if hinted or light_cnn or openface else Confidence.LOW
    if crop == (-1, -1) and width in _TYPICAL and ending:
        return Confidence.MEDIUM if hinted else Confidence.LOW
    return Confidence.MEDIUM if hinted else None


def _ending(tail: tuple[str, ...]) -> str:
    """Say how the vector is made: normalised, batch normalised or by a dense layer."""
    if any(op in _NORMALISED for op in tail[:3]):
        return "normalised"
    # x / ||x|| as exporters write it out; `Div` alone would be any scaling.
    if tail[:1] == ("Div",) or (tail[:1] == ("Mul",) and "Rsqrt" in tail[:4]):
        return "normalised"
    if any(op in _BATCH_NORM for op in tail[:2]):
        return "batch normalised"
    if any(op in _DENSE for op in tail[:3]):
        return "from a dense layer without class scores"
    return ""


def _without_picture(
    network: Network, output: Tensor, width: int, inside: str, name: str
) -> tuple[Judgement, ...]:
    """Speech features or silhouettes; tokens of text have two dimensions and are neither."""
    first = network.inputs[0]
    shape = first.shape
    if len(shape) >= 4 and shape[-2:] in ((64, 44), (44, 64), (128, 88)) and says_gait(f"{inside} {name}"):
        reason = f"{first}, silhouettes over time, in; {output} out"
        return (Judgement("gait-embedding", Confidence.MEDIUM, reason),)
    spectra = (
        len(shape) == 3 and shape[-1] in (40, 64, 80) and first.name.lower() in ("feats", "fbank", "features")
    )
    if spectra and output.name.lower() in ("embs", "embedding", "xvector") and width in (192, 256, 512):
        reason = f"{first}, spectra of speech, in; one vector of {width} out ({output})"
        return (Judgement("speaker-embedding", Confidence.MEDIUM, reason),)
    voiced = any(says_speaker(t) for t in (inside, name))
    if not voiced or width not in _WIDTHS or len(shape) not in (2, 3):
        return ()
    confidence = Confidence.HIGH if says_speaker(inside) else Confidence.MEDIUM
    return (Judgement("speaker-embedding", confidence, f"{first} in, one vector of {width} out; named so"),)


def _dlib_metric(network: Network) -> Judgement:
    crop = next((p for t in network.inputs if (p := picture(t))), None)
    width = vector(network.outputs[0]) if network.outputs else 0
    face = crop is not None and (crop.height, crop.width) == (150, 150) and width == 128
    reason = f"a dlib metric network, {crop or 'a picture'} in, a vector of {width or '?'} out"
    return Judgement("face-embedding", Confidence.HIGH if face else Confidence.MEDIUM, reason)


def _reason(seen: Picture, output: Tensor, width: int, why: str) -> str:
    return f"{seen} in, one vector of {width} out ({output}); {why}"
