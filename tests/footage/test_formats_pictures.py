"""Every kind of picture through the command line: upright, covered, verified, and nothing hidden in it."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageSequence
from skimage import data

from scanner.footage import manifest
from tests.footage.conftest import Cli

pillow_heif.register_heif_opener()

_FACE = (slice(65, 175), slice(185, 265))
"""The astronaut's face in the 512 x 512 picture."""
_BELOW = slice(300, None)
"""Rows in which nothing is covered."""
_TURN = Image.Transpose
_STORED = {
    1: None,
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_90,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_270,
}
"""How a camera stores an upright picture, by the number that it writes into the EXIF block for that."""


def _portrait() -> Image.Image:
    return Image.fromarray(data.astronaut())


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Example Camera"
    exif.get_ifd(0x8825)[2] = (47.0, 36.0, 22.0)
    return exif.tobytes()


def _upright(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def _is_covered(path: Path) -> bool:
    picture = _upright(path)
    near = np.abs(picture - np.asarray(_portrait()))[_BELOW].mean()
    return bool(picture[_FACE].max() <= 40 and near < 12)


@pytest.mark.parametrize(
    ("suffix", "orientation"),
    [
        *(("jpg", n) for n in range(2, 9)),
        *((suffix, n) for suffix in ("png", "webp", "avif", "heic", "tif") for n in (5, 6)),
    ],
)
def test_every_orientation_is_applied_and_told_by_nothing_any_more(
    suffix: str, orientation: int, tmp_path: Path, cli: Cli
) -> None:
    source, output = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    turn = _STORED[orientation]
    stored = _portrait() if turn is None else _portrait().transpose(turn)
    stored.save(source, exif=_exif(orientation))
    said = cli("blur", source, "-o", output, "--preset", "fast")
    assert said.code == 0, said.err
    assert _is_covered(output)
    assert b"Example Camera" not in output.read_bytes()
    with Image.open(output) as image:
        assert image.getexif().get(0x0112, 1) == 1
        assert image.info.get("original_orientation") is None
    assert "metadata:exif" in manifest.read(manifest.path_for(output)).dropped


def _deep(path: Path) -> None:
    cv2.imwrite(str(path), np.asarray(_portrait())[..., ::-1].astype(np.uint16) * 257)


def _grey(dtype: str) -> np.ndarray:
    return (np.asarray(_portrait().convert("L")).astype(np.uint16) * 257).astype(dtype)


def _see_through(path: Path) -> None:
    picture = _portrait().convert("RGBA")
    picture.putalpha(Image.fromarray(np.tile(np.arange(512) // 2, (512, 1)).astype(np.uint8)))
    picture.save(path)


def _lab(path: Path) -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    picture = ImageCms.profileToProfile(_portrait(), srgb, lab, outputMode="LAB")
    assert picture is not None
    picture.save(path, compression="tiff_lzw")


def _ten_bit(path: Path) -> None:
    deep = np.asarray(_portrait()).astype(np.uint16) * 257
    pillow_heif.encode("RGB;16", (512, 512), deep.tobytes(), str(path))


def _saved(mode: str, **how: object) -> Callable[[Path], None]:
    return lambda path: _portrait().convert(mode).save(path, **how)  # type: ignore[arg-type]


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "deep.png": (_deep, "RGB"),
    "deep.tif": (_deep, "RGB"),
    "grey-big-endian.tif": (
        lambda p: Image.frombytes("I;16B", (512, 512), _grey(">u2").tobytes()).save(p),
        "I;16",
    ),
    "float.tif": (lambda p: Image.fromarray(_grey("f4") / 65535).save(p), "F"),
    "whole.tif": (lambda p: Image.fromarray(_grey("i4")).save(p), "I"),
    "cmyk.tif": (_saved("CMYK"), "CMYK"),
    "lab.tif": (_lab, "RGB"),
    "grey-alpha.png": (_saved("LA"), "RGBA"),
    "palette.png": (_saved("P"), "RGB"),
    "see-through.png": (_see_through, "RGBA"),
    "see-through.webp": (_see_through, "RGBA"),
    "see-through.avif": (_see_through, "RGBA"),
    "see-through.heic": (_see_through, "RGBA"),
    "progressive.jpg": (_saved("RGB", progressive=True), "RGB"),
    "cmyk.jpg": (_saved("CMYK"), "CMYK"),
    "ten-bit.heic": (_ten_bit, "RGB"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_depth_and_mode_is_covered_and_what_is_lost_is_told(
    name: str, tmp_path: Path, cli: Cli
) -> None:
    make, mode = KINDS[name]
    source, output = tmp_path / name, tmp_path / "out" / name
    make(source)
    assert cli("blur", source, "-o", output.parent, "--preset", "fast").code == 0
    with Image.open(output) as image:
        assert image.mode == mode
        picture = np.asarray(image)
    face = picture[..., :3][_FACE] if mode in ("RGB", "RGBA") else picture[_FACE]
    assert int(face.max()) <= (255 if mode == "CMYK" else 40)
    assert mode != "CMYK" or int(face[..., 3].min()) >= 215, "black ink"
    notes = manifest.read(manifest.path_for(output)).notes
    assert any("became 8" in note for note in notes) == (name.startswith(("deep", "ten")))


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "avif", "heic", "tif"])
def test_every_page_keeps_its_time_and_is_covered(suffix: str, tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    shown = [] if suffix in ("heic", "tif") else [80, 120]
    pages = [_portrait(), _portrait().transpose(_TURN.FLIP_LEFT_RIGHT)]
    timed = {"duration": shown} if shown else {}
    pages[0].save(source, save_all=True, append_images=pages[1:], **timed)
    assert cli("blur", source, "-o", output, "--preset", "fast").code == 0
    with Image.open(output) as image:
        after = []
        for page in ImageSequence.Iterator(image):
            page.load()
            after.append((np.asarray(page.convert("RGB")), page.info.get("duration")))
    assert [t for _, t in after if t] == shown
    mirrored = (_FACE[0], slice(512 - _FACE[1].stop, 512 - _FACE[1].start))
    for (picture, _), face in zip(after, (_FACE, mirrored), strict=True):
        assert picture[face].max() <= 40


def _with_thumbnail(path: Path) -> None:
    """A JPEG whose EXIF block holds a small picture, in its second directory as cameras write it."""
    small = io.BytesIO()
    _portrait().resize((128, 128)).save(small, "JPEG", comment=b"small")
    first = struct.pack("<HHHII", 1, 0x0112, 3, 1, 1) + struct.pack("<I", 8 + 18)
    second = struct.pack(
        "<H" + "HHII" * 3 + "I", 3, 0x0103, 3, 1, 6, 0x0201, 4, 1, 68, 0x0202, 4, 1, small.tell(), 0
    )
    block = b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second
    _portrait().save(path, exif=block + small.getvalue())


def _with_others(path: Path) -> None:
    """A JPEG with a preview behind it, as phones write depths and gains as well (CIPA DC-007)."""
    _portrait().save(path, format="MPO", save_all=True, append_images=[_portrait().resize((128, 128)).copy()])


def _heic_with_thumbnail(path: Path) -> None:
    _portrait().save(path, thumbnails=[128], exif=_exif(1))


def test_a_colour_profile_as_phones_write_it_is_kept_and_no_reason_to_refuse(
    tmp_path: Path, cli: Cli
) -> None:
    source, output = tmp_path / "a.heic", tmp_path / "out" / "a.heic"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _portrait().save(source, icc_profile=profile)
    assert cli("blur", source, "-o", output.parent, "--preset", "fast").code == 0
    with Image.open(output) as written:
        assert written.info["icc_profile"] == profile
    assert _is_covered(output)


HIDING: dict[str, tuple[Callable[[Path], None], str, tuple[bytes, ...]]] = {
    "thumbnail.jpg": (_with_thumbnail, "picture:thumbnail", (b"small", b"Exif")),
    "others.jpg": (_with_others, "picture:others", (b"MPF",)),
    "thumbnail.heic": (_heic_with_thumbnail, "picture:thumbnail", (b"thmb", b"Exif", b"Example Camera")),
}


@pytest.mark.parametrize("name", HIDING)
def test_small_and_other_pictures_of_the_same_face_do_not_survive(
    name: str, tmp_path: Path, cli: Cli
) -> None:
    make, told, marks = HIDING[name]
    source, output = tmp_path / name, tmp_path / "out" / name
    make(source)
    assert all(mark in source.read_bytes() for mark in marks)
    said = cli("blur", source, "-o", output.parent, "--preset", "fast", "-v")
    assert said.code == 0
    assert f"dropped: {told}" in said.out
    assert not any(mark in output.read_bytes() for mark in marks)
    assert output.read_bytes().count(b"\xff\xd8\xff") == (name.endswith("jpg"))
    assert _is_covered(output)


@pytest.mark.parametrize(
    ("name", "wanted", "form", "mode"),
    [
        ("a.heic", "b.jpg", "JPEG", "RGB"),
        ("a.png", "b.jpg", "JPEG", "RGB"),
        ("a.jpg", "b.webp", "WEBP", "RGB"),
        ("a.jpg", "b.heic", "HEIF", "RGB"),
        ("cmyk.jpg", "b.png", "PNG", "RGB"),
        ("grey.png", "b.jpg", "JPEG", "L"),
        ("clear.png", "b.jpg", "JPEG", "RGB"),
    ],
)
def test_a_named_output_is_what_its_name_says(
    name: str, wanted: str, form: str, mode: str, tmp_path: Path, cli: Cli
) -> None:
    source, output = tmp_path / name, tmp_path / wanted
    if name == "clear.png":
        _see_through(source)
    elif name == "grey.png":
        Image.fromarray(_grey("u2")).save(source)
    else:
        _portrait().convert("CMYK" if name == "cmyk.jpg" else "RGB").save(source)
    assert cli("blur", source, "-o", output, "--preset", "fast").code == 0
    with Image.open(output) as image:
        assert (image.format, image.mode) == (form, mode)
    assert _upright(output)[_FACE].max() <= (255 if name == "clear.png" else 40)
    note = manifest.read(manifest.path_for(output)).notes[-1]
    assert note.startswith(f"Written as {form}; the original is ")
    assert cli("verify", output, "--original", source).code == 0


def test_pages_are_not_lost_in_a_format_of_one(tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / "a.tif", tmp_path / "b.jpg"
    _portrait().save(source, save_all=True, append_images=[_portrait()])
    said = cli("blur", source, "-o", output)
    assert said.code == 3
    assert "no room for 2 pages" in said.err
    assert list(tmp_path.iterdir()) == [source]
