"""Timed metadata in clips, streams and notes of cameras: clips by PyAV, boxes as phones write them."""

import contextlib
import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.inspect.interface import Sighting
from scanner.inspect.metadata import MetadataInspector
from scanner.rules import load_rules

RULES = load_rules()
ONVIF = "http://www.onvif.org/ver10/schema"
HUMAN = "http://www.onvif.org/ver20/analytics/humanface"


def look(path: str, data: bytes) -> list[Sighting]:
    artifact = Artifact(path, data=data)
    inspector = MetadataInspector()
    return list(inspector.inspect(artifact, RULES)) if inspector.accepts(artifact) else []


def subjects(path: str, data: bytes) -> list[str]:
    return sorted(s.subject for s in look(path, data))


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


def clip(form: str = "mp4") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


PLAIN = clip()


def with_track(description: bytes, sample: bytes = b"") -> bytes:
    """A clip of PyAV's with one more track; its one sample lies at the end of the file."""
    at = PLAIN.rindex(b"moov") - 4
    length = int.from_bytes(PLAIN[at : at + 4], "big")
    full = b"\0" * 4
    one = struct.pack(">I", 1)

    def track(offset: int) -> bytes:
        table = box(
            b"stbl",
            box(b"stsd", full, one, description),
            box(b"stco", full, one, struct.pack(">I", offset)),
        )
        return box(b"trak", box(b"mdia", box(b"minf", table)))

    added = track(0)
    moov = struct.pack(">I", length + len(added)) + PLAIN[at + 4 : at + length]
    before = PLAIN[:at] + moov
    rest = PLAIN[at + length :]
    end = len(before) + len(added) + len(rest) + 8
    return before + track(end) + rest + box(b"mdat", sample)


def mebx(*keys: str) -> bytes:
    entries = [box(struct.pack(">I", i), box(b"keyd", b"mdta", k.encode())) for i, k in enumerate(keys, 1)]
    return box(b"mebx", b"\0" * 8, box(b"keys", *entries))


def test_a_phone_keeps_a_track_of_detected_faces() -> None:
    keys = ("com.apple.quicktime.detected-face", "com.apple.quicktime.detected-face.bounds")
    assert subjects("a.mov", with_track(mebx(*keys))) == ["quicktime:com.apple.quicktime.detected-face"]
    assert subjects("a.mov", with_track(mebx("com.apple.quicktime.video-orientation"))) == []
    assert subjects("a.mp4", PLAIN) == []


def test_a_camera_keeps_faces_in_its_telemetry() -> None:
    gpmd = box(b"gpmd", b"\0" * 8)
    assert subjects("a.mp4", with_track(gpmd, b"DEVC\0\0\0\0STRMFACE")) == ["gpmf:FACE"]
    assert subjects("a.mp4", with_track(gpmd, b"DEVC\0\0\0\0STRMGPS5")) == []


def stream(inner: str) -> str:
    body = f"<tt:VideoAnalytics>{inner}</tt:VideoAnalytics>"
    return f'<tt:MetadataStream xmlns:tt="{ONVIF}" xmlns:fc="{HUMAN}">{body}</tt:MetadataStream>'


FACE = stream(
    "<tt:HumanFace><fc:Age><fc:Min>31</fc:Min></fc:Age><fc:Complexion>x</fc:Complexion></tt:HumanFace>"
)


def test_onvif_metadata_as_a_track_and_as_a_file() -> None:
    mett = box(b"mett", b"\0" * 8, b"\0application/vnd.onvif.metadata\0")
    assert subjects("a.mp4", with_track(mett, FACE.encode())) == ["onvif:HumanFace"]
    assert subjects("a.mp4", with_track(mett, stream("<tt:Vehicle/>").encode())) == []
    mkv = clip("matroska") + b"application/vnd.onvif.metadata" + FACE.encode()
    assert subjects("a.mkv", mkv) == ["onvif:HumanFace"]
    assert subjects("a.mkv", clip("matroska")) == []
    found = look("a.xml", FACE.encode())
    assert sorted(s.subject for s in found) == ["onvif:HumanFace", "onvif:HumanFace:attributes"]
    assert "31" not in repr([(s.subject, s.note, s.excerpt, s.location) for s in found])


