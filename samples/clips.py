"""Makes labelled clips: a public-domain face pasted with a known box onto moving backgrounds.

The face is that of NASA's astronaut picture and the backgrounds are pictures that scikit-image's wheel
carries, so that nothing is downloaded. Each maker writes a clip and returns where the face is in each frame.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x, y, width, height of a face in pixels of the upright picture."""

_CROP = (130, 20, 330, 250)
"""The head and shoulders in astronaut.png: x1, y1, x2, y2."""
_FACE = (180, 60, 270, 178)
"""The face in astronaut.png, from brow to chin and ear to ear."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a clip.

    Attributes:
        times: Of each frame, in seconds.
        faces: For each frame, the boxes of its faces.
    """

    times: tuple[Fraction, ...]
    faces: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a clip is stored: container by the file's suffix, and what else is in the file."""

    rotation: int = 0
    audio: bool = False
    sound: str = "aac"
    subtitles: bool = False
    gps: bool = False
    chapters: bool = False
    codec: str = "libx264"
    pixels: str = "yuv420p"


def astronaut() -> Picture:
    """Give the picture in RGB."""
    return np.ascontiguousarray(data.astronaut())


def _backdrop(width: int, height: int) -> Picture:
    """Give a street-like scene without a face: textures that the wheel carries."""
    rows = [data.coffee(), data.rocket()[:, :, :3]]
    tile = np.concatenate([cv2.resize(r, (width, height)) for r in rows], axis=1)
    return np.ascontiguousarray(tile)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a face looks: tilted by degrees, smeared along x by a share of its height, lit by a factor."""

    tilt: float = 0.0
    smear: float = 0.0
    light: float = 1.0


def paste(picture: Picture, centre: tuple[float, float], face_height: float, pose: Pose | None = None) -> Box:
    """Paste the head so that the face is `face_height` pixels tall around `centre`; give the face's box."""
    x1, y1, x2, y2 = _CROP
    fx1, fy1, fx2, fy2 = _FACE
    scale = face_height / (fy2 - fy1)
    head = cv2.resize(
        astronaut()[y1:y2, x1:x2],
        (max(1, round((x2 - x1) * scale)), max(1, round((y2 - y1) * scale))),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
    )
    if pose is not None:
        head = _posed(head, pose, face_height)
    left = round(centre[0] - ((fx1 + fx2) / 2 - x1) * scale)
    top = round(centre[1] - ((fy1 + fy2) / 2 - y1) * scale)
    _blend(picture, head, left, top)
    height, width = picture.shape[:2]
    bx1, by1 = max(0.0, left + (fx1 - x1) * scale), max(0.0, top + (fy1 - y1) * scale)
    bx2, by2 = min(float(width), left + (fx2 - x1) * scale), min(float(height), top + (fy2 - y1) * scale)
    return (bx1, by1, max(0.0, bx2 - bx1), max(0.0, by2 - by1))


