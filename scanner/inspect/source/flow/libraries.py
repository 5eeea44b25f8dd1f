"""What a call of a library's function does with what it is given: a pure function of names and values."""

from dataclasses import dataclass

from scanner.inspect.source.flow import known
from scanner.inspect.source.flow.ir import Attr, Call, Expr, Join, Literal, Name, Text
from scanner.inspect.source.flow.value import CLEAN, Kind, Origin, Value, join, of


@dataclass(frozen=True, slots=True)
class Called:
    """A call, with all its values.

    Attributes:
        call: As it is written.
        name: Dotted, resolved through imports: `cv2.GaussianBlur`.
        on: What the method is called on; clean for a function.
        args, named: What it is given.
        contains: It puts what it is given into a container.
    """

    call: Call
    name: str
    on: Value
    args: tuple[Value, ...]
    named: dict[str, Value]
    contains: bool = False

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def given(self) -> Value:
        """All that it is given, apart from what it is called on."""
        return join((*self.args, *self.named.values()))

    @property
    def first(self) -> Value:
        """The first argument: the picture, for a function on pictures."""
        return self.args[0] if self.args else next(iter(self.named.values()), CLEAN)

    def argument(self, name: str, position: int) -> Expr | None:
        """One argument as it is written."""
        for key, value in self.call.named:
            if key == name:
                return value
        return self.call.args[position] if position < len(self.call.args) else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a call.

    Attributes:
        result: The value returned.
        covered: Detections whose faces are covered by it.
        into: Which variable holds `left` afterwards: that of the receiver (-1) or of an argument; None: none.
        left: See there.
        against: What speaks against redaction.
    """

    result: Value = CLEAN
    covered: frozenset[Origin] = frozenset()
    into: int | None = None
    left: Value = CLEAN
    against: str = ""


def judge(called: Called) -> Outcome:  # noqa: C901 - one case a group of functions
    """Say what a call does that is of no function of this file and of no detector."""
    name, given = called.name, called.given
    if known.BLURS.fullmatch(name):
        return _blur(called)
    if known.PIL_BLURS.fullmatch(name):
        return Outcome(CLEAN if _weak(called.argument("radius", 0), 4) else of(Kind.COVER))
    if known.FILLS.fullmatch(name):
        return Outcome(of(Kind.COVER))
    if name in known.COUNTS:
        return Outcome(given.turned(Kind.COUNT) if given.seen else CLEAN)
    if name == "numpy.where" and len(called.args) == 3:
        return _composite(*called.args)
    if name.endswith("Image.composite") and len(called.args) == 3:
        return _composite(called.args[2], called.args[0], called.args[1])
    if name == "cv2.bitwise_and":
        return _masked(called)
    if known.INVERTS.fullmatch(name):
        return Outcome(given.inverted())
    if known.ADDS.fullmatch(name) and len(called.args) >= 2:
        blended = blend(called.args[0], called.args[1])
        return Outcome(covered=blended.origins()) if blended else Outcome(given)
    if known.DRAWS.fullmatch(name):
        return _draw(called, 0, filled=_filled(called))
    if called.on.has(Kind.COVER, Kind.CROP) or not called.on.without(Kind.DONE).tags:
        outcome = _picture_method(called)
        if outcome:
            return outcome
    if known.SHELLS.fullmatch(name) and given.covers:
        return Outcome(covered=given.origins())
    if called.on.seen:
        return _on_faces(called)
    if given.seen:
        return _given_faces(called)
    return _elsewise(called)


def _blur(called: Called) -> Outcome:
    if called.first.has(Kind.MASK):
        return Outcome(called.first)
    if _weak(called.argument("ksize", 1), known.SMALLEST_BLUR - 1):
        return Outcome(called.first)
    made = called.first.turned(Kind.COVER)
    if "dst" in called.named:
        return Outcome(made, called.named["dst"].origins())
    return Outcome(made)


def _weak(size: Expr | None, most: int) -> bool:
    """Whether a kernel is written out and all its sides are at most so large; (0, 0) leaves it to sigma."""
    parts = size.items if isinstance(size, Join) and size.kind == "tuple" else (size,) if size else ()
    numbers = [p.text for p in parts if isinstance(p, Literal)]
    if not numbers or len(numbers) < len(parts):
        return False
    return all(n.replace(".", "", 1).isdigit() and 0 < float(n) <= most for n in numbers)


def _composite(mask: Value, inside: Value, outside: Value) -> Outcome:
    """Choose by a mask: a cover where faces are, the picture elsewhere."""
    if mask.has(Kind.OUTSIDE):
        mask, inside, outside = mask.inverted(), outside, inside
    if inside.covers and mask.has(Kind.MASK) and not outside.seen:
        return Outcome(covered=mask.origins())
    return Outcome(join((mask, inside, outside)))


def _masked(called: Called) -> Outcome:
    """`bitwise_and(picture, picture, mask=mask)`: the faces, what is around them, or what covers them."""
    picture, mask = called.first, called.named.get("mask", CLEAN)
    if mask.has(Kind.MASK) and picture.has(Kind.DONE) and not picture.seen:
        return Outcome(join((of(Kind.COVER), called.given)))
    if mask.has(Kind.MASK) and not picture.tags:
        return Outcome(mask.turned(Kind.CROP))
    return Outcome(called.given)


def blend(inside: Value, outside: Value) -> Value | None:
    """Add a cover cut to where faces are and a picture cut to where none is; None if they are not that."""
    if not (inside.has(Kind.MASK) and inside.has(Kind.COVER)):
        inside, outside = outside, inside
    telling = inside.has(Kind.CROP, Kind.OUTSIDE) or outside.has(Kind.MASK)
    if telling or not (inside.has(Kind.MASK) and inside.has(Kind.COVER) and outside.has(Kind.OUTSIDE)):
        return None
    return join((inside, outside)).turned(Kind.COVER)


def _filled(called: Called) -> bool:
    if known.ALWAYS_FILLED.fullmatch(called.name):
        return True
    given = [*called.call.args[3:], *(v for k, v in called.call.named if k == "thickness")]
    return any(
        (isinstance(v, Literal) and v.text == "-1") or (isinstance(v, Attr | Name) and _last(v) == "FILLED")
        for v in given
    )


def _last(expr: Attr | Name) -> str:
    return expr.name if isinstance(expr, Attr) else expr.id


def _draw(called: Called, picture: int, *, filled: bool) -> Outcome:
    """Draw on a picture: on a blank one a mask comes of it, on a crop a cover, on any other it covers."""
    on = called.on if picture < 0 else called.first
    where = join((*called.args[picture + 1 :], *(v for k, v in called.named.items() if k != "img")))
    if not filled or not where.seen:
        return Outcome(on)
    if on.has(Kind.CROP, Kind.SMALL):
        return Outcome(on.turned(Kind.COVER), into=picture, left=on.turned(Kind.COVER))
    if on.has(Kind.COVER, Kind.MASK):
        mask = join((on.without(Kind.COVER), where.turned(Kind.MASK)))
        return Outcome(mask, into=picture, left=mask)
    return Outcome(on, where.origins())


def _picture_method(called: Called) -> Outcome | None:
    """Methods of pictures: of arrays, of Pillow's images, and of what draws on these."""
    method, on, given = called.method, called.on, called.given
    if not isinstance(called.call.to, Attr):
        return None
    if method == "filter" and given.has(Kind.COVER):
        return Outcome(on.turned(Kind.COVER))
    if method == "fill" and on.has(Kind.CROP) and not given.seen:
        return Outcome(covered=on.origins())
    if method == "paste":
        return _paste(called)
    if method == "crop" and given.seen and not on.seen:
        return Outcome(on if on.covers else given.turned(Kind.CROP))
    if (
        method in known.PIL_DRAWS
        and "draw" in called.name.lower()
        and given.seen
        and (called.call.args or called.call.named)
    ):
        fill = called.argument("fill", 1)
        empty = fill is None or (isinstance(fill, Literal) and fill.text == "None")
        return _draw(called, -1, filled=not empty and method not in {"line", "text", "arc"})
    if method in {"resize", "reduce"} and (on.has(Kind.CROP, Kind.SMALL) or on.covers):
        return Outcome(_resized(on, called.argument("size", 0), given))
    return None


