"""A sample of a clip's frames that costs little: key frames alone where they are close, else every frame.

A key frame can be decoded by itself, every other frame needs those before it. So a group of pictures
(a key frame and what follows it) is decoded as a whole only where it is long.
"""

from collections.abc import Iterator
from typing import Any

import av
import av.error
from av.video.stream import VideoStream

from scanner.footage.clip import Clip, Tally
from scanner.footage.media.reading import Frame, checked, count_packet, damaged, opened

_TICK_S = 0.05
"""Recorders do not place key frames to the millisecond."""


def sampled(clip: Clip, *, apart_s: float, gap_s: float) -> Iterator[Frame]:
    """Give the key frames, and all frames of groups that are longer than `gap_s`.

    Args:
        clip: What to read.
        apart_s: A key frame that follows another more closely is left out (in MJPEG every frame is one).
        gap_s: The longest time between two key frames in which nothing is looked at.

    Raises:
        UnreadableError: a packet is damaged, or there are fewer frames than the container promises.
    """
    with opened(clip.path) as (container, stream):
        tally, chooser = Tally(clip), _Chooser(apart_s, gap_s + _TICK_S)
        try:
            for packet in container.demux():
                count_packet(tally, packet, stream)
                if packet.stream.index == stream.index and packet.size:
                    yield from _decoded(clip, stream, chooser.take(packet))
            yield from _decoded(clip, stream, [*chooser.rest(), None])
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error
        tally.check()


def _decoded(clip: Clip, stream: VideoStream, packets: "list[av.Packet[Any] | None]") -> Iterator[Frame]:
    for packet in packets:
        for frame in stream.decode(packet):
            yield checked(clip, frame)


class _Chooser:
    """Decides which packets are decoded. Holds those of one group back until it is known to be long."""

    def __init__(self, apart_s: float, gap_s: float) -> None:
        self._apart_s, self._gap_s = apart_s, gap_s
        self._held: list[av.Packet[Any]] = []
        self._begin_s: float | None = None
        self._planned_s = float("-inf")
        self._long = False
        self._follows_whole = True

    def take(self, packet: "av.Packet[Any]") -> "list[av.Packet[Any] | None]":
        """Give what is to be decoded now that this packet came."""
        time_s = _time_of(packet)
        if packet.is_keyframe:
            ready = self.rest()
            self._follows_whole, self._long = self._long, time_s is None or packet.is_discard
            self._begin_s, self._held = time_s, [packet]
            return [*ready, *(self._release() if self._long else [])]
        if time_s is None or self._begin_s is None:
            self._long = True
        elif time_s < self._begin_s and not self._follows_whole:
            return []  # it leans on the group before, which was not decoded
        elif time_s - self._begin_s > self._gap_s:
            self._long = True
        self._held.append(packet)
        return self._release() if self._long else []

    def rest(self) -> "list[av.Packet[Any] | None]":
        """Give what is to be decoded of a group that ended."""
        if self._long or self._begin_s is None:
            return self._release()
        key, self._held = self._held[:1], []
        if self._begin_s - self._planned_s < self._apart_s:
            return []
        self._planned_s = self._begin_s
        return list(key)

    def _release(self) -> "list[av.Packet[Any] | None]":
        ready, self._held = self._held, []
        last = _time_of(ready[-1]) if ready else None
        if last is not None:
            self._planned_s = last
        return list(ready)


def _time_of(packet: "av.Packet[Any]") -> float | None:
    at = packet.pts if packet.pts is not None else packet.dts
    return None if at is None or packet.time_base is None else float(at * packet.time_base)
