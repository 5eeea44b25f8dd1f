"""Times a frame step of the review page on a 1080p clip, in Chromium: from the key to the picture shown.

    python bench/review.py [--seconds 20]

Makes a clip, redacts it, serves the review, and steps with the keyboard: forward, backward, and to places all
over the clip. Prints median and 95th percentile; the page shows original and released picture side by side.
Needs Chromium (Debian: chromium).
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from samples import clips
from tests.tools.axe import browser

SCANNER = [sys.executable, "-u", "-m", "scanner"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as scratch:
        originals, release = Path(scratch, "originals"), Path(scratch, "release")
        originals.mkdir()
        times = clips.steady_times(seconds, 25)
        clips.write(originals / "clip.mp4", clips.street(1920, 1080), times)
        subprocess.run(
            [*SCANNER, "blur", str(originals), "-o", str(release), "-q", "--preset", "fast"], check=True
        )
        with subprocess.Popen(
            [*SCANNER, "review", str(release), "--originals", str(originals), "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout is not None
            address = server.stdout.readline().removeprefix("review: ").strip()
            with sync_playwright() as playwright:
                made = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
                page = made.new_page(viewport={"width": 1920, "height": 1080})
                page.goto(address)
                page.get_by_role("link", name="clip.mp4").click()
                page.wait_for_selector('html[data-shown="0"]', state="attached")
                measure(page, len(times))
                made.close()
            server.terminate()


def measure(page: Page, frames: int) -> None:
    """Step and print."""
    at = 0
    for name, targets in (
        ("forward", list(range(1, min(frames, 200)))),
        ("backward", list(range(min(frames, 200) - 2, 0, -1))),
        ("anywhere", random.Random(5).choices(range(frames), k=40)),
    ):
        took = []
        for target in targets:
            if abs(target - at) == 1:
                page.keyboard.press("." if target > at else ",")
            else:
                page.locator("#position").fill(str(target))
            page.wait_for_selector(f'html[data-shown="{target}"]', state="attached")
            took.append(float(page.get_attribute("html", "data-took") or "nan"))
            at = target
        took.sort()
        high = took[int(len(took) * 0.95)]
        print(f"{name:9} {len(took):4} steps: median {statistics.median(took):6.1f} ms, 95 % {high:6.1f} ms")


if __name__ == "__main__":
    main()
