"""Recorder and camera configuration, and container images, through the command line: items 3 and 5."""

# ruff: noqa: E501 - tables of one file a line

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile

import pytest

from tests.cli.pipelines import DETECTION, HIGH, LOW, RECOGNITION, Row, Scanned, check, check_complete, scan

PRODUCTS = (
    "frigate", "frigate-version", "frigate-per-camera", "frigate-disabled", "home-assistant", "viseron", "double-take",
    "compreface", "deepstack", "codeproject-ai", "scrypted", "zoneminder", "shinobi", "deepstream", "dl-streamer",
    "gstreamer-line", "onvif-module", "onvif-profile", "eufy", "ring", "configmap", "helm", "ansible", "in-compose",
)  # fmt: skip

CAMERA = "cameras:\n  lobby:\n    ffmpeg:\n      inputs:\n        - path: rtsp://10.0.0.2/stream\n          roles: [detect]\n"
FRIGATE = "mqtt:\n  enabled: false\n" + CAMERA
ON = FRIGATE + "face_recognition:\n  enabled: true\n"
PLATES = FRIGATE + "lpr:\n  enabled: true\n"


def indented(text: str, spaces: int) -> str:
    return "".join(" " * spaces + line + "\n" for line in text.splitlines())


def entries(domain: str) -> str:
    return json.dumps(
        {
            "version": 1,
            "minor_version": 4,
            "key": "core.config_entries",
            "data": {"entries": [{"domain": domain, "title": "x"}]},
        }
    )


def onvif(inner: str) -> str:
    return f'<?xml version="1.0"?><tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema">{inner}</tt:MetadataStream>'


def profile(module: str) -> str:
    return onvif(
        f'<tt:Profile token="p"><tt:VideoAnalyticsConfiguration><tt:AnalyticsEngineConfiguration><tt:AnalyticsModule Name="m" Type="{module}"/></tt:AnalyticsEngineConfiguration></tt:VideoAnalyticsConfiguration></tt:Profile>'
    )


def nvinfer(model: str) -> str:
    return f"[property]\ngpu-id=0\nonnx-file={model}\ngie-unique-id=1\nprocess-mode=2\nnetwork-mode=2\n"


def dl_streamer(model: str) -> str:
    line = f"{{auto_source}} ! decodebin ! gvadetect model=face-detection-adas-0001.xml ! gvaclassify model={model} ! appsink"
    return json.dumps(
        {
            "type": "GStreamer",
            "template": [
                line.replace("face-detection-adas-0001", "vehicle-detection-0200")
                if "vehicle" in model
                else line
            ],
            "description": "x",
        }
    )


