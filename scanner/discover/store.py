"""Files in an object store, named by URL, through fsspec: listed, fetched whole, put back whole.

Nothing is inspected over the network: an object is fetched into a private folder by a process that reads
nothing of it, and worked on there by one that has no network.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scanner.discover.walk import Found
from scanner.errors import UnreadableError, UsageError, WriteError

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
_EXTRAS = {"s3": "s3"}
"""Which extra brings the driver of a scheme; others are installed by their own name."""


def url_of(path: Path | str) -> str:
    """Give the URL that a path on the command line is, or an empty text where it is an ordinary path.

    A `Path` made of a URL has lost one of its slashes: `s3:/bucket/name` is read as well.
    """
    first, _, rest = str(path).partition("/")
    if not _SCHEME.fullmatch(first):
        return ""
    rest = rest.lstrip("/")
    return f"{first}///{rest}" if first == "file:" else f"{first}//{rest}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: its URL, its size in bytes, and a mark that is another when its content is."""

    url: str
    size: int
    mark: str


def listed(url: str) -> Iterator[tuple[str, Stored]]:
    """Give every object below a URL, or the one of that name, by its path below it, in order.

    Raises:
        UsageError: there is none, or the driver is not installed.
        UnreadableError: the store does not answer.
    """
    store, root = _opened(url)
    try:
        found = store.find(root, detail=True)
    except FileNotFoundError:
        found = {}
    except Exception as error:
        raise UnreadableError(
            f"{url} cannot be listed: {_said(error)}", "Look at its name and rights."
        ) from error
    if not found:
        raise UsageError(f"{url} holds nothing.", "Check its name.")
    for name, info in sorted(found.items()):
        below = name.removeprefix(root.rstrip("/")).lstrip("/") or name.rpartition("/")[2]
        yield below, Stored(store.unstrip_protocol(name), int(info["size"] or 0), _mark(info))


def objects(url: str) -> Iterator[Found]:
    """List the objects below a URL as a walk lists files."""
    for path, stored in listed(url):
        unsafe = any(part in ("", ".", "..") for part in path.split("/"))
        yield Found(
            path, stored.url, "not a path below its folder" if unsafe else "", stored.size, stored.mark
        )


def head(url: str, size: int) -> bytes:
    """Give the first bytes of an object.

    Raises:
        UnreadableError: it cannot be read.
    """
    store, name = _opened(url)
    try:
        return bytes(store.cat_file(name, start=0, end=size))
    except Exception as error:
        raise UnreadableError(f"{url} cannot be read: {_said(error)}", "Look at its rights.") from error


def fetch(url: str, into: Path, mark: str = "") -> None:
    """Copy an object to a file that does not exist yet.

    Args:
        url: Which.
        into: Where to.
        mark: What it was listed with; empty where that does not matter.

    Raises:
        UnreadableError: it cannot be read, is no longer there, or changed since it was listed.
    """
    store, name = _opened(url)
    try:
        store.get_file(name, str(into))
        store.invalidate_cache()
        now = store.info(name)
    except Exception as error:
        raise UnreadableError(f"{url} cannot be read: {_said(error)}", "Look at its rights.") from error
    if (mark and _mark(now) != mark) or into.stat().st_size != now["size"]:
        raise UnreadableError(f"{url} changed while it was read; take it again when it is at rest.")


def exists(url: str) -> bool:
    """Say whether there is an object of that name."""
    store, name = _opened(url)
    store.invalidate_cache()
    return bool(store.isfile(name))


def put(path: Path, url: str) -> None:
    """Copy a file to an object; readers see all of it or what was there before.

    S3 shows an object when its last byte has come and its checksum is right. A folder named as `file://` gets
    a hidden name first.

    Raises:
        WriteError: it cannot be written, or arrived with another size.
    """
    store, name = _opened(url)
    try:
        if "file" in store.protocol:
            folder, _, last = name.rpartition("/")
            store.makedirs(folder, exist_ok=True)
            store.put_file(str(path), f"{folder}/.{last}.partial")
            store.mv(f"{folder}/.{last}.partial", name)
        else:
            store.put_file(str(path), name)
        store.invalidate_cache()
        arrived = int(store.info(name)["size"])
    except Exception as error:
        raise WriteError(
            f"{url} could not be written: {_said(error)}", "Look at the store's rights and room."
        ) from error
    if arrived != path.stat().st_size:
        raise WriteError(f"{url} arrived with {arrived} bytes.", "Give the same command again.")


def _opened(url: str) -> tuple[Any, str]:
    scheme = url.partition(":")[0]
    try:
        store = _store(scheme)
    except ImportError as error:
        extra = _EXTRAS.get(scheme)
        # Not 'scanner[...]': on PyPI that name is somebody else's.
        own = f"In your copy of the repository: pip install '.[{extra}]'"
        remedy = own if extra else f"Install fsspec's driver for {scheme}."
        raise UsageError(f"{url} needs a driver that is not installed.", remedy) from error
    except ValueError as error:
        raise UsageError(f"{url} is of no store that fsspec knows.", "Check its first letters.") from error
    return store, str(store._strip_protocol(url))


@cache
def _store(scheme: str) -> Any:
    from fsspec import filesystem  # type: ignore[import-untyped] # noqa: PLC0415 - an extra brings it

    return filesystem(scheme)


def _mark(info: dict[str, Any]) -> str:
    when = info.get("LastModified") or info.get("mtime") or info.get("updated") or ""
    return f"{info.get('ETag') or info.get('etag') or info.get('ino') or ''} {info['size']} {when}"


def _said(error: Exception) -> str:
    return f"{' '.join(str(error).split())[:200] or type(error).__name__}."
