"""Reads face regions out of an XMP packet: of the Metadata Working Group, Microsoft, ACDSee, IPTC, Apple."""

from collections import Counter
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scanner.errors import UnreadableError
from scanner.inspect.metadata.tag import Tag

MAX_PACKET = 64 * 1024 * 1024
"""The largest packet that is parsed; extended XMP may run to megabytes."""

_NAMESPACES = {
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.2/": "MP",
    "http://ns.microsoft.com/photo/1.2/t/RegionInfo#": "MPRI",
    "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.acdsee.com/regions/": "acdsee-rs",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
_RDF_LI = "rdf:li"
_TYPES = ("mwg-rs:Type", "acdsee-rs:Type")
_WITH_NAME = "name present (masked)"


def read_xmp(path: str, packet: bytes) -> list[Tag]:
    """Give the tags about faces and people in a packet.

    Raises:
        UnreadableError: it is no well-formed XML, or declares entities.
    """
    try:
        root = fromstring(_body(packet), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableError(f"{path} holds XMP that cannot be parsed: {type(error).__name__}.") from error
    return _tags(_properties(root))


def _body(packet: bytes) -> str:
    """Give the XML between the packet's marks, which some writers leave incomplete, as text.

    Without its marks a packet has no declaration either, so the encoding is told by its first letters.
    """
    encoding = next((e for start, e in _ENCODINGS if packet.startswith(start)), "utf-8-sig")
    text = packet.decode(encoding, "replace").strip("\0 \t\r\n\ufeff")
    for tag in ("x:xmpmeta", "x:xapmeta", "rdf:RDF"):
        start, end = text.find(f"<{tag}"), text.rfind(f"</{tag}>")
        if 0 <= start < end:
            return text[start : end + len(tag) + 3]
    return text


_ENCODINGS = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\0<", "utf-16-be"),
    (b"<\0", "utf-16-le"),
)


class _Property:
    """One property, whether it is written as an element or as an attribute."""

    __slots__ = ("items", "name", "value")

    def __init__(self, name: str, value: str, items: int) -> None:
        self.name = name
        self.value = value
        self.items = items


def _properties(root: Element) -> list[_Property]:
    found: list[_Property] = []
    for element in root.iter():
        own = [_Property(key, v.strip(), 0) for k, v in element.attrib.items() if (key := _short(k))]
        for part in element:
            if key := _short(part.tag):
                # property → bag → items, and no deeper: what is nested without end must not be walked again.
                items = sum(
                    1 for bag in part for e in bag if _short(e.tag) == _RDF_LI and (e.text or "").strip()
                )
                own.append(_Property(key, (part.text or "").strip(), items))
        kinds = {item.value.lower() for item in own if item.name in _TYPES}
        # A pet or a bar code may have a name as well.
        found.extend(item for item in own if kinds <= {"face", ""} or not item.name.endswith(":Name"))
    return found


def _short(name: object) -> str:
    """Turn `{namespace}local` into the usual `prefix:local`; '' for one that says nothing of faces."""
    if not isinstance(name, str) or not name.startswith("{"):
        return ""
    space, _, local = name[1:].partition("}")
    prefix = _NAMESPACES.get(space)
    return f"{prefix}:{local}" if prefix else ""


def _tags(properties: list[_Property]) -> list[Tag]:
    counts: Counter[str] = Counter()
    for item in properties:
        counts[item.name] += _weight(item)
    return [
        Tag(f"xmp:{name}", pointer, counts[name], remark)
        for name, pointer, remark in _WANTED
        if counts[name] > 0
    ]


def _weight(item: _Property) -> int:
    """How many faces or people a property stands for; an empty name stands for none."""
    if item.name in _TYPES:
        return int(item.value.lower() == "face")
    if item.name in ("mwg-rs:Name", "MPReg:PersonDisplayName", "acdsee-rs:Name"):
        return int(bool(item.value))
    if item.name in ("Iptc4xmpExt:PersonInImage", "Iptc4xmpExt:PersonInImageWDetails"):
        return item.items
    return 1


_WANTED = (
    ("mwg-rs:Name", "/mwg-rs:Regions/mwg-rs:RegionList/mwg-rs:Name", _WITH_NAME),
    ("mwg-rs:Type", "/mwg-rs:Regions/mwg-rs:RegionList/mwg-rs:Type", "regions of the type Face"),
    ("MPReg:PersonDisplayName", "/MP:RegionInfo/MPRI:Regions/MPReg:PersonDisplayName", _WITH_NAME),
    ("MPReg:Rectangle", "/MP:RegionInfo/MPRI:Regions/MPReg:Rectangle", "regions of people"),
    ("acdsee-rs:Name", "/acdsee-rs:Regions/acdsee-rs:RegionList/acdsee-rs:Name", _WITH_NAME),
    ("acdsee-rs:Type", "/acdsee-rs:Regions/acdsee-rs:RegionList/acdsee-rs:Type", "regions of the type Face"),
    ("Iptc4xmpExt:PersonInImage", "/Iptc4xmpExt:PersonInImage", _WITH_NAME),
    ("Iptc4xmpExt:PersonInImageWDetails", "/Iptc4xmpExt:PersonInImageWDetails", _WITH_NAME),
    ("apple-fi:FaceID", "/apple-fi:FaceID", "a number for the face"),
    ("apple-fi:ConfidenceLevel", "/apple-fi:ConfidenceLevel", "how sure the detector was"),
    ("apple-fi:AngleInfoRoll", "/apple-fi:AngleInfoRoll", "how the head is turned"),
)
