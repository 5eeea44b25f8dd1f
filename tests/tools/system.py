"""Brings what the tests use of the system: `python -m tests.tools.system` is a step of `make unit`.

Where apt-get may be used (as root) it is used; elsewhere one line says what to install, and the tests that
need it are skipped with that line. In CI (`CI` is set) what is missing is an error: no test is skipped there
unseen.
"""

import os
import shutil
import subprocess
import sys

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "zsh": ("zsh",),
    "fish": ("fish",),
}
"""Debian's package, and the programs of which one will do."""
_FONT = "fonts-dejavu-core"
"""A page without any font has no width to be looked at; chromium only recommends one."""
_APT = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]


def find(package: str) -> str | None:
    """Where a program is."""
    return next(filter(None, map(shutil.which, PROGRAMS[package])), None)


def missing(package: str) -> str:
    """Say in one line what has to be installed, or nothing."""
    return "" if find(package) else f"{package} is missing; bring it with: apt-get install {package}"


def bring() -> int:
    """Install what is missing, or say what to install; give the exit code."""
    wanted = [package for package in PROGRAMS if not find(package)]
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [*wanted, *([_FONT] if "chromium" in wanted else [])]
        print(f"installing {' '.join(packages)} for the tests ...", flush=True)  # noqa: T201
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run([*_APT, *words], env=quiet, stdout=subprocess.DEVNULL, check=False)
    left = [package for package in wanted if not find(package)]
    if left:
        print(  # noqa: T201
            f"tests that need {', '.join(left)} are skipped; bring it with: apt-get install {' '.join(left)}",
            file=sys.stderr,
        )
    return 1 if left and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(bring())
