"""What every reader of a model format gives: a network as its inputs, outputs, operations and names."""

from dataclasses import dataclass

from scanner.findings import Confidence


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array; a dimension that is not fixed is -1."""

    name: str
    shape: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {shown(self.shape)}" if self.shape else self.name


@dataclass(frozen=True, slots=True)
class Network:
    """A model file's structure.

    Attributes:
        format: How the file is encoded, as a reader would call it.
        inputs: What goes in; weights are not inputs.
        outputs: What comes out.
        tail: Types of the operations that lead to the first output, nearest first.
        weights: Trained arrays by name; the only structure that a checkpoint shows.
        labels: Names of classes, where the file carries them.
        words: Names that the file gives to itself and its parts, lower case.
        traits: What only the format's reader can tell (`mmod`, `shape-predictor`, ...).
    """

    format: str
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    tail: tuple[str, ...] = ()
    weights: tuple[Tensor, ...] = ()
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a network is for, how sure that is, and why."""

    role: str
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A tensor that holds pictures; height and width are -1 where they are not fixed."""

    height: int
    width: int
    channels: int

    def __str__(self) -> str:
        if self.height < 0 or self.width < 0:
            return "a picture of any size"
        tone = "grey" if self.channels == 1 else "colour"
        return f"one {self.height}x{self.width} {tone} picture"


def shown(shape: tuple[int, ...]) -> str:
    """Write a shape as `1x3x112x112`, with `?` for what is not fixed."""
    return "x".join("?" if d < 0 else str(d) for d in shape)


def picture(tensor: Tensor) -> Picture | None:
    """Read a tensor as pictures: 1 or 3 channels, first or last, with or without a batch."""
    match tensor.shape:
        case (_, 1 | 3 as c, h, w) | (_, h, w, 1 | 3 as c):
            return _picture(h, w, c)
        case (1 | 3 as c, h, w) | (h, w, 1 | 3 as c):
            return _picture(h, w, c)
        case _:
            return None


def _picture(height: int, width: int, channels: int) -> Picture | None:
    if height < 0 or width < 0:
        return Picture(-1, -1, channels)
    return Picture(height, width, channels) if min(height, width) >= 16 else None


def vector(tensor: Tensor) -> int:
    """Give the length of a tensor that is one vector a picture (`1x512`, `1x256x1x1`, `512`), else 0."""
    if not tensor.shape:
        return 0
    rest = [d for d in tensor.shape[1:] if d != 1] if len(tensor.shape) > 1 else list(tensor.shape)
    if len(tensor.shape) > 1 and tensor.shape[0] not in (-1, 1) and rest:
        return 0
    return rest[0] if len(rest) == 1 and rest[0] > 1 else 0
