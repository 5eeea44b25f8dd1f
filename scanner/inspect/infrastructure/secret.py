"""Looks into what Kubernetes keeps as base64: values of Secrets, binary data of ConfigMaps, Helm releases.

Each value is inspected as the file that its key names. A value is never shown: a sighting bears the pointer
to it and no excerpt.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.discover.archive import members
from scanner.discover.artifact import Artifact
from scanner.discover.kind import is_archive
from scanner.errors import UnreadableError
from scanner.findings import Pointer
from scanner.inspect.interface import Sighting
from scanner.inspect.registry import inspectors
from scanner.inspect.tree import Node, Path, pointer_of, read_tree
from scanner.rules import RuleSet

_HOLDERS = {"secret": "data", "configmap": "binaryData"}
_GATE = re.compile(rb"""\bkind["']?\s{0,20}:\s{0,20}["']?(?:Secret|ConfigMap)\b""")
_LONG = re.compile(rb"[A-Za-z0-9+/]{16}")
_HELM = "helm.sh/release.v1"
"""A Secret in which Helm keeps all that it installed: packed, and encoded twice."""


@dataclass(frozen=True, slots=True)
class SecretInspector:
    """Reads the values of Secrets as the files they are."""

    name: str = "secret"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it may be a manifest of Kubernetes."""
        return artifact.kind in ("yaml", "json")

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give what the other inspectors see in each value, at the place of the value.

        Raises:
            UnreadableError: the manifest, or what a value decodes to, is damaged or hits a ceiling.
        """
        data = artifact.read()
        if not _GATE.search(data) or not _LONG.search(data):
            return
        for document in read_tree(artifact):
            for path, node in document.walk():
                if node.is_map:
                    yield from _values(artifact, path, node, rules)


def _values(artifact: Artifact, path: Path, holder: Node, rules: RuleSet) -> Iterator[Sighting]:
    field = _HOLDERS.get(holder.scalar("kind").casefold(), "")
    values = holder.get(field) if field else None
    for key, value in values.items if values is not None and values.is_map else ():
        content = _decoded(value.text or "", twice=holder.scalar("type") == _HELM)
        if content:
            place = Pointer(pointer=pointer_of((*path, field, key)), start_line=value.line)
            for sighting in _within(Artifact(f"{artifact.path}!/{key}", data=content), rules):
                note = f"in an encoded value, which is not shown{'; ' * bool(sighting.note)}{sighting.note}"
                yield replace(sighting, location=place, excerpt="", note=note)


def _decoded(text: str, *, twice: bool) -> bytes:
    """Give what a value stands for; nothing where it is no base64 (a placeholder, a template)."""
    try:
        once = base64.b64decode("".join(text.split()), validate=True)
        return base64.b64decode(once, validate=True) if twice else once
    except (binascii.Error, ValueError):
        return b""


def _within(value: Artifact, rules: RuleSet) -> Iterator[Sighting]:
    parts = [value]
    if is_archive(value.kind):
        found = list(members(value))
        damaged = next((m for m in found if m.failed), None)
        if damaged is not None:
            raise UnreadableError(f"{damaged.path}: {damaged.reason}.")
        parts += [m.artifact for m in found if m.artifact is not None]
    for part in parts:
        for inspector in inspectors("off"):
            if inspector.accepts(part):
                yield from (s for s in inspector.inspect(part, rules) if isinstance(s, Sighting))
