"""Smart rendering: what is copied is copied bit for bit, what is covered is covered, and nothing moves."""

import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given
from hypothesis import strategies as st

from samples import clips
from scanner.footage import av1, gops, hevc, manifest, media, nals, render
from scanner.footage.manifest import Manifest
from scanner.footage.nals import UnfitError
from tests.footage.conftest import Cli
from tests.footage.reels import Reel, shoot

STEADY = clips.steady_times(3, 25)
VARYING = clips.varying_times(3)
COVERED = set(range(20, 25))


def _pictures(path: Path) -> list[tuple[Fraction, int]]:
    clip = media.probe(path)
    return [(f.pts * clip.time_base, f.digest()) for f in media.frames(clip)]


def _strictly(path: Path) -> int:
    """Decode as a player that gives up at the first fault."""
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        return sum(1 for _ in clip.decode(stream))


def _slices(path: Path) -> list[tuple[int, ...]]:
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        _, length = nals.from_extradata(stream.codec_context.extradata or b"")
        return [
            tuple(hash(u) for u in nals.units(bytes(p), length) if nals.kind(u) in (1, 5))
            for p in clip.demux(stream)
            if p.size
        ]


def _times(path: Path) -> tuple[list[int], list[int | None], list[bool], int | None]:
    """Shown, decoded, key, and how long: an encoded group has no B frames, so that its order is another."""
    with av.open(str(path)) as clip:
        packets = [p for p in clip.demux(clip.streams.video[0]) if p.size]
        shown = sorted(p.pts or 0 for p in packets)
        return shown, [p.dts for p in packets], [p.is_keyframe for p in packets], clip.duration


def _spliced(source: Path, output: Path, container: str = "mp4") -> gops.Plan:
    clip = media.probe(source)
    shown = [f.pts for f in media.frames(clip)]
    plan = gops.plan(media.survey(clip), shown, COVERED)

    def paint(_index: int, planes: object) -> None:
        for plane in planes:  # type: ignore[attr-defined]
            height, width = plane.pixels.shape
            plane.pixels[: height // 2, : width // 2] = plane.fill

    target = media.Target(output, output, container)
    for _ in media.splice(clip, target, plan, last=shown[-1], covered=COVERED.__contains__, paint=paint):
        pass
    return plan


CASES = {
    "b-frames.mp4": (STEADY, Reel()),
    "b-pyramid.mp4": (STEADY, Reel(options={"g": "15", "bf": "4", "x264-params": "b-pyramid=normal:ref=4"})),
    "varying.mp4": (VARYING, Reel()),
    "baseline.mov": (STEADY, Reel(options={"g": "15", "profile": "baseline"}, rotation=90)),
    "main.mp4": (STEADY, Reel(options={"g": "15", "profile": "main"})),
    "varying.mkv": (VARYING, Reel()),
    "transport.ts": (STEADY, Reel()),
    "ten-bit.mp4": (STEADY, Reel(pixels="yuv420p10le")),
    "odd.mp4": (STEADY, Reel(pixels="yuv444p", size=(161, 91))),
    "full-range.mp4": (STEADY, Reel(pixels="yuvj420p")),
    "tagged.mp4": (STEADY, Reel(colours=(1, 1, 1, 1))),
}


@pytest.mark.parametrize("name", CASES)
def test_copied_groups_are_the_originals_and_only_covered_ones_change(name: str, tmp_path: Path) -> None:
    source, output = shoot(tmp_path / name, *CASES[name]), tmp_path / f"out-{name}"
    container = {".mkv": "matroska", ".mov": "mov"}.get(source.suffix, "mp4")
    plan = _spliced(source, output.with_suffix(source.suffix.replace(".ts", ".mp4")), container)
    output = output.with_suffix(source.suffix.replace(".ts", ".mp4"))
    assert [run[2] for run in plan.runs()] == [False, True, False]
    first, count, _ = plan.runs()[1]
    before, after = _pictures(source), _pictures(output)
    assert [t for t, _ in before] == [t for t, _ in after]
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a[1] != b[1]]
    assert changed == list(range(first, first + count))
    assert _strictly(output) == len(before)
    old, new = _slices(source), _slices(output)
    assert [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b] == changed
    a, b = media.probe(source), media.probe(output)
    assert (a.matrix, a.colours, a.pixels, a.upright) == (b.matrix, b.colours, b.pixels, b.upright)
    assert b"x264" not in output.read_bytes()
    if source.suffix in (".mp4", ".mov"):
        assert _times(source) == _times(output)


