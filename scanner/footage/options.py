"""What the user may choose, as data. Light to import: neither a video library nor a model is loaded here."""

from dataclasses import dataclass
from typing import Literal

Depth = Literal["auto", "full", "off"]
PresetName = Literal["fast", "balanced", "thorough"]
Style = Literal["solid", "pixelate", "blur"]

DEPTHS: tuple[Depth, ...] = ("auto", "full", "off")
STYLES: tuple[Style, ...] = ("solid", "pixelate", "blur")


@dataclass(frozen=True, slots=True)
class FootageOptions:
    """How `scanner scan` looks at footage.

    Attributes:
        depth: `auto` looks at two frames a second; `full` at every frame; `off` at nothing.
        preset: One of `PRESETS`.
    """

    depth: str = "auto"
    preset: str = "balanced"


@dataclass(frozen=True, slots=True)
class Preset:
    """How much work goes into finding faces.

    Attributes:
        detectors: Ids of `models/manifest.toml`, asked in turn on every examined frame.
        sides: Longest sides in pixels at which each detector looks, in the order of `detectors`. In a clip
            they take turns from look to look, and tracks carry over what only one of them sees; a still
            picture is looked at in all of them.
        every: A frame in which something moved is examined when this many frames went by since the last.
        upscale: How far a small picture may be enlarged to reach `side`.
    """

    detectors: tuple[str, ...]
    sides: tuple[tuple[int, ...], ...]
    every: int
    upscale: float


PRESETS: dict[str, Preset] = {
    "fast": Preset(detectors=("yunet-2023mar",), sides=((640,),), every=2, upscale=1.0),
    "balanced": Preset(detectors=("yunet-2023mar",), sides=((960, 1920),), every=2, upscale=2.0),
    "thorough": Preset(detectors=("centerface",), sides=((1920,),), every=1, upscale=2.0),
}
