"""What a project says of itself: the title and first words of its README, the description in its manifest.

Code can do a thing without a word that tells so. Whoever wrote it mostly says in the first line what it is
for; that strongly implies it, and no more. What stands further down (comparisons, plans, lists) is not read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from scanner.discover.artifact import Artifact
from scanner.findings import Confidence, Lines
from scanner.inspect.interface import Sighting
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ClaimSignal

_README = re.compile(r"readme(?:[._-]\w+)?(?:\.(?:md|markdown|rst|txt|adoc|org))?\Z", re.IGNORECASE)
_JSON = (
    re.compile(r'^\s*"name"\s*:\s*"([^"\n]{4,100})"', re.MULTILINE),
    re.compile(r'^\s*"description"\s*:\s*"([^"\n]{4,400})"', re.MULTILINE),
)
_KEYED = (
    re.compile(r"^\s*name\s*=\s*[\"']([^\"'\n]{4,100})", re.MULTILINE),
    re.compile(r"^\s*description\s*=\s*[\"']?([^\"'\n]{4,400})", re.MULTILINE),
)
_DESCRIBED: dict[str, tuple[re.Pattern[str], ...]] = {
    **dict.fromkeys(("package.json", "composer.json"), _JSON),
    **dict.fromkeys(("pyproject.toml", "cargo.toml", "setup.cfg", "setup.py"), _KEYED),
    "pubspec.yaml": (
        re.compile(r"^name:\s*(\w{4,100})", re.MULTILINE),
        re.compile(r"^description:\s*[\"'>|-]*\s*([^\n]{4,400})", re.MULTILINE),
    ),
    "package.xml": (
        re.compile(r"<name>\s*([^<\s]{4,100})"),
        re.compile(r"<description>\s*([^<]{4,400})<"),
    ),
    "pom.xml": (
        # Its own, not its parent's, which stands before.
        re.compile(
            r"\A(?:(?!<artifactId>|<parent>).)*(?:<parent>.*?</parent>.*?)?<artifactId>\s*([^<\s]{4,100})",
            re.DOTALL,
        ),
        re.compile(r"<description>\s*([^<]{4,400})<"),
    ),
}
"""By the manifest's name: the package's own name, and its description; the first match of each counts."""
_HEAD = 12_000
"""How far into a README its first words are looked for."""
_SHORTEST = 4
"""Fewer words are a line of links or badges, no paragraph."""
_WORDS = 400
"""How much of the first paragraph counts."""
_DEEP = 2
"""Folders below the target from which on a README speaks of a part, not of the whole."""

_PARTED = re.compile(r"(?<=[a-z])(?=[A-Z])|[-_](?=\w)")
"""Where the words of a name are parted: `face-recognition`, `FaceRecognition`."""
_FENCE = re.compile(r"```.*?(?:```|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"<[^>]{0,300}>")
_UNDERLINE = re.compile(r"^[=\-~^#*]{3,}\s*$")
_SENTENCE_END = re.compile(r"[.!?](?:\s|\Z)")

_DENIED = re.compile(
    r"\b(?:no|not|non|without|never|instead of|unlike|rather than|isn't|doesn't|don't|cannot|can't|"
    r"avoid\w*|against|anti|defeat\w*|evad\w*|fool\w*|attack\w*|disabl\w*|remov\w*|replac\w*)\b[^.!?;:]{0,60}\Z",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\A[^.!?;]{0,30}\b(?:is not|isn't|are not|not supported|disabled|planned|to ?do|coming soon)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:awesome|curated|papers?|surveys?|reading list|list of|slides|lecture|course|articles?|blog)\b",
    re.IGNORECASE,
)
"""Words of a collection about a subject, which does nothing itself."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Words, the line on which they begin, and whether they are no more than a name."""

    text: str
    line: int
    name: bool = False