CONFIGURATION = [
    Row("frigate", "config.yml", ON, RECOGNITION, HIGH, "/face_recognition/enabled"),
    Row("frigate", "config.yml", PLATES + "semantic_search:\n  enabled: true\n"),
    Row("frigate-version", "config.yml", ON + "version: 0.16-0\n", RECOGNITION, HIGH, "version 0.16-0"),
    Row("frigate-version", "config.yml", PLATES + "version: 0.16-0\n"),
    Row("frigate-per-camera", "config.yml", FRIGATE + "    face_recognition:\n      enabled: true\n", RECOGNITION, HIGH, "/cameras/lobby/face_recognition/enabled"),
    Row("frigate-per-camera", "config.yml", FRIGATE.replace("lobby", "face_recognition") + "    lpr:\n      enabled: true\n"),
    Row("frigate-disabled", "config.yml", FRIGATE + "face_recognition:\n  enabled: false\n", RECOGNITION, says="installed but disabled"),
    Row("frigate-disabled", "config.yml", FRIGATE + "# face_recognition:\n#   enabled: false\n"),
    Row("home-assistant", "configuration.yaml", "default_config:\nimage_processing:\n  - platform: dlib_face_identify\n    source:\n      - entity_id: camera.door\n", RECOGNITION, HIGH),
    Row("home-assistant", "configuration.yaml", "default_config:\nimage_processing:\n  - platform: openalpr_local\n    source:\n      - entity_id: camera.gate\nfrontend:\n  icon: mdi:face-recognition\n"),
    Row("viseron", "config.yaml", "ffmpeg:\n  camera:\n    yard:\n      host: 10.0.0.3\ncompreface:\n  face_recognition:\n    cameras:\n      yard:\nnvr:\n  yard:\n", RECOGNITION, HIGH),
    Row("viseron", "config.yaml", "ffmpeg:\n  camera:\n    yard:\n      host: 10.0.0.3\ndeepstack:\n  host: x\n  object_detector:\n    cameras:\n      yard:\nnvr:\n  yard:\n"),
    Row("double-take", "config.yml", "mqtt:\n  host: broker\nfrigate:\n  url: http://frigate:5000\ndetectors:\n  compreface:\n    url: http://compreface:8000\n    key: abc\n", RECOGNITION, HIGH),
    Row("double-take", "config.yml", "mqtt:\n  host: broker\ndetectors:\n  ov:\n    type: openvino\n    device: GPU\n" + CAMERA),
    Row("compreface", ".env", "registry=exadel/\ncompreface_api_java_options=-Xmx4g\n", RECOGNITION),
    Row("compreface", ".env", "registry=acme/\ncompressface_api_java_options=-Xmx4g\n"),
    Row("deepstack", "docker-compose.yml", "services:\n  ai:\n    image: registry.local/ai\n    environment:\n      - VISION-FACE=True\n", RECOGNITION, HIGH),
    Row("deepstack", "docker-compose.yml", "services:\n  ai:\n    image: registry.local/ai\n    environment:\n      - VISION-DETECTION=True\n      - FONT-FACE=True\n"),
    Row("codeproject-ai", "modulesettings.json", '{"Modules": {"FaceProcessing": {"LaunchSettings": {"AutoStart": true}}}}', RECOGNITION, HIGH),
    Row("codeproject-ai", "modulesettings.json", '{"Modules": {"ALPR": {"LaunchSettings": {"AutoStart": true}}, "SurfaceProcessing": {"LaunchSettings": {"AutoStart": true}}}}'),
    # Scrypted keeps its settings in a database of its own (LevelDB), which is not read: its image and its plugins are what is seen.
    Row("scrypted", "compose.yaml", "services:\n  nvr:\n    image: ghcr.io/koush/scrypted\n", RECOGNITION, LOW, "koush/scrypted"),
    Row("scrypted", "compose.yaml", "services:\n  scrypted:\n    image: ghcr.io/acme/encrypted\n", None, LOW),
    Row("zoneminder", "objectconfig.ini", "[general]\ndetection_sequence=object,face\n[face]\nface_detection_framework=dlib\n", RECOGNITION, HIGH),
    Row("zoneminder", "objectconfig.ini", "[general]\ndetection_sequence=object,alpr\n[object]\nobject_framework=opencv\n# face_detection_framework=dlib\n"),
    Row("shinobi", "conf.json", '{"plug": "Face", "host": "localhost", "port": 8080, "key": "abc", "mode": "client", "type": "detector"}', RECOGNITION),
    Row("shinobi", "conf.json", '{"plug": "Yolo", "host": "localhost", "port": 8080, "key": "abc", "mode": "client", "type": "detector"}'),
    Row("deepstream", "sgie.txt", nvinfer("models/arcface_r50.onnx"), RECOGNITION, HIGH),
    Row("deepstream", "sgie.txt", nvinfer("models/vehicletypes.onnx") + "# onnx-file=arcface.onnx\n"),
    Row("dl-streamer", "pipeline.json", dl_streamer("face-reidentification-retail-0095.xml"), RECOGNITION),
    Row("dl-streamer", "pipeline.json", dl_streamer("vehicle-attributes-recognition-barrier-0039.xml")),
    Row("gstreamer-line", "run.sh", "#!/bin/sh\ngst-launch-1.0 v4l2src ! videoconvert ! facedetect ! autovideosink\n", DETECTION),
    Row("gstreamer-line", "run.sh", "#!/bin/sh\n# gst-launch-1.0 v4l2src ! facedetect ! autovideosink\ngst-launch-1.0 v4l2src ! motioncells ! autovideosink\n"),
    Row("onvif-module", "rules.xml", onvif('<tt:Rule Name="a" Type="tt:FaceRecognition"/>'), RECOGNITION, HIGH),
    Row("onvif-module", "rules.xml", onvif('<tt:Rule Name="Face" Type="tt:LicensePlateRecognition"/>')),
    Row("onvif-profile", "profile.xml", profile("tt:FaceRecognitionEngine"), RECOGNITION, HIGH),
    Row("onvif-profile", "profile.xml", profile("tt:CellMotionEngine")),
    Row("eufy", "core.config_entries", entries("eufy_security"), RECOGNITION, LOW, "eufy_security"),
    Row("eufy", "core.config_entries", entries("reolink"), None, LOW),
    Row("ring", "core.config_entries", entries("ring"), RECOGNITION, LOW),
    Row("ring", "core.config_entries", entries("ringconn_scale"), None, LOW),
    Row("configmap", "cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  config.yml: |\n" + indented(ON, 4), RECOGNITION, HIGH),
    Row("configmap", "cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: face-recognition\ndata:\n  config.yml: |\n" + indented(PLATES, 4)),
    Row("helm", "values.yaml", "image:\n  repository: x\nfrigate:\n  config: |\n" + indented(ON, 4), RECOGNITION, HIGH),
    Row("helm", "values.yaml", "image:\n  repository: x\nfrigate:\n  config: |\n" + indented(PLATES, 4)),
    Row("ansible", "main.yml", "- name: recorder\n  ansible.builtin.copy:\n    dest: /config.yml\n    content: |\n" + indented(ON, 6), RECOGNITION, HIGH),
    Row("ansible", "main.yml", "- name: recorder without face recognition\n  ansible.builtin.copy:\n    dest: /config.yml\n    content: |\n" + indented(PLATES, 6)),
    Row("in-compose", "compose.yaml", "services: {}\nconfigs:\n  nvr:\n    content: |\n" + indented(ON, 6), RECOGNITION, HIGH),
    Row("in-compose", "compose.yaml", "services: {}\nconfigs:\n  nvr:\n    content: |\n" + indented(PLATES, 6)),
]  # fmt: skip

