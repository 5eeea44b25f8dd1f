"""Refuses what is named as text and holds binary data: sealed, damaged, or made to be passed over."""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.discover.kind import textual_name
from scanner.errors import UnreadableError
from scanner.inspect.interface import Sighting
from scanner.rules import RuleSet

_BESIDE = b"\0\5\x16\7"
"""How the files begin that macOS puts beside others (`._name`): attributes, no content."""


@dataclass(frozen=True, slots=True)
class DisguiseInspector:
    """Says that a file was not tested whose name promises code or settings and whose bytes are none."""

    name: str = "disguise"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether the name promises text and the content is no known kind at all."""
        return (
            artifact.kind == "binary"
            and bool(textual_name(artifact.name))
            and not artifact.head.startswith(_BESIDE)
        )

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:  # noqa: ARG002
        """Give nothing.

        Raises:
            UnreadableError: always.
        """
        raise UnreadableError(
            f"{artifact.path} is named as {textual_name(artifact.name)} but holds binary data, "
            "and was not read; decrypt or convert it."
        )
