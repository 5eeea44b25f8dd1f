"""Container images: the normal form of a reference, and the places where references stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scanner.inspect.tree import Node, Path
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ImageSignal

_DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")
_FILLED_IN = re.compile(r"\$\{[^}]*\}|\$\w+|\{\{[^}]*\}\}|%\w+%")
_MAX_LENGTH = 400
_REFERENCE = re.compile(r"[\w.:/@+-]+\Z")
_RUNNER = re.compile(
    r"\b(?:docker|podman|nerdctl|ctr|crictl|singularity|apptainer)\s+(?:(?:image|container|service|-\S+)\s+)*"
    r"(?:run|pull|create|exec|push|tag|save)\b"
)
_MODULES = re.compile(r"(?:^|\.)(?:docker|podman)_image$")
"""Modules of Ansible whose `name` is an image; that of a container is the container's own."""
_BESIDE_REPOSITORY = frozenset({"tag", "pullpolicy", "registry", "digest"})


@dataclass(frozen=True, slots=True)
class _Pattern:
    rule: Rule
    signal: ImageSignal
    expression: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(rules: RuleSet) -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(rule, signal, _expression(name))
        for rule, signal in rules.signals(ImageSignal)
        for name in signal.match
    )


def _expression(glob: str) -> re.Pattern[str]:
    """`*` stands for any part of one name; a mirror may put names of its own before a name with an owner."""
    body = "[^/]*".join(re.escape(part) for part in glob.lower().split("*"))
    return re.compile((r"(?:[^/]+/){0,2}" if "/" in glob else "") + body + r"\Z")


def normal_form(reference: str) -> str:
    """The repository of an image: no registry host, tag or digest, in lower case; empty where it is none.

    What a template fills in is dropped (`${registry}compreface-core`), its default is taken
    (`${IMAGE:-exadel/compreface-core}`).
    """
    if len(reference) > _MAX_LENGTH:
        return ""
    text = reference.strip().strip("\"'").removeprefix("docker://").removeprefix("oci://")
    text = _FILLED_IN.sub("", _DEFAULT.sub(r"\1", text))
    if not text or not _REFERENCE.match(text):
        return ""
    text = text.split("@", 1)[0].lstrip("/").lower()
    head, _, rest = text.partition("/")
    if rest and (("." in head) or (":" in head) or head == "localhost"):
        text = rest
    folder, _, last = text.rpartition("/")
    last = last.split(":", 1)[0].rstrip("-")
    return f"{folder}/{last}".strip("/").removeprefix("library/")


def matches(reference: str, rules: RuleSet) -> Iterator[tuple[Rule, ImageSignal, str]]:
    """The rules that know an image, with its normal form."""
    repository = normal_form(reference)
    if repository:
        for pattern in _patterns(rules):
            if pattern.expression.match(repository):
                yield pattern.rule, pattern.signal, repository


def is_image_key(path: Path, parent: Node | None) -> bool:
    """Whether the value at a path of keys is an image reference."""
    key = path[-1].casefold() if path else ""
    above = [k.casefold() for k in path[:-1] if not k.isdigit()]
    holder = above[-1] if above else ""
    if key.endswith(("image", "imagename", "image_name")) or (key == "container" and "jobs" in above):
        return True
    if key == "repository":
        beside = parent.keys() if parent is not None else frozenset()
        return holder.endswith("image") or bool(beside & _BESIDE_REPOSITORY)
    if key in ("name", "newname"):
        return holder in ("images", "image", "services") or _MODULES.search(holder) is not None
    return key == "uses" or (not key.isdigit() and key == "from")


def in_command(text: str) -> Iterator[tuple[int, str]]:
    """Words of container commands (`docker run ...`) that may be references, each with its line from 0."""
    running = False
    for number, line in enumerate(text.split("\n")):
        if line.lstrip().startswith(("#", "//")):
            continue
        begins = _RUNNER.search(line)
        if begins or running:
            for word in line[begins.start() if begins else 0 :].split():
                if "/" in word and "://" not in word and not word.startswith(("-", "/", ".", "~")):
                    yield number, word.strip("\"',;()[]\\")
        running = (bool(begins) or running) and line.rstrip().endswith("\\")
