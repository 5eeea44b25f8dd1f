"""Flips bits of samples of every format and scans the lot in one run: is every file accounted for?

    python bench/hostile.py [--files 1000] [--seed 1]

Prints how the files ended, the time, and the most memory that a process took. Exits 1 when the run did not
end with 1 or 3, when a file is missing from it, or when an inspector failed by an exception of its own.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.cli.hostile_files import scanned  # noqa: E402
from tests.cli.mutants import mutants  # noqa: E402

ENDS = {"inspected": "inspected", "skipped": "skipped", "failed": "not tested"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="Write the files here and keep them.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        target = options.keep or Path(scratch, "mutants")
        target.mkdir(parents=True, exist_ok=True)
        names = mutants(target, options.files, options.seed)
        report = Path(scratch, "run.json")
        started = time.monotonic()
        code, memory = scanned(target, report, 3600)
        seconds = time.monotonic() - started
        run = json.loads(report.read_bytes()) if report.is_file() else None
    if run is None:
        print(f"exit {code} and no report")
        return 1
    coverage = run["run"]["coverage"]
    reasons = [n["reason"] for n in run["run"]["not_tested"]]
    own = Counter(r.partition(" failed (")[2] for r in reasons if " failed (" in r)
    died = [r for r in reasons if "ended its worker" in r or "took longer" in r or "memory" in r]
    ended = ", ".join(f"{coverage[how]} {word}" for how, word in ENDS.items())
    print(
        f"{len(names)} files, seed {options.seed}: {ended} (members of archives counted), "
        f"{len(run['findings'])} findings; {seconds:.0f} s, {memory / 1e6:.2f} GB, exit {code}"
    )
    for reason, count in [*own.most_common(20), *Counter(died).most_common(20)]:
        print(f"{count:5} {reason}")
    whole = coverage["seen"] >= len(names) and code in (1, 3)
    return 0 if whole and not own and not died else 1


if __name__ == "__main__":
    sys.exit(main())
