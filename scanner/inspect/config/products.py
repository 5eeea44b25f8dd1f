"""Tells whose configuration a mapping is, by the keys that only that product has.

A file name alone never makes a product; where a product's keys are too common, the name of the file or of
the key that holds the mapping (`hint`) must name it as well.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanner.inspect.tree import Node

Recogniser = Callable[[Node, str], bool]


@dataclass(frozen=True, slots=True)
class Product:
    """A product's name in rules, its name for readers, and how its configuration is recognised.

    A mapping with none of `keys` is not looked at: most mappings of most files have none of any product.
    """

    name: str
    title: str
    keys: frozenset[str]
    recognise: Recogniser
    root: bool = False
    """Whether only a whole document can be one; `keys` are then not asked for."""


_FRIGATE_TOP = frozenset(
    {
        "audio", "auth", "birdseye", "camera_groups", "cameras", "classification", "database", "detect",
        "detectors", "environment_vars", "face_recognition", "ffmpeg", "genai", "go2rtc", "live", "logger",
        "lpr", "model", "motion", "mqtt", "notifications", "objects", "onvif", "proxy", "record", "review",
        "semantic_search", "snapshots", "telemetry", "timestamp_style", "tls", "ui", "version",
    }
)  # fmt: skip
_FRIGATE_FACE = frozenset(
    {
        "blur_confidence_filter", "detection_threshold", "device", "enabled", "min_area", "min_faces",
        "model_size", "recognition_threshold", "save_attempts", "unknown_score",
    }
)  # fmt: skip
_DOUBLE_TAKE_DETECTORS = frozenset({"aiserver", "compreface", "deepstack", "facebox", "rekognition"})
_DOUBLE_TAKE_OPTIONS = frozenset(
    {
        "aws_access_key_id", "aws_region", "collection_id", "det_prob_threshold", "face_plugins", "key",
        "min_confidence", "opencv_face_required", "timeout", "url",
    }
)  # fmt: skip
_VISERON_FACE = ("codeprojectai", "compreface", "deepstack", "dlib")
_VISERON_TOP = frozenset(
    {
        "background_subtractor", "codeprojectai", "compreface", "darknet", "deepstack", "dlib", "edgetpu",
        "ffmpeg", "gstreamer", "hailo", "image_classification", "logger", "mog2", "mqtt", "nvr", "storage",
        "webserver", "yolo",
    }
)  # fmt: skip
_NVINFER = frozenset(
    {
        "batch-size", "classifier-type", "custom-lib-path", "gie-unique-id", "infer-dims", "labelfile-path",
        "model-engine-file", "net-scale-factor", "network-mode", "network-type", "num-detected-classes",
        "onnx-file", "operate-on-gie-id", "output-tensor-meta", "process-mode", "tlt-encoded-model",
    }
)  # fmt: skip
_ENTITY = re.compile(r"(camera|image|sensor|binary_sensor)\.\w+$")


def _frigate(node: Node, hint: str) -> bool:
    keys = node.keys()
    known = keys & _FRIGATE_TOP
    cameras = node.get("cameras")
    if cameras is not None and cameras.is_map and len(known) >= 2:
        for _, camera in cameras.items:
            ffmpeg = camera.get("ffmpeg")
            if ffmpeg is not None and ffmpeg.get("inputs") is not None:
                return True
    face = node.get("face_recognition")
    if face is not None and face.is_map and face.keys() <= _FRIGATE_FACE:
        return len(known) >= 3 or (len(known) == len(keys) and "frigate" in hint)
    detectors = node.get("detectors")
    if detectors is not None and any(d.get("type") is not None for _, d in detectors.items):
        return len(known) >= 3
    return len(known) >= 4 and len(known) == len(keys)


def _double_take(node: Node, hint: str) -> bool:
    detectors = node.get("detectors")
    if detectors is None or not detectors.is_map or not detectors.keys() & _DOUBLE_TAKE_DETECTORS:
        return False
    # Frigate has a detector deepstack too, which sees objects only; its translations describe it.
    if not any(d.keys() & _DOUBLE_TAKE_OPTIONS and "type" not in d.keys() for _, d in detectors.items):  # noqa: SIM118 - our keys
        return False
    return bool(node.keys() & {"mqtt", "frigate", "cameras", "detect", "opencv"}) or "double-take" in hint


def _viseron(node: Node, _hint: str) -> bool:
    for component in _VISERON_FACE:
        part = node.get(component)
        if part is not None and (face := part.get("face_recognition")) is not None and face.is_map:
            return True
    keys = node.keys()
    return "nvr" in keys and len(keys & _VISERON_TOP) >= 3 and "cameras" not in keys


def _home_assistant(node: Node, _hint: str) -> bool:
    keys = node.keys()
    if "homeassistant" in keys or "default_config" in keys or "image_processing" in keys:
        return True
    platform = node.get("platform")
    if platform is not None and platform.text is not None:
        source = node.get("source")
        entities = [] if source is None else [e.scalar("entity_id") for _, e in source.items]
        return any(_ENTITY.match(e) for e in entities) or "scan_interval" in keys
    return {"minor_version", "key", "data"} <= keys and node.scalar("key").startswith("core.")


def _home_assistant_addon(node: Node, _hint: str) -> bool:
    return {"slug", "name", "version", "arch"} <= node.keys()


def _codeproject(node: Node, _hint: str) -> bool:
    modules = node.get("modules")
    if modules is None or not modules.is_map:
        return False
    parts = {"launchsettings", "autostart", "publishinginfo", "runtime", "gpuoptions", "activate"}
    return any(m.is_map and m.keys() & parts for _, m in modules.items)


def _immich(node: Node, _hint: str) -> bool:
    learning = node.get("machineLearning")
    return learning is not None and bool(
        learning.keys() & {"facialrecognition", "clip", "duplicatedetection"}
    )


def _photoprism(node: Node, hint: str) -> bool:
    return {"originalspath", "storagepath"} <= node.keys() or (
        "photoprism" in hint and bool(node.keys() & {"disablefaces", "facesize", "facescore"})
    )


def _zoneminder(node: Node, _hint: str) -> bool:
    general, face = node.get("general"), node.get("face")
    if general is not None and general.keys() & {"detection_sequence", "detect_sequence", "model_sequence"}:
        return True
    keys = face.keys() if face is not None else frozenset()
    if keys & {"known_images_path", "face_detection_framework", "face_recog_dist_threshold"}:
        return True
    ml = node.get("ml")
    return "ml_sequence" in node.keys() or (ml is not None and "ml_sequence" in ml.keys())  # noqa: SIM118 - our keys


def _shinobi(node: Node, _hint: str) -> bool:
    keys = node.keys()
    return "plug" in keys and "key" in keys and bool(keys & {"mode", "hostport", "type"})


def _deepstream(node: Node, _hint: str) -> bool:
    if node.get("infer_config") is not None:
        return True
    part = node.get("property")
    if part is not None and len(part.keys() & _NVINFER) >= 2:
        return True
    return node.get("application") is not None and any(
        k.startswith(("primary-gie", "secondary-gie", "source", "streammux", "sink"))
        for k in node.keys()  # noqa: SIM118 - our keys
    )


def _dl_streamer(node: Node, _hint: str) -> bool:
    keys = node.keys()
    if "json_schema_version" in keys and keys & {"input_preproc", "output_postproc"}:
        return True
    pipeline = node.get("template")
    return pipeline is not None and "type" in keys and node.scalar("type").casefold() == "gstreamer"


def _onvif(node: Node, _hint: str) -> bool:
    return _declares(node, "onvif.org/ver")


def _hikvision(node: Node, _hint: str) -> bool:
    return _declares(node, "hikvision.com/ver", "isapi.org/ver", "std-cgi.com/ver")


def _declares(node: Node, *namespaces: str) -> bool:
    """Whether the document's root element declares a namespace; one that only defines terms is none."""
    for name, element in node.items:
        if name in ("schema", "definitions"):
            return False
        for key, value in element.items:
            if key.startswith("@xmlns") and any(n in (value.text or "") for n in namespaces):
                return True
    return False


