"""Visible faces in pictures and clips, by depth, and none where a redaction covered them."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from samples import clips
from scanner.cli import main
from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Capability, Confidence, Finding, Span
from scanner.footage.options import FootageOptions
from scanner.inspect.footage import FootageInspector
from scanner.inspect.gather import gather
from scanner.inspect.interface import Sighting
from scanner.rules import load_rules

RULES = load_rules()


def _look(path: Path, depth: str = "auto", **options: str) -> list[Finding]:
    artifact = Artifact(path.name, local=path)
    inspector = FootageInspector(FootageOptions(depth=depth, **options))
    if not inspector.accepts(artifact):
        return []
    return gather(artifact, [s for s in inspector.inspect(artifact, RULES) if isinstance(s, Sighting)])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hall") / "hall.mp4"
    clips.write(path, clips.cctv(spans=((3, 6), (10, 12))), clips.steady_times(14, 15))
    return path


@pytest.mark.parametrize("depth", ["auto", "full"])
def test_a_clip_yields_one_finding_an_appearance(depth: str, hall: Path) -> None:
    first, second = _look(hall, depth)
    for finding, (start, end) in ((first, (3, 6)), (second, (10, 12))):
        span = finding.location
        assert isinstance(span, Span)
        assert finding.capability is Capability.FACE_VISIBLE
        assert finding.confidence is Confidence.HIGH
        assert abs(span.start_s - start) <= 0.5
        assert abs(span.end_s - end) <= 0.6
        assert all(start <= b.t_s <= end for b in span.boxes)
        assert len(span.boxes) <= 2 * (end - start) + 2
        for box in span.boxes:
            share = (box.t_s - start) / (end - start)
            assert abs(box.x + box.w / 2 - 640 * (0.15 + 0.7 * share)) < 25
    assert first.id != second.id
    assert first.fingerprint == second.fingerprint
    assert [f.id for f in _look(hall, depth)] == [first.id, second.id]


def test_boxes_lie_in_the_upright_picture(tmp_path: Path) -> None:
    path = tmp_path / "up.mp4"
    truth = clips.write(path, clips.handheld(270, 480), clips.steady_times(1, 24), clips.Look(rotation=90))
    [finding] = _look(path, "full")
    assert isinstance(finding.location, Span)
    box = finding.location.boxes[0]
    x, y, w, h = truth.faces[round(box.t_s * 24)][0]
    assert abs(box.x + box.w / 2 - x - w / 2) < 10
    assert abs(box.y + box.h / 2 - y - h / 2) < 15


def test_a_picture_yields_one_finding_with_all_its_faces(tmp_path: Path) -> None:
    two = np.concatenate([data.astronaut(), data.astronaut()[:, ::-1]], axis=1)
    path = tmp_path / "two.jpg"
    Image.fromarray(two).save(path)
    [finding] = _look(path)
    assert isinstance(finding.location, Span)
    assert (finding.location.start_s, finding.location.end_s) == (0, 0)
    assert len(finding.location.boxes) == 2


@pytest.mark.parametrize("name", ["chelsea", "coffee", "coins", "rocket", "brick", "text"])
def test_nothing_is_found_where_nobody_is(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(getattr(data, name)()).save(path)
    assert _look(path) == []


def test_off_looks_at_nothing(hall: Path) -> None:
    assert _look(hall, "off") == []


@pytest.mark.parametrize("preset", ["fast", "balanced"])
def test_what_was_redacted_is_not_found(preset: str, hall: Path, tmp_path: Path) -> None:
    portrait, output = tmp_path / "a.png", tmp_path / "out"
    Image.fromarray(data.astronaut()).save(portrait)
    with pytest.raises(SystemExit) as stopped:
        main(["blur", str(hall), str(portrait), "-o", str(output), "--preset", preset, "-q"])
    assert stopped.value.code == 0
    assert _look(output / "hall.mp4", "full") == []
    assert _look(output / "a.png") == []


def test_a_member_of_an_archive_is_looked_at(tmp_path: Path) -> None:
    held = io.BytesIO()
    Image.fromarray(data.astronaut()).save(held, "PNG")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/a.png", held.getvalue())
    artifact = Artifact("a.zip!/in/a.png", data=held.getvalue())
    assert len(gather(artifact, FootageInspector().inspect(artifact, RULES))) == 1


def test_a_damaged_clip_is_said_by_its_own_path(hall: Path) -> None:
    artifact = Artifact("store.zip!/cam/hall.mp4", data=hall.read_bytes()[:5000])
    with pytest.raises(UnreadableError, match=r"cam/hall\.mp4"):
        list(FootageInspector().inspect(artifact, RULES))
