"""`scanner scan` beside its peers on the same labelled repositories: found by label, false alarms, seconds.

    python bench/peers.py LABELS.tsv CHECKOUTS [--only NAME] [-v]

LABELS.tsv and CHECKOUTS are those of bench/corpus.py. Three tools look at every checkout in turn:

- `scanner scan --footage off` as a user runs it, without cache. A label is found when a finding of its
  capability stands at medium or higher; on `none`, any finding at medium or higher is a false alarm.
- rulestamp-biometric-consent-audit 1.0.4 of PyPI, installed into bench/out. It names no capability, so any
  finding at all counts as found, which favours it. It exits with 0 whatever it finds: its lines are read.
  Without a licence it takes files by name and no folder: it is handed every text file.
- a regular expression, `face[_-]?recogn` in any case, over the same text files. Any match counts as found.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from bench.corpus import BIOMETRIC, SKIPPED, WANTED  # noqa: E402 - bench is no installed package

OUT = Path(__file__).resolve().parent / "out"
PEER = "rulestamp-biometric-consent-audit==1.0.4"
REGEX = re.compile(rb"face[_-]?recogn", re.IGNORECASE)
FINDING = re.compile(r"^\s+\d+\s+(error|warn|info|high|med|low)\b")
TEXT_BYTES = 2 * 2**20
BATCH = 400
"""Files a call: what a command line holds."""
ANY = "any"
"""A finding of a tool that names no capability."""


@dataclass(frozen=True)
class Seen:
    """What one tool says of one checkout: the capabilities it found, or `any`."""

    found: frozenset[str]
    seconds: float


def installed() -> Path:
    """Give rulestamp's command, installed where it is missing."""
    tool = OUT / "rulestamp" / "bin" / "biometric-consent-audit"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", str(OUT / "rulestamp")], check=True)
        subprocess.run([str(tool.parent / "python"), "-m", "pip", "install", "--quiet", PEER], check=True)
    return tool


def text_files(root: Path) -> Iterator[Path]:
    """Give the files that a tool for text can read; those of version control and of packages left out."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(files):
            path = Path(folder) / name
            if path.is_symlink() or not path.is_file() or path.stat().st_size > TEXT_BYTES:
                continue
            with path.open("rb") as file:
                if b"\0" not in file.read(4096):
                    yield path


def ours(root: Path) -> Seen:
    """`scanner scan`, its findings at medium or higher by capability."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "run.json"
        start = time.perf_counter()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "scanner", "scan", str(root), "--footage", "off", "--no-cache"),
                *("--quiet", "--report", f"json={report}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if not report.exists():
            sys.exit(f"scanner ended with {done.returncode} on {root.name}: {done.stderr[-500:]}")
        findings = json.loads(report.read_bytes())["findings"]
    return Seen(
        frozenset(f["capability"] for f in findings if f["confidence"] != "low")
        & frozenset(c.value for c in BIOMETRIC),
        seconds,
    )


def rulestamp(root: Path) -> Seen:
    """Any line of its output that is a finding."""
    tool = str(installed())
    files = [str(p) for p in text_files(root)]
    start = time.perf_counter()
    hit = False
    for first in range(0, len(files), BATCH):
        done = subprocess.run(
            [tool, *files[first : first + BATCH]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            sys.exit(f"rulestamp ended with {done.returncode} on {root.name}: {done.stdout[-500:]}")
        hit = hit or any(FINDING.match(line) for line in done.stdout.splitlines())
    return Seen(frozenset({ANY} if hit else ()), time.perf_counter() - start)


def regex(root: Path) -> Seen:
    """Any match of one expression."""
    files = list(text_files(root))
    start = time.perf_counter()
    hit = any(REGEX.search(path.read_bytes()) for path in files)
    return Seen(frozenset({ANY} if hit else ()), time.perf_counter() - start)


TOOLS = {"scanner": ours, "rulestamp": rulestamp, "regex": regex}


def right(label: str, seen: Seen) -> bool:
    """Whether a tool says of a checkout what its label says."""
    if label == "none":
        return not seen.found
    return ANY in seen.found or any(c.value in seen.found for c in WANTED[label])


def main() -> int:
    """Look at every checkout with every tool and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", default="", help="substring of the repository's name")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each repository")
    options = parser.parse_args()
    with options.labels.open(encoding="utf-8", newline="") as file:
        rows = [(r["repo"], r["label"]) for r in csv.DictReader(file, delimiter="\t")]
    total: Counter[str] = Counter()
    good: Counter[tuple[str, str]] = Counter()
    seconds: dict[str, float] = dict.fromkeys(TOOLS, 0.0)
    for repo, label in rows:
        root = options.checkouts / repo.replace("/", "__")
        # A label that its own note calls ambiguous is argued elsewhere, not counted.
        if options.only not in repo or not root.is_dir() or (label != "none" and label not in WANTED):
            continue
        total[label] += 1
        for name, tool in TOOLS.items():
            seen = tool(root)
            seconds[name] += seen.seconds
            good[name, label] += right(label, seen)
            if options.verbose and not right(label, seen):
                print(f"{name:10} wrong on {repo} ({label}): {', '.join(sorted(seen.found)) or '-'}")
    table(total, good, seconds)
    return 0


def table(total: Counter[str], good: Counter[tuple[str, str]], seconds: dict[str, float]) -> None:
    """Print found of all by label, false alarms of all on `none`, and seconds."""
    print("".join(f"{c:>18}" for c in ("", *TOOLS)))
    for label in (*WANTED, "none"):
        if not total[label]:
            continue
        cells = [
            f"{good[n, label] if label != 'none' else total[label] - good[n, label]} of {total[label]}"
            for n in TOOLS
        ]
        shown = label if label != "none" else "false on none"
        print("".join(f"{c:>18}" for c in (shown, *cells)))
    print("".join(f"{c:>18}" for c in ("seconds", *(f"{seconds[n]:.1f}" for n in TOOLS))))


if __name__ == "__main__":
    sys.exit(main())
