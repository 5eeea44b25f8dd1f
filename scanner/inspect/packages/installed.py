"""What is installed: the databases of dpkg, apk and rpm, and the records that pip and npm leave behind.

They lie in container images and file systems, where no manifest may be left to say what was asked for.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.inspect.database import database
from scanner.inspect.packages.entry import Entry, at, entry, npm, pypi, tree

RPM_TABLE = "Name"
"""rpm's index from a package's name to its header."""
MAX_PACKAGES = 200_000
_MAX_STEPS = 1_000

_MODULE = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/]+)/package\.json\Z")


def dpkg(_path: str, text: str) -> Iterator[Entry]:
    """`var/lib/dpkg/status` and `status.d`; what was removed and left its settings is left out."""
    for number, name, rest in _paragraphs(text, "Package: "):
        status = re.search(r"^Status: (.*)$", rest, re.MULTILINE)
        if status is None or status.group(1).endswith(" installed"):
            yield from entry("deb", name, number, namespace="debian")


def apk(_path: str, text: str) -> Iterator[Entry]:
    """`lib/apk/db/installed`."""
    for number, name, _ in _paragraphs(text, "P:"):
        yield from entry("apk", name, number, namespace="alpine")


def _paragraphs(text: str, field: str) -> Iterator[tuple[int, str, str]]:
    """Give line, name and all of each paragraph that has a line with the field."""
    number = 1
    for paragraph in text.split("\n\n"):
        for offset, line in enumerate(paragraph.split("\n")):
            if line.startswith(field):
                yield number + offset, line.removeprefix(field).strip(), paragraph
                break
        number += paragraph.count("\n") + 2


def metadata(_path: str, text: str) -> Iterator[Entry]:
    """`*.dist-info/METADATA` and `*.egg-info/PKG-INFO`: the name in the head, which a blank line ends."""
    for number, line in enumerate(text.split("\n\n", 1)[0].splitlines(), 1):
        if line.startswith("Name: "):
            yield from pypi(line.removeprefix("Name: ").strip(), number)
            return


def module(path: str, text: str) -> Iterator[Entry]:
    """`node_modules/NAME/package.json`: the package itself; what it was developed with is not installed."""
    found = _MODULE.search(path)
    if found:
        yield from npm(found.group(1), at(tree("json", path, text), "name").line)


def rpm_names(artifact: Artifact) -> Iterator[Entry]:
    """`rpmdb.sqlite`: the names of its index; the headers are not read.

    Raises:
        UnreadableError: it is damaged, or no database of rpm.
        LimitError: it takes too long or names too many packages.
    """
    query = f"SELECT DISTINCT key FROM {RPM_TABLE} ORDER BY key LIMIT ?"  # noqa: S608 - a constant
    try:
        with database(artifact, _MAX_STEPS) as db:
            names = [r[0] for r in db.execute(query, (MAX_PACKAGES + 1,)) if isinstance(r[0], str)]
    except sqlite3.Error as error:
        raise UnreadableError(f"{artifact.path} is no readable database of rpm: {error}.") from error
    if len(names) > MAX_PACKAGES:
        raise LimitError(f"{artifact.path} names more than {MAX_PACKAGES} packages.")
    for name in names:
        yield from entry("rpm", name, 1)


BY_PLACE: tuple[tuple[re.Pattern[str], Callable[[str, str], Iterator[Entry]]], ...] = (
    (re.compile(r"(?:^|/)var/lib/dpkg/status\Z"), dpkg),
    (re.compile(r"(?:^|/)lib/apk/db/installed\Z"), apk),
    (re.compile(r"\.dist-info/METADATA\Z|\.egg-info/PKG-INFO\Z"), metadata),
    (_MODULE, module),
)
"""Readers by where a file lies, which is fixed for each."""

_RPM_PLACE = re.compile(r"(?:^|/)rpmdb\.sqlite\Z")
_OLD_RPM = (
    (re.compile(r"(?:^|/)rpm/Packages\Z"), 12, (b"\x61\x15\6\0", b"\0\6\x15\x61"), "Berkeley DB"),
    (re.compile(r"(?:^|/)Packages\.db\Z"), 0, (b"RpmP",), "ndb"),
)
"""Where older and other formats lie, where their mark stands, the mark, and what they are called."""


def is_rpm(artifact: Artifact) -> bool:
    """Whether a file is rpm's database, by where it lies and how it begins."""
    if artifact.kind == "sqlite":
        return bool(_RPM_PLACE.search(artifact.path))
    return artifact.kind == "binary" and bool(_old_rpm(artifact))


def refuse_old_rpm(artifact: Artifact) -> None:
    """Say that a database of rpm was not tested because of its format.

    Raises:
        UnreadableError: it is in a format other than SQLite.
    """
    if artifact.kind == "binary" and (form := _old_rpm(artifact)):
        raise UnreadableError(
            f"{artifact.path} is a database of rpm in the format {form}, which is not read; "
            "`rpmdb --rebuilddb --define '_db_backend sqlite'` writes one that is."
        )


def _old_rpm(artifact: Artifact) -> str:
    for place, offset, marks, form in _OLD_RPM:
        if place.search(artifact.path) and artifact.head.startswith(marks, offset):
            return form
    return ""
