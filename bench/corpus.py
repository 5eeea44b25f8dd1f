"""Recall and false alarms on labelled repositories.

    python bench/corpus.py LABELS.tsv CHECKOUTS [--only NAME] [--inspectors source,manifest] [-v]

LABELS.tsv has the columns `repo` (owner/name) and `label`; CHECKOUTS holds a folder `owner__name` each.
A label counts as found when a finding of its capability stands at medium or higher; `none` must have no
finding of medium or higher at all. Labels that are ambiguous by their own note are listed, not counted.
"""

import argparse
import csv
import os
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Capability, Confidence, Finding
from scanner.inspect.gather import gather
from scanner.inspect.interface import Sighting
from scanner.inspect.registry import inspectors
from scanner.rules import load_rules

C = Capability
WANTED: dict[str, frozenset[Capability]] = {
    "recognition": frozenset({C.FACE_RECOGNITION}),
    # Who covers faces detects them; who recognises faces detects them too, but that is another label.
    "detection": frozenset({C.FACE_DETECTION, C.REDACTION}),
    "analysis": frozenset({C.FACE_ANALYSIS}),
    "voice": frozenset({C.VOICE_RECOGNITION}),
    "gait": frozenset({C.GAIT_RECOGNITION}),
    "other-biometric": frozenset({C.OTHER_REMOTE_BIOMETRIC}),
}
BIOMETRIC = frozenset(C) - {C.FACE_VISIBLE}
SKIPPED = frozenset({".git", "node_modules", ".venv"})


@dataclass
class Outcome:
    repo: str
    label: str
    present: bool = False
    files: int = 0
    seconds: float = 0.0
    failed: int = 0
    strong: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))


def scan(row: tuple[str, str], checkouts: Path, names: frozenset[str]) -> Outcome:
    repo, label = row
    outcome = Outcome(repo, label)
    root = checkouts / repo.replace("/", "__")
    if not root.is_dir():
        return outcome
    outcome.present = True
    rules = load_rules()
    chosen = [i for i in inspectors() if not names or i.name in names]
    started = time.perf_counter()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for file in sorted(files):
            path = Path(folder) / file
            if path.is_symlink() or not path.is_file():
                continue
            outcome.files += 1
            artifact = Artifact(path.relative_to(root).as_posix(), local=path)
            sightings = []
            for inspector in chosen:
                if inspector.accepts(artifact):
                    try:
                        seen = inspector.inspect(artifact, rules)
                        sightings.extend(s for s in seen if isinstance(s, Sighting))
                    except UnreadableError:
                        outcome.failed += 1
            for finding in gather(artifact, sightings):
                note(outcome, finding)
    outcome.seconds = time.perf_counter() - started
    return outcome


def note(outcome: Outcome, finding: Finding) -> None:
    if finding.capability in BIOMETRIC and finding.confidence.rank >= Confidence.MEDIUM.rank:
        outcome.strong[finding.capability.value] += 1
        excerpt = finding.evidence[0].excerpt[:100]
        outcome.findings[finding.capability.value].append(
            (finding.artifact.path, f"{finding.rule}: {finding.message[:110]}", excerpt)
        )


def verdict(outcome: Outcome) -> str:
    if not outcome.present:
        return "absent"
    if outcome.label == "none":
        return "FALSE ALARM" if outcome.strong else "ok"
    wanted = WANTED.get(outcome.label)
    if wanted is None:
        return "argued"
    return "ok" if any(outcome.strong[c.value] for c in wanted) else "MISSED"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", default="", help="substring of the repository's name")
    parser.add_argument("--inspectors", default="", help="names, joined by commas; all when left out")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true", help="list findings of what is not ok")
    options = parser.parse_args()
    with options.labels.open(encoding="utf-8", newline="") as file:
        rows = [(r["repo"], r["label"]) for r in csv.DictReader(file, delimiter="\t")]
    rows = [r for r in rows if options.only in r[0]]
    names = frozenset(n for n in options.inspectors.split(",") if n)
    work = partial(scan, checkouts=options.checkouts, names=names)
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            outcomes = list(pool.map(work, rows))
    else:
        outcomes = [work(row) for row in rows]
    report(outcomes, verbose=options.verbose, listed=bool(options.only))
    return 0


def report(outcomes: list[Outcome], *, verbose: bool, listed: bool) -> None:
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for o in outcomes:
        result = verdict(o)
        tally[o.label][result] += 1
        strong = " ".join(f"{c}:{n}" for c, n in sorted(o.strong.items())) or "-"
        print(f"{result:12}{o.label:16}{o.repo:50}{o.files:6} files {o.seconds:6.1f} s  {strong}")
        if listed or (verbose and result in {"FALSE ALARM", "argued"}):
            for capability, found in sorted(o.findings.items()):
                for path, message, excerpt in found[:12]:
                    print(f"      {capability} | {path} | {message} | {excerpt}")
    positive = [r for label, c in tally.items() if label in WANTED for r in c.elements() if r != "absent"]
    negative = [r for r in tally["none"].elements() if r != "absent"]
    if positive:
        found = positive.count("ok")
        print(f"found {found} of {len(positive)} ({found / len(positive):.1%})")
    if negative:
        wrong = negative.count("FALSE ALARM")
        print(f"false alarms {wrong} of {len(negative)} ({wrong / len(negative):.1%})")
    seconds = sum(o.seconds for o in outcomes)
    print(f"{sum(o.files for o in outcomes)} files in {seconds:.1f} s of one core", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
