"""Interrupted, killed, out of room: nothing under the final name, and the same command goes on."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from samples import clips
from scanner.cli import blur
from scanner.errors import UsageError
from scanner.footage import manifest, segments
from scanner.footage.checkpoint import claim
from scanner.footage.detect import Detections, Detector
from scanner.footage.jobs import checkpoint_for
from scanner.footage.order import Request, Result, Step, Tell
from scanner.footage.watch import Glimpse
from tests.footage.conftest import Cli
from tests.footage.reels import Reel, shoot


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scene = clips.cctv(320, 180, spans=((0.5, 1.5),))
    reel = Reel(options={"g": "10", "bf": "2"}, audio=True)
    return shoot(tmp_path_factory.mktemp("walk") / "walk.mp4", clips.steady_times(2.5, 15), reel, scene)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk is cut into three segments, and a clip that cannot be cut is watched in as many stretches."""
    monkeypatch.setattr(segments, "LENGTH", 10)


def _left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the pictures that a detector was really asked about."""
    real, counts = Detector.detect_many, []

    def counting(self: Detector, pictures: np.ndarray, floor: float) -> list[Detections]:
        counts.append(len(pictures))
        return real(self, pictures, floor)

    monkeypatch.setattr(Detector, "detect_many", counting)
    return counts


def _interrupting(monkeypatch: pytest.MonkeyPatch, when: Callable[[Step], bool]) -> None:
    class Interrupted:
        def __init__(self, _writes: tuple[Path, ...] | None) -> None:
            pass

        def __enter__(self) -> "Interrupted":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def ask(self, request: Request, _: Tell) -> Result:
            def tell(step: Step) -> None:
                if when(step):
                    raise KeyboardInterrupt

            return blur.redact(request, tell)

    monkeypatch.setattr(blur, "worker", Interrupted)


@pytest.mark.parametrize("doing", ["looking", "covering", "verifying"])
def test_the_same_command_goes_on_where_it_was_interrupted(
    doing: str, walk: Path, tmp_path: Path, cli: Cli, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, output = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    assert cli("blur", walk, "-o", whole).code == 0
    fresh = sum(asked)
    with monkeypatch.context() as patch:
        _interrupting(patch, lambda step: step.doing == doing and step.done >= 30)
        assert cli("blur", walk, "-o", output).code == 130
    assert _left(tmp_path) == {"whole.mp4", "whole.mp4.manifest.json", checkpoint_for(output).name}
    asked.clear()
    assert cli("blur", walk, "-o", output).code == 0
    # What was seen before is not looked at again; verification is.
    assert sum(asked) < 0.6 * fresh
    assert _left(tmp_path) == {"whole.mp4", "whole.mp4.manifest.json", "out.mp4", "out.mp4.manifest.json"}
    one, two = (manifest.read(manifest.path_for(p)) for p in (whole, output))
    assert one.tracks == two.tracks
    assert one.rendering == two.rendering


def test_a_checkpoint_holds_boxes_and_checksums_and_nothing_else(
    walk: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupting(monkeypatch, lambda step: step.doing == "covering")
    assert cli("blur", walk, "-o", tmp_path / "out.mp4").code == 130
    lines = checkpoint_for(tmp_path / "out.mp4").read_text().splitlines()
    assert set(json.loads(lines[0])) >= {"input", "models", "parameters", "tool"}
    assert len(lines) == 1 + 4
    for line in lines[1:]:
        name, seen = json.loads(line)
        assert isinstance(name, str)
        assert set(seen) == {"pts", "looks", "holds", "cuts", "ends_scene", "digests"}
        assert all(
            len(face) == 5 and all(isinstance(v, float) for v in face)
            for look in seen["looks"]
            for face in look
        )


def test_what_another_order_saw_is_not_used(
    walk: Path, tmp_path: Path, cli: Cli, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.mp4"
    assert cli("blur", walk, "-o", tmp_path / "whole.mp4", "--preset", "fast").code == 0
    fresh = sum(asked)
    with monkeypatch.context() as patch:
        _interrupting(patch, lambda step: step.doing == "covering")
        assert cli("blur", walk, "-o", output).code == 130
    asked.clear()
    assert cli("blur", walk, "-o", output, "--preset", "fast").code == 0
    assert sum(asked) == fresh


def test_damaged_checkpoints_are_used_as_far_as_they_are_whole(tmp_path: Path) -> None:
    output, state = tmp_path / "out.mp4", {"input": "a"}
    found = Glimpse((0,), (((1.0, 2.0, 3.0, 4.5, 0.1 + 0.2),),), (0,), (), False, (7,))
    with suppress(KeyboardInterrupt), claim(output, state) as checkpoint:
        checkpoint.keep("one", found)
        checkpoint.keep("two", found)
        raise KeyboardInterrupt
    path = checkpoint_for(output)
    path.write_bytes(path.read_bytes()[:-5])
    with suppress(KeyboardInterrupt), claim(output, state) as checkpoint:
        assert checkpoint.find("one") == found
        assert checkpoint.find("two") is None
        raise KeyboardInterrupt
    with claim(output, {"input": "b"}) as checkpoint:
        assert checkpoint.find("one") is None
    assert _left(tmp_path) == set()


def test_one_output_is_written_by_one_run(tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    with claim(output, {}), pytest.raises(UsageError, match="another run"), claim(output, {}):
        pass


def test_what_a_killed_run_left_half_written_is_removed(walk: Path, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / ".out.mp4.abc123.partial").write_bytes(b"half")
    (tmp_path / ".other.mp4.abc123.partial").write_bytes(b"another's")
    assert cli("blur", walk, "-o", tmp_path / "out.mp4", "--preset", "fast").code == 0
    assert _left(tmp_path) == {"out.mp4", "out.mp4.manifest.json", ".other.mp4.abc123.partial"}


def test_clips_that_are_done_are_left_alone_and_changed_ones_are_not(
    walk: Path, tmp_path: Path, cli: Cli, asked: list[int]
) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        (folder / name).write_bytes(walk.read_bytes())
    assert cli("blur", folder, "-o", output, "--preset", "fast").code == 0
    # A manifest alone is what a run leaves that is killed between its last two steps.
    (output / "b.mp4").unlink()
    before = (output / "a.mp4").stat().st_mtime_ns
    asked.clear()
    said = cli("blur", folder, "-o", output, "--preset", "fast")
    assert said.code == 0
    assert "done before, left alone" in said.out
    assert "1 redacted, 1 left alone, 0 not" in said.out
    assert (output / "a.mp4").stat().st_mtime_ns == before
    # Another order, another original or a touched output are no reason to keep still.
    for words in ((), ("--preset", "fast", "--audio", "mute"), ("--preset", "fast", "--style", "pixelate")):
        assert cli("blur", folder, "-o", output, *words).code == 2
    (output / "a.mp4").write_bytes((output / "a.mp4").read_bytes() + b"\0")
    said = cli("blur", folder, "-o", output, "--preset", "fast")
    assert said.code == 2
    assert "a.mp4 exists" in said.err
    assert "1 left alone" in said.out


def _scanner(*words: object, limit: int = 0, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    def confine() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "scanner", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        preexec_fn=confine,  # noqa: PLW1509 - no thread of ours runs here
    )


HALT = """
import os, sys, time
doing, _, done = os.environ["HALT_AT"].partition(" ")

