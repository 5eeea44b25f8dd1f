"""What all tests share: the command line as a user calls it, in a process of its own or in this one."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Whoever starts the tests in the background leaves them deaf to Ctrl-C, and what they start as well.
signal.signal(signal.SIGINT, signal.default_int_handler)

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run `scanner` in a process of its own, with a cache of its own."""

    def run(*args: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scanner", *map(str, args)],
            capture_output=True,
            text=True,
            cwd=cwd or tmp_path,
            env={**os.environ, "SCANNER_CACHE": str(tmp_path / "cache.sqlite"), "NO_COLOR": "1", **env},
            timeout=300,
            check=False,
        )

    return run
