"""A clip watched in segments: the same on one core and on several, here and in another process."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from samples import clips
from scanner.errors import UnreadableError
from scanner.files import sha256
from scanner.footage import detect, manifest, media, segments
from scanner.footage.clip import Clip
from scanner.footage.gops import Mark
from scanner.footage.media import Frame, seeking
from scanner.footage.options import PRESETS
from scanner.footage.render import fitness
from scanner.footage.segments import Errand, cut, run_errand, watch_apart, watch_through
from scanner.footage.watch import Glimpse, Manner, Pace, joined
from tests.footage.conftest import Cli
from tests.footage.reels import Reel, shoot

WALK = clips.cctv(320, 180, spans=((0.4, 3.6),))
TIMES = clips.steady_times(4, 15)


class Nothing:
    """Remembers nothing."""

    def find(self, _key: str) -> Glimpse | None:
        return None

    def keep(self, _key: str, _seen: Glimpse) -> None:
        pass


def _silent(_: Pace) -> None:
    pass


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "LENGTH", 15)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute shrunk to four seconds: somebody walks across three of four segments."""
    path = tmp_path_factory.mktemp("walk") / "walk.mp4"
    return shoot(path, TIMES, Reel(options={"g": "15", "bf": "2"}, audio=True), WALK)


def _manner(*, digest: bool = True) -> Manner:
    preset = PRESETS["fast"]
    return Manner(preset, tuple(detect.shipped(i, 1) for i in preset.models), digest=digest)


def _marks(groups: int, frames: int) -> list[Mark]:
    return [Mark(i, i, i % frames == 0, is_shown=True) for i in range(groups * frames)]


def test_a_clip_is_cut_before_idr_pictures_once_a_segment_is_long_enough(walk: Path) -> None:
    clip = media.probe(walk)
    parts = cut(clip, _marks(10, 6))
    assert [p.frames for p in parts] == [18, 18, 18, 6]
    assert [(p.start, p.end) for p in parts] == [(None, 18), (18, 36), (36, 54), (54, None)]
    assert len(cut(clip, fitness(clip).marks)) == 4


def test_it_is_not_cut_where_pictures_refer_across_or_an_edit_list_hides_them(walk: Path) -> None:
    clip = media.probe(walk)
    assert len(cut(clip, _marks(1, 60))) == 1
    late = [Mark(m.pts + 40 * (m.pts < 15), m.dts, m.is_idr, m.is_shown) for m in _marks(4, 15)]
    assert len(cut(clip, late)) == 1
    hidden = [Mark(m.pts, m.dts, m.is_idr, m.pts != 15) for m in _marks(4, 15)]
    assert [p.start for p in cut(clip, hidden)] == [None, 30, 45]
    assert cut(clip, ()) == ()


def test_what_cannot_be_sought_in_is_not_cut(tmp_path: Path) -> None:
    clip = media.probe(shoot(tmp_path / "a.ts", TIMES[:40], Reel()))
    fit = fitness(clip)
    assert fit.marks
    assert cut(clip, fit.marks) == ()


@pytest.mark.parametrize("name", ["walk.mp4", "walk.mov", "walk.mkv"])
def test_segments_say_the_same_one_by_one_at_once_and_elsewhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = media.probe(shoot(tmp_path / name, TIMES, Reel(options={"g": "15", "bf": "3"}), WALK))
    parts = cut(clip, fitness(clip).marks)
    assert len(parts) == 4
    monkeypatch.setattr(segments, "cores", lambda: 1)
    alone = watch_apart(clip, parts, _manner(), Nothing(), _silent)
    monkeypatch.setattr(segments, "cores", lambda: 3)
    at_once = watch_apart(clip, parts, _manner(), Nothing(), _silent)
    assert alone == at_once
    if name == "walk.mp4":
        errands = [Errand(clip, sha256(clip.path), part, "fast", digest=True) for part in parts]
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            assert list(pool.map(run_errand, errands)) == alone
    # Cut at the same places, one pass over the whole clip says the same.
    assert watch_through(clip, _manner(), Nothing(), _silent) == alone
    assert any(look for part in alone for look in part.looks)
    assert [p for part in alone for p in part.pts] == [f.pts for f in media.frames(clip)]
    assert [d for part in alone for d in part.digests] == [f.digest() for f in media.frames(clip)]


