"""Words by which a network's author says what it is for, and words that say it is for something else.

Words count as evidence beside a shape, never alone: every one is bounded on its left, so that a surface, an
interface or a typeface is none.
"""

import re2

_IDENTITY = re2.compile(
    r"(?:^|[^a-z])(?:arc_?face|cos_?face|sphere_?face|ada_?face|mag_?face|curricular_?face|part_?fc|"
    r"facenet(?:[^a-z]|$)|mobile_?face_?net|ghost_?face_?nets?|vgg_?face|deep_?face|insight_?face|sface|open_?face|"
    r"light_?cnn|inception_?resnet_?v1|w600k|glint360k|ms1m|webface|casia|lfw|"
    r"face[_\- ]?(?:recog\w*|re_?id\w*|embed\w*|ident\w*|verif\w*|descriptor|feature\w*|match\w*|print))"
)
_FINDER = re2.compile(
    r"(?:^|[^a-z])(?:yunet|center_?face|retina_?face|scrfd|blaze_?face|face_?boxes|mtcnn|pnet|face_?detect\w*|"
    r"face[_\- ]?det\w*|yolo\w{0,4}[_\- ]?face|res10_300x300|ultra[_\- ]?light\w*[_\- ]face|"
    r"facenet[_\- ]?120|detectface|mmod_human_face|egoblur_?face|ego_blur_face|face_?person)"
)
_FINDER_ONLY = re2.compile(r"facenet[_\- ]?120|detectnet")
_POINTS = re2.compile(
    r"(?:^|[^a-z])(?:face[_\- ]?(?:landmark\w*|mesh\w*|align\w*)|facial[_\- ]landmark\w*|"
    r"landmarks[_\- ]regression|2d106\w*|1k3d68|pfld|shape_predictor)"
)
_FACE = re2.compile(r"(?:^|[^a-z])(?:faces?|facial)(?:[^a-z]|$)")
_REID = re2.compile(
    r"(?:person|pedestrian|human)[_\- ]?re_?-?id|(?:^|[^a-z])(?:osnet|market1501|dukemtmc|msmt17|fast-?reid)"
)
_SPEAKER = re2.compile(
    r"(?:^|[^a-z])(?:speakers?[_\- ]?(?:embed\w*|verif\w*|recog\w*|ident\w*|encoder|model)|"
    r"spk(?:rec|emb|model)\w*|ecapa\w*|x_?-?vectors?|d_?-?vectors?|voxceleb\w*|wespeaker|titanet\w*|cam\+?\+|campplus|ge2e|resemblyzer)"
)
_GAIT = re2.compile(r"(?:^|[^a-z])(?:gait\w*|casia-?b|oumvlp)(?:[^a-z]|$)")
_PLATES = re2.compile(r"licen[cs]e[_\- ]?plate|(?:^|[^a-z])(?:lpd?|lpr|anpr|alpr|plates?)(?:[^a-z]|$)")
_ANALYSIS = (
    (
        "emotion",
        re2.compile(r"(?:^|[^a-z])(?:emotions?|fer_?2013|ferplus|affectnet|facial[_\- ]expression\w*)"),
    ),
    (
        "age-gender",
        re2.compile(r"(?:^|[^a-z])(?:age[_\- ]?(?:and[_\- ])?gender\w*|gender[_\- ]?age|fairface\w*)"),
    ),
    ("gaze", re2.compile(r"(?:^|[^a-z])(?:gaze[_\- ]?\w*)")),
    ("head-pose", re2.compile(r"(?:^|[^a-z])(?:head[_\- ]pose\w*|hopenet)")),
    (
        "anti-spoofing",
        re2.compile(r"(?:^|[^a-z])(?:anti[_\- ]?spoof\w*|silent[_\- ]face|face[_\- ]liveness)"),
    ),
)

EMOTIONS = frozenset(
    (
        *("angry", "anger", "disgust", "disgusted", "fear", "fearful", "scared", "happy", "happiness"),
        *("sad", "sadness", "surprise", "surprised", "neutral", "contempt", "calm"),
    )
)
SEXES = frozenset(["male", "female", "man", "woman", "men", "women"])


def says_identity(text: str) -> bool:
    """Whether it names networks that tell faces apart, or a family of them; `facenet-120` is a detector."""
    return bool(_IDENTITY.search(text)) and not _FINDER_ONLY.search(text)


def says_finder(text: str) -> bool:
    """Whether it names networks that find faces, and no number plates."""
    return bool(_FINDER.search(text)) and not _PLATES.search(text)


def says_points(text: str) -> bool:
    """Whether it names landmarks of a face."""
    return bool(_POINTS.search(text))


def says_face(text: str) -> bool:
    """Whether it names a face at all."""
    return bool(_FACE.search(text))


def says_reid(text: str) -> bool:
    """Whether it names finding the same person again by looks."""
    return bool(_REID.search(text))


def says_speaker(text: str) -> bool:
    """Whether it names telling speakers apart."""
    return bool(_SPEAKER.search(text))


def says_gait(text: str) -> bool:
    """Whether it names gait."""
    return bool(_GAIT.search(text))


def says_plates(text: str) -> bool:
    """Whether it names number plates."""
    return bool(_PLATES.search(text))


def analysis_said(text: str) -> str:
    """Give the role of a face analysis that the text names, or ''."""
    return next((role for role, pattern in _ANALYSIS if pattern.search(text)), "")
