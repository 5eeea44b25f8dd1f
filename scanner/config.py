"""`scanner.toml`: what the agency says of itself, of its systems, and of findings it has accepted."""

import datetime as dt
import tomllib
from pathlib import Path

import msgspec

from scanner.errors import UsageError

NAME = "scanner.toml"


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is audited, and who answers for the report."""

    name: str = ""
    contact: str = ""
    signer: str = ""


class Award(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A federal award the report is for; ALN 16.738 is the Byrne JAG program."""

    fain: str
    program: str = ""
    aln: str = ""


class Exclusion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths (a glob) that are left out, with the reason; both stand in the report."""

    path: str
    reason: str


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How scans of this project are done, where the command line does not say otherwise."""

    policy: str = "us-moratorium"
    fail_on: str = "not-satisfied"
    exclude: tuple[Exclusion, ...] = ()


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An accepted finding, by fingerprint, or by rule and path (a glob); void after `expires`."""

    owner: str
    reason: str
    approver: str
    expires: dt.date
    fingerprint: str = ""
    rule: str = ""
    path: str = ""

    @property
    def named(self) -> str:
        """How reports call it."""
        return self.fingerprint or f"{self.rule} in {self.path}"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    agency: Agency = Agency()
    award: tuple[Award, ...] = ()
    scan: Scope = Scope()
    waiver: tuple[Waiver, ...] = ()


def load_config(path: Path) -> Config:
    """Read and check a scanner.toml.

    Raises:
        UsageError: it is missing, not TOML, holds an unknown key, or a waiver names nothing.
    """
    try:
        config = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.", "`scanner init` writes one.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(
            f"{path} is not a valid scanner.toml: {error}.", "`scanner init` shows the format."
        ) from error
    if config.scan.fail_on not in ("not-satisfied", "needs-review", "never"):
        raise UsageError(
            f"{path}: fail_on is {config.scan.fail_on!r}.", "Use not-satisfied, needs-review or never."
        )
    for number, waiver in enumerate(config.waiver, 1):
        if bool(waiver.fingerprint) == bool(waiver.rule and waiver.path):
            raise UsageError(
                f"{path}: waiver {number} must name a fingerprint, or a rule and a path.",
                "Copy the fingerprint from the report.",
            )
        if not (waiver.owner and waiver.reason and waiver.approver):
            raise UsageError(
                f"{path}: waiver {number} lacks an owner, reason or approver.", "A waiver needs all three."
            )
    return config


def find_config(targets: list[Path]) -> Path | None:
    """The scanner.toml of the first target's folder, if there is one."""
    for target in targets[:1]:
        candidate = (target if target.is_dir() else target.parent) / NAME
        if candidate.is_file():
            return candidate
    return None