def test_parameter_sets_have_ids_of_their_own_and_stand_in_the_header(tmp_path: Path) -> None:
    source, output = shoot(tmp_path / "a.mp4", STEADY), tmp_path / "out.mp4"
    _spliced(source, output)
    with av.open(str(output)) as clip:
        sets, _ = nals.from_extradata(clip.streams.video[0].codec_context.extradata or b"")
        for packet in clip.demux(clip.streams.video[0]):
            kinds = {nals.kind(u) for u in nals.units(bytes(packet), 4)}
            assert not kinds & {nals.SPS, nals.PPS, nals.MESSAGE}
    assert len(sets.sps) == len(sets.pps) == 2
    assert len({s[4] for s in sets.sps}) == 2
    assert len({s[1:4] for s in sets.sps}) == 1, "same profile and level"


def test_other_codecs_are_not_copied(tmp_path: Path) -> None:
    reel = Reel(codec="mjpeg", pixels="yuvj420p", options={})
    clip = media.probe(shoot(tmp_path / "a.mkv", STEADY[:5], reel))
    with pytest.raises(UnfitError, match="mjpeg"):
        media.survey(clip)


def test_interlaced_groups_are_not_encoded_as_if_they_were_not(tmp_path: Path) -> None:
    reel = Reel(options={"g": "15", "flags": "+ilme+ildct", "x264-params": "tff=1"})
    with pytest.raises(UnfitError, match="interlaced"):
        _spliced(shoot(tmp_path / "a.mp4", STEADY, reel), tmp_path / "out.mp4")


def test_pictures_that_go_on_beyond_what_is_shown_are_not_copied(tmp_path: Path, cli: Cli) -> None:
    """What a cropping rectangle hides would be in the release, and nobody had looked at it."""
    source, cropped, output = (tmp_path / n for n in ("whole.ts", "cropped.ts", "out.mp4"))
    shoot(source, STEADY[:30], Reel(size=(320, 192)))
    with av.open(str(source)) as whole, av.open(str(cropped), "w") as out:
        stream = whole.streams.video[0]
        crop = BitStreamFilterContext("h264_metadata=crop_right=64", stream)
        copy = out.add_stream_from_template(stream)
        for packet in whole.demux(stream):
            for cut in crop.filter(packet if packet.size else None):
                cut.stream = copy
                out.mux(cut)
    assert cli("blur", cropped, "-o", output, "--preset", "fast").code == 0
    how = _record(output).rendering
    assert how is not None
    assert "beyond what players show" in how.reason
    with av.open(str(output)) as clip:
        next(clip.decode(video=0))
        assert clip.streams.video[0].codec_context.coded_width == 256


def test_open_groups_are_one_group(tmp_path: Path) -> None:
    reel = Reel(options={"g": "15", "bf": "3", "x264-params": "open-gop=1"})
    clip = media.probe(shoot(tmp_path / "a.mp4", STEADY, reel))
    plan = gops.plan(media.survey(clip), [f.pts for f in media.frames(clip)], COVERED)
    assert plan.copied == 0


