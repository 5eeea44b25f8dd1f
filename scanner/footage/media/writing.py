"""Writes clips: every frame encoded anew, sound copied."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from scanner.errors import WriteError
from scanner.footage.clip import Clip, Span, chapter_entries, output_colours, output_pixels
from scanner.footage.cover import Plane
from scanner.footage.leftovers import Audible
from scanner.footage.media.reading import checked, damaged, is_muted, opened, view

Paint = Callable[[int, Sequence[Plane]], None]
"""Draws over the planes of the frame at a position."""

ENCODER = {"preset": "veryfast", "crf": "18", "bf": "0"}
"""No B frames: their reordering would need an edit list, and the original's lists are to be gone."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a clip is written, and what goes along with its pictures.

    Attributes:
        path: Where to write, whatever its suffix.
        name: What the file will be called; for messages.
        container: `mp4`, `mov` or `matroska`.
        keep_audio: Whether audio packets are copied; otherwise the result has no audio stream.
        muted: Spans of time, in seconds from the clip's beginning, whose audio packets are left out.
        keep_metadata: Keys of the container's metadata that are kept.
    """

    path: Path
    name: Path
    container: str
    keep_audio: bool = True
    keep_metadata: tuple[str, ...] = ()
    muted: tuple[Span, ...] = ()


class Output:
    """A container that is being written. Every failure to write is told apart from one to read."""

    def __init__(self, out: OutputContainer, target: Target) -> None:
        self.out, self.target = out, target
        self._audible = Audible()
        self._copies: dict[int, Any] = {}

    def take_sound(self, source: InputContainer) -> list[Any]:
        """Add a stream for every audio stream that is kept, and give the originals."""
        sounds = list(source.streams.audio) if self.target.keep_audio else []
        for sound in sounds:
            copy = self.out.add_stream_from_template(sound)
            copy.metadata.clear()
            self._copies[sound.index] = copy
        return sounds

    def hear(self, packet: "av.Packet[Any]") -> None:
        """Copy an audio packet, as far as it is played."""
        for heard in self._audible.of(packet):
            if is_muted(heard, self.target.muted):
                continue
            heard.stream = self._copies[heard.stream.index]
            self.mux(heard)

    def mux(self, packet: "av.Packet[Any]") -> None:
        """Write a packet."""
        with self.failing():
            self.out.mux(packet)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Say which file could not be written, and why."""
        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            what = getattr(error, "strerror", None) or str(error)
            raise WriteError(
                f"{self.target.name} could not be written: {what}.",
                "Make room, or name another folder; the same command goes on where this one ended.",
            ) from error


@contextmanager
def written(clip: Clip, source: InputContainer, target: Target) -> Iterator[Output]:
    """Open a container for a clip's redaction; its index is written when the block ends well."""
    flags = "+faststart+use_metadata_tags" if target.keep_metadata else "+faststart"
    options = {"fflags": "+bitexact"}
    if target.container != "matroska":
        # Where a stream begins late, the delay is written in ticks of the movie: as fine as its own.
        ticks = str(clip.time_base.denominator)
        options |= {"movflags": flags, "video_track_timescale": ticks, "movie_timescale": ticks}
    out = av.open(str(target.path), "w", format=target.container, container_options=options)
    output = Output(out, target)
    for key in target.keep_metadata:
        if key in source.metadata:
            out.metadata[key] = source.metadata[key]
    if clip.chapters:
        out.set_chapters(chapter_entries(clip))
    try:
        yield output
    except BaseException:
        # What is half written is about to be removed: that it cannot be ended well is no news.
        with suppressed():
            out.close()
        raise
    with output.failing():
        out.close()


@contextmanager
def suppressed() -> Iterator[None]:
    """Ignore that a file cannot be ended well."""
    try:
        yield
    except (av.error.FFmpegError, OSError):
        return


