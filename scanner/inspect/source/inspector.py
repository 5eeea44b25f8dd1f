"""The inspector of source code: filter, parse, read."""

from collections.abc import Iterable, Iterator

from scanner.discover.artifact import Artifact
from scanner.discover.kind import UTF16
from scanner.errors import LimitError
from scanner.findings import Capability, Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.source.engine import Reader, unique
from scanner.inspect.source.flow import covers_of, is_detection, note_of, purpose_in
from scanner.inspect.source.languages import SYNTAXES
from scanner.inspect.source.lexicon import lexicon
from scanner.inspect.source.parsing import parse
from scanner.inspect.source.pieces import MAX_SOURCE, Piece, language_of, piece_of
from scanner.inspect.source.places import Places
from scanner.rules import RuleSet

_MOCKS = ("moto", "botocore.stub", "aws-sdk-client-mock", "aws-sdk-mock", "unittest.mock_aws")
"""Modules that stand in for a cloud service: a call in a file that imports one reaches no service."""


class SourceInspector:
    """Reads code in every language that a grammar is at hand for."""

    name = "source"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it is code, or a page that may hold scripts."""
        return language_of(artifact) in SYNTAXES

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give every signal in the code; a file in which no word of any rule stands is not parsed.

        Raises:
            UnreadableError: a notebook that is none.
            LimitError: a file with such words is too large, or too deep, to parse.
        """
        data = artifact.read()
        if data.startswith(UTF16):
            data = artifact.text.encode("utf-8", "replace")
        known, stem = lexicon(rules, language_of(artifact)), stem_of(artifact)
        if not known.speaks_of(data) and not known.gate.search(stem.encode()):
            return
        if len(data) > MAX_SOURCE:
            raise LimitError(f"{artifact.path} is larger than {MAX_SOURCE >> 20} MiB and was not parsed.")
        piece = piece_of(artifact, data)
        if piece is not None:
            yield from read_piece(piece, rules, stem)


def stem_of(artifact: Artifact) -> str:
    """What a file of code is called, which in most languages is what the module or class in it is called."""
    return artifact.name.partition(".")[0]


def read_piece(piece: Piece, rules: RuleSet, stem: str = "") -> Iterator[Sighting]:
    """Give the sightings in one piece of code, and in what its file is called."""
    syntax, words = SYNTAXES[piece.language], lexicon(rules, piece.language)
    reader = Reader(syntax, words, piece.data, parse(syntax, piece.data), stem)
    mocked = any(i.module.startswith(_MOCKS) for i, _ in reader.imports)
    hits, places = tuple(unique(reader.hits())), Places(piece)
    purpose = purpose_in(piece.language, reader.root, reader.modules, hits)
    note = note_of(purpose, places)
    for hit in hits:
        detects = is_detection(hit)
        yield Sighting(
            rule=hit.rule,
            subject=hit.subject,
            signal=hit.signal,
            location=places.location(hit.start, hit.end),
            confidence=Confidence.LOW if mocked else hit.confidence,
            excerpt=places.excerpt(hit.start) if hit.end else f"the file is called {stem}",
            note="the file imports a mock of the service" if mocked else note if detects else "",
            capability=Capability.REDACTION if detects and purpose.redacts else None,
        )
    if not mocked:
        yield from covers_of(purpose, places, hits)