def _paste(called: Called) -> Outcome | None:
    """`picture.paste(what, box, mask)`."""
    what, where = called.first, join(called.args[1:] + tuple(called.named.values()))
    written = called.call.args[0] if called.call.args else None
    plain = what.covers or isinstance(written, Literal | Text) or _is_colour(written)
    if not where.seen and not what.has(Kind.COVER):
        return None
    if plain:
        return Outcome(covered=where.origins() | what.origins())
    return None


def _is_colour(expr: Expr | None) -> bool:
    return isinstance(expr, Join) and bool(expr.items) and all(isinstance(i, Literal) for i in expr.items)


def _resized(picture: Value, size: Expr | None, given: Value) -> Value:
    """A picture scaled: down to a few cells it is small, up again it is a cover."""
    if picture.has(Kind.SMALL) or picture.covers:
        return join((picture, given.without(Kind.COVER))).turned(Kind.COVER)
    if size is not None and _coarse(size):
        return picture.turned(Kind.SMALL)
    return picture


def _coarse(size: Expr) -> bool:
    """Whether a size is a few cells, or a part of another size."""
    match size:
        case Literal(text=text):
            return text.isdigit() and 0 < int(text) <= known.SMALLEST_GRID
        case Join(kind="tuple", items=items):
            return bool(items) and all(_coarse(i) for i in items)
        case Join(kind="/" | "//"):
            return True
        case Name(id=name):
            return bool(known.CELLS.search(name))
        case Call(args=args):
            return bool(args) and all(_coarse(a) for a in args if not _is_one(a))
        case _:
            return False


