"""The inspector of configuration: recorders, cameras, pipelines, and what infrastructure files declare."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.discover.kind import UTF16
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Lines, Location, Pointer
from scanner.inspect.config.environment import environment_of, is_environment_file
from scanner.inspect.config.labels import labels_of
from scanner.inspect.config.launch import elements_of
from scanner.inspect.config.match import Hit, pointers_of
from scanner.inspect.config.products import TITLES, products_of
from scanner.inspect.config.strings import strings_of
from scanner.inspect.config.words import filter_of, looks_hostile
from scanner.inspect.infrastructure.declared import declared_in
from scanner.inspect.interface import Sighting
from scanner.inspect.tree import MAX_BYTES, Node, Path, pointer_of, read_embedded, read_loosely, read_tree
from scanner.rules import RuleSet
from scanner.rules.model import (
    ActionSignal,
    ConfigSignal,
    ImageSignal,
    ResourceSignal,
    StringSignal,
)

_KINDS = frozenset({"yaml", "json", "toml", "xml", "ini", "properties", "hcl"})
_SIGNALS = (ConfigSignal, ImageSignal, ResourceSignal, ActionSignal, StringSignal)
_TEXT_NAME = re.compile(
    r"(^\.env|\.env$|\.env\.|\.txt$|\.pbtxt$|\.container$|\.service$|\.xml$|\.names$|^sdkconfig)",
    re.IGNORECASE,
)
_NOT_SETTINGS = (".svg", ".map", ".lock", "-lock.json", "-lock.yaml", ".min.json", ".geojson")
"""Drawings, source maps and lock files: read by others or by none, and long."""
_JSON = re.compile(r"\s*[\[{]\s*[\"\[{]")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z]+\Z")
_TRANSLATIONS = frozenset({"locales", "locale", "i18n", "l10n", "translations"})
"""Folders of texts for people, which have the keys of the settings that they describe."""
_NO_SETTINGS = re.compile(rb"-//OASIS//DTD DocBook|<opencv_storage")
"""Manuals and trained cascades: neither sets anything, and both are long."""
MAX_EMBEDDED = 3
"""How many configurations may stand inside one another."""
_VECTOR = 2000
"""Longer scalars are data (a certificate, a vector), not a setting."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tree begins in its artifact: the pointer to the text that holds it, and how deep that is."""

    path: Path = ()
    level: int = 0


