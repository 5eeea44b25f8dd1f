"""The inspector of source code: filter, parse, read."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError
from scanner.findings import Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.source.engine import Hit, Reader, unique
from scanner.inspect.source.languages import SYNTAXES
from scanner.inspect.source.lexicon import lexicon
from scanner.inspect.source.pieces import MAX_SOURCE, Piece, language_of, piece_of
from scanner.rules import RuleSet

EXCERPT = 200

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
            LimitError: a file with such words is too large to parse.
        """
        data = artifact.read()
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            data = artifact.text.encode("utf-8", "replace")
        if not lexicon(rules, language_of(artifact)).gate.search(data):
            return
        if len(data) > MAX_SOURCE:
            raise LimitError(f"{artifact.path} is larger than {MAX_SOURCE >> 20} MiB and was not parsed.")
        piece = piece_of(artifact, data)
        if piece is not None:
            yield from read_piece(piece, rules)


def read_piece(piece: Piece, rules: RuleSet) -> Iterator[Sighting]:
    """Give the sightings in one piece of code."""
    syntax, words = SYNTAXES[piece.language], lexicon(rules, piece.language)
    reader = Reader(syntax, words, piece.data, syntax.parser().parse(piece.data))
    mocked = any(i.module.startswith(_MOCKS) for i, _ in reader.imports)
    breaks = [m.start() for m in re.finditer(rb"\n", piece.data)]
    for hit in unique(reader.hits()):
        first = bisect_right(breaks, hit.start - 1) + 1
        last = bisect_right(breaks, max(hit.end - 1, hit.start) - 1) + 1
        yield Sighting(
            rule=hit.rule,
            subject=hit.subject,
            signal=hit.signal,
            location=piece.place(first, last),
            confidence=Confidence.LOW if mocked else hit.confidence,
            excerpt=_excerpt(piece.data, hit),
            note="the file imports a mock of the service" if mocked else "",
        )


def _excerpt(data: bytes, hit: Hit) -> str:
    """Give the line, or as much of a long one as stands around the hit."""
    begin = data.rfind(b"\n", 0, hit.start) + 1
    end = data.find(b"\n", hit.start)
    end = len(data) if end < 0 else end
    begin = max(begin, hit.start - EXCERPT // 2)
    return data[begin : min(end, begin + EXCERPT)].decode("utf-8", "replace")
