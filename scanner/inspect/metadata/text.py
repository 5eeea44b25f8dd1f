"""Reads metadata that stand as text: recorded ONVIF metadata streams, and Picasa's notes beside pictures."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scanner.errors import UnreadableError
from scanner.inspect.metadata.tag import Tag

_SCHEMA = b"http://www.onvif.org/ver10/schema"
_FACE = "http://www.onvif.org/ver20/analytics/humanface"
_BODY = "http://www.onvif.org/ver20/analytics/humanbody"
_ATTRIBUTES = frozenset(
    {"Age", "Gender", "Complexion", "Expression", "FacialShape", "Scar", "Mole", "Tattoo", "Temperature"}
)
_PICASA_FACE = re.compile(r"^faces=(rect64\([0-9a-fA-F]{1,16}\),[0-9a-fA-F]+.*)$", re.MULTILINE)
_UNKNOWN = "ffffffffffffffff"


def looks_like_onvif(head: bytes) -> bool:
    """Whether XML is a metadata stream as cameras send it, and no description of a service."""
    return _SCHEMA in head and b"MetadataStream" in head and b"schema targetNamespace" not in head


def onvif_tags(path: str, content: bytes) -> Iterator[Tag]:
    """Give what a metadata stream tells of people; values (an age, a colour of skin) are never shown.

    Raises:
        UnreadableError: it is no well-formed XML, or declares entities.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableError(
            f"{path} is a metadata stream that cannot be parsed: {type(error).__name__}."
        ) from error
    found: Counter[str] = Counter()
    for element in root.iter():
        space, _, name = element.tag.removeprefix("{").rpartition("}")
        text = (element.text or "").strip()
        if name == "HumanFace" or (name == "Type" and text in ("HumanFace", "Face")):
            found["HumanFace"] += 1
        elif space == _FACE and name in _ATTRIBUTES:
            found["HumanFace:attributes"] += 1
        elif name == "HumanBody" or space == _BODY:
            found["HumanBody"] += 1
        topic = text if name == "Topic" else ""
        if topic.endswith(("Recognition/Face", "FaceRecognition")):
            found["FaceRecognition"] += 1
    for name, count in sorted(found.items()):
        yield Tag(f"onvif:{name}", count=count, remark=_REMARKS[name])


_REMARKS = {
    "HumanFace": "the camera reports faces",
    "HumanFace:attributes": "the camera describes faces: age, gender, expression (values masked)",
    "HumanBody": "the camera describes bodies",
    "FaceRecognition": "the camera reports whom it recognised (name masked)",
}


def picasa_tags(text: str) -> Iterator[Tag]:
    """Give the faces in Picasa's notes; each carries the number of a contact, or that nobody was named."""
    named = unnamed = 0
    for line in _PICASA_FACE.findall(text):
        for face in line.split(";"):
            known = "," in face and not face.endswith(_UNKNOWN)
            named += known
            unnamed += not known
    if named:
        yield Tag("picasa:faces", count=named, remark="name present (masked)")
    if unnamed:
        yield Tag("picasa:unnamed", count=unnamed, remark="faces that nobody named")
