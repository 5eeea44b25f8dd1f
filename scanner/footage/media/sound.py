"""Pieces of a clip's sound, for a person who decides what is to be heard."""

import io
import wave
from pathlib import Path

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from scanner.footage.media.reading import opened

Samples = NDArray[np.int16]

RATE = 16_000
"""Samples a second: enough to understand what is said."""


def piece(path: Path, start_s: float, seconds: float) -> bytes | None:
    """Give a piece of the first audio stream as WAV: one channel, 16 bits.

    Where nothing can be decoded there is silence, so that a piece always lasts as long as was asked for.

    Args:
        path: The clip.
        start_s: Where the piece begins, in the times of the clip's frames.
        seconds: How long it is.

    Returns:
        None where the clip has no sound.

    Raises:
        UnreadableError: the clip cannot be opened.
    """
    samples = np.zeros(round(seconds * RATE), np.int16)
    with opened(path) as (container, _):
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("s16", "mono", RATE)
        try:
            container.seek(round(start_s * av.time_base), backward=True)
            for frame in container.decode(stream):
                if frame.time is not None and frame.time > start_s + seconds:
                    break
                for part in resampler.resample(frame):
                    if part.time is not None:
                        _place(part.to_ndarray()[0], round((part.time - start_s) * RATE), samples)
        except av.error.FFmpegError:
            pass  # silence from there on
    return _wav(samples)


def _place(part: Samples, at: int, samples: Samples) -> None:
    """Write samples to their place, as far as they lie in the piece."""
    first, last = max(at, 0), min(at + len(part), len(samples))
    if first < last:
        samples[first:last] = part[first - at : last - at]


def _wav(samples: Samples) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()
