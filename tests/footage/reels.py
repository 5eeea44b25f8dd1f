"""Short clips as cameras store them: rate, groups of pictures, container and side data as asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from samples import clips

Times = Sequence[Fraction]


@dataclass(frozen=True)
class Reel:
    """How a clip is stored."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"g": "15", "bf": "3"})
    size: tuple[int, int] = (320, 180)
    audio: bool = False
    rotation: int = 0
    interlaced: bool = False
    colours: tuple[int, int, int, int] | None = None


def shoot(path: Path, times: Times, reel: Reel | None = None, scene: clips.Scene | None = None) -> Path:
    """Write a clip; its suffix chooses the container."""
    reel = reel or Reel()
    scene = scene or clips.empty(*reel.size)
    with av.open(str(path), "w") as out:
        video = out.add_stream(reel.codec, rate=25)
        video.width, video.height = reel.size
        video.pix_fmt = reel.pixels
        video.codec_context.time_base = Fraction(1, 90000)
        x264 = {"preset": "veryfast", "sc_threshold": "0"} if reel.codec == "libx264" else {}
        video.codec_context.options = x264 | reel.options
        if reel.colours:
            context = video.codec_context
            context.color_range, context.colorspace, context.color_primaries, context.color_trc = reel.colours
        if reel.rotation:
            video.set_display_rotation(reel.rotation)
        sound = out.add_stream("aac", rate=16000, layout="mono") if reel.audio else None
        if sound is not None:
            _sing(out, sound, float(times[-1]))
        for time in times:
            frame = av.VideoFrame.from_ndarray(scene(float(time))[0], format="rgb24").reformat(
                format=reel.pixels
            )
            frame.pts, frame.time_base = round(time * 90000), Fraction(1, 90000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def _sing(out: av.container.OutputContainer, sound: av.AudioStream, seconds: float) -> None:
    wave = np.sin(np.arange(int(seconds * 16000)) * 0.05).astype(np.float32)[None] * 0.2
    for start in range(0, wave.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(wave[:, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, start, Fraction(1, 16000)
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))
