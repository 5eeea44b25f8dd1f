import bz2
import gzip
import hashlib
import io
import json
import lzma
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.discover.image import image_files, is_image_tar
from scanner.discover.walk import Found, walk
from scanner.errors import LimitError, UnreadableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Pack = Callable[[bytes], bytes]


def layer(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


LAYERS = [
    layer({"app/old.py": b"1", "app/kept.py": b"2", "cache/a": b"3", "cache/b": b"4", "opt/x/deep": b"5"}),
    layer(
        {
            "app/.wh.old.py": b"",
            "app/new.py": b"6",
            "cache/.wh..wh..opq": b"",
            "cache/c": b"7",
            ".wh.opt": b"",
        }
    ),
    layer({"app/kept.py": b"8", "app/old.py": b""}),
]
EXPECTED = {"app/kept.py": b"8", "app/old.py": b"", "app/new.py": b"6", "cache/c": b"7"}


def oci(folder: Path, layers: list[bytes], *, pack: bool = True, packer: Pack = gzip.compress) -> Path:
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    manifest = {"layers": [put(packer(x) if pack else x) for x in layers], "config": put(b"{}")}
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"manifests": [put(json.dumps(manifest).encode())]}))
    return folder


def docker_save(path: Path, layers: list[bytes]) -> Path:
    files = {f"{n}/layer.tar": data for n, data in enumerate(layers)}
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["x:1"], "Layers": list(files)}]).encode()
    path.write_bytes(layer({**files, "manifest.json": manifest, "c.json": b"{}"}))
    return path


def read(local: Path) -> dict[str, bytes]:
    found = {}
    for member in image_files("i", local):
        assert member.artifact is not None
        found[member.path.removeprefix("i!/")] = member.artifact.read()
    return found


@pytest.mark.parametrize("pack", [True, False])
def test_an_oci_layout_is_read_as_a_container_sees_it(tmp_path: Path, pack: bool) -> None:
    folder = oci(tmp_path / "i", LAYERS, pack=pack)
    assert list(walk(folder)) == [Found("i", str(folder))]
    assert list(walk(tmp_path)) == [Found("i", str(folder))]
    assert read(folder) == EXPECTED


@pytest.mark.parametrize("packer", [zstd.compress, bz2.compress, lzma.compress])
def test_layers_are_read_however_they_are_packed(tmp_path: Path, packer: Pack) -> None:
    assert read(oci(tmp_path / "i", LAYERS, packer=packer)) == EXPECTED


def test_an_index_that_names_itself_without_end_is_refused(tmp_path: Path) -> None:
    folder = oci(tmp_path / "i", LAYERS)
    inner = json.dumps({"manifests": []}).encode()
    digest = hashlib.sha256(inner).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(inner)
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": f"sha256:{digest}"}] * 2000}))
    with pytest.raises(LimitError, match="manifests"):
        read(folder)


def test_a_path_longer_than_any_system_allows_is_not_split(tmp_path: Path) -> None:
    folder = oci(tmp_path / "i", [layer({"a/" * 50_000 + "b": b"1", "c": b"2"})])
    long, short = image_files("i", folder)
    assert long.failed
    assert "longer" in long.reason
    assert short.path == "i!/c"


def test_a_docker_save_archive_is_read_the_same(tmp_path: Path) -> None:
    path = docker_save(tmp_path / "i.tar", LAYERS)
    assert is_image_tar(path)
    assert read(path) == EXPECTED


def test_an_ordinary_tar_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(layer({"a": b"1"}))
    assert not is_image_tar(path)


def test_a_missing_layer_is_unreadable(tmp_path: Path) -> None:
    folder = oci(tmp_path / "i", LAYERS)
    biggest = max((folder / "blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
    biggest.unlink()
    with pytest.raises(UnreadableError):
        read(folder)


def test_a_cut_layer_is_unreadable(tmp_path: Path) -> None:
    folder = oci(tmp_path / "i", [layer({"a": bytes(range(256)) * 400})], pack=True)
    biggest = max((folder / "blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
    biggest.write_bytes(biggest.read_bytes()[:-40])
    with pytest.raises(UnreadableError, match="damaged"):
        read(folder)


@pytest.mark.parametrize("index", ["[]", "{", '{"manifests": [{}]}', '{"manifests": []}', "[" * 100_000])
def test_a_broken_index_is_unreadable(tmp_path: Path, index: str) -> None:
    folder = oci(tmp_path / "i", LAYERS)
    (folder / "index.json").write_text(index)
    with pytest.raises(UnreadableError):
        read(folder)
