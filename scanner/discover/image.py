"""Reads container images (OCI layouts, `docker save` archives) as the file system a container would see.

Layers are read from the top down in one pass each: a path that a higher layer holds, or hides with a
whiteout, is left out below. No daemon is asked and nothing is unpacked to disk.

Formats: OCI image spec 1.1 (oci-layout, index.json, blobs/), docker save's manifest.json.
"""

import gzip
import json
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, cast

from scanner.discover.archive import DAMAGE, Budget, Member, opened, read_member
from scanner.errors import LimitError, UnreadableError

MANIFEST_BYTES = 4 * 2**20
MANIFESTS = 64
IMAGE_FILES = 1_000_000
IMAGE_BYTES = 32 * 2**30
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class _Blobs(Protocol):
    """Files of an image by name, wherever they lie."""

    def names(self) -> frozenset[str]: ...

    def open(self, name: str) -> IO[bytes]: ...


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> frozenset[str]:
        return frozenset(
            p.relative_to(self.root).as_posix()
            for p in self.root.rglob("*")
            if p.is_file() and not p.is_symlink()
        )

    def open(self, name: str) -> IO[bytes]:
        return (self.root / name).open("rb")


class _Tar:
    def __init__(self, file: IO[bytes]) -> None:
        self.tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - closed by its owner
        self.index = {m.name.removeprefix("./"): m for m in self.tar if m.isreg()}

    def close(self) -> None:
        self.tar.close()

    def names(self) -> frozenset[str]:
        return frozenset(self.index)

    def open(self, name: str) -> IO[bytes]:
        source = self.tar.extractfile(self.index[name])
        if source is None:
            raise UnreadableError(f"{name} is not a file.")
        return source


@dataclass(slots=True)
class _Hidden:
    """What higher layers hold or hide."""

    paths: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)

    def covers(self, path: str) -> bool:
        if path in self.paths:
            return True
        parts = path.split("/")
        return any("/".join(parts[:n]) in self.folders for n in range(len(parts)))


def is_image_tar(path: Path) -> bool:
    """Whether an uncompressed tar is an image: looked at without reading its layers."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            for number, member in enumerate(tar):
                if member.name.removeprefix("./") in ("oci-layout", "manifest.json", "repositories"):
                    return True
                if number > 2000:
                    return False
    except DAMAGE:
        return False
    return False


def image_files(shown: str, local: Path) -> Iterator[Member]:
    """Give every file that a container of this image would see, as `shown!/path`.

    Raises:
        UnreadableError: a manifest or layer is damaged or missing.
        LimitError: a ceiling of size, ratio or number is hit.
    """
    try:
        with _blobs(local) as blobs:
            for layers in _layer_lists(shown, blobs):
                budget = Budget(members=IMAGE_FILES, bytes=IMAGE_BYTES, packed=max(1, _size(local)))
                yield from opened(_merged(shown, blobs, layers, budget), budget)
    except DAMAGE as error:
        raise UnreadableError(f"{shown} is a damaged container image: {error}.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(
            f"{shown} is a container image whose manifest is incomplete: {error}."
        ) from error


@contextmanager
def _blobs(local: Path) -> Iterator[_Blobs]:
    if local.is_dir():
        yield _Folder(local)
        return
    with local.open("rb") as file, closing(_Tar(file)) as tar:
        yield tar


def _size(local: Path) -> int:
    if local.is_dir():
        return sum(p.stat().st_size for p in local.rglob("*") if p.is_file())
    return local.stat().st_size


def _layer_lists(shown: str, blobs: _Blobs) -> Iterator[list[str]]:
    names = blobs.names()
    if "index.json" in names:
        found = list(_oci(blobs, _json(blobs, "index.json"), 0))
    else:
        found = [entry["Layers"] for entry in _json(blobs, "manifest.json")]
    if not found:
        raise UnreadableError(f"{shown} is a container image without layers.")
    seen: set[tuple[str, ...]] = set()
    for layers in found[:MANIFESTS]:
        missing = [name for name in layers if name not in names]
        if missing:
            raise UnreadableError(f"{shown} lacks the layer {missing[0]}.")
        if tuple(layers) not in seen:
            seen.add(tuple(layers))
            yield layers


def _oci(blobs: _Blobs, index: Any, depth: int) -> Iterator[list[str]]:
    if depth > 4:
        raise LimitError("image indexes nested deeper than 4.")
    for entry in index.get("manifests", ()):
        document = _json(blobs, _blob(entry["digest"]))
        if "layers" in document:
            media = {str(layer.get("mediaType", "")) for layer in document["layers"]}
            # Attestations and signatures are manifests too; only file systems are layers.
            if any("in-toto" in m or "cosign" in m for m in media):
                continue
            yield [_blob(layer["digest"]) for layer in document["layers"]]
        else:
            yield from _oci(blobs, document, depth + 1)


def _blob(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"blobs/{algorithm}/{value}"


def _json(blobs: _Blobs, name: str) -> Any:
    with blobs.open(name) as file:
        data = file.read(MANIFEST_BYTES + 1)
    if len(data) > MANIFEST_BYTES:
        raise LimitError(f"{name} is larger than {MANIFEST_BYTES // 2**20} MiB.")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise LimitError(f"{name} is nested too deeply.") from error


def _merged(shown: str, blobs: _Blobs, layers: list[str], budget: Budget) -> Iterator[Member]:
    hidden = _Hidden()
    for layer in reversed(layers):
        here = _Hidden()
        with blobs.open(layer) as file:
            yield from _layer(shown, file, hidden, here, budget)
        hidden.paths |= here.paths
        hidden.folders |= here.folders


def _layer(shown: str, file: IO[bytes], hidden: _Hidden, here: _Hidden, budget: Budget) -> Iterator[Member]:
    magic = file.read(4)
    file.seek(0)
    if magic == _ZSTD:
        raise UnreadableError(f"{shown} has a layer packed with zstd, which is not read.")
    plain = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if magic[:2] == _GZIP else file
    with tarfile.open(fileobj=plain, mode="r|") as tar:
        for info in tar:
            path = info.name.removeprefix("./").strip("/")
            folder, _, name = path.rpartition("/")
            if name == _OPAQUE:
                here.folders.add(folder)
            elif name.startswith(_WHITEOUT):
                gone = f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/")
                here.paths.add(gone)
                here.folders.add(gone)
            elif info.isreg() and not hidden.covers(path):
                here.paths.add(path)
                source = tar.extractfile(info)
                if source is not None:
                    yield read_member(source, f"{shown}!/{path}", budget)
            elif not info.isdir():
                here.paths.add(path)
