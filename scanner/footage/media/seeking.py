"""Parts of a clip: whole stretches, and single frames for a person who steps through it."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from scanner.footage.clip import Clip
from scanner.footage.media.reading import Frame, checked, damaged, opened

_KEPT_BYTES = 192 * 2**20
"""Decoded frames that are kept: steps back are as quick as steps forward while they last."""


def between(clip: Clip, start: int | None, end: int | None) -> Iterator[Frame]:
    """Decode a stretch in one thread, with the frame behind it.

    Args:
        clip: What to read.
        start: Time of its first frame in ticks: an IDR picture; None at the clip's beginning.
        end: Likewise of the frame behind it; None at the clip's end.

    Raises:
        UnreadableError: a packet is damaged.
    """
    with opened(clip.path) as (container, stream):
        stream.codec_context.thread_type, stream.codec_context.thread_count = "NONE", 1
        try:
            if start is not None:
                container.seek(start, stream=stream, backward=True)
            for raw in _until(container, stream, end):
                frame = checked(clip, raw)
                if start is None or frame.pts >= start:
                    yield frame
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error


def _until(container: InputContainer, stream: VideoStream, end: int | None) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        if packet.is_corrupt and packet.size:
            raise OSError("a packet is marked as corrupt")
        yield from stream.decode(packet)
        if end is not None and packet.pts == end:
            yield from stream.decode(None)
            return


class Seeker:
    """A clip held open. Not for several threads at once.

    `times` are those of all frames in seconds, in the order in which a player shows them; a frame's position
    in it is its number everywhere else (in tracks, manifests, edits).
    """

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self._stack = ExitStack()
        self._container, self._stream = self._stack.enter_context(opened(clip.path))
        self._pts, self._keys = self._index()
        base = float(clip.time_base)
        self.times = [pts * base for pts in self._pts]
        self._position = {pts: i for i, pts in enumerate(self._pts)}
        self._kept: OrderedDict[int, Frame] = OrderedDict()
        self._room = max(4, _KEPT_BYTES // max(1, clip.width * clip.height * 3 // 2))
        self._decoding: Iterator[VideoFrame] = iter(())
        self._next = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._kept.clear()
        self._decoding = iter(())
        self._stack.close()

    def frame(self, number: int) -> Frame:
        """Give a frame.

        Raises:
            IndexError: the clip has no such frame.
            UnreadableError: it cannot be decoded.
        """
        if not 0 <= number < len(self._pts):
            raise IndexError(number)
        kept = self._kept.get(number)
        if kept is not None:
            self._kept.move_to_end(number)
            return kept
        try:
            return self._decode(number)
        except (av.error.FFmpegError, OSError) as error:
            self._next = -1
            raise damaged(self.clip.path, error) from error

    def _decode(self, number: int) -> Frame:
        at = bisect_right(self._keys, number) - 1
        if self._next >= 0 and self._keys[max(0, at)] <= self._next <= number:
            frame = self._run(number)
            if frame is not None:
                return frame
        # Where a container has no true index, or a group of pictures leans on the one before, a seek lands
        # too late: then from one group earlier, and in the end from the beginning.
        for key in self._keys[max(0, at - 1) : at + 1][::-1]:
            self._container.seek(self._pts[key], stream=self._stream, backward=True)
            frame = self._run(number, self._packets())
            if frame is not None:
                return frame
        self._stack.close()
        self._container, self._stream = self._stack.enter_context(opened(self.clip.path))
        frame = self._run(number, self._packets())
        if frame is None:
            raise damaged(self.clip.path, OSError(f"frame {number} cannot be decoded"))
        return frame

    def _packets(self) -> Iterator[VideoFrame]:
        return (frame for packet in self._container.demux(self._stream) for frame in packet.decode())

    def _run(self, number: int, begin: Iterator[VideoFrame] | None = None) -> Frame | None:
        """Decode on, or from a new beginning, up to a frame; None where it does not come."""
        self._decoding = begin or self._decoding
        for raw in self._decoding:
            frame = checked(self.clip, raw)
            at = self._position.get(frame.pts, -1)
            if at < 0:
                continue
            self._next = at + 1
            self._keep(at, frame)
            if at >= number:
                return frame if at == number else None
        return None

    def _keep(self, at: int, frame: Frame) -> None:
        self._kept[at] = frame
        self._kept.move_to_end(at)
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)

    def _index(self) -> tuple[list[int], list[int]]:
        """Times of all shown frames in ticks, and the positions of those where decoding can begin."""
        try:
            shown = sorted(
                (packet.pts, packet.is_keyframe)
                for packet in self._container.demux(self._stream)
                if packet.size and not packet.is_discard and packet.pts is not None
            )
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(self.clip.path, error) from error
        return [pts for pts, _ in shown], [i for i, (_, key) in enumerate(shown) if key] or [0]
