"""The inspector of stored biometric data."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from scanner.discover.artifact import Artifact
from scanner.findings import Confidence, Whole
from scanner.inspect.interface import Sighting
from scanner.inspect.reading import reading
from scanner.inspect.store import arrays, index, parquet, tables
from scanner.inspect.store.evidence import Evidence
from scanner.rules import Rule, RuleSet
from scanner.rules.model import StoreSignal

_CV_FACES = re.compile(rb"opencv_(?:lbphfaces|eigenfaces|fisherfaces)\b")
_DUMP = b"PGDMP"
"""How pg_dump's own format starts; its table of contents holds each CREATE TABLE as text."""
_ALWAYS = frozenset({"numpy", "pickle", "parquet", "sqlite", "faiss", "sql"})
_PICTURE_FOLDER = re.compile(
    r"known|face|enrol|regist|person|people|train|gallery|authori[sz]ed|suspect|watch_?list|black_?list|wanted"
)


@dataclass(frozen=True, slots=True)
class StoreInspector:
    """Says whether a file holds templates of faces or voices, or a gallery of known people."""

    name: str = "store"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it may hold templates; for JSON, CSV and pictures the name or the first bytes say so."""
        kind = artifact.kind
        if kind in _ALWAYS:
            return True
        if kind == "picture":
            return bool(_PICTURE_FOLDER.search(artifact.path.lower()))
        if kind == "csv":
            return True
        if kind == "binary":
            head = artifact.head
            return head.startswith(_DUMP) or index.looks_like_faiss(head) or index.hnsw_width(head) > 0
        if kind in ("yaml", "xml", "json", "text"):
            return bool(_CV_FACES.search(artifact.head)) or (
                kind in ("json", "text") and arrays.looks_like_vectors(artifact.head, _names(artifact))
            )
        return False

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give one sighting a set of vectors, a column, or a folder.

        Raises:
            UnreadableError: the store is damaged.
        """
        by_pattern = _patterns(rules)
        for evidence in _evidence(artifact, by_pattern):
            for rule, signal in by_pattern.get(evidence.signal, ()):
                yield Sighting(
                    rule=rule,
                    subject=evidence.subject,
                    signal="store",
                    location=evidence.place,
                    confidence=min(evidence.confidence, signal.confidence, key=lambda c: c.rank),
                    note=evidence.reason,
                )


Patterns = dict[str, list[tuple[Rule, StoreSignal]]]


def _patterns(rules: RuleSet) -> Patterns:
    found: Patterns = {}
    for rule, signal in rules.signals(StoreSignal):
        for match in signal.match:
            found.setdefault(match, []).append((rule, signal))
    return found


def _names(artifact: Artifact) -> tuple[str, ...]:
    """The file's name and the two folders above it: what a person calls the thing."""
    return tuple(artifact.path.replace("!/", "/").split("/")[-3:])


def _evidence(artifact: Artifact, patterns: Patterns) -> Iterator[Evidence]:
    kind, names = artifact.kind, _names(artifact)
    if kind == "picture":
        yield from _folder(artifact.path, patterns)
    elif kind == "sqlite":
        yield from tables.read_sqlite(artifact, _only(patterns, "table:", "sqlite:"))
    elif _CV_FACES.search(artifact.head):
        yield Evidence(
            "format:opencv-face-recognizer",
            "a trained OpenCV face recogniser",
            Confidence.HIGH,
            "histograms or projections of faces, each with the label of a person",
        )
    else:
        with reading(artifact) as data:
            if kind == "numpy":
                yield from arrays.read_npy(data, names)
            elif kind == "pickle":
                yield from arrays.read_pickled(data, names)
            elif kind == "parquet":
                yield from parquet.read_parquet(data, names)
            elif kind == "faiss" or index.looks_like_faiss(artifact.head):
                yield from index.read_faiss(data, names)
            elif kind == "sql" or artifact.head.startswith(_DUMP):
                yield from tables.read_dump(data, _only(patterns, "table:", "sql:"), names)
            elif kind == "binary":
                yield from index.read_hnsw(data, names)
            elif kind == "csv":
                yield from arrays.read_csv(data, names)
            elif kind in ("json", "text"):
                yield from arrays.read_json(data, names)


def _only(patterns: Patterns, *prefixes: str) -> dict[str, object]:
    return {p: None for p in patterns if p.startswith(prefixes)}


def _folder(path: str, patterns: Patterns) -> Iterator[Evidence]:
    """A picture that lies where a program keeps the people it knows; the folder of a person is not shown."""
    lower = f"/{path.replace('!/', '/').lower()}"
    for pattern in patterns:
        shape = pattern.removeprefix("path:")
        if shape != pattern and fnmatchcase(lower, f"*/{shape}"):
            shown = shape.split("*", 1)[0].rstrip("/")
            yield Evidence(
                pattern, f"{shown}/•••", Confidence.HIGH, "a picture in a gallery of known people", Whole()
            )
            return
