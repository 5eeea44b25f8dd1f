"""What somebody sees who waits."""

import io
import re

from rich.console import Console

from scanner.cli.bar import bar
from scanner.footage.order import Step


def _seen(*steps: Step, terminal: bool = True) -> str:
    out = io.StringIO()
    with bar("gate.mp4", Console(file=out, force_terminal=terminal, width=200)) as tell:
        for step in steps:
            tell(step)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())


def test_frames_and_faces_are_shown_through_every_stage() -> None:
    assert "looking, 9 frames, 2 faces" in _seen(Step("looking", 9, 0, 2))
    seen = _seen(Step("looking", 60, 60, 0), Step("covering", 1, 60, 3), Step("verifying", 30, 60, 1))
    assert "gate.mp4: verifying, 30 of 60 frames" in seen
    assert "1 face" in seen
    assert "None" not in seen


def test_a_pipe_stays_silent() -> None:
    assert _seen(Step("looking", 9, 0, 2), terminal=False) == ""
