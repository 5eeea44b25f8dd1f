"""Knows weights by their digest. In a rule, the size and the usual name of the file may follow a digest:

    sha256:8f23… 232589 face_detection_yunet_2023mar.onnx

so that a file is hashed only where its size is one of those known. A Git LFS pointer tells the digest and
the size of a file that is not there.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scanner.discover.artifact import Artifact
from scanner.inspect.reading import Reading, reading
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ModelSignal

_DIGEST = re.compile(r"(sha256|sha384|git-blob):([0-9a-f]{40,96})(?: (\d+))?(?: (\S+))?\Z")
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Known:
    """Weights that a rule knows by digest."""

    rule: Rule
    signal: ModelSignal
    algorithm: str
    digest: str
    size: int
    name: str


class Catalogue:
    """All digests of a rule set by size; size 0 stands for any."""

    def __init__(self, rules: RuleSet) -> None:
        self._by_size: dict[int, list[Known]] = {}
        for rule, signal in rules.signals(ModelSignal):
            for text in signal.match:
                if match := _DIGEST.match(text):
                    algorithm, digest, size, name = match.groups()
                    known = Known(rule, signal, algorithm, digest, int(size or 0), name or f"{digest[:12]}…")
                    self._by_size.setdefault(known.size, []).append(known)
        self.sizes = frozenset(self._by_size)

    def of_size(self, size: int) -> Iterator[Known]:
        """Give what is known with this size, or with any."""
        yield from self._by_size.get(size, ())
        if size:
            yield from self._by_size.get(0, ())


@lru_cache(maxsize=4)
def catalogue(rules: RuleSet) -> Catalogue:
    """Give the digests of a rule set, indexed once."""
    return Catalogue(rules)


def pointer(head: bytes) -> tuple[str, int] | None:
    """Read a Git LFS pointer: the SHA-256 and the size of what it points to."""
    match = _POINTER.match(head[:1024])
    return (match[1].decode(), int(match[2])) if match else None


def known_of(artifact: Artifact, rules: RuleSet) -> list[tuple[Known, str]]:
    """Give the known weights that an artifact is, or points to, each with a remark."""
    target = pointer(artifact.head)
    if target:
        digest, size = target
        return [
            (k, "a Git LFS pointer to these weights; the file itself is not here")
            for k in catalogue(rules).of_size(size)
            if k.algorithm == "sha256" and k.digest == digest
        ]
    candidates = list(catalogue(rules).of_size(artifact.size))
    digests: dict[str, str] = {}
    found: list[tuple[Known, str]] = []
    for known in candidates:
        if known.algorithm not in digests:
            digests[known.algorithm] = _digest(artifact, known.algorithm)
        if digests[known.algorithm] == known.digest:
            found.append((known, f"known weights by their {known.algorithm} digest"))
    return found


def _digest(artifact: Artifact, algorithm: str) -> str:
    if algorithm == "sha256":
        return artifact.sha256
    with reading(artifact) as data:
        return _hash(data, algorithm)


def _hash(data: Reading, algorithm: str) -> str:
    if algorithm == "sha384":
        hasher = hashlib.sha384()
    else:
        # What git calls a file: the content behind a header, by SHA-1; an identity, no safeguard.
        hasher = hashlib.sha1(f"blob {data.size}\0".encode(), usedforsecurity=False)
    for start in range(0, data.size, _CHUNK):
        hasher.update(data.upto(start, _CHUNK))
    return hasher.hexdigest()
