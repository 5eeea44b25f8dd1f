"""Go, Rust, Swift, CocoaPods, C and C++, .NET, PHP, Ruby, Dart, ROS, ESP-IDF."""

import re
from collections.abc import Iterator

from scanner.inspect.packages.entry import Entry, at, entry, lines_of, pathed, repository, tree
from scanner.inspect.tree import Node


def go_mod(_path: str, text: str) -> Iterator[Entry]:
    """`go.mod` and `go.sum`."""
    for number, line in lines_of(text, "//"):
        match = re.match(r"(?:require\s+|replace\s+)?([\w.~-]+\.[\w.~-]+(?:/[\w.~-]+)*)\s+(?:v\d|=>)", line)
        if match:
            yield from pathed("golang", match.group(1), number)


def cargo_toml(path: str, text: str) -> Iterator[Entry]:
    """`Cargo.toml`, with dependencies by target, of the workspace, and renamed ones."""
    for trail, node in tree("toml", path, text).walk():
        if trail and trail[-1] in {"dependencies", "dev-dependencies", "build-dependencies"}:
            for name, value in node.items:
                yield from entry("cargo", value.scalar("package") or name, value.line)


def cargo_lock(path: str, text: str) -> Iterator[Entry]:
    """`Cargo.lock`."""
    for _, package in at(tree("toml", path, text), "package").items:
        yield from entry("cargo", package.scalar("name"), at(package, "name").line)


def swift_package(_path: str, text: str) -> Iterator[Entry]:
    """`Package.swift`: the addresses of its packages."""
    for number, line in lines_of(text, "//"):
        for address in re.findall(r"""\.package\([^)]*?url:\s*"([^"]+)\"""", line):
            yield from _swift(address, number)


def swift_resolved(path: str, text: str) -> Iterator[Entry]:
    """`Package.resolved`, versions 1 to 3."""
    for trail, node in tree("json", path, text).walk():
        if trail and trail[-1] in {"location", "repositoryURL"} and node.text:
            yield from _swift(node.text, node.line)


def cartfile(_path: str, text: str) -> Iterator[Entry]:
    """`Cartfile` and `Cartfile.resolved`."""
    for number, line in lines_of(text, "#"):
        match = re.match(r"""(github|git|binary)\s+"([^"]+)\"""", line)
        if match:
            name = match.group(2)
            yield from _swift(name if "://" in name else f"https://github.com/{name}", number)


def _swift(address: str, line: int) -> Iterator[Entry]:
    place = repository(address)
    if place:
        yield from pathed("swift", place, line)


def podfile(_path: str, text: str) -> Iterator[Entry]:
    """`Podfile` and podspecs."""
    for number, line in lines_of(text, "#"):
        for name in re.findall(r"""(?:^pod|\.dependency)\s*\(?\s*["']([^"']+)["']""", line):
            yield from _pod(name, number)


def podfile_lock(_path: str, text: str) -> Iterator[Entry]:
    """`Podfile.lock`."""
    for number, line in lines_of(text):
        match = re.match(r"""-\s+"?([\w+./-]+)""", line)
        if match:
            yield from _pod(match.group(1), number)


def _pod(name: str, line: int) -> Iterator[Entry]:
    base, _, subspec = name.partition("/")
    yield from entry("cocoapods", base, line, subpath=subspec)


_CMAKE = re.compile(
    r"""(?i)\b(?:find_package|FetchContent_Declare|ExternalProject_Add|CPMAddPackage|CPMFindPackage)\s*\(\s*(?:NAME\s+)?["']?([\w.:+/@-]+)"""
)
_CMAKE_REPOSITORY = re.compile(r"""(?i)(?:GIT_REPOSITORY|URL)\s+["']?(\S+?)["')]*$""")
_PKG_CONFIG = re.compile(r"(?i)pkg_(?:check_modules|search_module)\s*\(([^)]*)\)?")


def cmake(_path: str, text: str) -> Iterator[Entry]:
    """`CMakeLists.txt` and `*.cmake`: what they find, fetch or ask pkg-config for."""
    for number, line in lines_of(text, "#"):
        for name in _CMAKE.findall(line):
            yield from entry("generic", re.split(r"[@/]", name.partition(":")[2] or name)[-1] or name, number)
        address = _CMAKE_REPOSITORY.search(line)
        place = repository(address.group(1)) if address else ""
        if place:
            yield from entry("generic", place.rsplit("/", 1)[-1], number)
        for words in _PKG_CONFIG.findall(line):
            for word in words.split()[1:]:
                yield from entry("generic", re.split(r"[<>=]", word)[0], number)


