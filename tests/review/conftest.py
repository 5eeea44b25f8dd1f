"""A redacted folder to review, and a browser to review it in."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from samples import clips
from samples.clips import Look
from tests.tools.axe import browser, missing


@dataclass(frozen=True)
class Folder:
    """Originals, and their redactions."""

    originals: Path
    release: Path


@pytest.fixture(scope="session")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    home = tmp_path_factory.mktemp("review")
    originals, release = home / "exports", home / "release"
    originals.mkdir()
    clips.write(
        originals / "gate.mp4", clips.cctv(spans=((0, 2),)), clips.steady_times(2, 10), Look(audio=True)
    )
    clips.write(originals / "phone.mp4", clips.handheld(), clips.varying_times(1), Look(rotation=90))
    said = subprocess.run(
        [
            sys.executable,
            "-m",
            "scanner",
            "blur",
            str(originals),
            "-o",
            str(release),
            "-q",
            "--preset",
            "fast",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return Folder(originals, release)


@pytest.fixture
def folder(redacted: Folder, tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "exports", tmp_path / "release")
    shutil.copytree(redacted.originals, made.originals)
    shutil.copytree(redacted.release, made.release)
    return made


@dataclass
class Review:
    """A running `scanner review`."""

    process: "subprocess.Popen[str]"
    address: str

    def end(self) -> int:
        """Wait for its end; give its exit code."""
        return self.process.wait(timeout=20)

    def stop(self) -> None:
        """End it from outside, if it runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def review(folder: Folder) -> Iterator[Review]:
    made = start(folder)
    yield made
    made.stop()


def start(folder: Folder) -> Review:
    return serve([str(folder.release), "--originals", str(folder.originals)])


def serve(words: list[str]) -> Review:
    """Run `scanner review` and read the address it prints."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "scanner", "review", *words, "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("review: "), line
    return Review(process, line.removeprefix("review: ").strip())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if missing():
        pytest.skip(missing())
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.set_default_timeout(15_000)
    troubles: list[str] = []
    made.on("pageerror", lambda error: troubles.append(str(error)))
    made.on(
        "console",
        lambda message: troubles.append(message.text) if "Security Policy" in message.text else None,
    )
    yield made
    context.close()
    assert not troubles
