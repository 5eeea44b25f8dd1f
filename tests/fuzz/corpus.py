"""Small valid files of every format that is inspected: what mutants are made of."""

import io
import zlib
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av
import numpy as np
from PIL import Image

from tests.cli.mutants import Sample, samples

_CLIPS = {
    "mp4": ("mp4", "libx264", {}),
    "fragmented.mp4": ("mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
    "mov": ("mov", "mjpeg", {}),
    "mkv": ("matroska", "libx264", {}),
    "webm": ("webm", "libvpx", {}),
    "avi": ("avi", "mjpeg", {}),
    "ts": ("mpegts", "mpeg2video", {}),
    "mpg": ("mpeg", "mpeg1video", {}),
    "flv": ("flv", "flv", {}),
    "wmv": ("asf", "mpeg4", {}),
    "3gp": ("3gp", "mpeg4", {}),
    "ogv": ("ogg", "libvpx", {}),
}
"""Name: container, codec, options of the muxer."""
_PICTURES = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "MPO", "JPEG2000", "ICO", "PPM")


@cache
def seeds() -> tuple[Sample, ...]:
    """Give path and content of every seed, each at most some dozen kilobytes."""
    return (*samples(), *clips(), *_pictures())


@cache
def clips() -> tuple[Sample, ...]:
    """Give a clip of six frames in every container that recorders write."""
    return tuple((f"clip.{name}", _clip(*how)) for name, how in _CLIPS.items())


def _clip(container: str, codec: str, options: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=options) as muxer:
        muxer.metadata["title"] = "gate"
        stream = muxer.add_stream(codec, rate=Fraction(25))
        stream.width, stream.height = (176, 144) if container in ("3gp", "flv") else (96, 64)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number in range(6):
            picture = _gradient(stream.width, stream.height, number)
            muxer.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        muxer.mux(stream.encode(None))
    return out.getvalue()


def _gradient(width: int, height: int, shift: int = 0) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([(x * 2 + shift * 9) % 256, (y * 3) % 256, (x + y) % 256], axis=2).astype(np.uint8)


def _pictures() -> Iterator[Sample]:
    first, second = (Image.fromarray(_gradient(48, 32, n)) for n in (0, 5))
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "gate", 6
    for form in _PICTURES:
        out = io.BytesIO()
        several = {"save_all": True, "append_images": [second]} if form in ("GIF", "TIFF", "MPO") else {}
        tagged = {"exif": exif} if form in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF") else {}
        first.save(out, form, **several, **tagged)
        yield f"picture.{form.lower().replace('jpeg2000', 'jp2')}", out.getvalue()


def with_true_sums(png: bytes) -> bytes:
    """Give a PNG whose chunks have the check sums that they should, so that a reader goes on to them."""
    if not png.startswith(b"\x89PNG"):
        return png
    out, at = bytearray(png[:8]), 8
    while at + 12 <= len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if length > len(png) - at - 12:
            break
        body = png[at + 4 : at + 8 + length]
        out += png[at : at + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        at += 12 + length
    return bytes(out + png[at:])
