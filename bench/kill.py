"""Kills a cluster at random moments, says the same command again, and compares with an undisturbed run.

    python bench/kill.py [--points 20] [--seed 1] [--clips 4] [--files 600]

Each point takes `scan` or `blur`, one of: a worker, the scheduler, the client, everything; and a moment of
the run, all from the seed. The victim gets SIGKILL, with its whole process group. What is missing of the
cluster is then started again, as systemd or Kubernetes would, and the same command is given once more. It
must end with the same bytes as on one machine without a cluster; until then no finished name may hold
anything else, afterwards no half file may be left, and the originals must be what they were.
Ends with 1 where one of these does not hold. Takes about three minutes on two idle cores.
"""

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from bench.clusters import Cluster  # noqa: E402 - no installed packages
from samples import clips  # noqa: E402

VICTIMS = ("worker", "scheduler", "client", "everything")
VERBS = ("scan", "blur")


@dataclass
class Ground:
    """The originals, and what an undisturbed run makes of them."""

    folder: Path
    files: int
    clips: int
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def originals(self) -> Path:
        """What is scanned and redacted."""
        return self.folder / "originals"

    def fill(self) -> None:
        """Make the originals; old enough to be remembered."""
        self.originals.mkdir(parents=True)
        for number in range(self.files):
            text = f"import face_recognition\nN = {number}\n" + "x = [1, 2, 3]\n" * 200
            (self.originals / f"{number}.py").write_text(text)
        for number in range(self.clips):
            scene = clips.handheld(320 + 16 * number, 180)
            clips.write(self.originals / f"clip{number}.mp4", scene, clips.steady_times(1.0, 24))
        for path in self.originals.iterdir():
            os.utime(path, (1_700_000_000, 1_700_000_000))
        time.sleep(2.1)  # a file changed within two seconds is not remembered, whatever its time says

    def run(self, verb: str, out: Path, words: list[str]) -> "subprocess.Popen[bytes]":
        """Start the command; `out` holds all that it writes, its cache too."""
        out.mkdir(exist_ok=True)
        command = {
            "scan": ["scan", str(self.originals), "-q", "--report", f"json={out / 'run.json'}"],
            "blur": ["blur", str(self.originals), "-o", str(out / "release"), "-q"],
        }[verb]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "SCANNER_CACHE": str(out / "cache.sqlite")}
        with (out / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "scanner", *command, *words],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def made(out: Path, *, hidden: bool) -> dict[str, str]:
    """Give the digest of every file that a command wrote."""
    files = [*(out / "release").rglob("*"), *out.glob("*run.json*")]
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file() and (hidden or not path.name.startswith("."))
    }


def digest(folder: Path) -> str:
    """Name the state of the originals."""
    lines = sorted(f"{p.name} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in folder.iterdir())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def strike(victim: str, cluster: Cluster, client: "subprocess.Popen[bytes]", dice: random.Random) -> None:
    """Kill."""
    if victim in ("worker", "everything"):
        for which in range(len(cluster.started)) if victim == "everything" else [dice.randrange(99)]:
            cluster.kill_worker(which)
    if victim in ("scheduler", "everything"):
        cluster.kill_scheduler()
    if victim in ("client", "everything"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(client.pid, signal.SIGKILL)


def point(ground: Ground, cluster: Cluster, verb: str, victim: str, dice: random.Random) -> Iterator[str]:
    """Kill once; give what does not hold."""
    out = Path(tempfile.mkdtemp(dir=ground.folder))
    at = dice.uniform(0.3, 1.0) * ground.seconds[verb]
    client = ground.run(verb, out, cluster.words)
    time.sleep(at)
    strike(victim, cluster, client, dice)
    if victim == "worker":
        cluster.start()
    with contextlib.suppress(subprocess.TimeoutExpired):
        client.wait(120)
    first = client.returncode
    between = made(out, hidden=False)
    yield from (f"half a file: {n}" for n, d in between.items() if ground.made[verb].get(n) != d)
    if client.poll() is None:
        yield "the client hangs"
        client.kill()
    cluster.start()
    again = ground.run(verb, out, cluster.words)
    try:
        again.wait(180)
    except subprocess.TimeoutExpired:
        again.kill()
        yield "the second run hangs"
    if again.returncode not in (0, 1):
        yield f"exit code {again.returncode}: {(out / 'log').read_text()[-300:]}"
    after = made(out, hidden=True)
    if after != ground.made[verb]:
        names = sorted(
            n for n in after.keys() | ground.made[verb].keys() if after.get(n) != ground.made[verb].get(n)
        )
        yield f"another result: {', '.join(names)}"
    ends = f"exit {first}, {len(between)} files; then exit {again.returncode}"
    print(f"{verb}, {victim} killed after {at:.1f} s: {ends}", flush=True)
    shutil.rmtree(out)


def undisturbed(ground: Ground, cluster: Cluster) -> list[str]:
    """Run on this machine alone, and once on the cluster: for the bytes, and for the time it takes."""
    wrong = []
    for verb in VERBS:
        for words in ([], cluster.words):
            out = Path(tempfile.mkdtemp(dir=ground.folder))
            begun = time.monotonic()
            ran = ground.run(verb, out, words)
            ran.wait()
            ground.seconds[verb] = time.monotonic() - begun
            told = made(out, hidden=True)
            if told != ground.made.setdefault(verb, told) or ran.returncode not in (0, 1):
                wrong.append(f"{verb} {' '.join(words)}: not the result of one machine")
        print(
            f"{verb} undisturbed: {len(ground.made[verb])} files, {ground.seconds[verb]:.1f} s on the cluster"
        )
    return wrong


def main() -> int:
    """Run all points."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--files", type=int, default=600)
    args = parser.parse_args()
    dice = random.Random(args.seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ground = Ground(Path(folder), args.files, args.clips)
        ground.fill()
        before = digest(ground.originals)
        with Cluster(Path(folder) / "cluster") as cluster:
            wrong = undisturbed(ground, cluster)
            cases = [(verb, victim) for victim in VICTIMS for verb in VERBS]
            for number in range(args.points):
                verb, victim = cases[number % len(cases)]
                wrong += [f"{verb}, {victim}: {w}" for w in point(ground, cluster, verb, victim, dice)]
        if digest(ground.originals) != before:
            wrong.append("an original was changed")
    print(
        "\n".join(wrong)
        or f"{args.points} points: the same bytes every time, no half file, originals untouched"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
