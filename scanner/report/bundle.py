"""A bundle: every report of a run in one archive, with a statement over them that can be checked later.

The archive is a ZIP without compression whose every byte follows from its files, so that checking means
making it again: whatever differs, in a file or between them, is seen.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from scanner.errors import UsageError
from scanner.findings import Run, from_json
from scanner.report import statement

NAMES = {
    "json": "run.json",
    "html": "report.html",
    "pdf": "report.pdf",
    "sarif": "scanner.sarif",
    "oscal": "oscal-assessment-results.json",
    "cyclonedx": "bom.cdx.json",
    "junit": "junit.xml",
    "csv": "findings.csv",
    "worksheet": "worksheet.csv",
    "worksheet-json": "worksheet.json",
    "md": "summary.md",
}
"""The file of each format in a bundle."""
RUN = NAMES["json"]
BARE, SIGNED, KEY = "statement.json", "statement.dsse.json", "signer.pub.pem"
MAX_BYTES = 2_000_000_000


def render(run: Run) -> bytes:
    """Write an unsigned bundle as one archive."""
    return packed(contents(run))


def contents(run: Run, signer: statement.Signer | None = None) -> dict[str, bytes]:
    """Make every report and the statement over them; with a signer, signed and with its public key."""
    from scanner.report.interface import WRITERS  # noqa: PLC0415 - the list of formats holds this one

    files = {name: WRITERS[made](run) for made, name in NAMES.items()}
    # Of the run as its file has it: whoever checks the bundle has no other.
    said = statement.statement(from_json(files[RUN]), files)
    if signer is None:
        return {**files, BARE: said}
    return {**files, SIGNED: signer.envelope(said), KEY: signer.public()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack files, sorted by name, with a fixed date and no compression."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix on every machine
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says: `problems` is empty where all holds; `key` names who signed, or is empty."""

    problems: tuple[str, ...]
    files: int
    key: str = ""
    proven: bool = False


def read(path: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Read a bundle, a folder or an archive; and say what of the archive is not as we write it.

    Raises:
        UsageError: it is neither, or too large.
    """
    remedy = "Name a bundle that `scanner report RUN.json --report bundle=FILE.zip` wrote."
    try:
        if path.is_dir():
            return {
                p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()
            }, ()
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than a bundle can be.", remedy)
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", remedy) from error
    if not data.startswith(b"PK"):
        raise UsageError(f"{path} is not a bundle.", remedy)
    try:
        files = _unpacked(data)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        return {}, (f"the archive is damaged: {error}",)
    return files, () if packed(files) == data else ("the archive is not as it was written",)


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if any(e.compress_type != zipfile.ZIP_STORED for e in entries):
            raise ValueError("it holds compressed files")
        return {entry.filename: archive.read(entry) for entry in entries}


def check(path: Path, key: bytes | None = None, key_name: str = "") -> Checked:
    """Check every byte of a bundle against its statement, its run and its signature.

    Args:
        path: A folder or an archive.
        key: The public key that must have signed it, in PEM; without one, that in the bundle is used, which
            shows that nothing changed since, and not who signed.
        key_name: What to call the key in errors.

    Raises:
        UsageError: the bundle or the key cannot be read.
    """
    files, problems = read(path)
    trusted = statement.read_public(key, key_name) if key is not None else None
    if not files:
        return Checked(problems, 0)
    held = {name: data for name, data in files.items() if name not in (BARE, SIGNED, KEY)}
    if SIGNED not in files:
        missing = ("it is not signed",) if trusted else ()
        extra = (f"{KEY} stands without a signature",) if KEY in files else ()
        return Checked((*problems, *missing, *extra, *_against(files.get(BARE), held)), len(held))
    if BARE in files:
        problems = (*problems, "it holds two statements")
    try:
        signer = statement.read_public(files.get(KEY, b""), KEY)
    except UsageError as error:
        return Checked((*problems, error.message), len(held))
    said = statement.opened(files[SIGNED], signer)
    if said is None or statement.pem(signer) != files[KEY]:
        return Checked((*problems, "the signature does not hold"), len(held))
    name = statement.keyid(signer)
    if trusted and statement.keyid(trusted) != name:
        problems = (*problems, f"it is signed by another key: {name}")
    return Checked((*problems, *_against(said, held)), len(held), name, trusted is not None)


def _against(said: bytes | None, held: Mapping[str, bytes]) -> list[str]:
    """Name what differs between a statement and the files it is over."""
    if said is None:
        return ["there is no statement"]
    try:
        subjects = msgspec.json.decode(said, type=_Statement).subject
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ["the statement is damaged"]
    stated = {s.name: s.digest.get("sha256") for s in subjects}
    problems = [f"{name} is missing" for name in stated.keys() - held.keys()]
    problems += [f"{name} is not in the statement" for name in held.keys() - stated.keys()]
    both = stated.keys() & held.keys()
    problems += [f"{name} was changed" for name in both if statement.digest(held[name]) != stated[name]]
    if not problems and not _says_what_the_run_says(said, held):
        problems = ["the statement does not say what the run says"]
    return sorted(problems)


def _says_what_the_run_says(said: bytes, held: Mapping[str, bytes]) -> bool:
    try:
        return statement.statement(from_json(held[RUN]), held) == said
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        return False


class _Subject(msgspec.Struct, frozen=True):
    name: str
    digest: dict[str, str]


class _Statement(msgspec.Struct, frozen=True):
    subject: tuple[_Subject, ...]
