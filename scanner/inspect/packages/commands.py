"""Packages that a script, a Dockerfile or a workflow installs by command."""

import re
from collections.abc import Callable, Iterator

from scanner.inspect.packages.entry import Entry, entry, npm, pathed
from scanner.inspect.packages.python import requirement

Maker = Callable[[str, int], tuple[Entry, ...]]


def _deb(name: str, line: int) -> tuple[Entry, ...]:
    return entry("deb", re.split(r"[=:/]", name)[0], line, namespace="debian")


def _npm(name: str, line: int) -> tuple[Entry, ...]:
    return npm(re.sub(r"(?<=.)@[^/]*$", "", name), line) if re.match(r"@?[\w.-]+", name) else ()


def _conda(name: str, line: int) -> tuple[Entry, ...]:
    return entry("conda", re.split(r"[=<>]", name.rsplit("::", 1)[-1])[0], line)


def _plain(kind: str, namespace: str = "") -> Maker:
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
        (r"(?:npm|pnpm|yarn|bun)(?:\s+global)?\s+(?:install|i|add)", _npm),
        (r"(?:apt-get|apt|aptitude)" + _OPTION + r"\s+install", _deb),
        (r"apk" + _OPTION + r"\s+add", _plain("apk", "alpine")),
        (r"(?:dnf|yum|microdnf|zypper)" + _OPTION + r"\s+install", _plain("rpm")),
        (r"gem\s+install", _plain("gem")),
        (r"go\s+(?:get|install)", _go),
        (r"cargo\s+(?:add|install)", _plain("cargo")),
        (r"dotnet\s+add\s+(?:\S+\s+)?package", _plain("nuget")),
        (r"brew\s+install", _plain("generic")),
        (r"composer\s+require", lambda name, line: pathed("composer", name.split(":")[0], line)),
        (r"(?:flutter|dart)\s+pub\s+add", _plain("pub")),
    )
)
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
    """Read every install command; a line that a backslash continues counts as one, by its own numbers."""
    for number, line in _logical(text):
        if line.lstrip().startswith(("#", "//", "REM ")):
            continue
        for pattern, maker in _COMMANDS:
            for match in pattern.finditer(line):
                yield from _arguments(match.group(1), maker, number, line, match.start(1))


def _arguments(text: str, maker: Maker, number: int, line: str, start: int) -> Iterator[Entry]:
    end = _END.search(text)
    words = list(re.finditer(r"\S+", text[: end.start()] if end else text))
    skip = False
    for word in words:
        name = word.group().strip("\"',[]")
        if skip or name.startswith("-"):
            skip = name in _WITH_VALUE
            continue
        if name.strip("\0") and not name.startswith(("$", ".", "/", "<")):
            yield from maker(name, number + line.count("\0", 0, start + word.start()))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Give each line with its number; continued lines are joined by NUL, to count by."""
    start = 1
    parts: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.rstrip()
        if not parts:
            start = number
        if stripped.endswith("\\"):
            parts.append(stripped[:-1])
            continue
        if parts and line.lstrip().startswith("#"):
            # A comment inside a continued command does not end it.
            parts.append("")
            continue
        yield start, " \0 ".join([*parts, stripped]) if parts else stripped
        parts = []
    if parts:
        yield start, " \0 ".join(parts)
