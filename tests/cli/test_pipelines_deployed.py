"""The eight lists as they are met in practice: languages beside, deployments, robots and boards, one scan of them all."""

# ruff: noqa: E501 - tables of one file a line

import json

import pytest

from tests.cli.pipelines import DETECTION, HIGH, LOW, RECOGNITION, Row, Scanned, check, check_complete, scan

THINGS = (
    "dart", "scala", "lua", "matlab", "pubspec", "pubspec-lock", "ansible-pip", "ansible-apt", "ros-package", "idf-component",
    "gstreamer-in-systemd", "gstreamer-in-python", "gstreamer-in-compose", "helm-mapping", "helm-image", "helm-template",
    "ansible-image", "nomad", "ring-bridge", "hikvision-isapi", "ros-launch", "mediapipe-graph", "sdkconfig", "immich",
    "photo-server-off", "policy-document", "iam-whole-service", "cdk-statement", "serverless", "pulumi", "step-function",
    "rekognition-by-region", "template-jinja", "template-tpl", "chart", "depthai", "coral", "huskylens", "deepstack-image",
)  # fmt: skip

CAMERAS = "    cameras:\n      lobby:\n        ffmpeg:\n          inputs:\n            - path: rtsp://10.0.0.2/stream\n"


def statement(*actions: str) -> str:
    inside = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [inside]})


def serverless(action: str) -> str:
    return f"service: a\nprovider:\n  name: aws\n  iam:\n    role:\n      statements:\n        - Effect: Allow\n          Action:\n            - {action}\n          Resource: '*'\n"


def document(*actions: str) -> str:
    return f'data "aws_iam_policy_document" "a" {{\n  statement {{\n    actions = {json.dumps(actions)}\n    resources = ["*"]\n  }}\n}}\n'


def state_machine(call: str) -> str:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:rekognition:{call}", "End": True}
    return json.dumps({"StartAt": "A", "States": {"A": state}})


def unit(line: str) -> str:
    return f"[Unit]\nDescription=camera\n[Service]\nExecStart=/usr/bin/gst-launch-1.0 v4l2src ! {line} ! autovideosink\n"


def task(module: str, body: str) -> str:
    return f"- name: install face_recognition later\n  {module}:\n{body}"


def graph(calculator: str) -> str:
    return f'input_stream: "input_video"\nnode {{\n  calculator: "{calculator}"\n  input_stream: "IMAGE:input_video"\n}}\n'