def _posed(head: Picture, pose: Pose, face_height: float) -> Picture:
    height, width = head.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), pose.tilt, 1.0)
    out = cv2.warpAffine(head, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    long = round(pose.smear * face_height)
    if long > 1:
        out = cv2.blur(out, (long, 1))
    return np.clip(out * pose.light, 0, 255).astype(np.uint8)


def _blend(picture: Picture, head: Picture, left: int, top: int) -> None:
    """Put the head in with soft edges, cut to the picture."""
    height, width = head.shape[:2]
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(mask, (width // 2, height // 2), (width // 2 - 1, height // 2 - 1), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, width / 40))[..., None]
    y1, y2 = max(0, top), min(picture.shape[0], top + height)
    x1, x2 = max(0, left), min(picture.shape[1], left + width)
    if y1 >= y2 or x1 >= x2:
        return
    part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    under = picture[y1:y2, x1:x2]
    under[:] = (head[part] * mask[part] + under * (1 - mask[part])).astype(np.uint8)


Scene = Callable[[float], tuple[Picture, tuple[Box, ...]]]
"""Gives the picture at a time in seconds, and its faces."""


def cctv(
    width: int = 640, height: int = 360, *, spans: Sequence[tuple[float, float]] = ((8, 12), (20, 23))
) -> Scene:
    """A static camera: somebody walks through during the given seconds, nothing moves otherwise."""
    back = _backdrop(width, height)[:, :width]
    rng = np.random.default_rng(7)
    noise = [rng.normal(0, 1.5, (height, width, 1)) for _ in range(4)]

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        picture = np.clip(back + noise[round(time_s * 15) % 4], 0, 255).astype(np.uint8)
        faces = []
        for start, end in spans:
            if start <= time_s < end:
                share = (time_s - start) / (end - start)
                centre = (width * (0.15 + 0.7 * share), height * (0.4 + 0.02 * math.sin(time_s * 9)))
                faces.append(paste(picture, centre, height * 0.16))
        return picture, tuple(faces)

    return at


def handheld(width: int = 640, height: int = 360) -> Scene:
    """A camera that pans and shakes, with one face that comes nearer."""
    wide = _backdrop(round(width * 1.2), round(height * 1.2))

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        x = round(min(width * 1.1, time_s * width * 0.2) + 6 * math.sin(time_s * 11) + 8)
        y = round(height * 0.1 + 5 * math.cos(time_s * 13))
        picture = np.ascontiguousarray(wide[y : y + height, x : x + width])
        centre = (width * (0.7 - 0.08 * time_s) + 8 * math.sin(time_s * 11), height * 0.45)
        return picture, (paste(picture, centre, height * (0.14 + 0.04 * time_s)),)

    return at


def street(width: int = 1280, height: int = 720) -> Scene:
    """A shaking camera and five faces: growing, far, very far, tilting, fast and smeared in the dark."""
    wide = _backdrop(round(width * 1.1), round(height * 1.1))

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        x = round(20 + 10 * math.sin(time_s * 9) + 15 * time_s)
        y = round(20 + 8 * math.cos(time_s * 7))
        picture = np.ascontiguousarray(wide[y : y + height, x : x + width])
        # There and back, so that the pace is high and the face seldom leaves.
        swing = abs((time_s * 0.8) % 2 - 1)
        faces = (
            paste(picture, (width * 0.15, height * 0.35), 60 + 18 * time_s),
            paste(picture, (width * (0.30 + 0.02 * time_s), height * 0.2), 22),
            paste(picture, (width * (0.42 - 0.01 * time_s), height * 0.15), 14),
            paste(picture, (width * 0.55, height * 0.55), 110, Pose(tilt=55 * math.sin(time_s * 2))),
            paste(picture, (width * (0.62 + 0.33 * swing), height * 0.8), 64, Pose(smear=0.25, light=0.45)),
        )
        return picture, faces

    return at


def empty(width: int = 640, height: int = 360) -> Scene:
    """The panning camera without anybody."""
    wide = _backdrop(round(width * 1.2), round(height * 1.2))

    def at(time_s: float) -> tuple[Picture, tuple[Box, ...]]:
        x = round(min(width * 1.1, time_s * width * 0.2))
        return np.ascontiguousarray(wide[:height, x : x + width]), ()

    return at


def steady_times(seconds: float, rate: int) -> tuple[Fraction, ...]:
    """Times of a constant frame rate."""
    return tuple(Fraction(i, rate) for i in range(round(seconds * rate)))


def varying_times(seconds: float, rates: Sequence[int] = (30, 12, 24, 15)) -> tuple[Fraction, ...]:
    """Times of a frame rate that changes every half second, on ticks of 1/90000."""
    times, now = [], Fraction(0)
    while now < seconds:
        times.append(now)
        now += Fraction(90000 // rates[int(now * 2) % len(rates)], 90000)
    return tuple(times)


def write(path: Path, scene: Scene, times: Sequence[Fraction], look: Look | None = None) -> Truth:
    """Write a clip and give its truth.

    Args:
        path: Where; its suffix chooses the container.
        scene: What is seen.
        times: When each frame is shown.
        look: How it is stored.
    """
    look = look or Look()
    faces = []
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"} if look.gps else {}) as out:
        if look.gps:
            out.metadata["location"] = "+47.6062-122.3321/"
            out.metadata["title"] = "Interview at the Example Street house"
            out.metadata["com.android.model"] = "Example Phone 7"
        if look.chapters:
            middle = round(times[len(times) // 2] * 1000)
            tick = Fraction(1, 1000)
            out.set_chapters(
                [
                    {
                        "id": 0,
                        "start": 0,
                        "end": middle,
                        "time_base": tick,
                        "metadata": {"title": "Jane Doe"},
                    },
                    {
                        "id": 1,
                        "start": middle,
                        "end": round(times[-1] * 1000),
                        "time_base": tick,
                        "metadata": {},
                    },
                ]
            )
        first, _ = scene(0.0)
        stored = np.rot90(first, -look.rotation // 90)
        video = out.add_stream(look.codec, rate=30)
        video.width, video.height = stored.shape[1], stored.shape[0]
        video.pix_fmt = look.pixels
        video.codec_context.time_base = Fraction(1, 90000)
        if look.codec == "libx264":
            video.codec_context.options = {"preset": "ultrafast", "crf": "20"}
        if look.rotation:
            video.set_display_rotation(look.rotation)
        sound = out.add_stream(look.sound, rate=44100, layout="mono") if look.audio else None
        words = _subtitle_stream(out, path) if look.subtitles else None
        for time in times:
            picture, boxes = scene(float(time))
            faces.append(boxes)
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(np.rot90(picture, -look.rotation // 90)), format="rgb24"
            )
            frame.pts, frame.time_base = round(time * 90000), Fraction(1, 90000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            _hum(out, sound, float(times[-1]))
        if words is not None:
            _speak(out, words, timed=path.suffix in (".mp4", ".mov"))
    return Truth(tuple(times), tuple(faces))


def _subtitle_stream(out: "av.container.OutputContainer", path: Path) -> "av.stream.Stream":
    return out.add_mux_stream("mov_text" if path.suffix in (".mp4", ".mov") else "subrip")


def _speak(out: "av.container.OutputContainer", words: "av.stream.Stream", *, timed: bool) -> None:
    text = b"My name is Jane Doe"
    body = len(text).to_bytes(2, "big") + text if timed else text
    packet = av.Packet(body)
    packet.stream, packet.time_base = words, Fraction(1, 1000)
    packet.pts = packet.dts = 0
    packet.duration = 900
    out.mux(packet)


def _hum(out: "av.container.OutputContainer", sound: "av.audio.stream.AudioStream", seconds: float) -> None:
    rate, size = 44100, sound.codec_context.frame_size or 1024
    for start in range(0, int(seconds * rate), size):
        wave = np.sin(2 * np.pi * 220 * np.arange(start, start + size) / rate).astype(np.float32)[None] * 0.3
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))
