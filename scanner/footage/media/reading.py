"""Reads clips: what they are, their frames, the times and digests of their streams."""

import hashlib
import math
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import Type as SideData
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from scanner.errors import UnreadableError
from scanner.footage.clip import PLANAR, Clip, Colours, Span, Streams, Tally
from scanner.footage.leftovers import Audible, StreamFacts, bare_sound, leftovers

# Not `set_level`: that logs through Python, and a decoder thread that waits for the interpreter while the
# container is closed under it never ends.
av.logging.set_libav_level(av.logging.PANIC)

_TS_PACKETS = (188, 192, 204)
"""Bytes of a packet: plain, with a time stamp before it (M2TS), with parity behind it."""


class Frame:
    """One decoded frame."""

    __slots__ = ("_frame", "_turns", "pts")

    def __init__(self, frame: VideoFrame, pts: int, turns: int) -> None:
        self._frame = frame
        self._turns = turns
        self.pts = pts

    def picture(self, side: int, upscale: float) -> tuple[NDArray[np.uint8], float, float]:
        """Give the upright picture in BGR with its longer side at most `side` and `upscale` times its own.

        Returns:
            H x W x 3, and how many pixels of the full upright picture one of its pixels is, across and down.
        """
        width, height = self._frame.width, self._frame.height
        scale = min(side / max(width, height), upscale)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        how = "AREA" if scale < 1 else "BILINEAR"
        small = self._frame.reformat(*size, format="bgr24", interpolation=how).to_ndarray()
        upright = np.ascontiguousarray(np.rot90(small, self._turns))
        ratio = (width / size[0], height / size[1])
        across, down = ratio[::-1] if self._turns % 2 else ratio
        return upright.astype(np.uint8, copy=False), across, down

    def luma(self) -> NDArray[np.uint8]:
        """Give the coded brightness, H x W in 8 bits; a view where the format allows, not to be written."""
        frame = self._frame
        if frame.format.name not in PLANAR or "10" in frame.format.name:
            frame = frame.reformat(format="gray")
        return view(frame, 0, np.dtype(np.uint8)).astype(np.uint8, copy=False)

    def digest(self) -> int:
        """Give the CRC-32 of all samples of a planar picture: a check that two are the same, no more."""
        depth = np.dtype("<u2") if "10" in self._frame.format.name else np.dtype(np.uint8)
        crc = 0
        for index in range(len(self._frame.planes)):
            crc = zlib.crc32(np.ascontiguousarray(view(self._frame, index, depth)).data, crc)
        return crc


