"""Smart rendering: copies the groups of pictures in which nothing is covered, and encodes only the others.

Encoded groups bring parameter sets of their own under an id that the original does not use. Both stand in
the container's header, as ISO/IEC 14496-15 allows, so that a player needs no others on the way.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import av
import av.error
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from scanner.footage import nals
from scanner.footage.clip import Clip, Tally, output_pixels
from scanner.footage.gops import Gop, Mark, Plan
from scanner.footage.media.copying import CODECS, survey_whole
from scanner.footage.media.reading import checked, count_packet, damaged, opened
from scanner.footage.media.writing import Output, Paint, Target, configure, drawn, written
from scanner.footage.nals import ParameterSets, UnfitError

_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
_KEY_FRAME = 1
_PADDING = (15, 31)


def survey(clip: Clip) -> list[Mark]:
    """Look at every packet, and decode none.

    Raises:
        UnfitError: the clip cannot be spliced, whatever is covered.
        UnreadableError: it cannot be read, or some of it is missing.
    """
    if clip.codec not in ("h264", *CODECS):
        raise UnfitError(f"it is {clip.codec}")
    if output_pixels(clip) != clip.pixels:
        raise UnfitError(f"its pixels are {clip.pixels}")
    # Up to a macroblock (two rows of them where fields are coded) is padding; more may be a picture.
    if clip.margins[0] > _PADDING[0] or clip.margins[1] > _PADDING[1]:
        raise UnfitError("its pictures go on beyond what players show")
    if clip.codec in CODECS:
        return survey_whole(clip)
    marks: list[Mark] = []
    with opened(clip.path) as (source, stream):
        known, length_bytes = nals.from_extradata(stream.codec_context.extradata or b"")
        if known.profile not in _PROFILES:
            raise UnfitError(f"its profile is {known.profile}")
        known.spare_id()
        tally = Tally(clip)
        try:
            for packet in source.demux():
                count_packet(tally, packet, stream)
                if packet.stream.index == stream.index and packet.size:
                    marks.append(_mark(packet, length_bytes))
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error
        tally.check()
    return marks


def _mark(packet: "av.Packet[Any]", length_bytes: int) -> Mark:
    if packet.pts is None:
        raise UnfitError("it has packets without a time")
    if packet.has_sidedata("new_extradata"):
        raise UnfitError("its parameter sets change on the way")
    some = nals.units(bytes(packet), length_bytes)
    is_idr = any(nals.kind(u) == nals.IDR for u in some)
    return Mark(packet.pts, packet.dts, is_idr, not packet.is_discard)


@dataclass(frozen=True, slots=True)
class _Original:
    """What the original's packets are made of."""

    sets: ParameterSets
    length_bytes: int


def splice(
    clip: Clip, target: Target, plan: Plan, *, last: int, covered: Callable[[int], bool], paint: Paint
) -> Iterator[int]:
    """Write a clip by its plan, with its audio packets.

    Args:
        clip: The original.
        target: Where and what to write.
        plan: Which groups are copied.
        last: Time of the last frame, in ticks.
        covered: Whether the frame at a position has anything to cover.
        paint: Called for those frames, with planes that may be written to.

    Yields:
        The number of frames done, after each packet.

    Raises:
        UnfitError: the clip turned out not to be what splicing needs.
        UnreadableError: the original is damaged.
        WriteError: the output cannot be written.
    """
    with opened(clip.path) as (source, stream), written(clip, source, target) as output:
        original = _Original(*nals.from_extradata(stream.codec_context.extradata or b""))
        encoder = _Encoder(clip, stream, original.sets)
        video = output.out.add_stream_from_template(stream, opaque=True)
        video.codec_context.extradata = nals.to_extradata(encoder.all_sets if plan.encodes else original.sets)
        video.metadata.clear()
        if clip.matrix:
            video.set_display_matrix(clip.matrix)
        run = _Run(clip, last, output, video, encoder, covered, paint)
        sounds = output.take_sound(source)
        gops = _by_packet(plan)
        done = 0
        try:
            for packet in source.demux(stream, *sounds):
                if packet.stream.index != stream.index:
                    output.hear(packet)
                elif packet.size:
                    gop, decode_time = next(gops)
                    done += not packet.is_discard
                    if gop.encode:
                        run.take(packet, stream, gop, decode_time)
                    else:
                        run.end(stream)
                        copy = _copy(packet, video, original, decode_time)
                        copy.duration = clip.lasting(packet.pts or 0, packet.duration or 0, last)
                        output.mux(copy)
                    yield done
            run.end(stream)
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error