def _is_one(expr: Expr) -> bool:
    return isinstance(expr, Literal) and expr.text == "1"


def _on_faces(called: Called) -> Outcome:
    method, on = called.method, called.on
    if method in known.MUTATES:
        return Outcome(on, into=-1, left=join((on, called.given)))
    if known.PURE_METHODS.fullmatch(method) or (method[:1].isupper() and not called.given.tags):
        return Outcome(join((on, called.given.without(Kind.MODEL))))
    return Outcome(on, against=f"calls {called.name}() on {_what(on)}")


def _given_faces(called: Called) -> Outcome:
    name, given = called.name, called.given
    if known.RESIZES.fullmatch(name):
        return Outcome(_resized(called.first, called.argument("dsize", 1), join(called.args[1:])))
    if known.REPEATS.fullmatch(name) and called.first.has(Kind.SMALL):
        return Outcome(called.first.turned(Kind.COVER))
    if name == "numpy.copyto" and len(called.args) > 1 and called.args[1].covers:
        return Outcome(covered=called.first.origins())
    if known.PURE.fullmatch(name):
        return Outcome(_computed(called))
    if called.contains and isinstance(called.call.to, Attr):
        return Outcome(into=-1, left=given)
    if called.method in {"join", "format", "intersection", "union", "contains"} and not called.on.tags:
        return Outcome(given)
    if known.SHOWS.search(name):
        return Outcome(against=f"prints {_what(given)} ({name})")
    if name.endswith(("cvtColor", "raw_input")):
        return Outcome(given)
    return Outcome(given, against=f"gives {_what(given)} to {name}()")


def _computed(called: Called) -> Value:
    """What was blurred stays so, whatever is computed of it; everything else is as telling as before."""
    if called.first.covers:
        return called.given.turned(Kind.COVER)
    return called.given


def _elsewise(called: Called) -> Outcome:
    if called.on.covers or (called.first.covers and known.PURE.fullmatch(called.name)):
        return Outcome(join((called.on, called.given)).turned(Kind.COVER))
    return Outcome()


def _what(value: Value) -> str:
    if value.has(Kind.CROP, Kind.SMALL):
        return "a crop"
    return "a mask" if value.has(Kind.MASK) else "a box or what was computed of it"


def operated(expr: Join, values: tuple[Value, ...]) -> Value | None:
    """What an operator makes that inverts a mask or puts two masked pictures together; None for any other."""
    kind, items = expr.kind, expr.items
    if kind == "~" or (kind == "-" and len(items) == 2 and isinstance(items[0], Literal)):
        return join(values).inverted()
    if kind == "==" and len(items) == 2 and isinstance(items[1], Literal) and items[1].text in {"0", "False"}:
        return join(values).inverted()
    if kind == "+" and len(items) == 2:
        return blend(*values)
    return None
