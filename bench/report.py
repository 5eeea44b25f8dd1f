"""Times every report of a run of 20,000 findings, opens the HTML page in Chromium, and lets Microsoft's SARIF
Multitool judge our SARIF.

    python bench/report.py [--findings 20000] [--sarif]

The page is opened three times; what counts is the time from the start of the navigation until it is loaded
and laid out, the median of three. `--sarif` installs @microsoft/sarif-multitool-linux 5.7.0 (npm) into
bench/out, shows what it says of three runs, and that it refuses three broken files.
"""

import argparse
import collections
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from scanner.report import WRITERS  # noqa: E402 - after the path
from tests.example_runs import bad_run, clean_run  # noqa: E402
from tests.strange_runs import hostile_run, large_run  # noqa: E402
from tests.tools import axe  # noqa: E402

OUT = ROOT / "bench" / "out"
MULTITOOL = "@microsoft/sarif-multitool-linux@5.7.0"
CEILINGS = {"html": (10_000_000, 20.0), "pdf": (None, 20.0)}
BROKEN = {
    "a rule that is not there": (b'"ruleIndex": 0', b'"ruleIndex": 77'),
    "line 0": (b'"startLine": 14', b'"startLine": 0'),
    "an unknown key": (b'"text": "A face', b'"txt": "A face'),
}


def formats(number: int) -> bytes:
    """Write each format once; give the page."""
    run = large_run(number)
    print(f"{number:,} findings\n{'format':16}{'seconds':>10}{'MB':>10}")
    page = b""
    for name, write in WRITERS.items():
        started = time.perf_counter()
        data = write(run)
        took = time.perf_counter() - started
        size, limit = CEILINGS.get(name, (None, None))
        over = "  TOO LARGE" if size and len(data) > size else ""
        over += "  TOO SLOW" if limit and took > limit else ""
        print(f"{name:16}{took:>10.2f}{len(data) / 1e6:>10.2f}{over}")
        page = data if name == "html" else page
    return page


def opening(page: bytes) -> None:
    if axe.browser() is None:
        print("Chromium is missing; bring it with: apt-get install chromium")
        return
    took = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            took.append(_opened(page, Path(folder)))
    print(f"opened and laid out in Chromium: {statistics.median(took) / 1000:.2f} s, median of 3")


def _opened(page: bytes, folder: Path) -> float:
    """Milliseconds from the start of the navigation until the page is loaded and laid out."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.decode())
    script = (
        '<script>addEventListener("load", () => { const n = document.body.offsetHeight; '
        "document.title = `took ${performance.now()} for ${n}` })</script></body>"
    )
    file = folder / "page.html"
    file.write_text(text.replace("</body>", script), encoding="utf-8")
    command = [
        str(axe.browser()),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'p'}",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=True, timeout=120
    )
    found = re.search(r"<title>took ([\d.]+) for \d+", done.stdout)
    assert found, done.stderr[-500:]
    return float(found[1])


def sarif() -> None:
    subprocess.run(["npm", "install", "--silent", "--prefix", str(OUT / "npm"), MULTITOOL], check=True)
    for make in (bad_run, hostile_run, clean_run):
        print(f"SARIF of {make.__name__}: {_judged(WRITERS['sarif'](make()))}")
    whole = WRITERS["sarif"](bad_run())
    for name, (good, bad) in BROKEN.items():
        assert good in whole
        said = _judged(whole.replace(good, bad))
        print(f"broken, {name}: {said}")
        assert "error" in said, "the validator saw nothing"


def _judged(data: bytes) -> str:
    tool = OUT / "npm" / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scanner.sarif"
        file.write_bytes(data)
        done = subprocess.run(
            [str(tool), "validate", str(file), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        )
    said = re.findall(r": (error|warning|note) ([A-Z]+\d+):", done.stdout)
    counts = collections.Counter(f"{level} {rule}" for level, rule in said)
    return ", ".join(f"{n} x {rule}" for rule, n in sorted(counts.items())) or "nothing"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, default=20_000)
    parser.add_argument("--sarif", action="store_true")
    asked = parser.parse_args()
    opening(formats(asked.findings))
    if asked.sarif:
        sarif()


if __name__ == "__main__":
    main()
