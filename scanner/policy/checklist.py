"""Holds an agency's own law or policy against what the Act forbids: a list for a person, never an answer.

Whether a text is "substantially similar" is a legal judgement. What can be shown is where the text forbids
each thing that the Act forbids, in the text's own words; where it only mentions it; and where it is silent.
"""

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.findings import ChecklistItem, PolicyText
from scanner.policy.document import Document
from scanner.policy.grant import asking
from scanner.policy.pack import Pack

MAX_PASSAGE = 600

_FORBIDS = re.compile(
    r"\b(?:unlawful|prohibit\w*|forbid\w*|forbidden|bann?(?:ed|s)?|moratorium"
    r"|(?:shall|may|must|will|can|do|does) (?:not|never)(?! (?:include|mean|apply|constitute|limit|prevent))"
    r"|cannot|in no (?:case|event)"
    r"|no (?:\w+ ){1,6}(?:shall|may|will|must|is|are))\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(?:unless|except|without|sole(?:ly)?|only|until|for the following|in connection with|based on"
    r"|for (?:predictive|immigration|surveillance)|on live"
    r"|to (?:actively |routinely )?(?:surveil|monitor|track|assess|conduct|identify|establish))\b",
    re.IGNORECASE,
)
"""Words by which a ban holds under a condition, or for some purposes alone."""

_VERBS = {
    "acquire": r"acqui\w+|procur\w+|purchas\w+|obtain\w*|buy\w*|leas(?:e|es|ed|ing)|licen[cs]\w+",
    "possess": r"possess\w*|retain\w*|own(?:s|ed|ing)?|hold(?:s|ing)?|keep\w*|stor(?:e[sd]?|ing)|maintain\w*",
    "access": r"access\w*",
    "use": r"us(?:e|es|ed|ing)|operat\w+|deploy\w*|utili[sz]\w+|employ(?:s|ed|ing)?",
}
_SYSTEM = r"(?:fac(?:e|ial)[- ](?:recognition|surveillance|identification|matching)|biometric\w*)"
_TOPIC = re.compile(rf"{_SYSTEM}|voice (?:recognition|print)|speaker recognition|\bgait\b", re.IGNORECASE)
_THINGS = {
    "face-recognition": ("facial recognition", _SYSTEM),
    "inference": (
        "inferring emotion, associations, activities or location from face, head or body",
        r"emotion\w*|affect recognition"
        r"|(?:face|facial|head|body)\b.{0,80}\b(?:infer\w*|associations|activities|demeanou?r)",
    ),
    "voice": (
        "voice recognition",
        r"voice\w*(?:[- ](?:recognition|print\w*|identification))?|speaker recognition",
    ),
    "gait": (
        "gait, or another trait taken from a distance",
        r"gait|immutable characteristic\w*|from a distance|iris",
    ),
    "live-and-recorded": (
        "live footage as well as recordings and photographs",
        r"real[- ]time|live (?:video|footage|feed)\b|recording\w*|photograph\w*|recorded",
    ),
    "derived-information": (
        "information derived from another's system",
        r"(?:information|data|results?|evidence) (?:\w+ ){0,3}"
        r"(?:derived|obtained|generated|resulting|produced|from)",
    ),
    "third-parties": (
        "agreements and requests that have a third party do it",
        r"third[- ]part(?:y|ies)|contract(?:s|or|ors|ed)?\b|vendor\w*|another agency"
        r"|on behalf of|agreement\w*",
    ),
}

