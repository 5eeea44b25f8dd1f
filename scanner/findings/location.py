"""Where in an artifact the evidence lies. A tagged union: the JSON key `type` tells which."""

import msgspec


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One face in one frame, in pixels of the upright picture; `t_s` is the frame's time in seconds."""

    t_s: float
    x: float
    y: float
    w: float
    h: float
    score: float


class Lines(msgspec.Struct, frozen=True, kw_only=True, tag="lines", tag_field="type"):
    """Lines of a text, counted from 1, both ends included."""

    start_line: int
    end_line: int


class Pointer(msgspec.Struct, frozen=True, kw_only=True, tag="pointer", tag_field="type", omit_defaults=True):
    """An RFC 6901 JSON pointer into YAML, JSON, TOML or XML; `start_line` where the parser told it."""

    pointer: str
    start_line: int | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table", tag_field="type"):
    """A column of a table in a data store."""

    table: str
    column: str


class Span(msgspec.Struct, frozen=True, kw_only=True, tag="span", tag_field="type"):
    """A stretch of footage in seconds with its boxes; a still picture has start_s = end_s = 0."""

    start_s: float
    end_s: float
    boxes: tuple[Box, ...] = ()


class Whole(msgspec.Struct, frozen=True, kw_only=True, tag="whole", tag_field="type"):
    """The artifact as such: a model file, a package, a file name."""


Location = Lines | Pointer | Table | Span | Whole
