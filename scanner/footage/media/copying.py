"""Copies whole clips in which nothing is covered, in codecs of which no part could be encoded alike."""

from collections.abc import Callable, Iterator
from typing import Any

import av
import av.error
from av.video.stream import VideoStream

from scanner.footage import av1, hevc
from scanner.footage.clip import Clip, Tally
from scanner.footage.gops import Mark, Plan
from scanner.footage.media.reading import count_packet, damaged, opened
from scanner.footage.media.writing import Target, written
from scanner.footage.nals import UnfitError

CODECS = ("hevc", "vp8", "vp9", "av1", "libdav1d")
"""VP8 and VP9 have no place in a packet for anything but pictures."""


def survey_whole(clip: Clip) -> list[Mark]:
    """Look at every packet, and decode none. The whole clip is one group.

    Raises:
        UnfitError: it cannot be copied.
        UnreadableError: it cannot be read, or some of it is missing.
    """
    marks: list[Mark] = []
    with opened(clip.path) as (source, stream):
        keep, tally = _passage(clip, stream)[1], Tally(clip)
        try:
            for packet in source.demux():
                count_packet(tally, packet, stream)
                if packet.stream.index != stream.index or not packet.size:
                    continue
                if packet.pts is None or packet.has_sidedata("new_extradata"):
                    raise UnfitError("it has packets without a time, or changes on the way")
                keep(bytes(packet))
                first = not marks and packet.is_keyframe
                marks.append(Mark(packet.pts, packet.dts, first, not packet.is_discard))
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error
        tally.check()
    return marks


def copy(clip: Clip, target: Target, plan: Plan, *, last: int) -> Iterator[int]:
    """Write a clip as it is, packet by packet, without what says something about the camera or the place.

    Args:
        clip: The original.
        target: Where and what to write.
        plan: Its times; no group of it is encoded.
        last: Time of the last frame, in ticks.

    Yields:
        The number of frames done, after each packet.

    Raises:
        UnfitError: the clip is not what copying needs, or the container cannot hold it.
        UnreadableError: the original is damaged.
        WriteError: the output cannot be written.
    """
    with opened(clip.path) as (source, stream), written(clip, source, target) as output:
        header, keep = _passage(clip, stream)
        try:
            video = output.out.add_stream_from_template(stream, opaque=True)
        except ValueError as error:
            raise UnfitError(f"{target.container} does not hold {clip.codec}") from error
        video.codec_context.extradata = header or None
        if clip.codec == "hevc" and target.container != "matroska":
            # No parameter set is left among the pictures, and Apple's players want to be told.
            video.codec_context.codec_tag = "hvc1"
        video.metadata.clear()
        if clip.matrix:
            video.set_display_matrix(clip.matrix)
        sounds = output.take_sound(source)
        times, done = iter(plan.decode_times), 0
        try:
            for packet in source.demux(stream, *sounds):
                if packet.stream.index != stream.index:
                    output.hear(packet)
                if packet.stream.index != stream.index or not packet.size:
                    continue
                same: av.Packet[Any] = av.Packet(keep(bytes(packet)))
                same.pts, same.dts = packet.pts, next(times)
                same.duration = clip.lasting(packet.pts or 0, packet.duration or 0, last)
                same.time_base, same.is_keyframe, same.stream = packet.time_base, packet.is_keyframe, video
                output.mux(same)
                done += 1
                yield done
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error


def _passage(clip: Clip, stream: VideoStream) -> tuple[bytes, Callable[[bytes], bytes]]:
    extradata = stream.codec_context.extradata or b""
    if clip.codec == "hevc":
        how = hevc.passage(extradata)
        return how.header, how.copied
    if "av1" in clip.codec:
        return av1.header(extradata), av1.copied
    return extradata, bytes
