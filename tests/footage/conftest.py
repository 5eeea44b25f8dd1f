"""Clips with known truth, made once a session, and the command line as a user calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples import clips
from samples.clips import Look, Truth
from scanner.cli import blur, main
from scanner.footage.order import Request, Result, Tell


@dataclass(frozen=True)
class Made:
    path: Path
    truth: Truth


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Cli = Callable[..., Said]


class Here:
    """Answers in this process: no test waits for another to start, unless it is about that."""

    def __init__(self, writes: tuple[Path, ...] | None) -> None:
        assert all(folder.is_dir() for folder in writes or ())

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, request: Request, tell: Tell) -> Result:
        return blur.redact(request, tell)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blur, "worker", Here)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def run(*words: object) -> Said:
        with pytest.raises(SystemExit) as stopped:
            main([str(w) for w in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(int(stopped.value.code or 0), said.out, said.err)

    return run


def _make(folder: Path, name: str, scene: clips.Scene, times: tuple, look: Look | None = None) -> Made:  # type: ignore[type-arg]
    path = folder / name
    return Made(path, clips.write(path, scene, times, look))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def phone(folder: Path) -> Made:
    """Hand-held, variable frame rate, with sound, subtitles, chapters, a place and a title."""
    look = Look(audio=True, subtitles=True, gps=True, chapters=True)
    return _make(folder, "phone.mp4", clips.handheld(), clips.varying_times(2.5), look)


@pytest.fixture(scope="session")
def upright(folder: Path) -> Made:
    """Filmed upright: stored lying, with a display matrix."""
    return _make(
        folder,
        "upright.mov",
        clips.handheld(270, 480),
        clips.steady_times(1.2, 24),
        Look(rotation=90, audio=True),
    )


@pytest.fixture(scope="session")
def hall(folder: Path) -> Made:
    """A static camera; somebody walks through twice."""
    return _make(folder, "hall.mp4", clips.cctv(spans=((3, 6), (10, 12))), clips.steady_times(16, 15), Look())


@pytest.fixture(scope="session")
def small(folder: Path) -> Made:
    """Short, with sound; for what only needs a clip."""
    return _make(folder, "small.mp4", clips.handheld(320, 180), clips.steady_times(1, 24), Look(audio=True))


@pytest.fixture(scope="session")
def nobody(folder: Path) -> Made:
    return _make(folder, "nobody.mp4", clips.empty(320, 180), clips.steady_times(1, 24))
