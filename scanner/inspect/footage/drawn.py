"""Words for boxes that a program drew into the picture. Of a label only its kind is said, never its text."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import re2

from scanner.findings import Box, Span
from scanner.inspect.interface import Sighting
from scanner.rules import Rule
from scanner.rules.model import FootageSignal

if TYPE_CHECKING:
    from scanner.inspect.footage.traces import Seen, Trace

_APART_S = 0.5
_NAMED = {
    "red": (0, 0, 255),
    "green": (0, 255, 0),
    "blue": (255, 0, 0),
    "yellow": (0, 255, 255),
    "cyan": (255, 255, 0),
    "magenta": (255, 0, 255),
    "orange": (0, 140, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
}
"""Blue, green, red."""


def of_traces(rule: Rule, signal: FootageSignal, traces: "Sequence[Trace]") -> Iterator[Sighting]:
    """Give what a rule says of the drawn boxes of a clip or picture: of themselves, or of their labels."""
    for trace in traces:
        if "face-box" in signal.match:
            yield Sighting(
                rule=rule,
                subject="box drawn around a face",
                signal="footage",
                location=_where(trace.seen),
                confidence=min(trace.confidence, signal.confidence, key=lambda c: c.rank),
                excerpt=f"{_colour(trace)} box around a face, seen {_count(len(trace.seen), 'time')}",
                note=_how(trace),
            )
        if "face-label" in signal.match:
            matching = [word for word in trace.words or () if _matches(word, signal)]
            if matching:
                letters = " and ".join(str(sum(map(str.isalpha, word))) for word in matching[:3])
                yield Sighting(
                    rule=rule,
                    subject="label beside a face",
                    signal="footage",
                    location=_where([s for s in trace.seen if set(s.words or ()) & set(matching)]),
                    confidence=min(trace.confidence, signal.confidence, key=lambda c: c.rank),
                    excerpt=f"{_count(len(matching), 'label')} of {letters} letters, not shown here",
                    capability=signal.capability,
                )


def _matches(word: str, signal: FootageSignal) -> bool:
    return any(re2.search(f"(?i){t}", word) for t in signal.text) and not any(
        re2.search(f"(?i){t}", word) for t in signal.unless
    )


def _where(seen: "Sequence[Seen]") -> Span:
    kept = [seen[0]]
    for one in seen[1:]:
        if one.time_s - kept[-1].time_s >= _APART_S or one.time_s == kept[0].time_s:
            kept.append(one)
    boxes = []
    for one in kept:
        assert one.outline is not None
        x1, y1, x2, y2 = (round(float(v), 1) for v in one.outline.box)
        boxes.append(Box(t_s=round(one.time_s, 3), x=x1, y=y1, w=x2 - x1, h=y2 - y1, score=1.0))
    return Span(start_s=round(seen[0].time_s, 3), end_s=round(seen[-1].time_s, 3), boxes=tuple(boxes))


def _colour(trace: "Trace") -> str:
    colours = [s.outline.colour for s in trace.seen if s.outline is not None]
    middle = [sorted(c[i] for c in colours)[len(colours) // 2] for i in range(3)]
    return min(_NAMED, key=lambda n: sum((a - b) ** 2 for a, b in zip(_NAMED[n], middle, strict=True)))


def _how(trace: "Trace") -> str:
    moving = {
        True: "It keeps its place about the face as the face moves.",
        False: "",
        None: "No face moves here, so that only its colour and its lines tell that a program drew it.",
    }[trace.follows]
    if trace.words is None:
        read = "A label beside it, if there is one, was not read: the extra scanner[ocr] reads them."
    else:
        read = "Text was read beside it." if trace.words else "No text was read beside it."
    return f"{moving} {read}".strip()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
