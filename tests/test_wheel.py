"""What a user installs: the wheel holds catalogue, packs, templates and checked weights, and runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return target


def test_the_wheel_holds_its_data_and_nothing_of_the_checkout(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "scanner/policy/packs/us-moratorium.toml" in names
    assert "scanner/_models/manifest.toml" in names
    assert "scanner/py.typed" in names
    assert any(n.startswith("scanner/_models/weights/") and n.endswith(".onnx") for n in names)
    assert any(n.startswith("scanner/rules/catalogue/") for n in names)
    assert not [n for n in names if n.split("/")[0] in ("tests", "samples", "bench")]


def test_the_wheel_runs_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import face_recognition\nface_recognition.face_encodings(1)\n")
    env = {**os.environ, "PYTHONPATH": str(installed), "SCANNER_CACHE": str(tmp_path / "c.sqlite")}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *args], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    where = run("-c", "import scanner; print(scanner.__file__)").stdout
    assert where.startswith(str(installed))
    assert run("-m", "scanner", "models", "verify").returncode == 0
    done = run("-m", "scanner", "scan", "a.py")
    assert done.returncode == 1, done.stderr
    assert "face-recognition" in done.stdout
