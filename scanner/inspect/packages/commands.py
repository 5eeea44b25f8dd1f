"""Packages that a script, a Dockerfile or a workflow installs by command."""

import re
from collections.abc import Callable, Iterator

from scanner.inspect.packages.entry import Entry, entry, logical_lines, npm, pathed
from scanner.inspect.packages.python import requirement

Maker = Callable[[str, int], tuple[Entry, ...]]


def deb(name: str, line: int) -> tuple[Entry, ...]:
    """Name a Debian package as apt takes it, with a version or an architecture."""
    return entry("deb", re.split(r"[=:/]", name)[0], line, namespace="debian")


def npm_argument(name: str, line: int) -> tuple[Entry, ...]:
    """Name an npm package as npm takes it, with a version."""
    return npm(re.sub(r"(?<=.)@[^/]*$", "", name), line) if re.match(r"@?[\w.-]+", name) else ()


def _conda(name: str, line: int) -> tuple[Entry, ...]:
    return entry("conda", re.split(r"[=<>]", name.rsplit("::", 1)[-1])[0], line)


def plain(kind: str, namespace: str = "") -> Maker:
    """Make names of a kind that asks for no more than a version to be cut off."""

    def make(name: str, line: int) -> tuple[Entry, ...]:
        return entry(kind, re.split(r"[=<>@~]", name)[0], line, namespace=namespace)

    return make


def _go(name: str, line: int) -> tuple[Entry, ...]:
    return pathed("golang", name.split("@", maxsplit=1)[0], line) if "/" in name else ()


_OPTION = r"(?:\s+-\S+)*"
_COMMANDS: tuple[tuple[re.Pattern[str], Maker], ...] = tuple(
    (re.compile(rf"(?:^|[\s;&|(!%\"'`]){command}{_OPTION}\s+(.+)", re.IGNORECASE), maker)
    for command, maker in (
        (
            r"(?:pip[\d.]*|pipx|uv\s+pip|python[\d.]*\s+-m\s+pip|uv\s+tool)" + _OPTION + r"\s+install",
            requirement,
        ),
        (r"(?:uv|poetry|pdm|rye|pipenv)\s+(?:add|install)", requirement),
        (r"(?:conda|mamba|micromamba)\s+install", _conda),
        (r"(?:npm|pnpm|yarn|bun)(?:\s+global)?\s+(?:install|i|add)", npm_argument),
        (r"(?:apt-get|apt|aptitude)" + _OPTION + r"\s+install", deb),
        (r"apk" + _OPTION + r"\s+add", plain("apk", "alpine")),
        (r"(?:dnf|yum|microdnf|zypper)" + _OPTION + r"\s+install", plain("rpm")),
        (r"gem\s+install", plain("gem")),
        (r"go\s+(?:get|install)", _go),
        (r"cargo\s+(?:add|install)", plain("cargo")),
        (r"dotnet\s+add\s+(?:\S+\s+)?package", plain("nuget")),
        (r"brew\s+install", plain("generic")),
        (r"composer\s+require", lambda name, line: pathed("composer", name.split(":")[0], line)),
        (r"(?:flutter|dart)\s+pub\s+add", plain("pub")),
    )
)
_VERB = re.compile(r"\b(?:install|i|add|get|package|require)\s", re.IGNORECASE)
"""What each of the commands says; a line without it needs no closer look."""
_END = re.compile(r"&&|\|\||[;|\n`)]|\s#|>>?\s")
_WITH_VALUE = frozenset(
    {
        "-c",
        "-r",
        "-t",
        "-i",
        "-f",
        "-n",
        "--index-url",
        "--extra-index-url",
        "--target",
        "--requirement",
        "--constraint",
        "--find-links",
        "--channel",
        "--name",
        "--prefix",
    }
)


def commands(_path: str, text: str) -> Iterator[Entry]:
    """Read every install command; a line that a backslash continues counts as one."""
    for number, line in logical_lines(text):
        if not _VERB.search(line) or line.lstrip().startswith(("#", "//", "REM ")):
            continue
        for pattern, maker in _COMMANDS:
            for match in pattern.finditer(line):
                yield from _arguments(match.group(1), maker, number)


def _arguments(text: str, maker: Maker, number: int) -> Iterator[Entry]:
    end = _END.search(text)
    skip = False
    for word in (text[: end.start()] if end else text).split():
        name = word.strip("\"',[]")
        if skip or name.startswith("-"):
            skip = name in _WITH_VALUE
            continue
        if name and not name.startswith(("$", ".", "/", "<")):
            yield from maker(name, number)