def test_parameter_sets_that_change_on_the_way_are_not_spliced(tmp_path: Path) -> None:
    one = shoot(tmp_path / "one.mp4", STEADY)
    two = shoot(tmp_path / "two.mp4", STEADY, Reel(options={"g": "15", "bf": "0"}))
    both = tmp_path / "both.mp4"
    with av.open(str(one)) as a, av.open(str(two)) as b, av.open(str(both), "w") as out:
        video = out.add_stream_from_template(a.streams.video[0])
        sets, _ = nals.from_extradata(b.streams.video[0].codec_context.extradata or b"")
        for source, prefix, shift in ((a, b"", 0), (b, nals.joined([*sets.sps, *sets.pps]), 3 * 90000)):
            for packet in source.demux(source.streams.video[0]):
                if packet.size:
                    new = av.Packet(prefix * packet.is_keyframe + bytes(packet))
                    new.pts, new.dts, new.time_base = packet.pts + shift, packet.dts + shift, packet.time_base
                    new.is_keyframe, new.stream = packet.is_keyframe, video
                    out.mux(new)
    with pytest.raises(UnfitError, match="parameter sets change"):
        _spliced(both, tmp_path / "out.mp4")


# Through the command line.

WALK = clips.cctv(320, 180, spans=((1.5, 1.9),))
FOUR = clips.steady_times(4, 15)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds in groups of ten pictures; somebody walks by in one of them."""
    reel = Reel(options={"g": "10", "bf": "3", "crf": "20"}, audio=True)
    return shoot(tmp_path_factory.mktemp("walk") / "walk.mp4", FOUR, reel, WALK)


def _record(output: Path) -> Manifest:
    return manifest.read(manifest.path_for(output))


def test_a_clip_with_few_faces_is_spliced_and_its_manifest_says_what_was_copied(
    walk: Path, tmp_path: Path, cli: Cli
) -> None:
    output = tmp_path / "out.mp4"
    said = cli("blur", walk, "-o", output, "-v")
    assert said.code == 0, said.err
    how = _record(output).rendering
    assert how is not None
    assert how.how == "spliced"
    assert how.copied_frames >= 20
    assert how.copied_frames + how.encoded_frames == 60
    covered = set(manifest.covers(_record(output).tracks))
    copied = {i for s in how.spans if s.how == "copied" for i in range(s.first_frame, s.last_frame + 1)}
    assert len(copied) == how.copied_frames
    assert covered
    assert not covered & copied
    before, after = _pictures(walk), _pictures(output)
    assert {i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a == b} >= copied
    assert "copied pictures as in the original" in said.out
    assert cli("verify", output, "--original", walk).code == 0


def test_a_clip_without_faces_is_copied_as_a_whole(tmp_path: Path, cli: Cli) -> None:
    source, output = shoot(tmp_path / "in.mp4", STEADY, Reel(audio=True)), tmp_path / "out.mp4"
    assert cli("blur", source, "-o", output).code == 0
    how = _record(output).rendering
    assert how is not None
    assert (how.how, how.encoded_frames, how.reason) == ("copied", 0, "")
    assert _slices(source) == _slices(output)
    assert b"x264" in source.read_bytes()
    assert b"x264" not in output.read_bytes()


@pytest.mark.parametrize(
    ("name", "reel"),
    [
        ("h265.mp4", Reel(codec="libx265", options={"g": "15", "x265-params": "log-level=none"}, audio=True)),
        ("h265.ts", Reel(codec="libx265", options={"g": "15", "x265-params": "log-level=none"})),
        ("h265.mkv", Reel(codec="libx265", options={"x265-params": "log-level=none:repeat-headers=1"})),
        ("vp9.mkv", Reel(codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"})),
        ("av1.mp4", Reel(codec="libsvtav1", options={"preset": "12"}, audio=True)),
        ("av1.mkv", Reel(codec="libsvtav1", options={"preset": "12", "g": "10"})),
    ],
)
def test_in_other_codecs_a_clip_without_faces_is_copied_as_a_whole(
    name: str, reel: Reel, tmp_path: Path, cli: Cli
) -> None:
    source = shoot(tmp_path / name, STEADY[:30], reel)
    output = tmp_path / ("out.mkv" if name.endswith("mkv") else "out.mp4")
    assert cli("blur", source, "-o", output, "--preset", "fast").code == 0
    how = _record(output).rendering
    assert how is not None
    assert (how.how, how.encoded_frames, how.reason) == ("copied", 0, "")
    assert _pictures(source) == _pictures(output)
    assert _strictly(output) == 30
    assert media.probe(output).codec == media.probe(source).codec
    with av.open(str(output)) as clip:
        tag = clip.streams.video[0].codec_context.codec_tag
    assert tag == "hvc1" or reel.codec != "libx265" or output.suffix == ".mkv"
    if reel.codec == "libx265":
        assert b"x265 (build" in source.read_bytes()
    assert b"x265" not in output.read_bytes()
    assert cli("verify", output, "--original", source).code == 0


def test_a_second_view_is_not_copied() -> None:
    sets = (b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps")
    how = hevc.passage(b"".join(b"\0\0\0\1" + s for s in sets))
    picture = b"\0\0\1\x26\x01picture"
    assert how.copied(picture + b"\0\0\1" + sets[1] + b"\0\0\1\x7c\x01private") == b"\0" + picture
    with pytest.raises(UnfitError, match="second view"):
        how.copied(picture + b"\0\0\1\x02\x09other eye")
    with pytest.raises(UnfitError, match="change"):
        how.copied(b"\0\0\1\x42\x01another" + picture)


def test_messages_of_av1_go_and_what_describes_light_stays() -> None:
    sequence, frame = b"\x0a\x02ab", b"\x32\x03pic"
    light, place, clock = b"\x2a\x03\x01xy", b"\x2a\x09\x04N47.6062", b"\x2a\x02\x05t"
    packet = b"\x12\0" + sequence + place + light + clock + frame + b"\x7a\x01\0"
    assert av1.copied(packet) == sequence + light + frame
    assert av1.header(b"\x81\0\x0c\0" + sequence + place) == b"\x81\0\x0c\0" + sequence
    # The last unit may leave its size out.
    assert av1.copied(sequence + b"\x30picture") == sequence + b"\x30picture"
    for damage in (b"\x8a\x02ab", b"\x0a\x09ab", b"\x0a", b"\x0a" + b"\xff" * 9, b"\x36"):
        with pytest.raises(UnfitError, match="damaged"):
            av1.copied(damage)
    with pytest.raises(UnfitError, match="second view"):
        av1.copied(b"\x36\x08\x01x")
    with pytest.raises(UnfitError, match="parameters"):
        av1.header(sequence)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_av1_are_refused_or_shortened(noise: bytes) -> None:
    with suppress(UnfitError):
        assert len(av1.copied(noise)) <= len(noise)


def test_a_splice_that_fails_its_own_check_is_encoded_as_a_whole(
    walk: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = nals.copied, []

    def damaging(some: list[bytes], known: nals.ParameterSets) -> list[bytes]:
        units = real(some, known)
        if not calls and len(units[-1]) > 200 and nals.kind(units[-1]) == nals.IDR:
            calls.append(1)
            # One bit of one picture is another.
            units[-1] = units[-1][:-99] + bytes([units[-1][-99] ^ 4]) + units[-1][-98:]
        return units

    monkeypatch.setattr(nals, "copied", damaging)
    output = tmp_path / "out.mp4"
    assert cli("blur", walk, "-o", output).code == 0
    how = _record(output).rendering
    assert how is not None
    assert how.how == "encoded"
    assert "its own check" in how.reason
    assert cli("verify", output, "--original", walk).code == 0


def test_where_every_group_is_covered_or_cannot_be_cut_the_manifest_says_why(
    tmp_path: Path, cli: Cli
) -> None:
    busy = clips.cctv(320, 180, spans=((0, 2),))
    for name, reel, why in (
        ("a.mp4", Reel(options={"g": "10"}), "every group"),
        ("b.mp4", Reel(options={"g": "250"}), "one group"),
        ("c.mkv", Reel(codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}), "vp9"),
    ):
        source, output = shoot(tmp_path / name, STEADY[:30], reel, busy), tmp_path / f"out-{name}"
        assert cli("blur", source, "-o", output).code == 0
        how = _record(output).rendering
        assert how is not None
        assert how.how == "encoded"
        assert why in how.reason


def _messaged(source: Path, target: Path, secret: bytes) -> Path:
    """Put user data with a secret, and a recovery point, before every picture."""
    message = bytes([6, 5, 16 + len(secret)]) + bytes(16) + secret + b"\x06\x01\xc0" + b"\x80"
    message = message[:1] + nals._guarded(message[1:])
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        copies = {s.index: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if not packet.size:
                continue
            data = bytes(packet)
            if packet.stream.type == "video":
                data = nals.joined([message]) + data
            new = av.Packet(data)
            new.pts, new.dts, new.time_base = packet.pts, packet.dts, packet.time_base
            new.is_keyframe, new.stream = packet.is_keyframe, copies[packet.stream.index]
            out.mux(new)
    return target


def test_user_data_in_copied_pictures_goes_and_recovery_points_stay(
    walk: Path, tmp_path: Path, cli: Cli
) -> None:
    secret = b"serial 4711 at 47.6062N"
    source, output = _messaged(walk, tmp_path / "in.mp4", secret), tmp_path / "out.mp4"
    assert source.read_bytes().count(secret) == 60
    assert cli("blur", source, "-o", output).code == 0
    how = _record(output).rendering
    assert how is not None
    assert how.how == "spliced"
    assert secret not in output.read_bytes()
    with av.open(str(output)) as clip:
        kinds = [
            [nals.kind(u) for u in nals.units(bytes(p), 4)]
            for p in clip.demux(clip.streams.video[0])
            if p.size
        ]
    assert sum(nals.MESSAGE in k for k in kinds) == how.copied_frames


def test_pictures_that_an_edit_list_hides_are_not_in_the_result(walk: Path, tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / "trimmed.mp4", tmp_path / "out.mp4"
    with av.open(str(walk)) as whole, av.open(str(source), "w") as out:
        copies = {s.index: out.add_stream_from_template(s) for s in whole.streams}
        for packet in whole.demux():
            if packet.size:
                shift = round(Fraction(1, 3) / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = copies[packet.stream.index]
                out.mux(packet)
    with av.open(str(source)) as clip:
        hidden = sum(p.is_discard for p in clip.demux(clip.streams.video[0]))
    assert hidden == 5
    assert cli("blur", source, "-o", output).code == 0
    how = _record(output).rendering
    assert how is not None
    assert how.how == "spliced"
    assert how.spans[0].how == "encoded", "the group that holds hidden pictures"
    with av.open(str(output)) as clip:
        packets = [p for p in clip.demux(clip.streams.video[0]) if p.size]
    assert len(packets) == 55
    assert not any(p.is_discard for p in packets)
    assert [t for t, _ in _pictures(source)] == [t for t, _ in _pictures(output)]


def test_rotation_and_chapters_of_a_spliced_clip_stay(tmp_path: Path, cli: Cli) -> None:
    reel = Reel(options={"g": "10"}, rotation=90, audio=True)
    scene = clips.cctv(180, 320, spans=((1.5, 1.9),))

    def lying(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        picture, boxes = scene(time_s)
        return np.ascontiguousarray(np.rot90(picture, -1)), boxes

    source, output = shoot(tmp_path / "in.mov", FOUR, reel, lying), tmp_path / "out.mov"
    assert cli("blur", source, "-o", output).code == 0
    record = _record(output)
    assert record.rendering is not None
    assert record.rendering.how == "spliced"
    assert record.tracks
    assert (record.picture.width, record.picture.height) == (180, 320)
    with av.open(str(source)) as a, av.open(str(output)) as b:
        one, two = (
            struct.unpack("=9i", bytes(next(c.decode(video=0)).side_data["DISPLAYMATRIX"])) for c in (a, b)
        )
    assert one == two


def _sound(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as clip:
        return [(p.pts * p.time_base, bytes(p)) for p in clip.demux(clip.streams.audio[0]) if p.size]


@pytest.mark.parametrize(
    ("name", "times", "size", "group"),
    [
        # A door bell: H.264 High and AAC in MP4, 15 to 24 frames a second as the light allows.
        ("doorbell.mp4", clips.varying_times(3, (15, 24, 20, 17)), (480, 270), 12),
        # A body camera: 1080p at a broadcast rate.
        ("bodycam.mp4", tuple(Fraction(i * 1001, 30000) for i in range(33)), (1920, 1080), 6),
        # A recorder's export, with the odd gap.
        (
            "export.mkv",
            tuple(Fraction(i * 40 + (900 if i > 20 else 0), 1000) for i in range(40)),
            (320, 180),
            6,
        ),
        ("recorder.ts", clips.steady_times(3, 15), (320, 180), 12),
    ],
)
def test_what_cameras_write_keeps_every_time_its_duration_and_its_sound(
    name: str, times: tuple[Fraction, ...], size: tuple[int, int], group: int, tmp_path: Path, cli: Cli
) -> None:
    small = clips.cctv(480, 270, spans=((0.8, 1.0),))

    def scene(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        picture, boxes = small(time_s)
        return np.asarray(cv2.resize(picture, size), dtype=np.uint8), boxes

    options = {"g": str(group), "bf": "2", "preset": "superfast", "profile": "high"}
    reel = Reel(options=options, size=size, audio=True)
    source = shoot(tmp_path / name, times, reel, scene)
    output = tmp_path / ("out.mkv" if name.endswith("mkv") else "out.mp4")
    said = cli("blur", source, "-o", output, "--preset", "fast")
    assert said.code == 0, said.err
    record = _record(output)
    assert record.tracks
    assert record.rendering is not None
    assert record.rendering.how == "spliced"
    assert record.picture.times == "identical"
    assert [t for t, _ in _pictures(source)] == [t for t, _ in _pictures(output)]
    if not name.endswith(".ts"):
        assert _sound(source) == _sound(output)
    if name.endswith(".mp4"):
        with av.open(str(source)) as a, av.open(str(output)) as b:
            assert a.streams.video[0].duration == b.streams.video[0].duration
            # The original's is rounded to milliseconds.
            assert abs(a.streams.audio[0].duration - b.streams.audio[0].duration) < 16
    assert [s.sha256 for s in record.input_streams[1:]] == [s.sha256 for s in record.output_streams[1:]]


def test_metadata_is_kept_on_request_alone_and_summaries_hold_no_box(tmp_path: Path, cli: Cli) -> None:
    source, output = tmp_path / "in.mp4", tmp_path / "out.mp4"
    clips.write(source, WALK, FOUR, clips.Look(gps=True, audio=True))
    words = ("--keep-metadata", "title", "--manifest", "summary", "--preset", "fast")
    said = cli("blur", source, "-o", output, "-v", *words)
    assert said.code == 0, said.err
    with av.open(str(output)) as clip:
        assert clip.metadata["title"].startswith("Interview")
        assert "location" not in clip.metadata
    record = _record(output)
    assert record.kept_metadata == ("metadata:title",)
    assert "metadata:title" not in record.dropped
    assert "metadata:location" in record.dropped
    assert record.summary
    assert record.tracks
    assert all(t.boxes == () for t in record.tracks)
    said = cli("verify", output, "--original", source)
    assert said.code == 3
    assert "not checked: covers" in said.out


def test_force_writes_what_failed_and_says_so_everywhere(
    walk: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "cover", lambda *_args: None)
    output = tmp_path / "out.mp4"
    said = cli("blur", walk, "-o", output, "--force", "-v")
    assert said.code == 1
    assert "written because of --force" in said.err
    assert "FAILED: covers are solid" in said.out
    record = _record(output)
    assert record.forced
    assert record.verification is not None
    assert not record.verification.passed
    assert output.exists()


def test_a_trimmed_clip_of_one_group_is_encoded_and_says_why(walk: Path) -> None:
    """What a person cut off must not come back with a copy."""
    clip = media.probe(walk)
    marks = tuple(gops.Mark(i - 3, i - 3, i == 0, is_shown=i >= 3) for i in range(10))
    shot = render.Shot(clip, range(7), {}, "solid")
    with pytest.raises(UnfitError, match="an edit list hides"):
        render._plan(shot, render.Fitness(marks))
