"""Times `scanner scan` on a large checkout against ripgrep and semgrep, and prints ratios of one run.

    python bench/scan.py FOLDER [--no-semgrep]

FOLDER should hold at least 10,000 files. ripgrep (Debian: ripgrep) searches one literal; semgrep (installed
into bench/out) runs rules of the same libraries. Every command runs three times in turn; medians count.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"
ROUNDS = 3
SEMGREP_RULES = """\
rules:
  - id: python
    languages: [python]
    severity: WARNING
    message: recognition
    pattern-either:
      - pattern: face_recognition.$F(...)
      - pattern: DeepFace.$F(...)
      - pattern: import face_recognition
      - pattern: import insightface
      - pattern: cv2.FaceRecognizerSF.create(...)
      - pattern: $C.search_faces_by_image(...)
  - id: js
    languages: [javascript, typescript]
    severity: WARNING
    message: recognition
    pattern-either:
      - pattern: faceapi.$F(...)
      - pattern: new faceapi.FaceMatcher(...)
      - pattern: import $X from "face-api.js"
  - id: java
    languages: [java]
    severity: WARNING
    message: recognition
    pattern-either:
      - pattern: FaceDetection.getClient(...)
      - pattern: LBPHFaceRecognizer.create(...)
  - id: other
    languages: [php, go, ruby, csharp]
    severity: WARNING
    message: recognition
    pattern-either:
      - pattern: $C.compareFaces(...)
      - pattern: $C.SearchFacesByImage(...)
"""


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, seconds of processor time, and megabytes of the largest process."""

    wall: float
    cpu: float
    mib: float


def run(command: list[str], env: dict[str, str]) -> Took:
    """Run a command to its end and measure it with all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, after.ru_maxrss / 1024)


def semgrep() -> str:
    """Install semgrep into an environment of its own; give its path."""
    folder = OUT / "semgrep"
    tool = folder / "bin" / "semgrep"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "semgrep==1.185.0"], check=True)
    return str(tool)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-semgrep", action="store_true")
    args = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    folder = str(args.folder)
    scanner = [
        str(Path(sys.executable).parent / "scanner"),
        "scan",
        folder,
        "-q",
        "--fail-on",
        "never",
        "--footage",
        "off",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "SCANNER_CACHE": f"{scratch}/cache.sqlite"}
        commands: dict[str, Callable[[], list[str]]] = {
            "rg -c, one literal": lambda: ["rg", "-c", "face_encodings", folder],
            "scanner, cold": lambda: [*scanner, "--no-cache"],
            "scanner, warm": lambda: scanner,
        }
        if not args.no_semgrep:
            (Path(scratch) / "rules.yml").write_text(SEMGREP_RULES)
            tool = semgrep()
            env["PATH"] = f"{Path(tool).parent}:{env['PATH']}"
            commands["semgrep"] = lambda: [
                tool, "scan", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore",
                "--config", f"{scratch}/rules.yml", folder,
            ]  # fmt: skip
        run(scanner, env)
        took: dict[str, list[Took]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                if name != "semgrep" or not took[name]:
                    took[name].append(run(command(), env))
    files = sum(len(names) for _, _, names in os.walk(folder))
    print(f"{files} files; median of {ROUNDS} (semgrep: one run)\n")
    base = statistics.median(t.wall for t in took["rg -c, one literal"])
    print(f"{'':24}{'wall s':>9}{'x rg':>8}{'cpu s':>9}")
    for name, values in took.items():
        wall = statistics.median(t.wall for t in values)
        cpu = statistics.median(t.cpu for t in values)
        print(f"{name:24}{wall:9.2f}{wall / base:8.1f}{cpu:9.2f}")
    print(f"\nlargest process so far: {max(t.mib for v in list(took.values())[:3] for t in v):.0f} MiB")


if __name__ == "__main__":
    main()
