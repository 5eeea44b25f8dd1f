"""The one look over code lets pass whatever the inspectors' own filters would."""

import re

import pytest
import re2

from scanner.discover.artifact import Artifact
from scanner.findings import Outcome
from scanner.inspect.config.pipeline import launch_words
from scanner.inspect.registry import inspectors
from scanner.inspect.sift import loosen, says_nothing
from scanner.inspect.source.languages import SYNTAXES
from scanner.inspect.source.lexicon import gate_words
from scanner.inspect.unit import Desk, inspect_artifact
from scanner.rules import load_rules

SUFFIX = {"python": ".py", "javascript": ".js", "java": ".java", "cpp": ".cpp", "go": ".go", "php": ".php"}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(inspectors("off"), load_rules())


def test_a_loosened_expression_matches_wherever_the_rule_does(desk: Desk) -> None:
    texts = [e.text for rule in desk.rules for e in rule.examples.match]
    words = {w for language in SYNTAXES for w in gate_words(desk.rules, language)}
    held = 0
    for word in words | set(launch_words(desk.rules)):
        strict, loose = re2.compile(word), re2.compile(f"(?i:{loosen(word)})")
        for text in texts:
            if strict.search(text):
                held += 1
                assert loose.search(text), (word, loosen(word), text)
    assert held > len(words) // 4


@pytest.mark.parametrize(
    ("expression", "loose"),
    [
        (r"\bface_recognition\b", "face_recognition"),
        (r"\b[\w-]+\.paravision\.ai", r"\.paravision\.ai"),
        (r"\bosnet_(x\d|ain)\w*", r"\bosnet_(x\d|ain)\w*"),
        (r"\bgva\b", r"\bgva\b"),
        (r"one-word|another-word", r"one-word|another-word"),
        (r"long-words?-\d{4}", r"long-words?-\d{4}"),
        (r"compute_face_descriptors?", "compute_face_descriptors?"),
    ],
)
def test_what_only_narrows_is_dropped(expression: str, loose: str) -> None:
    assert loosen(expression) == loose
    assert re.compile(loosen(expression))


def test_only_what_no_inspector_would_find_is_left_unread(desk: Desk) -> None:
    for name, data, silent in (
        ("a.py", b"import os\n", True),
        ("a.py", b"import face_recognition\n", False),
        ("a.py", "import face_recognition\n".encode("utf-16"), False),
        ("a.py", b"x = 1  # scanner: ignore[face-recognition-python] stale\n", False),
        ("a.sh", b"gst-launch-1.0 v4l2src ! nvinfer config-file-path=facenet.txt ! fakesink\n", False),
        ("setup.py", b"setup(install_requires=['dlib'])\n", False),
        ("a.yaml", b"a: 1\n", False),
    ):
        artifact = Artifact(name, data=data)
        assert says_nothing(artifact, desk.readers(artifact), desk.rules) is silent, name


def test_a_file_in_which_nothing_stands_counts_as_inspected_by_all_who_read_it(desk: Desk) -> None:
    record, found = inspect_artifact(Artifact("a.py", data=b"import os\n"), desk)
    assert (record.outcome, record.readers, found) == (Outcome.INSPECTED, ("source", "pipeline"), [])
