"""Makes a release out of the last commit: `make release`, or `python packaging/release.py --dry-run`.

It looks whether this is a version that may go out, builds it twice, installs it by hash into an empty
environment, does the main jobs from there cut off from the network, audits it, and lays what goes out into
build/release/VERSION/: wheel, source, a lock to install with, bill of materials, licences, notes, sums.
It tags nothing and sends nothing anywhere; the last line says what is left for you. docs/releasing.md.
"""

import argparse
import datetime as dt
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import licences
import locks
import sbom
from packaging.version import InvalidVersion, Version

ROOT = licences.ROOT
TOOLS = ROOT / ".venv-tools" / "bin"
_OTHERWISE = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
"""What the second build has otherwise than the first, besides its folder and its umask."""


class Stop(Exception):  # noqa: N818 - what it says, not what went wrong in here
    """The release ends here; its text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Built:
    """The two files that go out, and the SHA-256 of each."""

    wheel: Path
    source: Path
    sums: dict[str, str]


def run(*words: object, cwd: Path = ROOT, **env: str) -> str:
    """Run a program; give what it printed.

    Raises:
        Stop: it ended with another code than 0.
    """
    command = [str(w) for w in words]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Stop(
            f"`{' '.join(command)}` ended with {done.returncode}:\n{(done.stderr or done.stdout)[-3000:]}"
        )
    return done.stdout + done.stderr


# --- what may go out


def section(changes: str, version: str) -> tuple[str, str]:
    """Give heading and text of a version's part of CHANGELOG.md.

    Raises:
        Stop: there is none, or it says nothing.
    """
    found = re.search(rf"(?ms)^## {re.escape(version)}, ([^\n]+)\n(.*?)(?=^## |\Z)", changes)
    if not found or not found[2].strip():
        raise Stop(f"CHANGELOG.md tells nothing of {version}: write a part `## {version}, YYYY-MM-DD`.")
    return found[1].strip(), found[2].strip()


def objections(version: str, changes: str, tags: list[str], changed: str, today: dt.date) -> list[str]:
    """Say what stands against this version going out, in a line each.

    Args:
        version: What scanner/__init__.py says.
        changes: The text of CHANGELOG.md.
        tags: The tags there are.
        changed: What git says of the work tree; empty where it is as committed.
        today: The day of the release.
    """
    bad = []
    try:
        new = Version(version)
    except InvalidVersion:
        return [f"{version} is no version as PEP 440 has them; mend scanner/__init__.py."]
    if str(new) != version or new.local or new.dev is not None:
        return [f"{version} is not written as a released version is: {new.base_version}."]
    out = [Version(t[1:]) for t in tags if re.fullmatch(r"v\d+(\.\d+)*(a|b|rc)?\d*", t)]
    if new in out:
        bad.append(f"v{version} is tagged already; raise the version in scanner/__init__.py.")
    elif any(t > new for t in out):
        bad.append(f"v{max(out)} is tagged, which is newer than {version}.")
    try:
        day, _ = section(changes, version)
        if dt.date.fromisoformat(day) > today:
            bad.append(f"CHANGELOG.md dates {version} {day}, which is yet to come.")
    except Stop as error:
        bad.append(str(error))
    except ValueError:
        bad.append(f"CHANGELOG.md says of {version} `{day}` where the day of the release stands.")
    if changed:
        names = [line[3:] for line in changed.splitlines()]
        bad.append(f"the work tree is not as committed: {', '.join(names[:5])}.")
    return bad


# --- building


def weights(models: Path) -> None:
    """Lay the detectors' weights that manifest.toml names, by SHA-256, where the build takes them from."""
    into = models / "weights"
    into.mkdir()
    for model in tomllib.loads((models / "manifest.toml").read_text("utf-8"))["model"]:
        data = (ROOT / "models" / "weights" / model["file"]).read_bytes()
        if hashlib.sha256(data).hexdigest() != model["sha256"]:
            raise Stop(f"models/weights/{model['file']} is not what manifest.toml says: run `make setup`.")
        (into / model["file"]).write_bytes(data)
        licence = f"{model['id']}.LICENSE.txt"
        shutil.copyfile(ROOT / "models" / "weights" / licence, into / licence)