def rewrite(
    clip: Clip, target: Target, *, last: int, covered: Callable[[int], bool], paint: Paint
) -> Iterator[int]:
    """Encode a clip anew with H.264, frame by frame with its own time, and copy its audio packets.

    Args:
        clip: The original.
        target: Where and what to write.
        last: Time of the last frame, in ticks.
        covered: Whether the frame at a position has anything to cover.
        paint: Called for those frames, with planes that may be written to.

    Yields:
        The number of frames done, after each frame.

    Raises:
        UnreadableError: the original is damaged.
        WriteError: the output cannot be written.
    """
    with opened(clip.path) as (source, stream), written(clip, source, target) as output:
        video = output.out.add_stream("libx264")
        assert isinstance(video, VideoStream)
        configure(video.codec_context, clip, stream)
        if clip.matrix:
            video.set_display_matrix(clip.matrix)
        sounds = output.take_sound(source)
        clean = BitStreamFilterContext("filter_units=remove_types=6", "h264")
        done = 0
        durations: dict[int, int] = {}
        try:
            for packet in source.demux(stream, *sounds):
                if packet.stream.index != stream.index:
                    output.hear(packet)
                    continue
                if packet.pts is not None and packet.duration:
                    durations[packet.pts] = clip.lasting(packet.pts, packet.duration, last)
                for frame in stream.decode(packet):
                    checked(clip, frame)
                    ready = drawn(_converted(frame, clip), output_pixels(clip), done, covered, paint)
                    _mux(output, clean, video.encode(ready), durations)
                    done += 1
                    yield done
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error
        _mux(output, clean, video.encode(None), durations)


def _mux(
    output: Output,
    clean: BitStreamFilterContext,
    packets: Sequence["av.Packet[Any]"],
    durations: dict[int, int],
) -> None:
    for packet in packets:
        # The encoder's signature and any other supplemental message stay out of the file.
        for filtered in clean.filter(packet):
            filtered.stream = packet.stream
            filtered.duration = durations.pop(filtered.pts or 0, filtered.duration or 0)
            output.mux(filtered)


def _converted(frame: VideoFrame, clip: Clip) -> VideoFrame:
    """Give red, green and blue as what the encoder is told to expect."""
    colours = output_colours(clip)
    if colours == clip.colours:
        return frame
    pts, time_base = frame.pts, frame.time_base
    turned = frame.reformat(
        format=output_pixels(clip), dst_colorspace=colours.matrix, dst_color_range=colours.range
    )
    turned.pts, turned.time_base = pts, time_base
    return turned


def configure(context: VideoCodecContext, clip: Clip, stream: VideoStream) -> None:
    """Tell an encoder what the original's pictures are like."""
    source = stream.codec_context
    context.width, context.height = clip.width, clip.height
    context.pix_fmt = output_pixels(clip)
    context.time_base = clip.time_base
    context.framerate = stream.average_rate or Fraction(25)
    if stream.sample_aspect_ratio:
        context.sample_aspect_ratio = stream.sample_aspect_ratio
    # The stream does not know its colours before its first frame is decoded; the clip does.
    colours = output_colours(clip)
    context.color_range, context.colorspace = colours.range, colours.matrix
    context.color_primaries, context.color_trc = colours.primaries, colours.transfer
    context.options = dict(ENCODER)
    if clip.interlaced:
        context.flags |= Flags.interlaced_dct
        context.field_order = source.field_order


def drawn(
    frame: VideoFrame, pixels: str, index: int, covered: Callable[[int], bool], paint: Paint
) -> VideoFrame:
    """Give a frame in the encoder's pixel format, its covers drawn, its time kept, its type left open."""
    pts, time_base = frame.pts, frame.time_base
    ready = frame if frame.format.name == pixels else frame.reformat(format=pixels)
    if covered(index):
        if ready is frame:
            ready.make_writable()
        dtype = np.dtype("<u2") if "10" in pixels else np.dtype(np.uint8)
        views = [view(ready, i, dtype) for i in range(3)]
        deep = 4 if dtype.itemsize == 2 else 1
        dark = 0 if "j" in pixels or ready.color_range == 2 else 16
        paint(
            index,
            [
                Plane(v, ready.width / v.shape[1], ready.height / v.shape[0], fill * deep)
                for v, fill in zip(views, (dark, 128, 128), strict=True)
            ],
        )
    ready.pts, ready.time_base = pts, time_base
    ready.pict_type = 0
    return ready
