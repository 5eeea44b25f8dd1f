"""What source code shows, through real files, with the shipped rules."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

import json
import time
from pathlib import Path

import pytest

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Capability, Confidence, Finding, Lines, Pointer
from scanner.inspect.gather import gather
from scanner.inspect.source import inspector as source
from scanner.inspect.source.inspector import SourceInspector
from scanner.rules import load_rules

RECOGNITION = Capability.FACE_RECOGNITION
DETECTION = Capability.FACE_DETECTION


def find(folder: Path, name: str, text: str | bytes) -> list[Finding]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    artifact = Artifact(name, local=path)
    inspector = SourceInspector()
    assert inspector.accepts(artifact)
    return gather(artifact, inspector.inspect(artifact, load_rules()))


def strong(findings: list[Finding]) -> set[Capability]:
    return {f.capability for f in findings if f.confidence is not Confidence.LOW}


SHOWN = [
    ("a.py", "import face_recognition as fr\nfr.face_encodings(x)\n", RECOGNITION),
    ("b.py", "from face_recognition import face_encodings as enc\nenc(x)\n", RECOGNITION),
    ("c.py", "import cv2 as cv\nr = cv.face.LBPHFaceRecognizer_create()\n", RECOGNITION),
    ("d.py", "from boto3 import client as make\nr = make('rekognition')\nr.compare_faces(a, b)\n", RECOGNITION),
    (
        "e.py",
        "import boto3\nclass A:\n  def __init__(self):\n    s = boto3.Session()\n"
        "    self._c = s.client(service_name='rekognition')\n  def f(self):\n    self._c.create_collection(1)\n",
        RECOGNITION,
    ),
    ("f.py", "import boto3\nboto3.client('rekognition').compare_faces(a, b)\n", RECOGNITION),
    ("g.ts", "import * as faceapi from 'face-api.js';\nnew faceapi.FaceMatcher(d);\n", RECOGNITION),
    ("h.tsx", "import { Human } from '@vladmandic/human';\nexport const A = () => <b>{new Human()}</b>;\n", RECOGNITION),
    ("i.mjs", "const f = await import('@vladmandic/face-api');\n", RECOGNITION),
    ("j.js", "const { nets } = require('face-api.js');\nnets.faceRecognitionNet.load(u);\n", RECOGNITION),
    ("k.java", "import org.bytedeco.opencv.opencv_face.LBPHFaceRecognizer;\nclass K {}\n", RECOGNITION),
    ("l.kt", "import com.google.mlkit.vision.face.FaceDetection\nval d = FaceDetection.getClient(o)\n", DETECTION),
    ("m.swift", "import Vision\nlet r = VNDetectFaceRectanglesRequest(completionHandler: f)\n", DETECTION),
    ("n.m", "void f(void) { id d = [CIDetector detectorOfType:CIDetectorTypeFace context:nil options:nil]; }\n", DETECTION),
    ("o.cpp", "#include <opencv2/face.hpp>\nusing namespace cv::face;\nauto r = LBPHFaceRecognizer::create();\n", RECOGNITION),
    ("p.c", "int main(void) { return FSDK_MatchFaces(a, b, s); }\n", RECOGNITION),
    ("q.cs", "using ViewFaceCore.Core;\nclass Q { FaceRecognizer r = new FaceRecognizer(); }\n", RECOGNITION),
    ("r.go", 'package m\nimport fr "github.com/Kagami/go-face"\nfunc f() { r, _ := fr.NewRecognizer("d"); _ = r }\n', RECOGNITION),
    ("s.rs", "use dlib_face_recognition::{FaceEncoderNetwork as Net};\nfn f() { let n = Net::default(); }\n", RECOGNITION),
    ("t.php", "<?php\nuse Aws\\Rekognition\\RekognitionClient;\n$c = new RekognitionClient($o);\n$c->searchFacesByImage($p);\n", RECOGNITION),
    ("u.rb", "c = Aws::Rekognition::Client.new\nc.search_faces_by_image(collection_id: 'x')\n", RECOGNITION),
    ("v.sh", "curl -F image=@x http://localhost:80/v1/vision/face/recognize\n", RECOGNITION),
    ("w.dart", "import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart';\n", DETECTION),
    ("x.vue", "<template><b/></template>\n<script lang=\"ts\">\nimport * as f from 'face-api.js'\n</script>\n", RECOGNITION),
    ("tag.vue", "<template>\n<FaceRecognition :box='b' />\n</template>\n<script>\nexport default {}\n</script>\n", RECOGNITION),
    ("y.html", "<p>x</p><script src='vendor/face-api.min.js'></script>\n", RECOGNITION),
    ("z.scala", "import org.bytedeco.opencv.opencv_face.EigenFaceRecognizer\n", RECOGNITION),
    ("own.py", "class MyNet:\n    def face_embedding(self, chip): ...\n", RECOGNITION),
    ("own.java", "class F { double[] computeFaceDescriptors(Image i) { return null; } }\n", RECOGNITION),
    ("const.ts", "export const FACE_EMBEDDING_SIZE = 128;\n", RECOGNITION),
    ("gait.py", "class GaitSet(nn.Module): ...\n", Capability.GAIT_RECOGNITION),
    ("voice.py", "def speaker_embeddings(wav): ...\n", Capability.VOICE_RECOGNITION),
    ("faces.py", "import cv2\ndef predict_emotion(crop): ...\n", Capability.FACE_ANALYSIS),
    ("new.php", "<?php\n$this->c = new RekognitionClient($o);\n$this->c->compareFaces($p);\n", RECOGNITION),
    ("iris.py", "import iris\np = iris.IRISPipeline()\n", Capability.OTHER_REMOTE_BIOMETRIC),
    ("emo.py", "from fer import FER\nFER().detect_emotions(i)\n", Capability.FACE_ANALYSIS),
]  # fmt: skip

SILENT = [
    ("a.py", '"""face_recognition.face_encodings is not used."""\n# import face_recognition\n'),
    (
        "b.py",
        "'''See https://api.kairos.com'''\ndef f():\n    '''buffalo_l, w600k_r50.onnx'''\n    return 1\n",
    ),
    ("c.ts", "// faceapi.nets.faceRecognitionNet\n/* withFaceDescriptors */ export const a = 1;\n"),
    ("d.cpp", "// cv::face::LBPHFaceRecognizer\n#include <vector>\n"),
    ("e.py", "from langchain import HuggingFaceEmbeddings\nclass HuggingFaceRecognizer: ...\n"),
    ("f.py", "mesh.faces = surface_detector(interface_matcher)\ntypeface_search = font_face_matcher = 1\n"),
    ("g.py", "import chromadb\nc = chromadb.Client()\nc.create_collection('docs')\n"),
    (
        "h.py",
        "import boto3\nc = boto3.client('rekognition')\nc.detect_labels(Image=i)\nc.detect_text(Image=i)\n",
    ),
    ("i.py", "import boto3\nc = boto3.client('dynamodb')\nc.create_user(u)\nc.search_users(u)\n"),
    ("j.tsx", "import styled from '@emotion/styled';\nexport const icon = 'scan-face';\n"),
    ("k.py", "from sklearn.datasets import load_iris\niris_data = load_iris()\n"),
    ("l.java", "class D { int faces = 6; int rollFace() { return faces; } }\n"),
    ("m.swift", "let c = LAContext()\nlet b = c.biometryType == .faceID\n"),
    ("n.py", "import speech_recognition as sr\nsr.Recognizer().recognize_google(a)\n"),
    ("o.py", "fingerprint = key.get_fingerprint()\nplate_recognition = alpr(frame)\n"),
    ("p.py", "loss = ArcFaceLoss(num_classes=10)\nfrom losses import CosFaceLoss\n"),
    ("q.html", "<p>face_recognition and faceapi.nets.faceRecognitionNet</p>\n"),
    ("r.jsx", "export const A = () => <p>faceRecognitionNet</p>;\n"),
    ("s.java", "class S { void f() { encodeFacesMessagePopover(facesContext); } }\n"),
    ("enum.py", "class C(StrEnum):\n    FACE_RECOGNITION = 'face-recognition'\n    FACE_DETECTION = 'x'\n"),
    ("text.py", "def predict_emotion(sentence):\n    return model(sentence)\n"),
    ("mesh.h", "using face_descriptor = typename GT::face_descriptor;\n"),
    ("t.sh", "# curl http://localhost/v1/vision/face/recognize\necho hello\n"),
]


@pytest.mark.parametrize(("name", "text", "capability"), SHOWN, ids=[s[0] for s in SHOWN])
def test_processing_is_found_in_every_language(
    tmp_path: Path, name: str, text: str, capability: Capability
) -> None:
    assert capability in strong(find(tmp_path, name, text))


@pytest.mark.parametrize(("name", "text"), SILENT, ids=[s[0] for s in SILENT])
def test_what_only_looks_like_it_stays_silent(tmp_path: Path, name: str, text: str) -> None:
    assert strong(find(tmp_path, name, text)) == set()


def test_a_call_is_shown_with_its_line_and_resolved_name(tmp_path: Path) -> None:
    findings = find(tmp_path, "a.py", "import face_recognition as fr\n\n\nx = fr.face_encodings(y)\n")
    call = next(
        e for f in findings for e in f.evidence if e.signal == "call" and e.subject.startswith("face_")
    )
    assert call.subject == "face_recognition.face_encodings"
    assert call.location == Lines(start_line=4, end_line=4)
    assert call.excerpt == "x = fr.face_encodings(y)"


def test_confidence_says_what_is_shown(tmp_path: Path) -> None:
    used = find(tmp_path, "a.py", "import face_recognition\nface_recognition.face_encodings(x)\n")
    imported = find(tmp_path, "b.py", "import face_recognition\n")
    tested = find(
        tmp_path, "tests/test_c.py", "import face_recognition\nface_recognition.face_encodings(x)\n"
    )
    assert [max(f.confidence.rank for f in fs) for fs in (used, imported, tested)] == [2, 1, 1]


def test_a_file_that_mocks_the_service_is_a_hint(tmp_path: Path) -> None:
    text = "import boto3\nfrom moto import mock_aws\nc = boto3.client('rekognition')\nc.compare_faces(a, b)\n"
    findings = find(tmp_path, "a.py", text)
    assert findings
    assert strong(findings) == set()
    assert "mock" in findings[0].evidence[0].note


def test_a_client_that_came_as_a_parameter_counts_where_such_a_client_is_made(tmp_path: Path) -> None:
    made = (
        "import boto3\nmake = lambda: boto3.client('rekognition')\ndef f(c):\n    c.create_collection('x')\n"
    )
    other = "import chromadb\ndef f(c):\n    c.create_collection('x')\n"
    assert RECOGNITION in strong(find(tmp_path, "a.py", made))
    assert find(tmp_path, "b.py", other) == []


def test_a_moved_line_and_a_renamed_file_keep_the_fingerprint(tmp_path: Path) -> None:
    first = find(tmp_path, "a.py", "import insightface\n")
    second = find(tmp_path, "b/c.py", "\n\n\nimport insightface\n")
    assert [f.fingerprint for f in first] == [f.fingerprint for f in second]


def test_a_notebook_is_read_across_its_cells(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["from deepface import DeepFace"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "from deepface import DeepFace as D"]},
        {"cell_type": "code", "source": "x = 1\nD.verify(a, b)"},
    ]
    findings = find(tmp_path, "n.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    places = {(e.subject, e.location) for f in findings for e in f.evidence}
    assert ("deepface.DeepFace.verify", Pointer(pointer="/cells/2/source", start_line=2)) in places
    assert ("deepface", Pointer(pointer="/cells/1/source", start_line=2)) in places
    assert not any(p.pointer == "/cells/0/source" for _, p in places if isinstance(p, Pointer))


@pytest.mark.parametrize(
    "text", ["{", '{"cells": 3, "x": "deepface"}', '"deepface"', "[" * 100_000 + '"deepface"']
)
def test_a_notebook_that_is_none_is_not_tested(tmp_path: Path, text: str) -> None:
    if "deepface" not in text:
        assert find(tmp_path, "n.ipynb", text) == []
        return
    with pytest.raises(UnreadableError, match=r"n\.ipynb"):
        find(tmp_path, "n.ipynb", text)


def test_a_file_too_large_to_parse_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_SOURCE", 1000)
    assert find(tmp_path, "a.py", "x = 1\n" * 1000) == []
    with pytest.raises(LimitError, match=r"b\.py"):
        find(tmp_path, "b.py", "import insightface\n" + "x = 1\n" * 1000)


HOSTILE = {
    "invalid utf-8": b"import insightface\nx = '\xff\xfe\xfa'\n",
    "utf-16": "import insightface\n".encode("utf-16"),
    "nul bytes": b"import insightface\n" + b"x" * 9000 + b"\0\0",
    "unclosed": b"import insightface\nf = insightface.app.FaceAnalysis((((('",
    "deep": b"import insightface\nx = " + b"(" * 900 + b")" * 900,
    "one long line": b"import insightface; x = [" + b"1, " * 200_000 + b"]",
    "crlf": b"import insightface\r\nx = 1\r\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_as_far_as_it_goes(tmp_path: Path, data: bytes) -> None:
    findings = find(tmp_path, "a.py", data)
    assert RECOGNITION in strong(findings)
    assert all(len(e.excerpt) <= 160 for f in findings for e in f.evidence)


FOUND = Path(__file__).parents[1] / "fuzz" / "found"
ENDLESS = {
    "deeper than any code": (
        "a.py",
        b"import insightface\nx = " + b"(" * 20_000 + b")" * 20_000,
        "nested deeper than 1000",
    ),
    "a parser that goes round in circles": (
        "build.gradle.kts",
        (FOUND / "parser-in-circles=build.gradle.kts").read_bytes(),
        "does not come to an end",
    ),
}


@pytest.mark.parametrize("row", ENDLESS)
def test_code_that_no_parser_comes_to_an_end_with_is_given_up(tmp_path: Path, row: str) -> None:
    name, data, reason = ENDLESS[row]
    started = time.process_time()
    with pytest.raises(LimitError, match=reason):
        find(tmp_path, name, data)
    assert time.process_time() - started < 20


def test_a_secret_beside_a_call_is_masked(tmp_path: Path) -> None:
    findings = find(
        tmp_path,
        "a.py",
        "import boto3\nboto3.client('rekognition', password='hunter2secret').compare_faces(a)\n",
    )
    assert findings
    assert "hunter2secret" not in str(findings)


def test_a_call_on_an_imported_module_is_not_one_on_a_client(tmp_path: Path) -> None:
    text = (
        "import boto3\nimport face_recognition as fr\n"
        "client = boto3.client('rekognition')\nfr.compare_faces([], 1)\n"
    )
    subjects = {e.subject for f in find(tmp_path, "a.py", text) for e in f.evidence}
    assert "face_recognition.compare_faces" in subjects
    assert not [s for s in subjects if "client(rekognition)" in s]
