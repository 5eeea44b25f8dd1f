"""Renders a clip with its edits in a process of its own, by the command that a person would type."""

import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec

from scanner.footage import edits
from scanner.footage.manifest import Manifest


class Rendering(msgspec.Struct, frozen=True):
    """How a rendering goes: its state, and what the command said last."""

    state: Literal["idle", "running", "done", "failed"]
    said: str


def command(manifest: Manifest, original: Path, output: Path) -> list[str]:
    """The command that makes a redaction again, with the edits that stand beside it."""
    options = [
        *("--style", manifest.style),
        *("--preset", str(manifest.parameters["preset"])),
        *("--audio", "keep" if manifest.audio_kept else "mute"),
        *("--edits", str(edits.path_for(output))),
    ]
    return [
        sys.executable,
        "-m",
        "scanner",
        "blur",
        str(original),
        "-o",
        str(output),
        "--overwrite",
        *options,
    ]


class Renderer:
    """One rendering."""

    def __init__(self, number: int, words: list[str]) -> None:
        self.number = number
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
        self._said = ""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self._process.poll() is None

    def told(self) -> Rendering:
        """How it goes."""
        if self.running:
            return Rendering("running", "")
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._said = self._process.stdout.read().strip()
            self._process.stdout.close()
        return Rendering("done" if self._process.returncode == 0 else "failed", self._said)

    def stop(self) -> None:
        """End it; `scanner blur` leaves nothing half written."""
        if self.running:
            self._process.terminate()
            self._process.wait(timeout=20)
        self.told()
