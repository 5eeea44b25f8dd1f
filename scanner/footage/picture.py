"""Reads and writes pictures with Pillow: upright, page by page, without their metadata."""

import struct
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from scanner.errors import LimitError, UnreadableError
from scanner.footage.cover import Plane

MAX_PIXELS = 200_000_000
_TIFF_STRUCTURE = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 296, 297, 317, 320}
    | {322, 323, 324, 325, 338, 339, 34675}
)
"""Tags by which a TIFF says how its pixels are stored; orientation (274) is none, for it is applied."""
_WRITTEN = frozenset({"JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"})
_KEPT_INFO = frozenset({"icc_profile", "transparency", "duration", "loop", "background", "gamma", "dpi"})
_STRUCTURE = frozenset(
    {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
        "version",
        "extension",
    }
    | {"interlace", "srgb", "chromaticity", "compression", "timestamp", "disposal", "default_image", "bbox"}
    | {"adobe", "adobe_transform", "sizes", "resolution"}
)
"""How the file is built; says nothing about who or where."""
_DAMAGE: tuple[type[Exception], ...] = (
    *(OSError, EOFError, ValueError, SyntaxError, RuntimeError, TypeError, LookupError, ArithmeticError),
    *(struct.error, Image.DecompressionBombError),
)
"""What Pillow's readers were seen to raise of damaged files, and their like."""


@dataclass(frozen=True, slots=True)
class Still:
    """One page of a picture, upright.

    Attributes:
        image: In a mode whose pixels are numbers: L, RGB, RGBA, CMYK, or a deep grey.
        duration_ms: How long it is shown, for animations.
    """

    image: Image.Image
    duration_ms: int

    def picture(self, side: int, upscale: float) -> tuple[NDArray[np.uint8], float, float]:
        """Give H x W x 3 in BGR, as `Frame.picture` does."""
        width, height = self.image.size
        scale = min(side / max(width, height), upscale)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        full = np.asarray(_rgb(self.image))[..., ::-1]
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(np.ascontiguousarray(full), size, interpolation=how)
        return small.astype(np.uint8, copy=False), width / size[0], height / size[1]

    def luma(self) -> NDArray[np.uint8]:
        """Give the brightness, H x W."""
        return np.asarray(_rgb(self.image).convert("L"))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I", "F"):
        grey = np.asarray(image, dtype=np.float64)
        top = max(float(grey.max(initial=0)), 1.0)
        return Image.fromarray((grey / top * 255).astype(np.uint8)).convert("RGB")
    if image.mode == "RGBA":
        # What is transparent may still hold a face: look at the colours as they are stored.
        return Image.merge("RGB", image.split()[:3])
    return image.convert("RGB")


@dataclass(frozen=True, slots=True)
class Album:
    """All pages of a picture file.

    Attributes:
        format: Pillow's name.
        stills: The pages.
        info: What is kept to write it again: colour profile, timing.
        extras: What a redaction drops: keys, never values.
    """

    format: str
    stills: tuple[Still, ...]
    info: dict[str, Any]
    extras: tuple[str, ...]


def read(path: Path) -> Album:
    """Read a picture.

    Raises:
        UnreadableError: it is missing, damaged or of an unknown kind.
        LimitError: it is larger than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise LimitError(f"{path} is larger than {MAX_PIXELS // 10**6} megapixels.")
                extras = _extras(image)
                info = {k: v for k, v in image.info.items() if k in _KEPT_INFO}
                stills = tuple(_stills(image))
                return Album(image.format or "", stills, info, extras)
    except FileNotFoundError as error:
        raise UnreadableError(f"{path} does not exist.", "Check the name.") from error
    except UnidentifiedImageError as error:
        raise UnreadableError(
            f"{path} is not a picture that can be read.", "Convert it to PNG or JPEG first."
        ) from error
    except _DAMAGE as error:
        raise UnreadableError(f"{path} is damaged: {error}.", "Export the picture again.") from error


def _stills(image: Image.Image) -> Iterator[Still]:
    for page in ImageSequence.Iterator(image):
        upright = ImageOps.exif_transpose(page)
        if upright.mode in ("P", "PA", "LA"):
            upright = upright.convert("RGBA" if "transparency" in page.info or "A" in page.mode else "RGB")
        elif upright.mode in ("1", "YCbCr", "LAB", "HSV"):
            upright = upright.convert("L" if upright.mode == "1" else "RGB")
        yield Still(upright.copy(), int(page.info.get("duration", 0)))


def _extras(image: Image.Image) -> tuple[str, ...]:
    found = {f"metadata:{k}" for k in image.info if k not in _KEPT_INFO | _STRUCTURE and k != "exif"}
    exif = image.getexif()
    if set(exif) - _TIFF_STRUCTURE:
        found.add("metadata:exif")
    if 0x8825 in exif:
        found.add("metadata:exif:gps")
    if len(exif.get_ifd(0x014A) if 0x014A in exif else ()) or image.info.get("mp"):
        found.add("picture:thumbnail")
    return tuple(sorted(found))


def planes(still: Still) -> tuple[NDArray[Any], list[Plane]]:
    """Give a writable copy of the pixels, and the planes to draw on, which are views of it."""
    pixels = np.array(still.image)
    if still.image.mode == "RGBA":
        return pixels, [Plane(pixels[..., :3], 1, 1, 0), Plane(pixels[..., 3], 1, 1, 255, is_alpha=True)]
    return pixels, [Plane(pixels, 1, 1, 255 if still.image.mode == "CMYK" else 0)]


def with_pixels(still: Still, pixels: NDArray[Any]) -> Still:
    """Give the still with other pixels, as `planes` gave them."""
    image = Image.frombytes(still.image.mode, still.image.size, pixels.tobytes())
    return Still(image, still.duration_ms)


def write(path: Path, album: Album, stills: Sequence[Still]) -> None:
    """Write the pages in the album's format, without metadata.

    Raises:
        UnreadableError: Pillow cannot write that format.
    """
    if album.format not in _WRITTEN:
        raise UnreadableError(
            f"Pictures of format {album.format} cannot be written.", "Convert it to PNG first."
        )
    how: dict[str, Any] = {
        k: v for k, v in album.info.items() if k in ("icc_profile", "loop") and v is not None
    }
    if album.format in ("JPEG", "WEBP", "AVIF"):
        how["quality"] = 92
    if len(stills) > 1:
        how |= {"save_all": True, "append_images": [s.image for s in stills[1:]]}
        if any(s.duration_ms for s in stills):
            how["duration"] = [s.duration_ms for s in stills]
        if album.format == "GIF":
            how |= {"optimize": False, "disposal": 2}
    first = stills[0].image.copy()
    first.info = {}
    try:
        first.save(path, format=album.format, **how)
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableError(f"The picture cannot be written as {album.format}: {error}.") from error
