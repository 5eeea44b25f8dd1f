"""What the video library was built with: facts for `scanner doctor`."""

from dataclasses import dataclass

import av
from av.codec import codecs_available


@dataclass(frozen=True, slots=True)
class Build:
    """FFmpeg as the `av` wheel carries it.

    Attributes:
        ffmpeg: Its version.
        licence: As the library says of itself.
        encoders: Which of H.264's and H.265's GPL encoders are inside; `libx264` is needed to cover clips.
    """

    ffmpeg: str
    licence: str
    encoders: tuple[str, ...]


def build() -> Build:
    """Ask the library."""
    from av._core import library_meta  # noqa: PLC0415 - PyAV has no public name for it

    encoders = tuple(e for e in ("libx264", "libx265") if e in codecs_available)
    return Build(str(av.ffmpeg_version_info), str(library_meta["libavcodec"]["license"]), encoders)