def test_a_schema_of_onvif_is_no_stream() -> None:
    elements = '<xs:element name="MetadataStream"/><xs:element name="HumanFace"/>'
    schema = f'<xs:schema targetNamespace="{ONVIF}">{elements}</xs:schema>'
    assert subjects("onvif.xsd", schema.encode()) == []


def klv(content: bytes) -> bytes:
    vmti = b"\x4a" + bytes([len(content)]) + content
    key = bytes.fromhex("060e2b34020b01010e01030101000000")
    return key + bytes([len(vmti)]) + vmti


def transport(payload: bytes) -> bytes:
    chunks = [payload[i : i + 184].ljust(184, b"\xff") for i in range(0, len(payload), 184)]
    return b"".join(b"G" + struct.pack(">H", 0x1F1) + b"\x10" + c for c in chunks).ljust(188 * 4, b"G")


def test_reports_of_targets_say_faces_only_where_their_vocabulary_does() -> None:
    assert subjects("a.ts", transport(klv(b"\x65\x04abcd"))) == ["klv:st0903"]
    assert subjects("a.klv", klv(b"\x67\x12https://x/HumanFace")) == ["klv:st0903", "klv:st0903-face"]
    assert subjects("a.ts", transport(b"\0" * 100)) == []


def test_picasa_notes() -> None:
    notes = b"[a.jpg]\nfaces=rect64(3f845bcb59418507),8e62398ebda8c1a5;rect64(1),ffffffffffffffff\n"
    assert subjects(".picasa.ini", notes) == ["picasa:faces", "picasa:unnamed"]
    assert subjects(".picasa.ini", b"[a.jpg]\nstar=yes\n") == []


def note(maker: bytes, tag: int, value: bytes, *, skip: int = 0, make: bytes = b"Maker") -> bytes:
    """A JPEG whose EXIF holds a maker's note with one tag."""
    make_at = 8 + 2 + 24 + 4
    exif_at = make_at + 16
    note_at = exif_at + 2 + 12 + 4
    start = len(maker) + skip
    value_at = start + 2 + 12 + 4
    base = note_at if maker.startswith(b"FUJI") else 0
    body = (
        maker
        + b"\0" * skip
        + struct.pack("<HHHII", 1, tag, 7, len(value), (0 if base else note_at) + value_at)
    )
    body += b"\0" * 4 + value
    tiff = b"II*\0" + struct.pack("<IHHHII", 8, 2, 0x10F, 2, len(make), make_at)
    tiff += struct.pack("<HHIII", 0x8769, 4, 1, exif_at, 0) + make.ljust(16, b"\0")
    tiff += struct.pack("<HHHII", 1, 0x927C, 7, len(body), note_at) + b"\0" * 4 + body
    segment = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xd9"


CANON = struct.pack("<5H", 26, 0, 2, 320, 240)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (note(b"", 0x24, CANON, make=b"Canon"), ["makernote:faces"]),
        (note(b"", 0x24, struct.pack("<5H", 26, 0, 0, 320, 240), make=b"Canon"), []),
        (note(b"Panasonic\0\0\0", 0x4E, struct.pack("<5H", 1, 1, 2, 3, 4)), ["makernote:faces"]),
        (
            note(b"Panasonic\0\0\0", 0x61, struct.pack("<H", 1) + b"ADA".ljust(50, b"\0")),
            ["makernote:recognised"],
        ),
        (note(b"FUJIFILM\x0c\0\0\0", 0x4100, struct.pack("<HHH", 3, 0, 0)), ["makernote:faces"]),
        (note(b"PENTAX \0II", 0x60, b"\2\0\0\0\0\0"), ["makernote:faces"]),
    ],
)
def test_what_cameras_note_while_they_focus(data: bytes, expected: list[str]) -> None:
    assert subjects("a.jpg", data) == expected


_FILES = {
    "a.mov": with_track(mebx("com.apple.quicktime.detected-face")),
    "a.ts": transport(klv(b"\x65\x04abcd")),
    "a.xml": FACE.encode(),
    "a.jpg": note(b"Panasonic\0\0\0", 0x4E, struct.pack("<5H", 1, 1, 2, 3, 4)),
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(_FILES)), st.data())
def test_mutated_clips_raise_nothing_else(name: str, data: st.DataObject) -> None:
    changed = bytearray(_FILES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableError):
        look(name, bytes(changed[: data.draw(st.integers(1, len(changed)))]))
