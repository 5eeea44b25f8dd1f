"""What a name says depends on where it stands: the file around it, the project's own name, the file's."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

import pytest

from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence
from scanner.inspect.gather import gather
from scanner.inspect.registry import inspectors
from scanner.inspect.sift import says_nothing
from scanner.inspect.source.inspector import SourceInspector
from scanner.rules import load_rules

RECOGNITION, VOICE = Capability.FACE_RECOGNITION, Capability.VOICE_RECOGNITION
READERS = tuple(i for i in inspectors() if i.name in {"source", "pipeline"})


def found(name: str, text: str) -> dict[Capability, Confidence]:
    artifact = Artifact(name, data=text.encode())
    findings = gather(artifact, SourceInspector().inspect(artifact, load_rules()))
    surest: dict[Capability, Confidence] = {}
    for finding in findings:
        least = surest.get(finding.capability, Confidence.LOW)
        surest[finding.capability] = max(least, finding.confidence, key=lambda c: c.rank)
    return surest


EMBEDDING = "def near(a, b):\n    return cosine_similarity(get_embedding(a), get_embedding(b))\n"


def test_an_embedding_is_one_of_a_face_where_faces_are_found_and_nothing_elsewhere() -> None:
    assert found("a.py", "from mtcnn import MTCNN\n" + EMBEDDING)[RECOGNITION] is Confidence.MEDIUM
    assert found("b.py", "from transformers import AutoModel  # Hugging Face\n" + EMBEDDING) == {}
    assert found("c.py", "surface_images = interface_detect(typeface_region)\n" + EMBEDDING) == {}


def test_a_margin_loss_is_for_faces_where_a_file_speaks_of_them() -> None:
    head = "class ArcFaceHead(nn.Module):\n    pass\n"
    assert found("a.py", "pairs = load('lfw.bin')\n" + head)[RECOGNITION] is Confidence.MEDIUM
    assert found("b.py", "labels = ['rust', 'scab']  # of leaves\n" + head) == {}
    cited = "# After the paper on face recognition with ArcFace, faces of LFW\n"
    assert found("c.py", "labels = ['rust', 'scab']\n" + cited + head) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Group.cs", "using SchoolFaceRecognition.Core;\n\nnamespace SchoolFaceRecognition.Api\n{\n    class Group { SchoolFaceRecognition.Core.Id id; }\n}\n"),
        ("Group.java", "package org.facerecognition.faceRecognition.groups;\n\nclass Group { int id; }\n"),
        ("Group.php", "<?php\nnamespace App\\FaceRecognition\\Groups;\n\nclass Group { public $id; }\n"),
    ],
)  # fmt: skip
def test_the_name_of_a_project_says_little(name: str, text: str) -> None:
    assert set(found(name, text).values()) <= {Confidence.LOW}


def test_what_a_project_so_named_declares_still_counts() -> None:
    text = "namespace FaceRecognition.Core\n{\n    class FaceRecognizer { float[] GetFaceEmbedding(Image i) => null; }\n}\n"
    assert found("A.cs", text)[RECOGNITION].rank >= Confidence.MEDIUM.rank


@pytest.mark.parametrize(
    ("name", "capability", "expected"),
    [
        ("speaker-recognition.py", VOICE, Confidence.MEDIUM),
        ("FaceRecognition.java", RECOGNITION, Confidence.MEDIUM),
        # An icon, or a part of a page, is a file as well.
        ("FaceRecognition.tsx", RECOGNITION, Confidence.LOW),
        ("surface_recognition.py", RECOGNITION, None),
    ],
)
def test_what_a_file_is_called_counts(name: str, capability: Capability, expected: Confidence | None) -> None:
    text = "x = 1;\n"
    assert found(name, text).get(capability) is expected
    if expected:
        assert not says_nothing(Artifact(name, data=text.encode()), READERS, load_rules())


def test_the_name_of_a_file_is_shown_as_such() -> None:
    artifact = Artifact("src/speaker-recognition.py", data=b"import sys\n")
    (finding,) = gather(artifact, SourceInspector().inspect(artifact, load_rules()))
    assert finding.evidence[0].excerpt == "the file is called speaker-recognition"
