"""Vector indices: FAISS and hnswlib, whose heads tell dimension and count and nothing of what is in them."""

import re
from collections.abc import Iterator

from scanner.inspect.reading import Reading
from scanner.inspect.store.evidence import Evidence, Vectors, judge

_HNSW_HEAD = 8 * 6
_MAX = 1 << 40
_FAISS = re.compile(rb"I(?:x(?:F2|FI|Fl|PQ|SQ|Mp|M2|Po)|w(?:Fl|PQ|SQ|QR|FS)|HN[fpsc])")
"""How FAISS names the kinds of its indices; all go on with the same head."""


def looks_like_faiss(head: bytes) -> bool:
    """Whether it starts as an index of FAISS, with a dimension that one can have."""
    return bool(_FAISS.match(head)) and 1 <= int.from_bytes(head[4:8], "little") <= 1 << 16


def read_faiss(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge a FAISS index: four letters, the dimension, the number of vectors."""
    width = data.ints(4, 1, 4)[0]
    count = data.ints(8, 1, 8)[0]
    if not 1 <= width <= 1 << 16 or count > _MAX:
        raise data.damaged("is a FAISS index with an impossible head")
    evidence = judge(Vectors(width, count, None, ("vectors", *names)))
    if evidence:
        yield evidence


def hnsw_width(head: bytes) -> int:
    """Give the dimension of an hnswlib index; 0 where the head is another's.

    Its offsets depend on each other: a label of 8 bytes follows the vector and ends a record.
    """
    if len(head) < _HNSW_HEAD:
        return 0
    level, most, now, size, label, vector = (
        int.from_bytes(head[i : i + 8], "little") for i in range(0, _HNSW_HEAD, 8)
    )
    sound = level == 0 and 0 < now <= most < _MAX and size == label + 8 and vector < label < 1 << 20
    return (label - vector) // 4 if sound and (label - vector) % 4 == 0 else 0


def read_hnsw(data: Reading, names: tuple[str, ...]) -> Iterator[Evidence]:
    """Judge an hnswlib index."""
    head = data.upto(0, _HNSW_HEAD)
    count = int.from_bytes(head[16:24], "little")
    evidence = judge(Vectors(hnsw_width(head), count, None, ("vectors", *names)))
    if evidence:
        yield evidence
