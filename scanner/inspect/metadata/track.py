"""Finds timed metadata about faces: in MP4 and MOV by their tracks' descriptions, elsewhere by mark."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from scanner.inspect.metadata.boxes import FULL_BOX, XMP_UUID, Box, child, walk
from scanner.inspect.metadata.tag import Tag
from scanner.inspect.reading import Reading

_FACE_KEYS = (
    "com.apple.quicktime.detected-face",
    "com.apple.quicktime.detected-human-body",
    "com.apple.quicktime.detected-cat-body",
)
_ONVIF = b"application/vnd.onvif.metadata"
_MAX_DESCRIPTION = 1 << 20
_SCAN = 4 * 1024 * 1024
_SAMPLES = 64
_MAX_TRACKS = 100
_SAMPLE_BYTES = 256 * 1024


def movie_tags(data: Reading) -> Iterator[Tag]:
    """Give tags of the tracks of an MP4 or MOV file; samples of metadata tracks are looked at, never decoded.

    Raises:
        UnreadableError: its boxes do not hold together.
    """
    found: Counter[tuple[str, str]] = Counter()
    for box in walk(data):
        if box.kind == b"moov":
            tracks = (b for b in walk(data, box.start, box.stop) if b.kind == b"trak")
            for track in islice(tracks, _MAX_TRACKS):
                found.update(dict.fromkeys(_track(data, track), 1))
    for (signal, remark), count in sorted(found.items()):
        yield Tag(signal, count=count, remark=remark)


def movie_packets(data: Reading) -> Iterator[bytes]:
    """Give XMP packets that lie beside or within the movie box."""
    for box in walk(data):
        if box.kind == b"uuid" and data.upto(box.start, 16) == XMP_UUID:
            yield data.at(box.start + 16, box.stop - box.start - 16)
        elif box.kind == b"moov":
            user = child(data, box, b"udta")
            packet = child(data, user, b"XMP_") if user else None
            if packet:
                yield data.at(packet.start, packet.stop - packet.start)


def _track(data: Reading, track: Box) -> Iterator[tuple[str, str]]:
    media = child(data, track, b"mdia")
    info = child(data, media, b"minf") if media else None
    table = child(data, info, b"stbl") if info else None
    described = child(data, table, b"stsd") if table else None
    if table is None or described is None:
        return
    kind = data.upto(described.start + FULL_BOX + 8, 4)
    body = data.at(described.start, min(described.stop - described.start, _MAX_DESCRIPTION))
    if kind == b"mebx":
        for key in _FACE_KEYS[:2]:
            if key.encode() in body:
                yield f"quicktime:{key}", "a timed track in which the camera or phone keeps what it detected"
    elif kind in (b"metx", b"mett", b"urim") and _ONVIF in body:
        yield from _onvif(b"".join(_samples(data, table)))
    elif kind == b"gpmd" and any(b"FACE" in s for s in _samples(data, table)):
        yield "gpmf:FACE", "a timed track in which the camera keeps the faces it detected"


def _samples(data: Reading, table: Box) -> Iterator[bytes]:
    """Give the first chunks of a track, by the table of their offsets."""
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        box = child(data, table, kind)
        if box is None:
            continue
        count = int.from_bytes(data.at(box.start + FULL_BOX, 4), "big")
        for index in range(min(count, _SAMPLES)):
            at = box.start + FULL_BOX + 4 + index * width
            if at + width > box.stop:
                return
            yield data.upto(int.from_bytes(data.at(at, width), "big"), _SAMPLE_BYTES)


def _onvif(text: bytes) -> Iterator[tuple[str, str]]:
    yield from ((f"onvif:{name}", why) for name, mark, why in ONVIF_MARKS if mark in text)


ONVIF_MARKS = (
    ("HumanFace", b"HumanFace", "the camera describes faces: age, gender, expression"),
    ("FaceRecognition", b"FaceRecognition", "the camera recognises faces"),
    ("FaceRecognition", b"Recognition/Face", "the camera recognises faces"),
    ("HumanBody", b"analytics/humanbody", "the camera describes bodies"),
)
"""What in an ONVIF metadata stream tells of people; boxes of vehicles and plates are none of these."""


def stream_tags(data: Reading) -> Iterator[Tag]:
    """Give marks in the first megabytes of a container without a table of tracks (MKV, MPEG-TS, AVI)."""
    seen: set[tuple[str, str]] = set()
    for start in range(0, min(data.size, _SCAN), 1 << 20):
        piece = data.upto(start, (1 << 20) + 64)
        if _ONVIF in piece or b"www.onvif.org/ver10/schema" in piece:
            seen.update(_onvif(piece))
    for signal, remark in sorted(seen):
        yield Tag(signal, remark=remark)
