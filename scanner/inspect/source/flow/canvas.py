"""What a browser's canvas, and picture libraries of Node, do with a place: fills cover, outlines do not."""

import re
from collections.abc import Callable

from scanner.inspect.source.flow.ir import Attr, Call, Expr, Literal, Text
from scanner.inspect.source.flow.libraries import Called, Outcome
from scanner.inspect.source.flow.state import last_of
from scanner.inspect.source.flow.value import Kind, Value, join, of

STATE = frozenset({"filter", "fillStyle", "globalAlpha", "globalCompositeOperation"})
"""Properties of a canvas that decide what its calls do."""

_BLURS = re.compile(r"\bblur\(")
_CLEAR = re.compile(r"(?i)rgba|hsla|transparent|#([0-9a-f]{4}|[0-9a-f]{8})\b|\$\{")
_PATHS = frozenset({"arc", "ellipse", "rect", "roundRect", "moveTo", "lineTo", "arcTo", "bezierCurveTo"})
_NEUTRAL = frozenset(
    {"strokeRect", "strokeText", "fillText", "stroke", "clip", "save", "restore", "beginPath", "closePath"}
    | {"clearRect", "setLineDash", "measureText", "translate", "scale", "setTransform", "resetTransform"}
)


def state_of(name: str, written: Expr | None) -> Value:
    """What setting a property means: `COVER` where what is drawn then covers, `WEIGHTS` where it does not."""
    match name, written:
        case "filter", Text(text=text):
            return of(Kind.COVER if _BLURS.search(text) else Kind.WEIGHTS)
        case "fillStyle", Text(text=text):
            return of(Kind.WEIGHTS if _CLEAR.search(text) else Kind.COVER)
        case "globalAlpha", Literal(text="1" | "1.0"):
            return of(Kind.COVER)
        case _:
            return of(Kind.WEIGHTS)


def judge_canvas(called: Called, lookup: Callable[[str], Value]) -> Outcome | None:
    """Say what a method of a canvas does with a place; None for any other method.

    Args:
        lookup: Gives what a property of the canvas was set to (`ctx.filter`).
    """
    if not isinstance(called.call.to, Attr):
        return None
    method, on, given = called.method, called.on, called.given
    canvas = last_of(called.call.to.of)
    if method in _PATHS and given.seen:
        return Outcome(into=-1, left=given.turned(Kind.MASK))
    where = Value(frozenset(t for t in join((given, on)).tags if t.kind is not Kind.COVER))
    opaque = not any(lookup(f"{canvas}.{p}").has(Kind.WEIGHTS) for p in STATE - {"filter"})
    if method in {"fillRect", "fill"} and where.seen and not on.has(Kind.CROP, Kind.FACES):
        return Outcome(covered=where.origins() if opaque else frozenset())
    if method == "drawImage" and where.seen and not given.has(Kind.CROP):
        state = lookup(f"{canvas}.filter")
        if state.has(Kind.COVER) and not state.has(Kind.WEIGHTS):
            return Outcome(covered=where.origins())
        return Outcome(against="draws a picture at a place of a face") if given.seen else Outcome()
    if method in _NEUTRAL and not on.has(Kind.CROP, Kind.FACES):
        return Outcome()
    return _pictures(called)


def _pictures(called: Called) -> Outcome | None:
    """sharp, gm and Jimp: a region is cut out, blurred, and put back."""
    method, on, given = called.method, called.on, called.given
    if method in {"extract", "region"} and given.seen and not on.seen:
        return Outcome(given.turned(Kind.CROP))
    if method in {"blur", "pixelate"} and on.has(Kind.CROP):
        owner = called.call.to.of if isinstance(called.call.to, Attr) else None
        within = isinstance(owner, Call) and isinstance(owner.to, Attr) and owner.to.name == "region"
        return Outcome(on.turned(Kind.COVER), on.origins() if within else frozenset())
    if method == "composite" and given.has(Kind.COVER) and not given.has(Kind.CROP, Kind.SMALL):
        return Outcome(covered=given.origins())
    return None
