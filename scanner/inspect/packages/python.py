"""Python's manifests and lock files."""

import ast
import re
from collections.abc import Iterator

from scanner.inspect.packages.entry import Entry, at, entry, logical_lines, pypi, tree
from scanner.inspect.tree import Node

_NAME = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?=$|[\[<>=!~;@,\s(])")
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_ARCHIVE = re.compile(r"/([A-Za-z0-9][\w.]*?(?:-[A-Za-z][\w.]*?)*)-\d[^/]*\.(?:whl|tar\.gz|zip)")
_REPOSITORY = re.compile(
    r"(?:git\+|\.git|github\.com|gitlab\.com).*?/([\w.-]+?)(?:\.git)?(?:@[^/#]*)?(?:[#?].*)?$"
)
_FULL = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*(?:[<>=!~;@(].*)?\Z")


def requirement(text: str, line: int) -> tuple[Entry, ...]:
    """Read one PEP 508 requirement, or what pip takes instead: an address, an archive, a checkout."""
    text = text.strip().removeprefix("-e").removeprefix("--editable").strip(" =\"'")
    for pattern in (_EGG, _ARCHIVE) if "/" in text else ():
        match = pattern.search(text)
        if match:
            return pypi(match.group(1), line)
    match = _NAME.match(text)
    if match and not text.startswith(("-", ".", "/")) and "://" not in text.split("@", 1)[0]:
        return pypi(match.group(1), line)
    match = _REPOSITORY.search(text)
    return pypi(match.group(1), line) if match else ()


def requirements(_path: str, text: str) -> Iterator[Entry]:
    """`requirements.txt` and its kin; files named by `-r` are artifacts of their own."""
    for number, line in logical_lines(text):
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if not bare.startswith("-") or bare.startswith(("-e", "--editable")):
            yield from requirement(bare.split(" --")[0], number)


def pyproject(path: str, text: str) -> Iterator[Entry]:
    """PEP 621, PEP 735, Poetry, PDM, uv, Hatch and pixi tables."""
    root = tree("toml", path, text)
    project, tool = at(root, "project"), at(root, "tool")
    for listed in (
        at(project, "dependencies"),
        *_values(at(project, "optional-dependencies")),
        *_values(at(root, "dependency-groups")),
        at(root, "build-system", "requires"),
        at(tool, "uv", "dev-dependencies"),
        *_values(at(tool, "pdm", "dev-dependencies")),
        *(at(e, "dependencies") for e in _values(at(tool, "hatch", "envs"))),
    ):
        yield from _listed(listed)
    poetry = at(tool, "poetry")
    groups = (at(g, "dependencies") for g in _values(at(poetry, "group")))
    for table in (at(poetry, "dependencies"), at(poetry, "dev-dependencies"), *groups):
        yield from _keys(table)
    yield from _pixi(at(tool, "pixi"))


def pixi(path: str, text: str) -> Iterator[Entry]:
    """`pixi.toml`."""
    yield from _pixi(tree("toml", path, text))


def _pixi(root: Node) -> Iterator[Entry]:
    features = [root, *_values(at(root, "feature"))]
    for feature in features:
        yield from _keys(at(feature, "pypi-dependencies"))
        for name, node in at(feature, "dependencies").items:
            yield from _conda(name, node.line)


def _values(node: Node) -> list[Node]:
    return [value for _, value in node.items]


def _listed(node: Node) -> Iterator[Entry]:
    for _, item in node.items:
        if item.text:
            yield from requirement(item.text, item.line)


def _keys(node: Node) -> Iterator[Entry]:
    for name, value in node.items:
        yield from pypi(name, value.line)


def setup_cfg(_path: str, text: str) -> Iterator[Entry]:
    """`install_requires` and the like of `setup.cfg`."""
    wanted = False
    for number, line in enumerate(text.split("\n"), 1):
        key = re.match(r"\[|([\w.-]+)\s*[=:]\s*(.*)", line) if not line[:1].isspace() else None
        value = line.strip()
        if line.startswith("["):
            wanted = "extras_require" in line
            continue
        if key and key.group(1):
            wanted = wanted if "extras_require" in line else key.group(1).endswith(("_requires", "_require"))
            value = key.group(2)
        if wanted and value and not value.startswith("#"):
            yield from requirement(value, number)


def setup_py(_path: str, text: str) -> Iterator[Entry]:
    """The requirements a `setup.py` states as literals; it is read, never run."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    wanted: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg and re.search(r"requires?$", node.arg):
            yield from _literals(node.value)
            wanted.update(n.id for n in ast.walk(node.value) if isinstance(n, ast.Name))
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(t.id in wanted for t in targets if isinstance(t, ast.Name)):
                yield from _literals(node.value)


def _literals(value: ast.expr) -> Iterator[Entry]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _FULL.match(node.value):
            yield from requirement(node.value, node.lineno)


def pipfile(path: str, text: str) -> Iterator[Entry]:
    """`Pipfile`: every table but sources and requirements of Python itself."""
    for name, table in tree("toml", path, text).items:
        if name not in {"source", "requires", "scripts", "pipenv"}:
            yield from _keys(table)


def pipfile_lock(path: str, text: str) -> Iterator[Entry]:
    """`Pipfile.lock`."""
    root = tree("json", path, text)
    for section in ("default", "develop"):
        yield from _keys(at(root, section))


def toml_lock(path: str, text: str) -> Iterator[Entry]:
    """`poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`."""
    root = tree("toml", path, text)
    for key in ("package", "packages"):
        for _, package in at(root, key).items:
            yield from pypi(package.scalar("name"), at(package, "name").line)


def conda(path: str, text: str) -> Iterator[Entry]:
    """`environment.yml`, with what it leaves to pip."""
    for _, item in at(tree("yaml", path, text), "dependencies").items:
        if item.text:
            yield from _conda(item.text, item.line)
        else:
            yield from _listed(at(item, "pip"))


def _conda(text: str, line: int) -> Iterator[Entry]:
    name = re.match(r"(?:[\w./-]+::)?([\w.-]+)", text.strip())
    if name:
        yield from entry("conda", name.group(1), line)
