"""What a clip is, without its pixels, and whether all of it is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from scanner.errors import UnreadableError

PLANAR = frozenset(
    f"yuv{letter}{chroma}p{depth}"
    for letter in ("", "j")
    for chroma in ("420", "422", "444")
    for depth in ("", "10le")
)
"""Pixel formats that H.264 has and that can be drawn on as they are."""
_RGB = ("rgb", "bgr", "gbr", "pal8")
_DEEP = re.compile(r"(9|10|12|14|16)(le|be)$")
"""How names of formats with more than eight bits end."""
_SLACK_S = 0.3
"""Containers round and pad their duration; less than this is not a cut."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; None is the end of the clip."""

    start_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Colours:
    """How samples are to be understood, as numbers of ITU-T H.273; 2 where a stream does not say.

    `range` is 1 for video levels, 2 for full ones and 0 where it is not said.
    """

    range: int
    matrix: int
    primaries: int
    transfer: int

    @property
    def assumed(self) -> "Colours":
        """As players read them: without a word on the range, samples have video levels (H.264, table E-3)."""
        return replace(self, range=self.range or 1)


@dataclass(frozen=True, slots=True)
class Clip:
    """What a clip is, without its pixels.

    Attributes:
        colours: Its colour tags.
        interlaced: Whether its frames are two fields, filmed one after the other.
        width: Of the coded picture, in pixels, before rotation.
        height: Likewise.
        margins: How many columns and rows are coded beyond them and cut off by every player.
        turns: Quarter turns counter-clockwise that make the picture upright.
        matrix: The display matrix as nine integers, where there is one.
        time_base: Seconds a tick of the video stream.
        end: When the last frame ends, in ticks, as far as the container says; else None.
        packets: How many video packets the container's index promises; 0 where it has no index of all.
        duration_s: What the container declares, 0 where it declares nothing.
        audio: Codec names of the audio streams.
        chapters: Start, end in seconds.
        extras: What else the file holds and a redaction drops: metadata keys, streams. Never values.
        keyframes: Their times in seconds, as far as the container's index knows them.
    """

    path: Path
    container: str
    codec: str
    pixels: str
    colours: Colours
    interlaced: bool
    width: int
    height: int
    margins: tuple[int, int]
    turns: int
    matrix: tuple[int, ...]
    time_base: Fraction
    end: int | None
    packets: int
    duration_s: float
    audio: tuple[str, ...]
    chapters: tuple[tuple[float, float], ...]
    extras: tuple[str, ...]
    keyframes: tuple[Fraction, ...]

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture as it is shown."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    def lasting(self, pts: int, duration: int, last: int) -> int:
        """Give the duration of a frame. That of the `last`, which ends the clip, its packet may not tell."""
        if pts != last or self.end is None or self.end <= pts:
            return duration
        return self.end - pts


@dataclass(frozen=True, slots=True)
class Streams:
    """What can be compared between an original and its redaction.

    Attributes:
        times: Of every video packet that is shown, in order, as exact seconds.
        video: SHA-256 over the packets of the video stream, each preceded by its length in four bytes.
        audio: Likewise of each audio stream.
        audio_packets: How many each has.
    """

    times: tuple[Fraction, ...]
    time_base: Fraction
    video: str
    audio: tuple[str, ...]
    audio_packets: tuple[int, ...]


class Tally:
    """Counts what comes out of a file, so that a clip that ends too early is told from a short one."""

    def __init__(self, clip: Clip) -> None:
        self.clip, self.frames, self.end_s = clip, 0, 0.0

    def add(self, *, end_s: float, is_frame: bool) -> None:
        """Count a packet that ends at `end_s`, of the video stream or of another."""
        self.frames += is_frame
        self.end_s = max(self.end_s, end_s)

    def check(self) -> None:
        """Compare with what the container promised.

        Raises:
            UnreadableError: something is missing.
        """
        clip = self.clip
        remedy = "Export the clip again from its recorder, or check that the copy is complete."
        if clip.packets and self.frames < clip.packets:
            raise UnreadableError(
                f"{clip.path} is cut off: {self.frames} of {clip.packets} frames are there.", remedy
            )
        # Without an index of all frames, the declared duration is what can be held against it.
        if not clip.packets and self.end_s < clip.duration_s - max(_SLACK_S, 0.01 * clip.duration_s):
            raise UnreadableError(
                f"{clip.path} is cut off: {self.end_s:.1f} of {clip.duration_s:.1f} seconds are there.",
                remedy,
            )


def in_order(clip: Clip, times: Sequence[int]) -> None:
    """Say no to a clip whose frames come out in another order than that of their times.

    Raises:
        UnreadableError: it is one.
    """
    if any(b <= a for a, b in pairwise(times)):
        raise UnreadableError(
            f"{clip.path} is damaged: its frames are not in the order of their times.",
            "Export the clip again from its recorder.",
        )


def output_pixels(clip: Clip) -> str:
    """Choose the pixel format to encode: the clip's own where H.264 has it, else the one nearest to it.

    Odd sizes are 4:4:4. What has no chroma of H.264's own (red, green and blue; grey) becomes 4:2:0.
    """
    own = clip.pixels
    if own not in PLANAR:
        chroma = next((c for c in ("422", "444") if c in own), "420")
        own = f"yuv{chroma}p{'10le' if _DEEP.search(own) else ''}"
    odd = clip.width % 2 or clip.height % 2
    return "yuv444p" if odd and "444" not in own else own


def output_colours(clip: Clip) -> Colours:
    """Say how the encoded samples are to be understood: as the clip's own, unless that is not YCbCr.

    Red, green and blue become BT.709 at video levels.
    """
    if any(name in clip.pixels for name in _RGB):
        return replace(clip.colours, range=1, matrix=1)
    return clip.colours


def chapter_entries(clip: Clip) -> list[Any]:
    """Give the chapters as the muxer takes them: their times, without titles."""
    tick = Fraction(1, 1000)
    return [
        {"id": i, "start": round(a * 1000), "end": round(b * 1000), "time_base": tick, "metadata": {}}
        for i, (a, b) in enumerate(clip.chapters)
    ]
