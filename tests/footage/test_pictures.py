"""Pictures: upright, covered, without metadata, every page."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, ImageSequence
from skimage import data

from scanner.footage import manifest
from tests.footage.conftest import Cli

_FACE = (slice(65, 175), slice(185, 265))
"""The astronaut's face in the 512 x 512 picture."""


def _portrait() -> Image.Image:
    return Image.fromarray(data.astronaut())


def _is_solid(image: Image.Image) -> bool:
    face = np.asarray(image.convert("RGB"))[_FACE]
    return int(face.max()) <= 40


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.png", "RGB"),
        ("a.png", "L"),
        ("a.png", "P"),
        ("a.png", "RGBA"),
        ("a.jpg", "RGB"),
        ("a.jpg", "CMYK"),
        ("a.webp", "RGB"),
        ("a.tif", "RGB"),
        ("a.bmp", "RGB"),
        ("a.gif", "P"),
        ("a.avif", "RGB"),
    ],
)
def test_formats_and_modes(name: str, mode: str, tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / name, tmp_path / "out" / name
    _portrait().convert(mode).save(source)
    assert cli("blur", source, "-o", output.parent).code == 0
    with Image.open(output) as image, Image.open(source) as before:
        assert image.format == before.format
        assert _is_solid(image)
        if mode == "RGB" and name == "a.png":
            changed = (np.asarray(image) != np.asarray(before)).any(axis=2)
            assert changed.mean() < 0.15, "only the face is covered"
    assert cli("verify", output, "--original", source).code == 0


def test_sixteen_bit_grey(tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / "a.png", tmp_path / "b.png"
    grey = np.asarray(_portrait().convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(source)
    assert cli("blur", source, "-o", output).code == 0
    with Image.open(output) as image:
        assert image.mode == "I;16"
        assert int(np.asarray(image)[_FACE].max()) == 0


def test_exif_orientation_is_applied_and_exif_dropped(tmp_path: Path, cli: Cli) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Example Camera"
    exif.get_ifd(0x8825)[2] = (47.0, 36.0, 22.0)
    source, output = tmp_path / "a.jpg", tmp_path / "b.jpg"
    _portrait().rotate(90, expand=True).save(source, exif=exif, quality=95)
    with Image.open(source) as before:
        assert ImageOps.exif_transpose(before).size == (512, 512)
    said = cli("blur", source, "-o", output, "-v")
    assert said.code == 0
    with Image.open(output) as image:
        assert _is_solid(image)
        assert not image.getexif()
    assert b"Example Camera" not in output.read_bytes()
    assert "metadata:exif:gps" in manifest.read(manifest.path_for(output)).dropped


@pytest.mark.parametrize("name", ["a.gif", "a.tif", "a.webp"])
def test_every_page_is_covered(name: str, tmp_path: Path, cli: Cli) -> None:
    pages = [_portrait(), ImageOps.mirror(_portrait()), _portrait()]
    source, output = tmp_path / name, tmp_path / f"out{Path(name).suffix}"
    pages[0].save(source, save_all=True, append_images=pages[1:], duration=80)
    assert cli("blur", source, "-o", output).code == 0
    with Image.open(output) as image:
        after = [page.convert("RGB").copy() for page in ImageSequence.Iterator(image)]
    assert len(after) == 3
    assert _is_solid(after[0])
    assert _is_solid(ImageOps.mirror(after[1]))
    assert _is_solid(after[2])


def test_every_face_of_a_crowd_is_covered(cli: Cli, tmp_path: Path) -> None:
    # Twelve faces: no second look at a picture follows in which those would be asked about that are left.
    row = np.concatenate([data.astronaut()[:256, 100:356]] * 4, axis=1)
    path = tmp_path / "crowd.png"
    Image.fromarray(np.concatenate([row] * 3)).save(path)
    output = tmp_path / "out.png"
    assert cli("blur", path, "-o", output).code == 0
    assert len(manifest.read(manifest.path_for(output)).tracks) == 12
