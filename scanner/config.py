"""`scanner.toml`: what the agency says of itself, of its systems, and of findings it has accepted."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from scanner.errors import UsageError
from scanner.findings import Agency, Award, Exclusion, Release, System
from scanner.findings.schema import schema_of
from scanner.typed import from_toml

NAME = "scanner.toml"


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
    system: tuple[System, ...] = ()
    waiver: tuple[Waiver, ...] = ()

    @property
    def sha256(self) -> str:
        """Digest of what the file says, whatever its layout and comments."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def load_config(path: Path, today: dt.date | None = None) -> Config:
    """Read and check a scanner.toml.

    Args:
        path: The file.
        today: With a day, a waiver that has expired by then is an error: an agency's acceptance lapsed, and
            somebody must renew it or let it go before a run can say anything.

    Raises:
        UsageError: it is missing, not TOML, holds an unknown key, or a waiver names nothing or has expired.
    """
    try:
        config = from_toml(path.read_text(encoding="utf-8"), Config)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.", "`scanner init` writes one.") from error
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} is not a valid scanner.toml: {_ended(str(error))}", "`scanner init` shows the format."
        ) from error
    if problem := _problem(config) or (_expired(config, today) if today else None):
        raise UsageError(f"{path}: {problem[0]}", problem[1])
    return config


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a scanner.toml, as it is once read."""
    return schema_of(Config, address="urn:scanner:config:1.0", title="scanner.toml")


def _ended(text: str) -> str:
    return text if text.endswith("?") else f"{text.rstrip('.')}."


def _problem(config: Config) -> tuple[str, str] | None:
    """What is wrong although every key and value is known, and the remedy."""
    if config.scan.fail_on not in ("not-satisfied", "needs-review", "never"):
        return f"fail_on is {config.scan.fail_on!r}.", "Use not-satisfied, needs-review or never."
    for number, waiver in enumerate(config.waiver, 1):
        if bool(waiver.fingerprint) == bool(waiver.rule and waiver.path):
            return (
                f"waiver {number} must name a fingerprint, or a rule and a path.",
                "Copy the fingerprint from the report.",
            )
        if not (waiver.owner and waiver.reason and waiver.approver):
            return f"waiver {number} lacks an owner, reason or approver.", "A waiver needs all three."
    for number, award in enumerate(config.award, 1):
        if not award.fain.strip():
            return f"award {number} has no fain.", "Copy it from the award document."
    return _inventory_problem(config.system)


def _expired(config: Config, today: dt.date) -> tuple[str, str] | None:
    for number, waiver in enumerate(config.waiver, 1):
        if waiver.expires < today:
            return (
                f"waiver {number} ({waiver.named}) expired on {waiver.expires}.",
                f"Let {waiver.approver} approve it anew with a later date, or remove it.",
            )
    return None


def _inventory_problem(systems: tuple[System, ...]) -> tuple[str, str] | None:
    names: set[str] = set()
    for number, system in enumerate(systems, 1):
        if not system.name.strip():
            return f"system {number} has no name.", "Call it what your inventory calls it."
        if system.name in names:
            return f"two systems are called {system.name!r}.", "Give each a name of its own."
        if not system.capabilities:
            return (
                f"system {system.name!r} declares no capability.",
                'List what it can do, as in capabilities = ["redaction"].',
            )
        if system.release is Release.OUTSIDE_AGENCY and system.retains is None:
            return (
                f"system {system.name!r} releases footage but does not say what it retains.",
                "Write retains = [] where nothing of a person is kept.",
            )
        names.add(system.name)
    return None


def find_config(targets: list[Path]) -> Path | None:
    """The scanner.toml of the first target's folder, if there is one."""
    for target in targets[:1]:
        candidate = (target if target.is_dir() else target.parent) / NAME
        if candidate.is_file():
            return candidate
    return None