def view(frame: VideoFrame, index: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give a plane's samples, H x W, as a view."""
    plane = frame.planes[index]
    raw = np.frombuffer(plane, dtype=dtype)  # type: ignore[call-overload]
    rows: NDArray[Any] = raw.reshape(plane.height, plane.line_size // dtype.itemsize)
    return rows[:, : plane.width]


def _sentence(path: Path, error: Exception) -> UnreadableError:
    if isinstance(error, av.error.FileNotFoundError):
        return UnreadableError(f"{path} does not exist.", "Check the name.")
    if path.is_file() and path.stat().st_size == 0:
        return UnreadableError(f"{path} is empty (0 bytes).", "Export the clip again from its recorder.")
    if isinstance(error, av.error.InvalidDataError):
        return UnreadableError(
            f"{path} is not footage, or its index is cut off.",
            "Export the clip again from its recorder, or check that the copy is complete.",
        )
    what = getattr(error, "strerror", None) or str(error)
    return UnreadableError(f"{path} cannot be read as footage: {what}.", "Export the clip again.")


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a clip, and find its one stream of pictures.

    Raises:
        UnreadableError: it cannot be opened, or has no such stream, or several.
    """
    try:
        container = av.open(str(path), "r", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _sentence(path, error) from error
    with container:
        pictures = [s for s in container.streams.video if not _is_thumbnail(s)]
        if not pictures:
            raise UnreadableError(f"{path} holds no video stream.", "Name a clip; sound alone needs no blur.")
        if len(pictures) > 1:
            raise UnreadableError(
                f"{path} holds {len(pictures)} video streams.", "Split it into one clip a stream first."
            )
        stream = pictures[0]
        if stream.codec_context is None:
            raise UnreadableError(
                f"{path} holds pictures of a kind that nobody here can decode.", "Export it as H.264."
            )
        stream.thread_type = "AUTO"
        yield container, stream


def _is_thumbnail(stream: Stream) -> bool:
    return bool(int(stream.disposition) & 0x400)


def probe(path: Path) -> Clip:
    """Read what a clip is, up to its first frame.

    Raises:
        UnreadableError: it is missing, empty, not footage, has no video, or is cut off.
    """
    with opened(path) as (container, stream):
        first = next(_decoded(path, container, stream), None)
        if first is None:
            raise UnreadableError(f"{path} holds no frame that can be decoded.", "Export the clip again.")
        matrix = _matrix(first)
        chapters = tuple(
            (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]))
            for c in container.chapters()
            if c["time_base"]
        )
        return Clip(
            path=path,
            container=container.format.name,
            codec=stream.codec_context.name,
            pixels=first.format.name,
            colours=Colours(
                range=int(stream.codec_context.color_range),
                matrix=int(stream.codec_context.colorspace),
                primaries=int(stream.codec_context.color_primaries),
                transfer=int(stream.codec_context.color_trc),
            ),
            width=first.width,
            height=first.height,
            margins=(
                max(0, stream.codec_context.coded_width - first.width),
                max(0, stream.codec_context.coded_height - first.height),
            ),
            interlaced=first.interlaced_frame,
            turns=_turns(matrix),
            matrix=matrix,
            time_base=stream.time_base or Fraction(1, 1000),
            end=(stream.start_time or 0) + stream.duration if stream.duration else None,
            packets=_promised(path, container, stream),
            duration_s=(container.duration or 0) / 1_000_000,
            audio=tuple(
                s.codec_context.codec.canonical_name if s.codec_context is not None else "unknown"
                for s in container.streams.audio
            ),
            chapters=chapters,
            extras=_extras(container),
            keyframes=_keyframes(stream),
        )


def _matrix(frame: VideoFrame) -> tuple[int, ...]:
    try:
        sides: Mapping[Any, Any] = frame.side_data
    except ValueError as error:  # the library has no name for what stands there, and shows nothing of it
        raise UnreadableError(f"the clip's pictures hold data that is not known: {error}.") from error
    data = sides.get(SideData.DISPLAYMATRIX)
    return struct.unpack("=9i", bytes(data)) if data is not None else ()


def _turns(matrix: tuple[int, ...]) -> int:
    """Say by how many quarter turns what is shown on top comes to the top.

    The library's own angle is that of the first row, which in a mirrored picture points the other way.
    """
    if not matrix:
        return 0
    return round(math.atan2(-matrix[1], matrix[4]) / (math.pi / 2)) % 4


def _promised(path: Path, container: InputContainer, stream: VideoStream) -> int:
    """Count the frames that an MP4 index promises, and see at once whether all of the file is there."""
    size = path.stat().st_size
    if container.format.name == "mpegts" and not _ends_with_a_packet(path, size):
        raise UnreadableError(
            f"{path} is cut off: it ends in the middle of a packet.",
            "Export the clip again from its recorder, or check that the copy is complete.",
        )
    if "mp4" not in container.format.name:
        return 0
    entries = list(stream.index_entries)
    if any(e.pos + e.size > size for e in entries):
        raise UnreadableError(
            f"{path} is cut off: its index promises frames beyond its end.",
            "Export the clip again from its recorder, or check that the copy is complete.",
        )
    return len(entries)


def _ends_with_a_packet(path: Path, size: int) -> bool:
    """Whether a transport stream is made of whole packets, of one of the three lengths that there are."""
    with path.open("rb") as file:
        head = file.read(3 * max(_TS_PACKETS))
    for length in _TS_PACKETS:
        for offset in (0, length - 188):
            if len(head) > offset + 2 * length and {head[offset + i * length] for i in range(3)} == {0x47}:
                return size % length == 0
    return True


def _keyframes(stream: VideoStream) -> tuple[Fraction, ...]:
    tick = stream.time_base or Fraction(1, 1000)
    return tuple(e.timestamp * tick for e in stream.index_entries if e.is_keyframe)


def _extras(container: InputContainer) -> tuple[str, ...]:
    facts = [
        StreamFacts(
            kind=s.type,
            codec=s.codec_context.name if s.codec_context is not None else "",
            metadata=s.metadata,
            is_thumbnail=_is_thumbnail(s),
        )
        for s in container.streams
    ]
    return leftovers(container.metadata, facts, [c["metadata"] for c in container.chapters()])


def _decoded(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    try:
        for packet in container.demux(stream):
            if packet.has_sidedata("encryption_info"):
                raise UnreadableError(f"{path} is encrypted.", "Export it without a key from its recorder.")
            yield from packet.decode()
    except (av.error.FFmpegError, OSError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> UnreadableError:
    """Make a sentence of what a demuxer or decoder says of a packet."""
    what = getattr(error, "strerror", None) or str(error)
    return UnreadableError(
        f"{path} is damaged: {what}.", "Export the clip again, or repair it and look at it whole."
    )


def frames(clip: Clip) -> Iterator[Frame]:
    """Decode every frame that a player shows.

    Raises:
        UnreadableError: a packet is damaged, or there are fewer frames than the container promises.
    """
    with opened(clip.path) as (container, stream):
        tally = Tally(clip)
        try:
            for packet in container.demux():
                count_packet(tally, packet, stream)
                if packet.stream.index == stream.index:
                    for frame in stream.decode(packet):
                        yield checked(clip, frame)
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(clip.path, error) from error
        tally.check()


def count_packet(tally: Tally, packet: "av.Packet[Any]", stream: VideoStream) -> None:
    """Count a packet of any stream.

    Raises:
        UnreadableError: the container marks it as corrupt.
    """
    if packet.size == 0:
        return
    is_frame = packet.stream.index == stream.index
    if packet.is_corrupt and is_frame:
        raise UnreadableError(f"{tally.clip.path} is damaged in the middle.", "Export the clip again.")
    end = ((packet.pts or 0) + (packet.duration or 0)) * packet.time_base
    tally.add(end_s=float(end), is_frame=is_frame)


def checked(clip: Clip, frame: VideoFrame) -> Frame:
    """Let a frame through that is whole and fits its clip.

    Raises:
        UnreadableError: it does not.
    """
    if frame.is_corrupt:
        raise UnreadableError(f"{clip.path} is damaged in the middle.", "Export the clip again.")
    if frame.pts is None:
        raise UnreadableError(f"{clip.path} has frames without a time.", "Export it as MP4 first.")
    if (frame.width, frame.height) != (clip.width, clip.height):
        raise UnreadableError(
            f"{clip.path} changes its size from {clip.width}x{clip.height} to {frame.width}x{frame.height}.",
            "Split it where the size changes.",
        )
    return Frame(frame, frame.pts, clip.turns)


def is_muted(packet: "av.Packet[Any]", spans: Sequence[Span]) -> bool:
    """Whether any of an audio packet's time lies in a span."""
    if not spans or packet.pts is None or packet.time_base is None:
        return False
    start = float(packet.pts * packet.time_base)
    end = start + float((packet.duration or 0) * packet.time_base)
    return any(end > s.start_s and (s.end_s is None or start < s.end_s) for s in spans)


def compare_streams(path: Path, muted: Sequence[Span] = ()) -> Streams:
    """Read times and digests without decoding; as if the audio in `muted` spans were not there.

    Raises:
        UnreadableError: the file cannot be read.
    """
    with opened(path) as (container, stream):
        sounds = container.streams.audio
        digests = {s.index: hashlib.sha256() for s in sounds}
        counts = dict.fromkeys(digests, 0)
        pictures = hashlib.sha256()
        times = []
        audible = Audible()
        try:
            for packet in container.demux(stream, *sounds):
                if packet.stream.index != stream.index:
                    for heard in audible.of(packet):
                        if is_muted(heard, muted):
                            continue
                        context = heard.stream.codec_context
                        sound = bare_sound(bytes(heard), context.name if context is not None else "")
                        digests[heard.stream.index].update(len(sound).to_bytes(4, "big") + sound)
                        counts[heard.stream.index] += 1
                elif packet.size and not packet.is_discard:
                    pictures.update(packet.size.to_bytes(4, "big") + bytes(packet))
                    times.append((packet.pts or 0) * packet.time_base)
        except (av.error.FFmpegError, OSError) as error:
            raise damaged(path, error) from error
        return Streams(
            times=tuple(sorted(times)),
            time_base=stream.time_base or Fraction(1, 1000),
            video=pictures.hexdigest(),
            audio=tuple(d.hexdigest() for d in digests.values()),
            audio_packets=tuple(counts.values()),
        )
