"""npm's manifests and lock files."""

import re
from collections.abc import Iterator

from scanner.inspect.packages.entry import Entry, at, npm, tree
from scanner.inspect.tree import Node

_SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_YARN = re.compile(r"""^"?(@?[^@"\s,]+)@""")
_PNPM = re.compile(r"""^\s+['"]?/?(@?[\w.-]+(?:/[\w.-]+)?)[@/]\d""")
_BUN = re.compile(r"""^\s*"[^"]+":\s*\["(@?[^@"]+)@""")
_SPECIFIER = re.compile(r"npm:(@?[^@\s\"']+)")


def package_json(path: str, text: str) -> Iterator[Entry]:
    """`package.json`; an alias (`npm:face-api.js@1`) counts as what it stands for."""
    root = tree("json", path, text)
    for section in _SECTIONS:
        for name, version in at(root, section).items:
            alias = _SPECIFIER.match(version.text or "")
            yield from npm(alias.group(1) if alias else name, version.line)
    for _, item in (*at(root, "bundledDependencies").items, *at(root, "bundleDependencies").items):
        yield from npm(item.text or "", item.line)


def package_lock(path: str, text: str) -> Iterator[Entry]:
    """`package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3."""
    root = tree("json", path, text)
    for place, package in at(root, "packages").items:
        if "node_modules/" in place:
            yield from npm(package.scalar("name") or place.rsplit("node_modules/", 1)[-1], package.line)
    yield from _nested(at(root, "dependencies"))


def _nested(node: Node) -> Iterator[Entry]:
    for name, package in node.items:
        yield from npm(name, package.line)
        yield from _nested(at(package, "dependencies"))


def yarn_lock(_path: str, text: str) -> Iterator[Entry]:
    """`yarn.lock`, classic and berry."""
    yield from _by_line(_YARN, text)


def pnpm_lock(_path: str, text: str) -> Iterator[Entry]:
    """`pnpm-lock.yaml`, by its lines: it is large and its packages are keys."""
    yield from _by_line(_PNPM, text)


def bun_lock(_path: str, text: str) -> Iterator[Entry]:
    """`bun.lock`."""
    yield from _by_line(_BUN, text)


def _by_line(pattern: re.Pattern[str], text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        match = pattern.match(line)
        if match:
            yield from npm(match.group(1), number)


def deno_json(_path: str, text: str) -> Iterator[Entry]:
    """`deno.json` and import maps: specifiers that begin with `npm:`."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in _SPECIFIER.finditer(line):
            yield from npm(match.group(1), number)