def halt():
    os.write(2, b"halted\\n")
    time.sleep(60)

def hook(event, args):
    if event == "os.rename" and doing == "naming" and str(args[1]).endswith(done):
        halt()

def told(step):
    if step.doing == doing and step.done >= int(done):
        halt()

if doing == "naming":
    sys.addaudithook(hook)
else:
    from scanner.footage import redact, segments
    segments.LENGTH, real = 10, redact.redact
    redact.redact = lambda request, tell: real(request, lambda step: (tell(step), told(step)))
"""


def _points(seed: int) -> list[tuple[str, signal.Signals]]:
    """Ten moments, every stage of a redaction among them, each with how the run ends."""
    rng = random.Random(seed)
    stages = ["looking", "covering", "verifying"]
    moments = [f"{stage} {rng.randint(1, 38)}" for stage in stages + rng.choices(stages, k=3)]
    moments += ["naming out.mp4.manifest.json", "naming out.mp4", "naming out.mp4"]
    rng.shuffle(moments)
    # The last is killed while it writes, so that what it leaves is the next run's to remove.
    moments.append("covering 20")
    ends = [*rng.choices([signal.SIGKILL, signal.SIGTERM], k=len(moments) - 1), signal.SIGKILL]
    return list(zip(moments, ends, strict=True))


def test_killed_at_ten_random_points_it_ends_in_the_same_bytes(walk: Path, tmp_path: Path) -> None:
    site, whole, output = tmp_path / "site", tmp_path / "whole", tmp_path / "again" / "out.mp4"
    for folder in (site, whole, output.parent):
        folder.mkdir()
    (site / "sitecustomize.py").write_text(HALT)
    original = walk.read_bytes()
    words = ("blur", walk, "--preset", "fast", "-q", "-o")

    def start(where: Path, moment: str) -> "subprocess.Popen[str]":
        return _scanner(*words, where, env={"HALT_AT": moment, "PYTHONPATH": str(site)})

    undisturbed = start(whole / "out.mp4", "never 0")
    for moment, end in _points(20261124):
        run = start(output, moment)
        assert run.stderr is not None
        assert run.stderr.readline() == "halted\n", moment
        assert not output.exists(), moment
        run.send_signal(end)
        run.communicate(timeout=60)
        assert run.returncode in (-signal.SIGKILL, 130), moment
        assert not output.exists(), moment
        assert walk.read_bytes() == original
        if end == signal.SIGTERM:
            # Whoever is asked to end tidies up: but for what was seen, and a record that lacks its output.
            assert _left(output.parent) <= {checkpoint_for(output).name, "out.mp4.manifest.json"}, moment
    for run in (start(output, "never 0"), undisturbed):
        _, err = run.communicate(timeout=60)
        assert run.returncode == 0, err
    assert _left(output.parent) == {"out.mp4", "out.mp4.manifest.json"}
    for name in _left(whole):
        assert (output.parent / name).read_bytes() == (whole / name).read_bytes(), name


@pytest.mark.parametrize(("room", "what"), [(100, ".out.mp4.checkpoint"), (8000, "out.mp4")])
def test_a_full_disk_is_named_and_nothing_is_left_under_the_name(
    room: int, what: str, walk: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    assert room < walk.stat().st_size / 2
    run = _scanner("blur", walk, "-o", output, "--preset", "fast", limit=room)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 3
    assert f"{tmp_path / what} could not be written: File too large" in err
    assert err.count("\n") == 1
    # What was seen is kept: with more room the same command has less to do.
    assert _left(tmp_path) == {checkpoint_for(output).name}


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder nobody may write to")
def test_a_folder_that_nobody_may_write_to_is_named(walk: Path) -> None:
    for target in ("/proc/out.mp4", "/proc/out/"):
        run = _scanner("blur", walk, "-o", target)
        _, err = run.communicate(timeout=60)
        assert run.returncode == 2
        assert "cannot be written" in err
        assert err.count("\n") == 1


def test_a_clip_that_kills_its_reader_does_not_stop_the_rest(walk: Path, tmp_path: Path) -> None:
    """No decoder of ours is known to crash: the crash is made, in the real worker, by a clip's name."""
    for name in ("a.mp4", "crash.mp4", "z.mp4"):
        (tmp_path / name).write_bytes(walk.read_bytes())
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import ctypes, sys\n"
        "def hook(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('crash.mp4') and 'av' in sys.modules:\n"
        "        ctypes.string_at(0)\n"
        "sys.addaudithook(hook)\n"
    )
    output = tmp_path / "out"
    run = subprocess.run(
        [sys.executable, "-m", "scanner", "blur"]
        + [str(tmp_path / n) for n in ("a.mp4", "crash.mp4", "z.mp4")]
        + ["-o", str(output), "--preset", "fast"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3
    assert "crash.mp4: reading it ended its process (SIGSEGV)" in run.stderr
    assert "2 redacted, 1 not" in run.stdout
    assert {p for p in _left(output) if p.endswith(".mp4")} == {"a.mp4", "z.mp4"}
    assert not any(p.startswith(".") for p in _left(output))