def _dahua(node: Node, _hint: str) -> bool:
    return any(key.startswith(("table.VideoAnalyse", "table.FaceRecogni")) for key, _ in node.items)


def _ros_launch(node: Node, _hint: str) -> bool:
    launch = node.get("launch")
    return launch is not None and bool(launch.keys() & {"node", "group", "include", "arg", "param"})


def _sdkconfig(node: Node, hint: str) -> bool:
    return "/sdkconfig" in f"/{hint}" and any(key.startswith("config_") for key in node.keys())  # noqa: SIM118 - our keys


def _keys(*names: str) -> frozenset[str]:
    return frozenset(names)


PRODUCTS: tuple[Product, ...] = (
    Product("frigate", "Frigate", _keys("cameras", "detectors", "face_recognition", "objects"), _frigate),
    Product("double-take", "Double Take", _keys("detectors"), _double_take),
    Product("viseron", "Viseron", _keys("nvr", *_VISERON_FACE), _viseron),
    Product(
        "home-assistant",
        "Home Assistant",
        _keys("homeassistant", "default_config", "image_processing", "platform", "minor_version"),
        _home_assistant,
    ),
    Product("home-assistant-addon", "Home Assistant add-on", _keys("slug"), _home_assistant_addon),
    Product("codeproject-ai", "CodeProject.AI", _keys("modules"), _codeproject),
    Product("immich", "Immich", _keys("machinelearning"), _immich),
    Product(
        "photoprism",
        "PhotoPrism",
        _keys("originalspath", "disablefaces", "facesize", "facescore"),
        _photoprism,
    ),
    Product("zoneminder", "ZoneMinder hooks", _keys("general", "face", "ml", "ml_sequence"), _zoneminder),
    Product("shinobi", "Shinobi plugin", _keys("plug"), _shinobi),
    Product("deepstream", "NVIDIA DeepStream", _keys("property", "application", "infer_config"), _deepstream),
    Product("dl-streamer", "Intel DL Streamer", _keys("json_schema_version", "template"), _dl_streamer),
    Product("onvif", "ONVIF", _keys(), _onvif, root=True),
    Product("hikvision", "Hikvision ISAPI", _keys(), _hikvision, root=True),
    Product("dahua", "Dahua", _keys(), _dahua, root=True),
    Product("ros-launch", "ROS launch file", _keys(), _ros_launch, root=True),
    Product("sdkconfig", "ESP-IDF configuration", _keys(), _sdkconfig, root=True),
)

ALL_KEYS = frozenset(key for product in PRODUCTS for key in product.keys)


def products_of(node: Node, hint: str, *, whole: bool) -> Iterator[Product]:
    """The products whose configuration a mapping is.

    Args:
        node: The mapping.
        hint: The path of the file and of the keys to the mapping, in lower case with hyphens.
        whole: Whether it is a whole document.
    """
    keys = node.keys()
    if not whole and not keys & ALL_KEYS:
        return
    for product in PRODUCTS:
        if (whole if product.root else keys & product.keys) and product.recognise(node, hint):
            yield product


TITLES = {p.name: p.title for p in PRODUCTS} | {
    "environment": "environment",
    "gstreamer": "GStreamer",
    "labels": "label file",
    "any": "configuration",
}
