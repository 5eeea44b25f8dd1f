"""Short clips as cameras store them: rate, groups of pictures, container and side data as asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.filter
import numpy as np

from samples import clips

Times = Sequence[Fraction]


@dataclass(frozen=True)
class Reel:
    """How a clip is stored. `fields` is `tff` or `bff`; `matrix` a display matrix, instead of `rotation`."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"g": "15", "bf": "3"})
    size: tuple[int, int] = (320, 180)
    audio: bool = False
    sound: str = "aac"
    rotation: int = 0
    matrix: tuple[int, ...] = ()
    fields: str = ""
    colours: tuple[int, int, int, int] | None = None
    ticks: int = 90000


def shoot(path: Path, times: Times, reel: Reel | None = None, scene: clips.Scene | None = None) -> Path:
    """Write a clip; its suffix chooses the container."""
    reel = reel or Reel()
    scene = scene or clips.empty(*reel.size)
    fielded = _fields(reel) if reel.fields else None
    with av.open(str(path), "w") as out:
        video = out.add_stream(reel.codec, rate=25)
        video.width, video.height = reel.size
        video.pix_fmt = reel.pixels
        video.codec_context.time_base = Fraction(1, reel.ticks)
        quick = {"libx264": {"preset": "veryfast", "sc_threshold": "0"}, "libx265": {"preset": "ultrafast"}}
        video.codec_context.options = quick.get(reel.codec, {}) | reel.options
        if reel.colours:
            context = video.codec_context
            context.color_range, context.colorspace, context.color_primaries, context.color_trc = reel.colours
        if reel.rotation:
            video.set_display_rotation(reel.rotation)
        if reel.matrix:
            video.set_display_matrix(reel.matrix)
        sound = _sound(out, reel.sound) if reel.audio else None
        if sound is not None:
            _sing(out, sound, float(times[-1]))
        for time in times:
            picture = np.ascontiguousarray(scene(float(time))[0])
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=reel.pixels)
            frame.pts, frame.time_base = round(time * reel.ticks), Fraction(1, reel.ticks)
            out.mux(video.encode(fielded(frame) if fielded else frame))
        out.mux(video.encode(None))
    return path


def _fields(reel: Reel) -> Callable[[av.VideoFrame], av.VideoFrame]:
    """Mark frames as two fields: there is no other way to tell an encoder which of them comes first."""
    graph = av.filter.Graph()
    width, height = reel.size
    tick = Fraction(1, reel.ticks)
    ends = graph.add_buffer(width=width, height=height, format=reel.pixels, time_base=tick)
    marks, sink = graph.add("setfield", f"mode={reel.fields}"), graph.add("buffersink")
    ends.link_to(marks)
    marks.link_to(sink)
    graph.configure()

    def mark(frame: av.VideoFrame) -> av.VideoFrame:
        graph.push(frame)
        marked = graph.pull()
        assert isinstance(marked, av.VideoFrame)
        return marked

    return mark


def _sound(out: av.container.OutputContainer, codec: str) -> av.AudioStream:
    return out.add_stream(codec, rate=16000 if codec == "aac" else 48000, layout="mono")


def _sing(out: av.container.OutputContainer, sound: av.AudioStream, seconds: float) -> None:
    context = sound.codec_context
    rate, size, samples = context.sample_rate, context.frame_size or 1024, context.format.name
    wave = np.sin(np.arange(int(seconds * rate)) * 0.05).astype(np.float32)[None] * 0.2
    if samples.startswith("s16"):
        wave = (wave * 32767).astype(np.int16)
    for start in range(0, wave.shape[1], size):
        piece = np.ascontiguousarray(wave[:, start : start + size])
        frame = av.AudioFrame.from_ndarray(piece, format=samples, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))


def remuxed(source: Path, target: Path, **options: str) -> Path:
    """Write all streams of a clip as they are into another container; give the target."""
    with av.open(str(source)) as whole, av.open(str(target), "w", container_options=options) as out:
        copies = {s.index: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                out.mux(packet)
    return target