def _by_packet(plan: Plan) -> Iterator[tuple[Gop, int]]:
    gops = (gop for gop in plan.gops for _ in range(gop.packets))
    return zip(gops, plan.decode_times, strict=True)


def _copy(
    packet: "av.Packet[Any]", video: VideoStream, original: _Original, decode_time: int
) -> "av.Packet[Any]":
    kept = nals.copied(nals.units(bytes(packet), original.length_bytes), original.sets)
    copy: av.Packet[Any] = av.Packet(nals.joined(kept))
    copy.pts, copy.dts = packet.pts, decode_time
    copy.time_base, copy.is_keyframe, copy.stream = packet.time_base, packet.is_keyframe, video
    return copy


class _Encoder:
    """Makes encoders that write like the original (profile, level, colours, ticks) under ids of their own."""

    def __init__(self, clip: Clip, stream: VideoStream, sets: ParameterSets) -> None:
        self._clip, self._stream, self._sets = clip, stream, sets
        self._own = nals.from_extradata(self.start().extradata or b"")[0]

    @property
    def all_sets(self) -> ParameterSets:
        """The original's parameter sets, then the encoder's."""
        return self._sets + self._own

    def start(self) -> VideoCodecContext:
        """Open an encoder. One is needed for each run: x264 cannot go on once it was drained."""
        context = av.CodecContext.create("libx264", "w")
        configure(context, self._clip, self._stream)
        context.flags |= Flags.global_header
        level = self._sets.level
        # Key frames stand where the original has them, and nowhere else.
        context.options |= {
            "profile": _PROFILES[self._sets.profile],
            "level": f"{level // 10}.{level % 10}",
            "forced-idr": "1",
            "x264-params": f"sps-id={self._sets.spare_id()}:keyint=infinite:scenecut=0:open-gop=0",
        }
        context.open()
        return context


class _Run:
    """Groups next to each other that are encoded together."""

    def __init__(
        self,
        clip: Clip,
        last: int,
        output: Output,
        video: VideoStream,
        encoder: _Encoder,
        covered: Callable[[int], bool],
        paint: Paint,
    ) -> None:
        self._clip, self._last, self._output = clip, last, output
        self._video, self._encoder = video, encoder
        self._covered, self._paint = covered, paint
        self._context: VideoCodecContext | None = None
        self._next = 0
        self._starts: set[int] = set()
        self._decode_times: deque[int] = deque()
        self._durations: dict[int, int] = {}

    def take(self, packet: "av.Packet[Any]", stream: VideoStream, gop: Gop, decode_time: int) -> None:
        """Decode a packet of a group that is encoded, and encode what comes out."""
        if self._context is None:
            self._context = self._encoder.start()
            self._next = gop.first
        self._starts.add(gop.first)
        if not packet.is_discard:
            self._decode_times.append(decode_time)
            if packet.pts is not None:
                self._durations[packet.pts] = self._clip.lasting(packet.pts, packet.duration or 0, self._last)
        for frame in stream.decode(packet):
            self._encode(frame)

    def end(self, stream: VideoStream) -> None:
        """Drain decoder and encoder, so that a copied group can follow."""
        if self._context is None:
            return
        for frame in stream.codec_context.decode(None):
            self._encode(frame)
        stream.codec_context.flush_buffers()
        self._mux(self._context.encode(None))
        self._context = None
        self._starts.clear()
        if self._decode_times:
            raise UnfitError("a group of pictures did not decode by itself")

    def _encode(self, frame: VideoFrame) -> None:
        assert self._context is not None
        checked(self._clip, frame)
        if frame.interlaced_frame:
            raise UnfitError("it is interlaced")
        frame.time_base = self._clip.time_base  # a drained decoder does not say
        ready = drawn(frame, self._clip.pixels, self._next, self._covered, self._paint)
        if self._next in self._starts:
            ready.pict_type = _KEY_FRAME
        self._next += 1
        self._mux(self._context.encode(ready))

    def _mux(self, packets: list["av.Packet[Any]"]) -> None:
        for packet in packets:
            units = [
                u
                for u in nals.units(bytes(packet), 0)
                if nals.kind(u) not in (nals.MESSAGE, nals.SPS, nals.PPS)
            ]
            ready: av.Packet[Any] = av.Packet(nals.joined(units))
            if not self._decode_times or packet.pts is None:
                raise UnfitError("its groups of pictures decode to more than they hold")
            ready.pts, ready.dts = packet.pts, self._decode_times.popleft()
            ready.duration = self._durations.pop(packet.pts, 0)
            ready.time_base, ready.is_keyframe, ready.stream = (
                self._clip.time_base,
                packet.is_keyframe,
                self._video,
            )
            self._output.mux(ready)
