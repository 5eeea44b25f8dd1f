"""What the user may choose, as data. Light to import: neither a video library nor a model is loaded here."""

from dataclasses import dataclass
from typing import Literal

Depth = Literal["auto", "full", "off"]
PresetName = Literal["fast", "balanced", "thorough"]
Style = Literal["solid", "pixelate", "blur"]

DEPTHS: tuple[Depth, ...] = ("auto", "full", "off")
STYLES: tuple[Style, ...] = ("solid", "pixelate", "blur")
MARGIN = 0.15
"""How far every edge of a cover is pushed out beyond a face, as a share of its longer side."""


@dataclass(frozen=True, slots=True)
class FootageOptions:
    """How `scanner scan` looks at footage.

    Attributes:
        depth: `auto` looks at key frames, or at two frames a second where they are rare; `full` at every
            frame; `off` at nothing.
        preset: One of `PRESETS`.
    """

    depth: str = "auto"
    preset: str = "balanced"


@dataclass(frozen=True, slots=True)
class Preset:
    """How much work goes into finding faces.

    Attributes:
        detectors: Ids of `models/manifest.toml`, asked about every examined frame.
        sides: Longest sides in pixels at which each of them looks.
        every: A frame in which something moved is examined when this many frames went by since the last.
        upscale: How far a small picture may be enlarged to reach `side`.
        in_turns: Whether in a clip the sides take turns from look to look, and tracks carry over what only
            one of them sees. A still picture is looked at in all of them.
        second: Id of the detector that is asked about single places; empty where there is none.
    """

    detectors: tuple[str, ...]
    sides: tuple[tuple[int, ...], ...]
    every: int
    upscale: float
    in_turns: bool = True
    second: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """Ids of all detectors, the second opinion's last."""
        return (*self.detectors, self.second) if self.second else self.detectors


_YUNET, _CENTERFACE = "yunet-2023mar", "centerface"

PRESETS: dict[str, Preset] = {
    "fast": Preset(detectors=(_YUNET,), sides=((960,),), every=3, upscale=2.0, second=_CENTERFACE),
    "balanced": Preset(detectors=(_YUNET,), sides=((960, 1920),), every=2, upscale=2.0, second=_CENTERFACE),
    "thorough": Preset(
        detectors=(_YUNET,), sides=((960, 1920),), every=1, upscale=2.0, in_turns=False, second=_CENTERFACE
    ),
}
