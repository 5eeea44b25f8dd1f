"""What a project says of itself: the first words count, what stands around them can deny it."""

import pytest

from scanner.discover.artifact import Artifact
from scanner.findings import Confidence
from scanner.inspect.claims import ClaimInspector
from scanner.rules import load_rules


def claims(path: str, text: str) -> dict[str, str]:
    """By rule, the confidence."""
    artifact = Artifact(path, data=text.encode())
    inspector = ClaimInspector()
    assert inspector.accepts(artifact)
    return {s.rule.id: s.confidence.value for s in inspector.inspect(artifact, load_rules())}


RECOGNISES = {"claim-face-recognition": "medium"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "# Door\n\nOpens the door by face recognition.\n"),
        ("readme.rst", "Door\n====\n\n.. image:: a.png\n\nIt recognises the faces of members.\n"),
        ("README", "face-recognition door\n"),
        ("README.md", "<h1 align='center'>Facial Recognition Door</h1>\n\n<p>...</p>\n"),
        ("README.md", "![logo](a.png)\n[![ci](b.svg)](c)\n\n# Smart [face login](https://x.example)\n"),
        ("README.md", "# Tür\n\n```sh\npip install x\n```\n\nUnlocks by facial recognition.\n"),
        ("setup.py", "setup(\n    name='x',\n    description='Facial authentication for kiosks',\n)\n"),
        ("Cargo.toml", '[package]\nname = "door"\ndescription = "Face recognition for doors"\n'),
        ("pubspec.yaml", "name: app\ndescription: >-\n  x\n"),
    ][:-1],
)
def test_the_first_words_tell(path: str, text: str) -> None:
    assert claims(path, text) == RECOGNISES


@pytest.mark.parametrize(
    "text",
    [
        "# Recorder\n\nRecords, without any face recognition.\n",
        "# Mask\n\nAn attack that fools facial recognition.\n",
        "# Recorder\n\nFace recognition is not supported.\n",
        "# Recorder\n\nRecords.\n\n## Others\n\nThey do face recognition.\n",
        "# Recorder\n\nRecords cameras all day long.\n\nFace recognition stands in a later paragraph.\n",
        "# Recorder\n\n```\nface recognition\n```\n",
        "# Typeface recognition\n\nTells fonts apart.\n",
        "# Surface matching\n\nAligns point clouds.\n",
    ],
)
def test_what_is_denied_or_stands_further_down_does_not(text: str) -> None:
    assert claims("README.md", text) == {}


def test_a_list_of_papers_and_a_part_deep_inside_are_hints() -> None:
    text = "# Awesome face recognition\n\nA curated list of papers.\n"
    assert claims("README.md", text) == {"claim-face-recognition": "low"}
    assert claims("a/b/README.md", "# Face recognition\n") == {"claim-face-recognition": "low"}
    assert claims("Cargo.toml", '[package]\nname = "face-recognition"\n') == {"claim-face-recognition": "low"}


def test_the_line_is_that_of_the_words() -> None:
    artifact = Artifact("README.md", data=b"\n\n# Door\n\n\nOpens it by face recognition.\n")
    [found] = ClaimInspector().inspect(artifact, load_rules())
    assert found.location.start_line == 6  # type: ignore[union-attr]
    assert found.confidence is Confidence.MEDIUM


def test_long_and_hostile_text_takes_its_length_alone() -> None:
    for text in (
        "[![" * 4000,
        "<" * 12000,
        "# " + "a " * 6000,
        "<!--" * 3000,
        "no " * 4000 + "face recognition",
    ):
        assert claims("README.md", text) is not None
