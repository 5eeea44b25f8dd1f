"""Scans folders of mutants through the command line, round after round, and says what broke.

    nice -n 19 python bench/fuzz.py [--inputs 10000] [--seed 1] [--footage auto]

A round is one `scanner scan` of 2,000 files (tests/fuzz). It is sound when the run ends with 0, 1 or 3,
accounts for every file, no inspector failed by an exception of its own, no worker died, and none took
longer or more memory than it may. What broke is kept in bench/out/fuzz, one line a round in
bench/out/fuzz.jsonl; `--summary` adds those lines up. Exits 1 when anything broke.
"""

import argparse
import datetime as dt
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.cli.hostile_files import scanned  # noqa: E402
from tests.fuzz.corpus import seeds  # noqa: E402
from tests.fuzz.mutate import mutants  # noqa: E402

OUT = ROOT / "bench" / "out"
ROUND = 2000
SECONDS = 1800
"""No round takes so long on a machine that does other work as well."""
MEMORY = 2_000_000
"""Kilobytes of the largest process: a worker may have more, and no small file is worth it."""
BROKEN = re.compile(r" failed \(|could not be processed|ended its worker|took longer|more memory")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="Of the first round; each next takes the next.")
    parser.add_argument("--footage", choices=("auto", "off", "full"), default="auto")
    parser.add_argument("--only", default="", help="Seeds whose name matches this expression.")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--summary", action="store_true", help="Add up the rounds so far, and run none.")
    options = parser.parse_args()
    log = OUT / "fuzz.jsonl"
    if options.summary:
        return summed([json.loads(line) for line in log.read_text().splitlines()])
    OUT.mkdir(parents=True, exist_ok=True)
    rounds = []
    for seed in range(options.seed, options.seed + -(-options.inputs // ROUND)):
        rounds.append(one_round(seed, options))
        with log.open("a") as file:
            file.write(json.dumps(rounds[-1]) + "\n")
        print(json.dumps(rounds[-1]), flush=True)
    return summed(rounds)


def one_round(seed: int, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        target, report = Path(scratch, "target"), Path(scratch, "run.json")
        some = tuple(s for s in seeds() if re.search(options.only, s[0]))
        made = mutants(target, ROUND, random.Random(seed), some)
        started = time.monotonic()
        extra = ("--footage", options.footage, "--jobs", str(options.jobs))
        code, memory = scanned(target, report, SECONDS, *extra, every=0.2)
        run = json.loads(report.read_bytes())["run"] if report.is_file() else None
        broken = judged(code, memory, run, made)
        for path in broken:
            if path in made:
                kept = OUT / "fuzz" / f"{seed}-{path.replace('/', '-')}"
                kept.parent.mkdir(exist_ok=True)
                shutil.copyfile(target / path, kept)
        if run is None:
            shutil.copytree(target, OUT / "fuzz" / f"{seed}-whole", dirs_exist_ok=True)
    coverage = run["coverage"] if run else {}
    return {
        "on": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "seed": seed,
        "only": options.only,
        "footage": options.footage,
        "inputs": len(made),
        "ended": {how: coverage.get(how, 0) for how in ("inspected", "skipped", "failed")},
        "code": code,
        "seconds": round(time.monotonic() - started, 1),
        "megabytes": memory // 1000,
        "broken": broken,
    }


def judged(code: int, memory: int, run: dict[str, Any] | None, made: list[str]) -> dict[str, str]:
    """Give what is wrong with a round, by the path of the mutant where one is to blame."""
    wrong = {}
    if run is None or code not in (0, 1, 3):
        wrong["run"] = f"exit {code}, {'a' if run else 'no'} report"
    if memory > MEMORY:
        wrong["memory"] = f"{memory // 1000} MB"
    if run is None:
        return wrong
    if run["coverage"]["files"] != len(made):
        wrong["accounting"] = f"{run['coverage']['files']} files of {len(made)}"
    for entry in run["not_tested"]:
        if BROKEN.search(entry["reason"]):
            wrong[entry["path"].partition("!/")[0]] = entry["reason"]
    return wrong


def summed(rounds: list[dict[str, Any]]) -> int:
    ended: Counter[str] = Counter()
    for r in rounds:
        ended.update(r["ended"])
    broken = [(r["seed"], path, why) for r in rounds for path, why in r["broken"].items()]
    print(
        f"{sum(r['inputs'] for r in rounds)} inputs in {len(rounds)} rounds, seeds "
        f"{min(r['seed'] for r in rounds)}-{max(r['seed'] for r in rounds)}; {dict(ended)} (with members); "
        f"at most {max(r['megabytes'] for r in rounds)} MB a process; {len(broken)} broken"
    )
    for seed, path, why in broken:
        print(f"  {seed} {path}: {why}")
    return 1 if broken else 0


def commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