# --- Images ---

IMAGES = ("docker-save", "oci-folder", "oci-archive", "whiteout", "dpkg", "apk", "rpm", "pip", "npm", "files")


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def docker_save(*layers: dict[str, bytes]) -> bytes:
    files = {f"{n}/layer.tar": tar(layer) for n, layer in enumerate(layers)}
    manifest = [{"Config": "c.json", "RepoTags": ["x:1"], "Layers": list(files)}]
    return tar({**files, "manifest.json": json.dumps(manifest).encode(), "c.json": b"{}"})


def oci(*layers: dict[str, bytes]) -> dict[str, bytes]:
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def put(data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        files[f"blobs/sha256/{digest}"] = data
        return {"digest": f"sha256:{digest}", "size": len(data), "mediaType": "application/octet-stream"}

    manifest = {"layers": [put(gzip.compress(tar(x), mtime=0)) for x in layers], "config": put(b"{}")}
    files["index.json"] = json.dumps({"manifests": [put(json.dumps(manifest).encode())]}).encode()
    return files


SITE = "usr/lib/python3/site-packages/"


def pip(name: str) -> dict[str, bytes]:
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nSummary: x\n\nThis is no deepface.\nName: deepface\n"
    return {f"{SITE}{name}-1.0.dist-info/METADATA": head.encode()}


def dpkg(name: str, status: str = "install ok installed") -> dict[str, bytes]:
    base = "Package: base-files\nStatus: install ok installed\nVersion: 12\n"
    return {
        "var/lib/dpkg/status": f"{base}\nPackage: {name}\nStatus: {status}\nVersion: 1\nDescription: no howdy\n x\n\n".encode()
    }


def apk(name: str) -> dict[str, bytes]:
    return {
        "lib/apk/db/installed": f"C:Q1x\nP:musl\nV:1.2\n\nC:Q1y\nP:{name}\nV:1\nD:insightface\n\n".encode()
    }


def rpm(name: str) -> dict[str, bytes]:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        db.execute("CREATE TABLE 'Name' (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
        db.executemany("INSERT INTO Name VALUES (?, ?, 0)", [("bash", 1), (name, 2)])
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (b"requires python3-insightface",))
        db.commit()
        data = db.serialize()
    db.close()
    return {"var/lib/rpm/rpmdb.sqlite": bytes(data)}


def npm(name: str) -> dict[str, bytes]:
    content = {"name": name, "version": "1.0.0", "devDependencies": {"face-api.js": "1"}}
    return {f"app/node_modules/{name}/package.json": json.dumps(content, indent=1).encode()}


CODE = {"app/match.py": b"import face_recognition\nface_recognition.face_encodings(1)\n"}
PLAIN = {"app/match.py": b"import re\nre.match(surface, interface)\n"}
REMOVED = f"{SITE}.wh.deepface-1.0.dist-info"

CONTAINERS = [
    Row("docker-save", "image.tar", docker_save(pip("deepface"), PLAIN), RECOGNITION, says="image.tar!/usr/lib"),
    Row("docker-save", "image.tar", docker_save(pip("facebook-sdk"), PLAIN)),
    Row("oci-folder", "image", oci(pip("insightface"), PLAIN), RECOGNITION, says="image!/usr/lib"),
    Row("oci-folder", "image", oci(pip("huggingface-hub"), PLAIN)),
    Row("oci-archive", "image.tar", tar(oci(pip("insightface"), PLAIN)), RECOGNITION),
    Row("oci-archive", "image.tar", tar(oci(pip("huggingface-hub"), PLAIN))),
    Row("whiteout", "image.tar", docker_save({**pip("deepface"), **pip("insightface")}, {REMOVED: b""}), RECOGNITION, says="insightface"),
    Row("whiteout", "image.tar", docker_save(pip("deepface"), {REMOVED: b""})),
    Row("dpkg", "image.tar", docker_save(dpkg("python3-face-recognition")), RECOGNITION, says="pkg:deb/debian/python3-face-recognition"),
    Row("dpkg", "image.tar", docker_save(dpkg("python3-face-recognition", "deinstall ok config-files"))),
    Row("apk", "image.tar", docker_save(apk("py3-insightface")), RECOGNITION, says="pkg:apk/alpine/py3-insightface"),
    Row("apk", "image.tar", docker_save(apk("ttf-typeface"))),
    Row("rpm", "image.tar", docker_save(rpm("python3-insightface")), RECOGNITION, says="pkg:rpm/python3-insightface"),
    Row("rpm", "image.tar", docker_save(rpm("python3-facebook-sdk"))),
    Row("pip", "image.tar", docker_save(pip("face_recognition")), RECOGNITION, says="pkg:pypi/face-recognition"),
    Row("pip", "image.tar", docker_save(pip("numpy"))),
    Row("npm", "image.tar", docker_save(npm("@vladmandic/human")), RECOGNITION, says="pkg:npm/%40vladmandic/human"),
    Row("npm", "image.tar", docker_save(npm("fontfaceobserver"))),
    Row("files", "image.tar", docker_save(PLAIN, CODE), RECOGNITION, HIGH, "image.tar!/app/match.py"),
    Row("files", "image.tar", docker_save(CODE, PLAIN)),
]  # fmt: skip

ROWS = (*CONFIGURATION, *CONTAINERS)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("configuration"), ROWS)


@pytest.mark.parametrize("row", CONFIGURATION, ids=str)
def test_item_3_recorders_and_cameras(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


@pytest.mark.parametrize("row", CONTAINERS, ids=str)
def test_item_5_container_images(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


def test_a_package_that_a_higher_layer_removed_is_not_named(scanned: Scanned) -> None:
    (row,) = (r for r in CONTAINERS if r.name == "whiteout" and r.capability)
    assert "deepface" not in json.dumps(scanned.findings(row))


def test_the_table_holds_the_whole_list() -> None:
    check_complete(CONFIGURATION, PRODUCTS)
    check_complete(CONTAINERS, IMAGES)