def build(folder: Path, commit: str, epoch: int, **env: str) -> Built:
    """Build the source from a commit, and the wheel from that source, in a folder."""
    tree, out = folder / "tree", folder / "out"
    tree.mkdir(parents=True)
    out.mkdir()
    run("git", "archive", "--output", folder / "tree.tar", commit)
    _unpack(folder / "tree.tar", tree)
    _hatch("sdist", tree, out, epoch, **env)
    (source,) = out.glob("*.tar.gz")
    _unpack(source, folder)
    unpacked = folder / source.name.removesuffix(".tar.gz")
    weights(unpacked / "models")
    _hatch("wheel", unpacked, out, epoch, **env)
    (wheel,) = out.glob("*.whl")
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (wheel, source)}
    return Built(wheel, source, sums)


def _unpack(archive: Path, into: Path) -> None:
    """Unpack an archive of our own making. Python before 3.11.4 knows no filter, and later ones want one."""
    with tarfile.open(archive) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(into)  # noqa: S202


def _hatch(kind: str, tree: Path, out: Path, epoch: int, **env: str) -> None:
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out]
    run(*words, cwd=tree, SOURCE_DATE_EPOCH=str(epoch), **env)


def build_twice(folder: Path, commit: str, epoch: int) -> Built:
    """Build in two folders, under other settings, and hold the bytes against each other."""
    first = build(folder / "one", commit, epoch)
    before = os.umask(0o077)
    try:
        second = build(folder / "another place", commit, epoch, **_OTHERWISE)
    finally:
        os.umask(before)
    for name, sha256 in first.sums.items():
        if second.sums.get(name) != sha256:
            raise Stop(f"{name} did not come out the same twice: {sha256} and {second.sums.get(name)}.")
    return first


# --- trying it out


def lock(built: Built) -> str:
    """Write what to install with: the wheel and everything it needs, by hash. Without what only builds."""
    needed = {p.name for p in licences.bring(licences.asked())}
    building = {p.name for p in licences.bring(["hatchling"])} - needed
    pins = [p.text for p in locks.read(ROOT / "ci" / "requirements.lock") if p.name not in building]
    ours = f"./{built.wheel.name} --hash=sha256:{built.sums[built.wheel.name]}\n"
    return (
        f"# In this folder: pip install --require-hashes --only-binary :all: -r {LOCK}\n{ours}{''.join(pins)}"
    )


LOCK = "requirements.txt"


def install(folder: Path, out: Path, *, here: bool) -> Path:
    """Install into an empty environment by hash; give its folder of programs.

    Args:
        folder: For the environment; does not exist yet.
        out: Holds the wheel and the lock.
        here: Take what scanner needs from this environment instead of an index.
    """
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
    if here:
        alone = folder / LOCK
        alone.write_text((out / LOCK).read_text("utf-8").splitlines()[1] + "\n", "utf-8")
        run(*pip, "--no-index", "--no-deps", "-r", alone, cwd=out)
        (site,) = folder.glob("lib/python*/site-packages")
        # A path in a .pth brings its packages, but not what is editable there: scanner is the wheel's.
        (site / "needs.pth").write_text("".join(f"{p}\n" for p in sys.path if p.endswith("site-packages")))
    else:
        said = run(*pip, "--only-binary", ":all:", "-r", out / LOCK, cwd=out)
        if "yanked" in said:
            raise Stop(f"the index has taken something back that we pin:\n{said}")
    return folder / "bin"


def try_out(programs: Path, scratch: Path) -> str:
    """Do the main jobs with the installation, and let it audit itself; give what was done."""
    clip = scratch / "gate.mp4"
    scene = "clips.handheld(320, 180), clips.steady_times(1, 12)"
    make = f"from samples import clips; clips.write({str(clip)!r}, {scene})"
    run(sys.executable, "-c", make)
    done = run("sh", ROOT / "packaging" / "check-offline.sh", programs, clip, cwd=scratch)
    audited = run(
        programs / "scanner", "doctor", "--audit", cwd=scratch, SCANNER_CACHE=str(scratch / "cache")
    )
    return f"{done.strip()}\n{audited.strip()}"


