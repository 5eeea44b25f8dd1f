"""The inspector of commands in code: GStreamer launch lines, and images that a script runs."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2

from scanner.discover.artifact import Artifact
from scanner.findings import Lines
from scanner.inspect.config.launch import elements_of
from scanner.inspect.config.match import pointers_of
from scanner.inspect.config.words import words_of
from scanner.inspect.infrastructure import images
from scanner.inspect.interface import Sighting
from scanner.rules import RuleSet
from scanner.rules.model import ConfigSignal, ImageSignal

_CODE = frozenset(
    {
        "python", "javascript", "typescript", "java", "kotlin", "swift", "objc", "c", "cpp", "csharp", "go",
        "rust", "php", "ruby", "shell",
    }
)  # fmt: skip
_SCRIPTS = frozenset({"shell", "text"})
_LIMIT = 4 * 2**20
"""Longer files are data in the shape of code."""


class PipelineInspector:
    """Reads launch lines wherever a program holds them, and container commands in scripts.

    Both stand in strings that a parser of the language cannot tell from prose, but their own grammar can:
    an element between `!`, an image after `docker run`.
    """

    name = "pipeline"

    def accepts(self, artifact: Artifact) -> bool:
        """Source code, scripts, and Makefiles and the like."""
        kind = artifact.kind
        return kind in _CODE or kind == "dockerfile" or (kind == "text" and artifact.name == "Makefile")

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give every element of a launch line, and every image of a container command, that a rule knows."""
        if artifact.size > _LIMIT or not _filter(rules).search(artifact.read()):
            return
        text = artifact.text
        pointers = pointers_of(rules).get("gstreamer")
        for number, line, element in elements_of(text):
            for hit in pointers.hits(element) if pointers is not None else ():
                yield Sighting(
                    hit.rule, f"gstreamer:{'.'.join(hit.path)}" + (f"={hit.value}" if hit.value else ""),
                    "config", _at(number), hit.confidence, line, "an element of a GStreamer launch line",
                )  # fmt: skip
        if artifact.kind in _SCRIPTS:
            lines = text.splitlines()
            for offset, word in images.in_command(text):
                for rule, signal, repository in images.matches(word, rules):
                    yield Sighting(
                        rule, repository, "image", _at(offset + 1), signal.confidence, lines[offset],
                        "an image in a command",
                    )  # fmt: skip


def _at(number: int) -> Lines:
    return Lines(start_line=number, end_line=number)


def launch_words(rules: RuleSet) -> list[str]:
    """Give the expressions one of which matches a file that names a rule's element or image, in any case."""
    signals = [s for _, s in rules.signals(ConfigSignal) if s.product == "gstreamer"]
    words = {w for s in signals for w in words_of(s)}
    words |= {w for _, s in rules.signals(ImageSignal) for w in words_of(s)}
    elements = {re2.escape(s.pointer.split("/")[0].rstrip("*")) for s in signals}
    return sorted(words | elements)


@lru_cache(maxsize=8)
def _filter(rules: RuleSet) -> Any:
    """A file is read further when it names an element or image of a rule; few do."""
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile("|".join(launch_words(rules)).encode(), options)
