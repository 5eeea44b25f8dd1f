"""Face regions in pictures and sidecars: real pictures by Pillow, packets where cameras put them."""

import contextlib
import io
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Capability, Confidence
from scanner.inspect.gather import gather
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata import MetadataInspector
from scanner.rules import load_rules

RULES = load_rules()
NAME = "Ada Lovelace"
_SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:MP="http://ns.microsoft.com/photo/1.2/" '
    'xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" '
    'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" '
    'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:acdsee-rs="http://ns.acdsee.com/regions/" '
    'xmlns:apple-fi="http://ns.apple.com/faceinfo/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
)


def packet(body: str) -> bytes:
    return (
        f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_SPACES}>'
        f'<rdf:Description>{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def region(**attributes: str) -> str:
    inner = " ".join(f'mwg-rs:{k}="{v}"' for k, v in attributes.items())
    return (
        "<mwg-rs:Regions><mwg-rs:RegionList><rdf:Bag><rdf:li>"
        f"<rdf:Description {inner}/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


NAMED = packet(region(Name=NAME, Type="Face"))


def look(path: str, data: bytes) -> list[Sighting]:
    artifact = Artifact(path, data=data)
    inspector = MetadataInspector()
    return list(inspector.inspect(artifact, RULES)) if inspector.accepts(artifact) else []


def picture(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 120, 60)).save(out, form, **options)
    return out.getvalue()


def seen(sightings: list[Sighting]) -> set[tuple[Capability, Confidence]]:
    return {(s.rule.capability, s.confidence) for s in sightings}


BOTH = {
    (Capability.FACE_RECOGNITION, Confidence.MEDIUM),
    (Capability.FACE_DETECTION, Confidence.MEDIUM),
}


def extended_jpeg(body: bytes, pieces: int = 3) -> bytes:
    """Extended XMP: the packet in several segments, given out of order."""
    plain = picture("JPEG")
    guid = b"0123456789ABCDEF" * 2
    step = -(-len(body) // pieces)
    segments = []
    for offset in range(0, len(body), step):
        content = (
            b"http://ns.adobe.com/xmp/extension/\0"
            + guid
            + struct.pack(">II", len(body), offset)
            + body[offset : offset + step]
        )
        segments.append(b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content)
    return plain[:2] + b"".join(reversed(segments)) + plain[2:]


def png_with(text: bytes, *, compressed: bool) -> bytes:
    plain = picture("PNG")
    body = (
        b"XML:com.adobe.xmp\0"
        + bytes([compressed, 0])
        + b"\0\0"
        + (zlib.compress(text) if compressed else text)
    )
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    return plain[:33] + chunk + plain[33:]


def tiff_with(text: bytes) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[700] = 1
    tags[700] = text
    return picture("TIFF", tiffinfo=tags)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.jpg", picture("JPEG", xmp=NAMED)),
        # marks that are incomplete, and another encoding, as they are met
        ("marks.jpg", picture("JPEG", xmp=NAMED[1:] + b"\0")),
        ("wide.jpg", picture("JPEG", xmp=NAMED.decode().encode("utf-16-be"))),
        ("extended.jpg", extended_jpeg(NAMED)),
        ("a.png", png_with(NAMED, compressed=False)),
        ("packed.png", png_with(NAMED, compressed=True)),
        ("a.tif", tiff_with(NAMED)),
        ("a.webp", picture("WEBP", xmp=NAMED)),
        ("a.avif", picture("AVIF", xmp=NAMED)),
        ("a.jpg.xmp", NAMED),
    ],
)
def test_a_named_region_is_found_in_every_container(path: str, data: bytes) -> None:
    assert seen(look(path, data)) == BOTH


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (region(Type="Face"), {(Capability.FACE_DETECTION, Confidence.MEDIUM)}),
        (region(Name="", Type="Face"), {(Capability.FACE_DETECTION, Confidence.MEDIUM)}),
        (region(Type="BarCode"), set()),
        (region(Type="Pet", Name="Rex"), set()),
        (
            "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li><rdf:Description "
            f'MPReg:Rectangle="0.1, 0.1, 0.2, 0.2" MPReg:PersonDisplayName="{NAME}"/></rdf:li></rdf:Bag>'
            "</MPRI:Regions></rdf:Description></MP:RegionInfo>",
            BOTH,
        ),
        (
            f"<ext:PersonInImage><rdf:Bag><rdf:li>{NAME}</rdf:li></rdf:Bag></ext:PersonInImage>",
            {(Capability.FACE_RECOGNITION, Confidence.LOW)},
        ),
        ("<ext:PersonInImage><rdf:Bag/></ext:PersonInImage>", set()),
        (
            "<acdsee-rs:Regions><acdsee-rs:RegionList><rdf:Bag><rdf:li><rdf:Description>"
            f"<acdsee-rs:Type>Face</acdsee-rs:Type><acdsee-rs:Name>{NAME}</acdsee-rs:Name>"
            "</rdf:Description></rdf:li></rdf:Bag></acdsee-rs:RegionList></acdsee-rs:Regions>",
            BOTH,
        ),
        ("<apple-fi:FaceID>12</apple-fi:FaceID>", {(Capability.FACE_DETECTION, Confidence.MEDIUM)}),
        ("<dc:title>A typeface, its faces and a facade</dc:title>", set()),
    ],
)
def test_schemes_of_regions(body: str, expected: set[tuple[Capability, Confidence]]) -> None:
    assert seen(look("a.jpg", picture("JPEG", xmp=packet(body)))) == expected


def test_the_name_is_never_shown() -> None:
    artifact = Artifact("a.jpg", data=picture("JPEG", xmp=NAMED))
    findings = gather(artifact, MetadataInspector().inspect(artifact, RULES))
    assert findings
    assert "Lovelace" not in repr(findings)
    assert "masked" in repr(findings)


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(UnreadableError, match=r"a\.jpg"):
        look("a.jpg", picture("JPEG", xmp=bomb))


def test_a_packet_that_is_no_xml_is_not_tested() -> None:
    with pytest.raises(UnreadableError, match="cannot be parsed"):
        look("a.jpg", picture("JPEG", xmp=NAMED[:-60]))


def test_regions_nested_without_end_end_soon() -> None:
    depth = 100_000
    body = "<ext:PersonInImage>" * depth + "</ext:PersonInImage>" * depth
    begun = time.process_time()
    assert look("a.xmp", packet(body)) == []
    assert time.process_time() - begun < 5


def test_a_packed_bomb_hits_the_ceiling() -> None:
    with pytest.raises(UnreadableError, match="MiB"):
        look("a.png", png_with(b" " * (70 << 20), compressed=True))


def test_pictures_without_metadata() -> None:
    for form in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP"):
        assert look(f"a.{form.lower()}", picture(form)) == []


_FILES = [
    picture("JPEG", xmp=NAMED),
    png_with(NAMED, compressed=True),
    tiff_with(NAMED),
    picture("WEBP", xmp=NAMED),
    picture("AVIF", xmp=NAMED),
]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(_FILES), st.data())
def test_mutated_pictures_raise_nothing_else(valid: bytes, data: st.DataObject) -> None:
    changed = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(valid) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableError):
        look("a.jpg", bytes(changed[: data.draw(st.integers(1, len(valid)))]))
