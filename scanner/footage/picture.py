"""Reads and writes pictures with Pillow: upright, page by page, without their metadata."""

import struct
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from scanner.errors import LimitError, UnreadableError
from scanner.footage.cover import Plane

pillow_heif.register_heif_opener()

MAX_PIXELS = 200_000_000
_TIFF_STRUCTURE = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 296, 297, 317, 320}
    | {322, 323, 324, 325, 338, 339, 34675}
)
"""Tags by which a TIFF says how its pixels are stored; orientation (274) is none, for it is applied."""
_BY_SUFFIX = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
}
_COLOURS = ("L", "RGB", "RGBA")
_MODES = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": (*_COLOURS, "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": (*_COLOURS, "CMYK", "I;16", "I", "F"),
    "BMP": ("L", "RGB"),
    "GIF": _COLOURS,
    "AVIF": ("RGB", "RGBA"),
    "HEIF": _COLOURS,
}
"""What each format is written in here; other modes are turned into one of these."""
_ONE_PAGE = frozenset({"JPEG", "BMP"})
_KEPT_INFO = frozenset(
    {"icc_profile", "nclx_profile", "transparency", "duration", "loop", "background", "gamma", "dpi"}
)
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
    | {"adobe", "adobe_transform", "sizes", "resolution", "blend"}
    | {"primary", "bit_depth", "chroma", "original_orientation", "tile_size", "tiling", "icc_profile_type"}
)
"""How the file is built; says nothing about who or where."""
_HIDDEN = {"thumbnails": "thumbnail", "depth_images": "depth", "aux": "auxiliary"}
"""What a HEIC file holds beside its pictures, as Pillow's plugin calls it."""
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
        format: Pillow's name of what is written.
        stills: The pages.
        info: What is kept to write it again: colour profile, timing.
        extras: What a redaction drops: keys, never values.
        notes: What cannot be kept, in words.
    """

    format: str
    stills: tuple[Still, ...]
    info: dict[str, Any]
    extras: tuple[str, ...]
    notes: tuple[str, ...] = ()


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
                notes, extras = _notes(image), _extras(image)
                info = {k: v for k, v in image.info.items() if k in _KEPT_INFO}
                # A JPEG of several (MPF) is one picture with previews, depths or other exposures of it.
                several = image.format != "MPO"
                stills = tuple(_stills(image)) if several else (_upright(image),)
                return Album(image.format or "" if several else "JPEG", stills, info, extras, notes)
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
        yield _upright(page)


def _upright(page: Image.Image) -> Still:
    upright = ImageOps.exif_transpose(page)
    # Some readers know how long a page is shown only once it is read.
    duration = int(page.info.get("duration", 0))
    mode = upright.mode
    if mode in ("P", "PA", "LA", "La", "RGBa"):
        upright = upright.convert("RGBA" if "transparency" in page.info or "a" in mode.lower() else "RGB")
    elif mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        upright = ImageCms.profileToProfile(upright, lab, srgb, outputMode="RGB") or upright
    elif mode.startswith("I;16"):
        upright = Image.fromarray(np.asarray(upright).astype(np.uint16))
    elif mode == "1":
        upright = upright.convert("L")
    elif mode not in (*_COLOURS, "CMYK", "I", "F"):
        upright = upright.convert("RGB")
    return Still(upright.copy(), duration)


def _notes(image: Image.Image) -> tuple[str, ...]:
    bits = image.info.get("bit_depth", 8)
    if image.mode in ("RGB", "RGBA") and ";16" in str(getattr(image, "tile", "")):
        bits = 16
    return (f"Its {bits} bits a colour became 8.",) if bits > 8 else ()


def _extras(image: Image.Image) -> tuple[str, ...]:
    known = _KEPT_INFO | _STRUCTURE | set(_HIDDEN) | {"exif", "mp"}
    # HEIC names even what it does not have.
    found = {f"metadata:{k}" for k, v in image.info.items() if k not in known and v not in (None, [], {})}
    exif = image.getexif()
    if set(exif) - _TIFF_STRUCTURE:
        found.add("metadata:exif")
    if 0x8825 in exif:
        found.add("metadata:exif:gps")
    # In TIFF the second directory is the second page.
    if 0x014A in exif or (image.format != "TIFF" and exif.get_ifd(ExifTags.IFD.IFD1)):
        found.add("picture:thumbnail")
    if image.format == "MPO":
        found.add("picture:others")
    found.update(f"picture:{what}" for key, what in _HIDDEN.items() if image.info.get(key))
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


def write_as(album: Album, output: Path) -> Album:
    """Say in which format a redaction is written: in the one that its name promises, else in the original's.

    Raises:
        UnreadableError: that format cannot be written, or has no room for several pages.
    """
    wanted = _BY_SUFFIX.get(output.suffix.lower(), album.format)
    if wanted not in _MODES:
        raise UnreadableError(f"Pictures of format {wanted} cannot be written.", "Name the output .png.")
    if wanted in _ONE_PAGE and len(album.stills) > 1:
        raise UnreadableError(
            f"{output} has no room for {len(album.stills)} pages.",
            "Name the output .tif, .png, .gif or .webp.",
        )
    fits = tuple(replace(s, image=_fit(s.image, _MODES[wanted])) for s in album.stills)
    notes = album.notes
    if wanted != album.format:
        notes += (f"Written as {wanted}; the original is {album.format}.",)
    # A profile describes the colours of one mode.
    same = all(a.image.mode == b.image.mode for a, b in zip(album.stills, fits, strict=True))
    info = album.info if same else {k: v for k, v in album.info.items() if k != "icc_profile"}
    return replace(album, format=wanted, stills=fits, info=info, notes=notes)


def _fit(image: Image.Image, modes: Sequence[str]) -> Image.Image:
    """Give a picture in one of the modes; what is transparent becomes white where a mode has no alpha."""
    if image.mode in modes:
        return image
    if image.mode == "RGBA":
        under = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(under, image).convert("RGB")
    if image.mode in ("I;16", "I", "F"):
        image = _rgb(image).convert("L")
    return image if image.mode in modes else image.convert("RGB")


def write(path: Path, album: Album, stills: Sequence[Still]) -> None:
    """Write the pages in the album's format, without metadata.

    Raises:
        UnreadableError: Pillow cannot write them.
    """
    how: dict[str, Any] = {
        k: v for k, v in album.info.items() if k in ("icc_profile", "loop") and v is not None
    }
    if album.format in ("JPEG", "WEBP", "AVIF", "HEIF"):
        how["quality"] = 92
    if album.format == "HEIF":
        how |= _nclx(album.info.get("nclx_profile"))
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
    except _DAMAGE as error:
        raise UnreadableError(f"The picture cannot be written as {album.format}: {error}.") from error


def _nclx(profile: dict[str, Any] | None) -> dict[str, Any]:
    """Give the colours of a HEIC picture without an ICC profile as its writer takes them."""
    names = ("color_primaries", "transfer_characteristics", "matrix_coefficients", "full_range_flag")
    return {n.replace("istics", "istic"): int(profile[n]) for n in names if n in profile} if profile else {}
