"""Reads container images (OCI layouts, `docker save` archives) as the file system a container would see.

Layers are read from the top down in one pass each: a path that a higher layer holds, or hides with a
whiteout, is left out below. No daemon is asked and nothing is unpacked to disk.

Formats: OCI image spec 1.1 (oci-layout, index.json, blobs/), docker save's manifest.json.
"""

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from scanner.discover.archive import (
    DAMAGE,
    PATH,
    Budget,
    Member,
    TarHeader,
    opened,
    read_member,
    tar_members,
    uncounted,
)
from scanner.discover.unpack import packing, unpacked
from scanner.errors import LimitError, UnreadableError

MANIFEST_BYTES = 4 * 2**20
MANIFESTS = 64
DOCUMENTS = 1000
"""Indexes and manifests that are read of one image: an index may name another many times."""
BLOBS = 100_000
"""Files of an image archive itself: its layers and its manifests."""
IMAGE_FILES = 1_000_000
IMAGE_BYTES = 32 * 2**30
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


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
        # Closed by its owner.
        self.tar = tarfile.open(fileobj=file, mode="r:", tarinfo=TarHeader)  # noqa: SIM115
        self.index: dict[str, tarfile.TarInfo] = {}
        for number, member in enumerate(self.tar):
            if number >= BLOBS:
                raise LimitError(f"the image holds more than {BLOBS} layers and manifests.")
            if member.isreg():
                self.index[member.name.removeprefix("./")] = member

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
            budget = Budget(shown, members=IMAGE_FILES, bytes=IMAGE_BYTES, packed=max(1, _size(local)))
            for layers in _layer_lists(shown, blobs):
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
        found = list(_oci(blobs, _json(blobs, "index.json"), 0, iter(range(DOCUMENTS))))
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


def _oci(blobs: _Blobs, index: Any, depth: int, tickets: Iterator[int]) -> Iterator[list[str]]:
    if depth > 4:
        raise LimitError("image indexes nested deeper than 4.")
    for entry in index.get("manifests", ()):
        if next(tickets, None) is None:
            raise LimitError(f"the image has more than {DOCUMENTS} manifests.")
        document = _json(blobs, _blob(entry["digest"]))
        if "layers" in document:
            media = {str(layer.get("mediaType", "")) for layer in document["layers"]}
            # Attestations and signatures are manifests too; only file systems are layers.
            if any("in-toto" in m or "cosign" in m for m in media):
                continue
            yield [_blob(layer["digest"]) for layer in document["layers"]]
        else:
            yield from _oci(blobs, document, depth + 1, tickets)


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
    kind = packing(file.read(8))
    file.seek(0)
    plain = unpacked(kind, file, budget.grow) if kind else file
    for info, content in tar_members(plain, budget):
        path = info.name.removeprefix("./").strip("/")
        folder, _, name = path.rpartition("/")
        if len(path) > PATH:
            yield Member(f"{shown}!/{path[:PATH]}", None, "a path longer than any system allows", failed=True)
        elif name == _OPAQUE:
            here.folders.add(folder)
        elif name.startswith(_WHITEOUT):
            gone = f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/")
            here.paths.add(gone)
            here.folders.add(gone)
        elif content is not None and not hidden.covers(path):
            here.paths.add(path)
            counts = not kind or info.issparse()
            yield read_member(content, f"{shown}!/{path}", budget.grow if counts else uncounted)
        elif not info.isdir():
            here.paths.add(path)