def vcpkg(path: str, text: str) -> Iterator[Entry]:
    """`vcpkg.json`."""
    for trail, node in tree("json", path, text).walk():
        if trail and trail[-1] == "dependencies":
            for _, item in node.items:
                yield from entry("vcpkg", item.text or item.scalar("name"), item.line)


def conan(_path: str, text: str) -> Iterator[Entry]:
    """`conanfile.txt` and `conanfile.py`, by references of the form `name/version`."""
    for number, line in lines_of(text, "#"):
        for name in re.findall(r"""(?:^|["'])([a-z0-9][\w.+-]*)/[\d\[(cs]""", line):
            yield from entry("conan", name, number)


def msbuild(path: str, text: str) -> Iterator[Entry]:
    """Project files, `packages.config`, `Directory.Packages.props`, `*.nuspec`."""
    for trail, node in tree("xml", path, text).walk():
        tag = next((t for t in reversed(trail) if not t.isdigit()), "").casefold()
        if tag in {"packagereference", "packageversion", "package", "dependency", "reference"}:
            name = node.scalar("@Include") or node.scalar("@Update") or node.scalar("@id")
            if name:
                yield from entry("nuget", name.split(",")[0], node.line)


def nuget_lock(path: str, text: str) -> Iterator[Entry]:
    """`packages.lock.json` and `project.assets.json`."""
    for _, framework in at(tree("json", path, text), "dependencies").items:
        for name, package in framework.items:
            yield from entry("nuget", name, package.line)


def paket(_path: str, text: str) -> Iterator[Entry]:
    """`paket.dependencies` and `paket.lock`."""
    for number, line in lines_of(text, "//"):
        match = re.match(r"(?:nuget\s+([\w.-]+)|([\w.-]+)\s+\()", line)
        if match:
            yield from entry("nuget", match.group(1) or match.group(2), number)


def composer(path: str, text: str) -> Iterator[Entry]:
    """`composer.json` and `composer.lock`."""
    root = tree("json", path, text)
    for section in ("require", "require-dev"):
        for name, version in at(root, section).items:
            yield from _composer(name, version.line)
    for section in ("packages", "packages-dev"):
        for _, package in at(root, section).items:
            yield from _composer(package.scalar("name"), at(package, "name").line)


def _composer(name: str, line: int) -> Iterator[Entry]:
    vendor, _, package = name.partition("/")
    if package:
        yield from entry("composer", package, line, namespace=vendor)


def gemfile(_path: str, text: str) -> Iterator[Entry]:
    """`Gemfile` and gemspecs."""
    for number, line in lines_of(text, "#"):
        for name in re.findall(r"""(?:^gem|add_(?:\w+_)?dependency)\s*\(?\s*["']([\w.-]+)["']""", line):
            yield from entry("gem", name, number)


def gemfile_lock(_path: str, text: str) -> Iterator[Entry]:
    """`Gemfile.lock`."""
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"\s{4}([\w.-]+) \(", line)
        if match:
            yield from entry("gem", match.group(1), number)


def pubspec(path: str, text: str) -> Iterator[Entry]:
    """`pubspec.yaml` and `pubspec.lock`."""
    root: Node = tree("yaml", path, text)
    for section in ("dependencies", "dev_dependencies", "packages"):
        for name, value in at(root, section).items:
            yield from entry("pub", name, value.line)


def ros_package(path: str, text: str) -> Iterator[Entry]:
    """`package.xml` of a ROS package: what it depends on, which has no ecosystem in package URLs."""
    for trail, node in tree("xml", path, text).walk():
        tag = next((t for t in reversed(trail) if not t.isdigit()), "")
        name = node.text or node.scalar("#")
        if name and (tag == "depend" or tag.endswith("_depend")):
            yield from entry("generic", name, node.line)


def idf_component(path: str, text: str) -> Iterator[Entry]:
    """`idf_component.yml` of ESP-IDF: components of its registry, as `namespace/name`."""
    for name, value in at(tree("yaml", path, text), "dependencies").items:
        namespace, _, component = name.rpartition("/")
        yield from entry("generic", component, value.line, namespace=namespace)