class ClaimInspector:
    """Reads the first words of READMEs and the descriptions of packages."""

    name = "claims"

    def accepts(self, artifact: Artifact) -> bool:
        """A README, or a manifest that describes its package in a sentence."""
        name = artifact.name.lower()
        return name in _DESCRIBED or _README.match(name) is not None

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give one sighting a rule that the words fit and nothing around them denies."""
        known = _known(rules)
        for said in _said(artifact):
            if not known.any.search(said.text):
                continue
            for pattern, unless, rule, signal in known.each:
                if unless is not None and unless.search(said.text):
                    continue
                found = next((m for m in pattern.finditer(said.text) if not _denied(said.text, m)), None)
                if found is not None:
                    yield Sighting(
                        rule=rule,
                        subject=" ".join(found.group().casefold().split()),
                        signal="claim",
                        location=Lines(start_line=said.line, end_line=said.line),
                        confidence=_weight(artifact, said, signal),
                        excerpt=said.text,
                        note="what the project says of itself",
                    )


def _weight(artifact: Artifact, said: _Said, signal: ClaimSignal) -> Confidence:
    deep = artifact.path.replace("!/", "/").count("/") >= _DEEP
    return Confidence.LOW if deep or said.name or _ABOUT.search(said.text) else signal.confidence


def _denied(text: str, match: Any) -> bool:
    return bool(_DENIED.search(text[: match.start()]) or _DENIED_AFTER.search(text[match.end() :]))


def _said(artifact: Artifact) -> Iterator[_Said]:
    described = _DESCRIBED.get(artifact.name.lower())
    if described is None:
        yield from _first_words(artifact.text[:_HEAD])
        return
    text = artifact.text[:_HEAD]
    for name, pattern in zip((True, False), described, strict=True):
        found = pattern.search(text)
        if found:
            words = next(group for group in found.groups() if group)
            line = text.count("\n", 0, found.start(found.lastindex or 0)) + 1
            yield _Said(" ".join(_PARTED.sub(" ", words).split()), line, name)


def _first_words(text: str) -> Iterator[_Said]:
    """Give the title and the first paragraph that is one."""
    bare = _FENCE.sub(lambda m: "\n" * m.group().count("\n"), text)
    title = False
    paragraph: list[str] = []
    begun = 0
    for number, raw in enumerate(bare.split("\n"), 1):
        heading = raw.lstrip().startswith(("#", "= ")) or "<h1" in raw.lower()
        line = _TAG.sub(" ", _LINK.sub(r"\1", _IMAGE.sub("", raw))).strip().strip("#=*_>`- \t")
        if not line or _UNDERLINE.match(raw):
            if len(" ".join(paragraph).split()) >= _SHORTEST:
                break
            continue
        if not title:
            title = True
            yield _Said(_PARTED.sub(" ", line[:_WORDS]), number)
        elif heading and begun:
            break
        elif not heading:
            begun = begun or number
            paragraph.append(line)
    if paragraph:
        whole = " ".join(" ".join(paragraph).split())[:_WORDS]
        ends = [m.end() for m in _SENTENCE_END.finditer(whole)]
        yield _Said(whole[: ends[1]] if len(ends) > 1 else whole, begun)


@dataclass(frozen=True, slots=True)
class _Known:
    any: Any
    each: tuple[tuple[Any, Any, Rule, ClaimSignal], ...]
    """Expression, what takes its meaning away, and whose they are."""


@lru_cache(maxsize=8)
def _known(rules: RuleSet) -> _Known:
    options = re2.Options()
    options.case_sensitive = False
    each = []
    for rule, signal in rules.signals(ClaimSignal):
        unless = re2.compile(signal.unless, options) if signal.unless else None
        each += [(re2.compile(p, options), unless, rule, signal) for p in signal.match]
    whole = "|".join(f"(?:{pattern.pattern})" for pattern, *_ in each) or r"\z.\A"
    return _Known(re2.compile(whole, options), tuple(each))
