"""The inspector of Dockerfiles: base images, stages copied from other images, variables set."""

import re
from collections.abc import Iterable, Iterator

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError
from scanner.findings import Lines
from scanner.inspect.config.match import pointers_of
from scanner.inspect.config.words import filter_of
from scanner.inspect.infrastructure import images
from scanner.inspect.interface import Sighting
from scanner.inspect.tree import MAX_BYTES, Node
from scanner.rules import RuleSet
from scanner.rules.model import ConfigSignal, ImageSignal

_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_COPIED = re.compile(r"--from=(\S+)|[,=\s]from=([^\s,]+)", re.IGNORECASE)
_SET = re.compile(r"([\w.:-]+)=(\"[^\"]*\"|'[^']*'|\S*)")
_OLD_SET = re.compile(r"([\w.:-]+)\s+(.+)")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?\Z")


class DockerfileInspector:
    """Reads Dockerfiles and Containerfiles."""

    name = "dockerfile"

    def accepts(self, artifact: Artifact) -> bool:
        """Dockerfiles by any of their names."""
        return artifact.kind == "dockerfile"

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give every image that a stage builds on or copies from, and every variable that a rule knows.

        Raises:
            LimitError: it is too large to be one.
        """
        if artifact.size > MAX_BYTES:
            raise LimitError(f"{artifact.path} is larger than any Dockerfile and was not read.")
        if not filter_of(rules, (ImageSignal, ConfigSignal)).hits(artifact.read()):
            return
        stages: set[str] = set()
        arguments: dict[str, str] = {}
        for number, text in _instructions(artifact.text):
            word, _, rest = text.partition(" ")
            for reference in _references(text, stages):
                named = _VARIABLE.match(reference)
                resolved = arguments.get(named[1], "") if named else reference
                for rule, signal, repository in images.matches(resolved, rules):
                    yield Sighting(
                        rule, repository, "image", Lines(start_line=number, end_line=number),
                        signal.confidence, text, "an image that this one builds on",
                    )  # fmt: skip
            if word.upper() == "ARG":
                name, _, value = rest.partition("=")
                arguments[name.strip()] = value.strip().strip("\"'")
            elif word.upper() == "ENV":
                yield from _variables(rest, number, text, rules)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Each instruction on one line, its continuations joined, with the line that it begins on."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#") or not stripped:
            continue
        begun = begun or number
        parts.append(stripped.rstrip("\\").rstrip())
        if not stripped.endswith("\\"):
            yield begun, " ".join(parts)
            begun, parts = 0, []
    if parts:
        yield begun, " ".join(parts)


def _references(text: str, stages: set[str]) -> Iterator[str]:
    if found := _FROM.match(text):
        if found[1].casefold() not in stages:
            yield found[1]
        if found[2]:
            stages.add(found[2].casefold())
    elif text[:4].upper() in ("COPY", "ADD ", "RUN "):
        for match in _COPIED.finditer(text):
            reference = match[1] or match[2]
            if reference.casefold() not in stages and not reference.isdigit():
                yield reference


def _variables(rest: str, number: int, text: str, rules: RuleSet) -> Iterator[Sighting]:
    pointers = pointers_of(rules).get("environment")
    pairs = _SET.findall(rest) if "=" in rest.split(" ", 1)[0] else _OLD_SET.findall(rest)
    root = Node(number, None, tuple((k, Node(number, v.strip("\"'"))) for k, v in pairs))
    for hit in pointers.hits(root) if pointers is not None else ():
        state = "set by" if hit.enabled else "installed but disabled by"
        yield Sighting(
            hit.rule, f"environment:{hit.signal.pointer}" + (f"={hit.value}" if hit.value else ""), "config",
            Lines(start_line=number, end_line=number), hit.confidence, text, f"{state} {hit.path[-1]}",
        )  # fmt: skip
