"""Tells a face template from another vector by evidence: dimension, length, names, neighbours."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.findings import Confidence, Location, Whole

FACE_WIDTHS = frozenset({128, 160, 256, 512, 1024, 2048, 2622, 4096})
"""Dimensions of the face templates of dlib, FaceNet, ArcFace, OpenVINO, VGG-Face and the like."""
_USUAL = frozenset({128, 512})
VOICE_WIDTHS = frozenset({128, 192, 256, 512})
_WORD = re.compile(r"[a-z]+|\d+")
_WHOLE = Whole()
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FACE = frozenset(
    {
        *("face", "faces", "facial", "arcface", "facenet", "insightface", "facedb", "faceid", "dlib"),
        *("faceprint", "faceprints", "faceembedding", "faceembeddings", "faceencodings"),
    }
)
_PEOPLE = frozenset(
    {
        *("person", "persons", "people", "identity", "identities", "employee", "employees"),
        *("student", "students", "suspect", "suspects", "attendance"),
    }
)
_ENROLLED = frozenset(
    {
        *("gallery", "galleries", "enrolled", "enrolment", "enrollment", "registered", "known"),
        *("watchlist", "blacklist", "whitelist", "allowlist", "denylist"),
    }
)
"""What those who compare a person with many call the many."""
_TEMPLATE = frozenset(
    {
        *("embedding", "embeddings", "encoding", "encodings", "descriptor", "descriptors", "template"),
        *("templates", "feature", "features", "vector", "vectors", "representation", "representations"),
        *("signature", "signatures", "emb", "embs", "enc", "print", "prints", "faceprint"),
        *("faceprints", "faceembedding", "faceembeddings", "faceencodings", "voiceprint", "voiceprints"),
        *("dvector", "xvector"),
    }
)
_VOICE = frozenset(
    {
        *("speaker", "speakers", "voice", "voices", "voiceprint", "voiceprints", "spk"),
        *("dvector", "dvectors", "xvector", "xvectors"),
    }
)
_TEXT = frozenset(
    {
        *("text", "texts", "document", "documents", "chunk", "chunks", "sentence", "sentences", "token"),
        *("tokens", "word", "words", "bert", "minilm", "openai", "glove", "query", "passage", "vocab"),
        *("clip", "product", "products", "item", "items", "recipe", "movie", "movies", "article", "articles"),
    }
)
_GEOMETRY = frozenset(
    {"mesh", "meshes", "vertices", "triangles", "dice", "font", "fonts", "polygon", "normals"}
)
"""Beside these a face is one of a solid, or of a type."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """A set of vectors of one dimension.

    Attributes:
        width: Their dimension; 0 where it is not known.
        count: How many; 0 where it is not known.
        unit: Whether those looked at have the length 1; None where none was.
        names: Every name near them: variable, column, table, file, folder.
        place: Where they lie.
    """

    width: int
    count: int
    unit: bool | None
    names: tuple[str, ...]
    place: Location = _WHOLE


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a store shows: the signal that rules match, and why."""

    signal: str
    subject: str
    confidence: Confidence
    reason: str
    place: Location = _WHOLE


def words_of(names: Iterable[str]) -> frozenset[str]:
    """Split names into lower-case words: `faceEncodings.npy` gives face, encodings, npy."""
    return frozenset(w for name in names for w in _WORD.findall(_CAMEL.sub(" ", name[:500]).lower()))


def says_face(words: frozenset[str]) -> bool:
    """Whether words name a face; `surface`, `interface` and `facebook` are other words."""
    return bool(words & _FACE)


def says_template(words: frozenset[str]) -> bool:
    """Whether words name a vector that stands for something."""
    return bool(words & _TEMPLATE)


def judge(vectors: Vectors) -> Evidence | None:
    """Say whether vectors are face or voice templates; None where nothing hints at it."""
    words = words_of(vectors.names)
    if words & _VOICE and vectors.width in VOICE_WIDTHS | {0} and says_template(words):
        return _evidence("voice", vectors, Confidence.MEDIUM, "named after speakers")
    if says_face(words):
        if vectors.width and vectors.width not in FACE_WIDTHS:
            return None
        if words & _GEOMETRY:
            return None
        named = says_template(words)
        firm = named and vectors.width and (vectors.unit is True or vectors.width in _USUAL)
        sure = Confidence.HIGH if firm else Confidence.MEDIUM if named or vectors.width else Confidence.LOW
        return _evidence("face", vectors, sure, "named after faces")
    if words & _TEXT or vectors.width not in _USUAL:
        return None
    if words & (_PEOPLE | _ENROLLED) and says_template(words):
        sure = Confidence.MEDIUM if vectors.unit is True or vectors.width == 128 else Confidence.LOW
        return _evidence("face", vectors, sure, "beside words for people who are known or enrolled")
    if vectors.unit is True and says_template(words):
        return _evidence("face", vectors, Confidence.LOW, "vectors of anything could be meant")
    return None


def counted(count: int) -> str:
    """Write how many vectors; 0 stands for not known."""
    return f"{count or ''} vector{'s' if count != 1 else ''}".strip()


def _evidence(kind: str, vectors: Vectors, sure: Confidence, why: str) -> Evidence:
    size = f"of {vectors.width}" if vectors.width else "of unknown dimension"
    many = counted(vectors.count)
    length = {True: ", each of length 1", False: "", None: ""}[vectors.unit]
    subject = f"{kind} templates{f' of {vectors.width}' if vectors.width else ''}"
    return Evidence(f"vectors:{kind}", subject, sure, f"{many} {size}{length}, {why}", vectors.place)


def unit_length(rows: Iterable[Iterable[float]]) -> bool | None:
    """Whether vectors have the length 1, to a hundredth; None for none."""
    lengths = [math.sqrt(sum(x * x for x in row)) for row in rows]
    return all(abs(n - 1) < 0.01 for n in lengths) if lengths else None