class ConfigInspector:
    """Reads YAML, JSON, TOML, XML, INI, HCL, Bicep, .env and settings in text files."""

    name = "config"

    def accepts(self, artifact: Artifact) -> bool:
        """Every structured text; a plain text only under a name that settings go by."""
        kind = artifact.kind
        if artifact.name.endswith(_NOT_SETTINGS):
            return artifact.name.endswith(".svg") and looks_hostile(kind, artifact.head)
        if not _TRANSLATIONS.isdisjoint(artifact.path.casefold().split("/")[:-1]):
            return False
        if kind == "xml" and _NO_SETTINGS.search(artifact.head) is not None:
            return False
        if kind == "text":
            return _TEXT_NAME.search(artifact.name) is not None and artifact.size <= MAX_BYTES
        return kind in _KINDS

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give every setting, image, resource, permission and address that a rule knows.

        Raises:
            UnreadableError: a file that holds a word of a rule is damaged or hits a ceiling; what could be
                read of it was given before.
        """
        data = artifact.read()
        if data.startswith(UTF16):
            data = artifact.text.encode("utf-8", "replace")
        words = filter_of(rules, _SIGNALS)
        if not words.hits(data) and not looks_hostile(artifact.kind, data):
            yield from _not_unicode(artifact, data)
            return
        file = _File(artifact, rules)
        yield from file.labels()
        try:
            documents = read_tree(artifact)
        except LimitError:
            raise
        except UnreadableError:
            if _only_guessed(artifact):
                return
            yield from file.document(read_loosely(artifact), _Place())
            raise
        for document in documents:
            yield from file.document(document, _Place())
        yield from _not_unicode(artifact, data)


def _only_guessed(artifact: Artifact) -> bool:
    """Whether nothing but the first character made it JSON or XML; then it was a wrong guess, not damage."""
    suffix = artifact.name.casefold().rpartition(".")[2]
    return (artifact.kind == "json" and not suffix.startswith("json") and suffix != "tfstate") or (
        artifact.kind == "xml" and not artifact.text.lstrip().startswith("<")
    )


def _not_unicode(artifact: Artifact, data: bytes) -> Iterator[Sighting]:
    """Refuse, after the fact, a file whose language demands Unicode and which holds none."""
    demands = artifact.kind in ("yaml", "json", "toml") and not _only_guessed(artifact)
    if demands and b"\0" not in data[:4]:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableError(
                f"{artifact.path} is not valid UTF-8 (byte {error.start}); the rest of it was inspected."
            ) from error
    yield from ()


class _File:
    """One artifact under inspection."""

    def __init__(self, artifact: Artifact, rules: RuleSet) -> None:
        self.artifact = artifact
        self.rules = rules
        self.lines = artifact.text.splitlines()
        self.pointers = pointers_of(rules)
        self.strings = strings_of(rules)
        self.words = filter_of(rules, _SIGNALS)
        self.path = artifact.path

    def labels(self) -> Iterator[Sighting]:
        """What a label file names."""
        if self.artifact.kind == "text":
            root = labels_of(self.artifact.name, self.artifact.text)
            if root is not None:
                yield from self._settings("labels", root, _Place(), (), "")

    def document(self, root: Node, place: _Place) -> Iterator[Sighting]:
        """Everything in one tree: its own settings first, then what it declares, then what stands inside."""
        if self.artifact.kind in ("text", "ini", "properties") and is_environment_file(
            root, self.artifact.name
        ):
            yield from self._settings("environment", root, place, (), "")
        yield from self._products(root, place, (), frozenset())
        yield from declared_in(root, self.rules, Placer(self, place))
        yield from self._scalars(root, place)

    def _products(self, node: Node, place: _Place, path: Path, inside: frozenset[str]) -> Iterator[Sighting]:
        """Find the products' mappings, from the root down; one inside its own is not looked for."""
        stack = [(path, node, inside)]
        while stack:
            here, at, known = stack.pop()
            if at.is_map and at.items:
                for product in products_of(at, self._hint(here), whole=not here):
                    if product.name not in known:
                        known = known | {product.name}
                        version = at.scalar("version") if product.name == "frigate" else ""
                        yield from self._settings(product.name, at, place, here, version)
                if not known and not here:
                    yield from self._settings("any", at, place, here, "")
            for key, value in at.items:
                if value.text is None:
                    variables = environment_of(key, value)
                    if variables is not None:
                        yield from self._settings("environment", variables, place, (*here, key), "")
                    stack.append(((*here, key), value, known))

    def _hint(self, here: Path) -> str:
        return f"{self.path}/{'/'.join(here)}".casefold().replace("_", "-")

    def _settings(
        self, product: str, root: Node, place: _Place, base: Path, version: str
    ) -> Iterator[Sighting]:
        pointers = self.pointers.get(product)
        if pointers is None:
            return
        for hit in pointers.hits(root):
            yield self._sighting(product, hit, place, base, version)

    def _sighting(self, product: str, hit: Hit, place: _Place, base: Path, version: str) -> Sighting:
        keys = hit.signal.pointer.replace("/", ".")
        subject = f"{product}:{keys}" + (f"={hit.value}" if hit.value else "")
        inner = pointer_of(base + hit.path)
        title = TITLES.get(product, product) + (f" (configuration of version {version})" if version else "")
        if hit.enabled:
            note = f"{title}: set by {inner}"
        else:
            note = f"{title}: installed but disabled; {inner} switches it on"
        return Sighting(
            rule=hit.rule,
            subject=subject,
            signal="config",
            location=self._location(hit.node.line, place, base + hit.path, product),
            confidence=hit.confidence,
            excerpt=self._line(hit.node.line),
            note=note,
        )

    def _scalars(self, root: Node, place: _Place) -> Iterator[Sighting]:
        """Addresses and commands among the values, and configurations that stand in them as text."""
        for path, node in root.walk():
            text = node.text
            if not text or node.tag.startswith(("!secret", "!include")):
                continue
            several = "\n" in text.strip()
            inside: tuple[Node, ...] = ()
            if (
                (several or _JSON.match(text))
                and place.level < MAX_EMBEDDED
                and self.words.hits(text.encode("utf-8", "replace"))
            ):
                inside = read_embedded(self.artifact.path, node)
            for document in inside:
                yield from self.document(document, _Place(place.path + path, place.level + 1))
            if not inside and (several or len(text) <= _VECTOR):
                yield from self._strings(node, place, path)

    def _strings(self, node: Node, place: _Place, path: Path) -> Iterator[Sighting]:
        text = node.text or ""
        if _ACTION.match(text):
            return  # a permission, which counts by its statement's effect
        for offset, rule, signal, found in self.strings.hits(text):
            number = node.text_line + offset
            yield Sighting(
                rule, found.casefold(), "string", self._location(number, place, path),
                signal.confidence, self._line(number),
            )  # fmt: skip
        if "!" not in text:
            return
        for number, line, element in elements_of(text, node.text_line - 1):
            pointers = self.pointers.get("gstreamer")
            for hit in pointers.hits(element) if pointers else ():
                yield Sighting(
                    hit.rule, f"gstreamer:{'.'.join(hit.path)}" + (f"={hit.value}" if hit.value else ""),
                    "config", self._location(number, place, path), hit.signal.confidence, line,
                    "an element of a GStreamer launch line",
                )  # fmt: skip

    def _location(self, line: int, place: _Place, path: Path, product: str = "") -> Location:
        if self.artifact.kind in ("ini", "properties", "text") or product == "labels":
            return Lines(start_line=line, end_line=line)
        # Inside a text the pointer can only name the text that holds it; the line says where.
        return Pointer(pointer=pointer_of(place.path or path), start_line=line)

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Placer:
    """Tells `declared_in` the location and the source line of a node."""

    file: _File
    place: _Place

    def location(self, node: Node, path: Path) -> Location:
        """Where a node stands in the artifact."""
        return self.file._location(node.line, self.place, path)

    def excerpt(self, node: Node) -> str:
        """The source line."""
        return self.file._line(node.line)