ROWS = [
    Row("dart", "a.dart", "import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart';\nfinal d = FaceDetector(options: FaceDetectorOptions());\n", DETECTION, HIGH),
    Row("dart", "a.dart", "import 'package:google_mlkit_text_recognition/google_mlkit_text_recognition.dart';\n/// FaceDetectorOptions\nfinal d = TextRecognizer();\n"),
    Row("scala", "a.scala", "import org.bytedeco.opencv.opencv_face.LBPHFaceRecognizer\nobject A { val r = LBPHFaceRecognizer.create() }\n", RECOGNITION, HIGH),
    Row("scala", "a.scala", "/* LBPHFaceRecognizer */\nobject A { def faces(mesh: Mesh) = mesh.faces }\n"),
    Row("lua", "a.lua", "local label = recognizeFace(net, img)\n", RECOGNITION),
    Row("lua", "a.lua", "-- recognizeFace(net, img)\nlocal label = font:typeface()\n"),
    Row("matlab", "a.m", "I = imread('a.png');\nd = vision.CascadeObjectDetector();\n", DETECTION, HIGH),
    Row("matlab", "a.m", "% vision.CascadeObjectDetector()\nI = imread('a.png');\nx = mesh.faces;\n"),
    Row("pubspec", "pubspec.yaml", "name: a\ndependencies:\n  google_mlkit_face_detection: ^0.9.0\n", DETECTION, says="pkg:pub/google_mlkit_face_detection"),
    Row("pubspec", "pubspec.yaml", "name: google_mlkit_face_detection\ndependencies:\n  flutter_facebook_auth: ^6\n"),
    Row("pubspec-lock", "pubspec.lock", 'packages:\n  google_mlkit_face_detection:\n    dependency: "direct main"\n    source: hosted\n    version: "0.9.0"\n', DETECTION),
    Row("pubspec-lock", "pubspec.lock", 'packages:\n  flutter_facebook_auth:\n    dependency: "direct main"\n    source: hosted\n    version: "6.0.0"\n'),
    Row("ansible-pip", "tasks/main.yml", task("ansible.builtin.pip", "    name:\n      - face_recognition==1.3.0\n      - numpy\n"), RECOGNITION, says="pkg:pypi/face-recognition"),
    Row("ansible-pip", "tasks/main.yml", task("ansible.builtin.pip", "    name: face_recognition\n    state: absent\n")),
    Row("ansible-apt", "tasks/main.yml", task("apt", "    pkg: [howdy]\n"), RECOGNITION, LOW, "pkg:deb/debian/howdy"),
    Row("ansible-apt", "tasks/main.yml", task("apt", "    name: fonts-noto\n"), None, LOW),
    Row("ros-package", "package.xml", '<package format="2"><name>door</name><exec_depend>face_recognition</exec_depend></package>', RECOGNITION),
    Row("ros-package", "package.xml", '<package format="2"><name>face_recognition</name><depend>sensor_msgs</depend></package>'),
    Row("idf-component", "main/idf_component.yml", "dependencies:\n  espressif/human_face_recognition: '*'\n", RECOGNITION),
    Row("idf-component", "main/idf_component.yml", "description: human_face_recognition\ndependencies:\n  espressif/esp32-camera: '*'\n"),
    Row("gstreamer-in-systemd", "cam.service", unit("facedetect"), DETECTION),
    Row("gstreamer-in-systemd", "cam.service", unit("motioncells")),
    Row("gstreamer-in-python", "a.py", "from gi.repository import Gst\np = Gst.parse_launch('v4l2src ! facedetect ! autovideosink')\n", DETECTION),
    Row("gstreamer-in-python", "a.py", "from gi.repository import Gst\n# v4l2src ! facedetect ! autovideosink\np = Gst.parse_launch('v4l2src ! autovideosink')\n"),
    Row("gstreamer-in-compose", "compose.yaml", "services:\n  a:\n    image: x\n    command: gst-launch-1.0 v4l2src ! facedetect ! fakesink\n", DETECTION),
    Row("gstreamer-in-compose", "compose.yaml", "services:\n  a:\n    image: x\n    # command: gst-launch-1.0 v4l2src ! facedetect ! fakesink\n    command: gst-launch-1.0 v4l2src ! fakesink\n"),
    Row("helm-mapping", "values.yaml", "frigate:\n  config:\n    mqtt:\n      enabled: false\n    face_recognition:\n      enabled: true\n" + CAMERAS, RECOGNITION, HIGH),
    Row("helm-mapping", "values.yaml", "frigate:\n  config:\n    mqtt:\n      enabled: false\n    lpr:\n      enabled: true\n" + CAMERAS),
    Row("helm-image", "values.yaml", "core:\n  image:\n    repository: exadel/compreface-core\n    tag: 1.2.0\n", RECOGNITION),
    Row("helm-image", "values.yaml", "core:\n  image:\n    repository: acme/compress-face\n    tag: 1.2.0\n"),
    Row("helm-template", "templates/d.yaml", 'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: core\n          image: "{{ .Values.registry }}compreface-core:{{ .Values.tag }}"\n', RECOGNITION),
    Row("helm-template", "templates/d.yaml", 'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: core\n          image: "{{ .Values.registry }}typeface-core:{{ .Values.tag }}"\n'),
    Row("ansible-image", "tasks/main.yml", task("community.docker.docker_container", "    name: faces\n    image: exadel/compreface-core:1.2.0\n"), RECOGNITION),
    Row("ansible-image", "tasks/main.yml", task("community.docker.docker_container", "    name: compreface-core\n    image: redis:7\n")),
    Row("nomad", "a.nomad", 'job "a" {\n  group "g" {\n    task "t" {\n      config {\n        image = "exadel/compreface-core:1.2.0"\n      }\n    }\n  }\n}\n', RECOGNITION),
    Row("nomad", "a.nomad", 'job "compreface" {\n  group "g" {\n    task "t" {\n      config {\n        image = "redis:7"\n      }\n    }\n  }\n}\n'),
    Row("ring-bridge", "compose.yaml", "services:\n  ring:\n    image: tsightler/ring-mqtt\n", RECOGNITION, LOW),
    Row("ring-bridge", "compose.yaml", "services:\n  ring:\n    image: acme/string-mqtt\n", None, LOW),
    Row("hikvision-isapi", "a.py", "requests.post(f'http://{h}/ISAPI/Intelligent/FDLib/FaceDataRecord?format=json')\n", RECOGNITION),
    Row("hikvision-isapi", "a.py", "requests.get(f'http://{h}/ISAPI/Streaming/channels/101/picture')\n"),
    Row("ros-launch", "f.launch", '<launch>\n  <node pkg="face_recognition" type="Fserver" name="s"/>\n</launch>\n', RECOGNITION),
    Row("ros-launch", "f.launch", '<launch>\n  <node pkg="surface_recognition" type="s" name="face_recognition"/>\n</launch>\n'),
    Row("mediapipe-graph", "g.pbtxt", graph("FaceDetectionShortRangeCpu"), DETECTION, HIGH),
    Row("mediapipe-graph", "g.pbtxt", graph("SurfaceDetectionCalculator")),
    Row("sdkconfig", "sdkconfig.defaults", "CONFIG_ESP_FACE_RECOGNITION_ENABLED=y\n", RECOGNITION, HIGH),
    Row("sdkconfig", "sdkconfig.defaults", "# CONFIG_ESP_FACE_RECOGNITION_ENABLED is not set\nCONFIG_ESP_CONSOLE_UART=y\n"),
    Row("immich", "immich.json", '{"machineLearning": {"facialRecognition": {"enabled": true, "modelName": "buffalo_l"}}}', RECOGNITION, HIGH),
    Row("immich", "immich.json", '{"machineLearning": {"clip": {"enabled": true, "modelName": "ViT-B-32"}}}'),
    Row("photo-server-off", "immich.json", '{"machineLearning": {"facialRecognition": {"enabled": false}}}', RECOGNITION, says="installed but disabled"),
    Row("photo-server-off", "immich.json", '{"machineLearning": {"duplicateDetection": {"enabled": false}}}'),
    Row("policy-document", "iam.tf", document("rekognition:SearchFacesByImage"), RECOGNITION),
    Row("policy-document", "iam.tf", document("rekognition:DetectLabels", "rekognition:DetectText")),
    Row("iam-whole-service", "policy.json", statement("rekognition:*"), RECOGNITION, LOW, "a wildcard that covers rekognition:"),
    Row("iam-whole-service", "policy.json", statement("s3:*", "textract:*"), None, LOW),
    Row("cdk-statement", "s.ts", "import * as iam from 'aws-cdk-lib/aws-iam';\nnew iam.PolicyStatement({ actions: ['rekognition:SearchFacesByImage'], resources: ['*'] });\n", RECOGNITION),
    Row("cdk-statement", "s.ts", "import * as iam from 'aws-cdk-lib/aws-iam';\nnew iam.PolicyStatement({ actions: ['rekognition:DetectLabels'], resources: ['*'] });\n"),
    Row("serverless", "serverless.yml", serverless("rekognition:CompareFaces"), RECOGNITION),
    Row("serverless", "serverless.yml", serverless("rekognition:DetectModerationLabels")),
    Row("pulumi", "a.ts", "import * as aws from '@pulumi/aws';\nnew aws.rekognition.Collection('c', { collectionId: 'x' });\n", RECOGNITION, HIGH),
    Row("pulumi", "a.ts", "import * as aws from '@pulumi/aws';\nnew aws.rekognition.Project('c', { feature: 'CUSTOM_LABELS' });\n"),
    Row("step-function", "a.asl.json", state_machine("searchFacesByImage"), RECOGNITION, HIGH),
    Row("step-function", "a.asl.json", state_machine("detectLabels")),
    Row("rekognition-by-region", "a.py", "import boto3\nr = boto3.Session(region_name='us-east-1').client('rekognition')\nr.index_faces(CollectionId='x')\n", RECOGNITION, HIGH),
    Row("rekognition-by-region", "a.py", "import boto3\nr = boto3.Session(region_name='us-east-1').client('rekognition')\nr.detect_moderation_labels(Image=i)\n"),
    Row("template-jinja", "templates/config.yml.j2", "mqtt:\n  host: {{ broker }}\nface_recognition:\n  enabled: true\n" + CAMERAS.replace("    cameras", "cameras", 1).replace("\n    ", "\n"), RECOGNITION, HIGH),
    Row("template-jinja", "templates/config.yml.j2", "mqtt:\n  host: {{ broker }}\nlpr:\n  enabled: true\n" + CAMERAS.replace("    cameras", "cameras", 1).replace("\n    ", "\n")),
    Row("template-tpl", "values.yaml.tpl", "core:\n  image:\n    repository: exadel/compreface-core\n    tag: ${tag}\n", RECOGNITION),
    Row("template-tpl", "values.yaml.tpl", "core:\n  image:\n    repository: acme/compress-face\n    tag: ${tag}\n"),
    Row("chart", "repo.yaml", "kind: HelmRepository\nspec:\n  url: https://immich-app.github.io/immich-charts\n", RECOGNITION),
    Row("chart", "repo.yaml", "kind: HelmRepository\nmetadata:\n  name: immich-charts\nspec:\n  url: https://bjw-s.github.io/helm-charts\n"),
    Row("depthai", "a.py", "import blobconverter\nb = blobconverter.from_zoo(name='face-detection-retail-0004', shaves=6)\n", DETECTION),
    Row("depthai", "a.py", "import blobconverter\nb = blobconverter.from_zoo(name='mobilenet-ssd', shaves=6)\n"),
    Row("coral", "a.py", "i = make_interpreter('ssd_mobilenet_v2_face_quant_postprocess_edgetpu.tflite')\n", DETECTION),
    Row("coral", "a.py", "i = make_interpreter('ssd_mobilenet_v2_coco_quant_postprocess_edgetpu.tflite')\n"),
    Row("huskylens", "a.ino", "#include <HUSKYLENS.h>\nvoid setup() { lens.writeAlgorithm(ALGORITHM_FACE_RECOGNITION); }\n", RECOGNITION, HIGH),
    Row("huskylens", "a.ino", "#include <HUSKYLENS.h>\nvoid setup() { lens.writeAlgorithm(ALGORITHM_TAG_RECOGNITION); }\n"),
    # As Frigate's, its image serves faces only where a variable says so.
    Row("deepstack-image", "compose.yaml", "services:\n  a:\n    image: deepquestai/deepstack\n    environment:\n      - VISION-FACE=True\n", RECOGNITION, HIGH),
    Row("deepstack-image", "compose.yaml", "services:\n  a:\n    image: deepquestai/deepstack\n    environment:\n      - VISION-DETECTION=True\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("deployed"), ROWS)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_where_the_lists_are_met(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


def test_the_table_holds_one_of_each_and_one_that_only_looks_like_it() -> None:
    check_complete(ROWS, THINGS)