def vulnerabilities() -> str:
    """Ask for known vulnerabilities of what the lock pins; give what was learnt.

    Raises:
        Stop: there are some, or nobody could be asked.
    """
    asks = [TOOLS / "pip-audit", "--requirement", ROOT / "ci" / "requirements.lock"]
    run(*asks, "--require-hashes", "--disable-pip", "--strict")
    return "none known to PyPI on the day of the release"


# --- what goes out


def notes(version: str, changes: str, built: Built, known: str) -> str:
    """Write the notes: what changed, how to install it, and what was checked."""
    try:
        day, text = section(changes, version)
    except Stop as error:
        day, text = "not released", str(error)
    files = "\n".join(f"| `{name}` | `{sha256}` |" for name, sha256 in sorted(built.sums.items()))
    return f"""# scanner {version}, {day}
{text}

## Installing
In the folder of these files, with Python 3.11, 3.12 or 3.13; every package is held to its hash:
```console
$ python3 -m venv env
$ env/bin/pip install --require-hashes --only-binary :all: -r {LOCK}
```

## What was checked
- Both files were built twice, in different folders and settings, with the same bytes.
- The wheel was installed into an empty environment and did its main jobs there.
- Its own audit of that environment found nothing that can identify a person.
- Known vulnerabilities of what it needs: {known}.

| file | SHA-256 |
| --- | --- |
{files}
"""


def sums(folder: Path) -> str:
    """Write the SHA-256 of every file, as `sha256sum --check` reads it."""
    files = sorted(p for p in folder.iterdir() if p.is_file())
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files)


def release(out: Path, *, dry: bool, here: bool, audit: bool, tell: Callable[[str], None]) -> Path:
    """Do all of it; give the folder that goes out. Nothing is there before everything is."""
    version = sbom.__version__
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    commit, epoch = run("git", "log", "-1", "--format=%H %ct").split()
    tags = run("git", "tag", "--list").split()
    today = dt.datetime.now(dt.UTC).date()
    against = objections(version, changes, tags, run("git", "status", "--porcelain"), today)
    against += licences.objections()
    if against and not dry:
        raise Stop("this cannot go out:\n" + "\n".join(f"- {line}" for line in against))
    final = out / version
    if final.exists():
        raise Stop(f"{final} is there already; remove it, or name another folder with --out.")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tell("building twice ...")
        built = build_twice(scratch, commit, int(epoch))
        going = scratch / version
        going.mkdir()
        for file in (built.wheel, built.source):
            shutil.copyfile(file, going / file.name)
        (going / LOCK).write_text(lock(built), "utf-8")
        tell("installing into an empty environment ...")
        programs = install(scratch / "env", going, here=here)
        tell("trying it out ...")
        tell(try_out(programs, scratch))
        known = vulnerabilities() if audit else "not asked"
        (going / "scanner.cdx.json").write_text(sbom.here(int(epoch)), "utf-8")
        (going / "LICENCES.md").write_text(licences.page(), "utf-8")
        (going / "NOTES.md").write_text(notes(version, changes, built, known), "utf-8")
        (going / "SHA256SUMS").write_text(sums(going), "utf-8")
        out.mkdir(parents=True, exist_ok=True)
        shutil.copytree(going, out / f".{version}.partial", dirs_exist_ok=True)
        (out / f".{version}.partial").rename(final)
    for line in against:
        tell(f"a real release would have stopped: {line}")
    return final


def main() -> None:
    """Read the words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--dry-run", action="store_true", help="go on where a release would stop, and say so")
    parser.add_argument(
        "--needs-from-here",
        action="store_true",
        help="without an index: what scanner needs is taken from here",
    )
    parser.add_argument(
        "--without-audit", action="store_true", help="ask nobody for known vulnerabilities; the notes say so"
    )
    args = parser.parse_args()
    if args.needs_from_here and not args.dry_run:
        parser.error("--needs-from-here proves too little for a release: use it with --dry-run")
    try:
        final = release(
            args.out,
            dry=args.dry_run,
            here=args.needs_from_here,
            audit=not args.without_audit,
            tell=lambda line: print(line, flush=True),  # noqa: T201
        )
    except (Stop, LookupError) as error:
        sys.exit(f"release: {error.args[0]}")
    version = final.name
    print(f"{final}\nleft for you: read NOTES.md, `git tag -s v{version}`, push the tag, hand the folder out")  # noqa: T201


if __name__ == "__main__":
    main()