_MARKER = re.compile(r"(?:\(\w{1,4}\)|\d{1,3}[.)]|[a-z][.)]|[-•–])\s")
_OPENER = re.compile(r"[^:]*:")
_SENTENCE_END = re.compile(r"(?<=[a-z)\]\"”’][.!?])\s+(?=[A-Z0-9“\"(])")
"""Behind a word, so that the number of a list item (`1. Any system`) ends nothing."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    line: int
    forbids: bool
    topic: bool


def check_policy(document: Document, pack: Pack) -> PolicyText | None:
    """Look for every verb and object of the pack's control that asks for a policy text.

    Returns:
        The list, or None where the pack has no such control.
    """
    control = asking(pack)
    if control is None:
        return None
    sentences = list(_sentences(document.text))
    items = [
        _item(f"verb-{verb}", "verb", f"forbids to {verb} such a system", _VERBS.get(verb, verb), sentences)
        for verb in control.verbs
    ]
    items += [
        _item(f"object-{k}", "object", f"reaches {asks}", p, sentences) for k, (asks, p) in _THINGS.items()
    ]
    return PolicyText(file=document.name, sha256=document.sha256, items=tuple(items))


def _item(name: str, kind: str, asks: str, words: str, sentences: list[_Sentence]) -> ChecklistItem:
    """Find the passage that says most of it, in sentences on the topic: a ban, a limited one, a mention."""
    pattern = re.compile(rf"\b(?:{words})", re.IGNORECASE)
    on_topic = [s for s in sentences if s.topic and pattern.search(s.text)]
    bans = [s for s in on_topic if s.forbids]
    best = next(iter([s for s in bans if not _LIMITS.search(s.text)] or bans or on_topic), None)
    found = "not-found"
    if best:
        limited = "limited-ban" if _LIMITS.search(best.text) else "passage"
        found = limited if best.forbids else "mentioned"
    return ChecklistItem(
        id=name,
        kind=kind,
        asks=asks,
        found=found,
        passage=_around(best.text, pattern) if best else "",
        line=best.line if best else None,
    )


def _around(text: str, pattern: re.Pattern[str]) -> str:
    if len(text) <= MAX_PASSAGE:
        return text
    match = pattern.search(text)
    start = max(0, (match.start() if match else 0) - MAX_PASSAGE // 2)
    cut = text[start : start + MAX_PASSAGE]
    return f"{'…' if start else ''}{cut}{'…' if start + MAX_PASSAGE < len(text) else ''}"


def _sentences(text: str) -> Iterator[_Sentence]:
    """Split into sentences, each item of a list with the clause that opens it.

    In `It shall be unlawful to: (a) obtain ... (b) use ...` the ban stands once and holds for all items.
    """
    opener = ""
    for part, line in _parts(text):
        said = part
        if not _MARKER.match(part):
            opener = ""
        elif opener and not _FORBIDS.search(part):
            said = f"{opener} … {part}"
        if clause := _OPENER.match(said):
            opener = clause.group(0) if _FORBIDS.search(clause.group(0)) else ""
        yield _Sentence(said, line, bool(_FORBIDS.search(said)), bool(_TOPIC.search(said)))


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """Sentences of paragraphs, each with the line where it starts."""
    buffer: list[str] = []
    first = 1
    for number, raw in enumerate([*text.splitlines(), "", ""], 1):
        heading = raw.lstrip().startswith("#")  # of Markdown: no part of the sentence below it
        line = "" if heading else re.sub(r"\s+", " ", raw.replace("*", "")).strip()
        if line and not buffer:
            first = number
        if line or (buffer and not heading and _goes_on(buffer)):
            buffer.append(line)
        elif buffer:
            yield from _placed(buffer, first)
            buffer = []
        if heading:
            yield raw.strip("# \t"), number
    yield from _placed(buffer, first)


def _placed(lines: list[str], first: int) -> Iterator[tuple[str, int]]:
    paragraph = " ".join(filter(None, lines))
    ends = list(itertools.accumulate(len(line) + 1 if line else 0 for line in lines))
    start = 0
    for part in _SENTENCE_END.split(paragraph):
        start = paragraph.find(part, start)
        yield part, first + bisect.bisect_right(ends, start)
        start += len(part)


def _goes_on(lines: list[str]) -> bool:
    last = next(line for line in reversed(lines) if line)
    return last.endswith((":", ";", ",", "—", "-")) or bool(re.search(r"\b(?:and|or)$", last))