def test_another_clip_under_the_same_name_is_not_watched(walk: Path, tmp_path: Path) -> None:
    clip = media.probe(walk)
    with pytest.raises(UnreadableError, match="changed while it was redacted"):
        run_errand(Errand(clip, "0" * 64, cut(clip, fitness(clip).marks)[0], "fast", digest=False))


def test_outputs_are_the_same_byte_by_byte_on_one_core_and_on_three(
    walk: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 3):
        monkeypatch.setattr(segments, "cores", lambda count=count: count)
        (tmp_path / str(count)).mkdir()
        assert cli("blur", walk, "-o", tmp_path / str(count) / "out.mp4").code == 0
    for name in ("out.mp4", "out.mp4.manifest.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()
    made = manifest.read(tmp_path / "1" / "out.mp4.manifest.json")
    # One walk is one track, over both borders that it crosses.
    assert len(made.tracks) == 1
    covers = manifest.covers(made.tracks)
    for index, time in enumerate(TIMES):
        for x, y, w, h in WALK(float(time))[1]:
            if x < 0 or x + w > 320:
                continue
            assert any(
                b[0] <= x + w / 2 <= b[2] and b[1] <= y + h / 2 <= b[3] for b in covers.get(index, ())
            ), f"frame {index}"


def test_a_scene_that_begins_with_a_segment_is_known(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    sights = [rng.integers(0, 255, (9, 16, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1) for _ in range(2)]

    def scene(time_s: float) -> tuple[clips.Picture, tuple[clips.Box, ...]]:
        return np.ascontiguousarray(sights[time_s >= 2]), ()

    clip = media.probe(shoot(tmp_path / "a.mp4", TIMES, Reel(options={"g": "15", "bf": "2"}), scene))
    parts = cut(clip, fitness(clip).marks)
    seen = joined(clip, watch_apart(clip, parts, _manner(), Nothing(), _silent))
    assert [i for i, f in enumerate(seen.frames) if f.cut] == [30]
    through = joined(clip, watch_through(clip, _manner(), Nothing(), _silent))
    assert [i for i, f in enumerate(through.frames) if f.cut] == [30]


def test_segments_that_lack_a_frame_are_not_trusted(
    walk: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clip is known that does this: the loss is made, in the real reader."""
    real = seeking.between

    def lossy(clip: Clip, start: int | None, end: int | None) -> Iterator[Frame]:
        yield from (f for i, f in enumerate(real(clip, start, end)) if i != 7)

    monkeypatch.setattr(segments, "between", lossy)
    assert cli("blur", walk, "-o", tmp_path / "out.mp4", "--preset", "fast").code == 0
    made = manifest.read(tmp_path / "out.mp4.manifest.json")
    assert made.picture.frames == len(TIMES)
    assert made.verification is not None
    assert made.verification.passed


def test_damage_in_a_later_segment_is_told(walk: Path, tmp_path: Path, cli: Cli) -> None:
    broken = tmp_path / "broken.mp4"
    data = bytearray(walk.read_bytes())
    at = data.index(b"mdat") + (data.index(b"moov") - data.index(b"mdat")) * 3 // 4
    data[at : at + 400] = bytes(400)
    broken.write_bytes(data)
    said = cli("blur", broken, "-o", tmp_path / "out.mp4", "--preset", "fast")
    assert said.code == 3
    assert "damaged" in said.err
    assert {p.name for p in tmp_path.iterdir()} == {"broken.mp4"}
