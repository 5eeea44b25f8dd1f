"""Options for what the agency hands in besides its pipelines: a policy, a disclosure ledger, the Atlas."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from scanner.audit import Papers, now
from scanner.config import Config
from scanner.errors import UsageError
from scanner.findings import Disclosures, Lead, PolicyText
from scanner.policy.pack import Pack

_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class PaperFiles:
    """The files as named on the command line."""

    policy_text: Path | None
    disclosures: Path | None
    atlas: Path | None
    agency: str

    def read(self, pack: Pack, config: Config) -> Papers:
        """Read and check them, before anything long begins.

        Raises:
            UsageError: one cannot be read, or does not fit what it is said to be.
        """
        return Papers(
            policy_text=_policy_text(self.policy_text, pack) if self.policy_text else None,
            disclosures=_ledger(self.disclosures) if self.disclosures else None,
            leads=_leads(self.atlas, self.agency or config.agency.name) if self.atlas else (),
        )


# What reads a paper is imported where one is named: most scans have none, and must start fast.


def _policy_text(path: Path, pack: Pack) -> PolicyText:
    from scanner.policy.checklist import check_policy  # noqa: PLC0415
    from scanner.policy.document import read_document  # noqa: PLC0415

    text = check_policy(read_document(path), pack)
    if text is None:
        raise UsageError(
            f"the pack {pack.id} asks for no policy text.", "Leave --policy-text out, or take us-moratorium."
        )
    return text


def _ledger(path: Path) -> Disclosures:
    from scanner.disclosures.check import check  # noqa: PLC0415
    from scanner.disclosures.ledger import load_ledger  # noqa: PLC0415
    from scanner.disclosures.rules import Terms  # noqa: PLC0415

    return check(load_ledger(path), Terms(as_of=now().date()))


def _leads(path: Path, agency: str) -> tuple[Lead, ...]:
    from scanner.policy.atlas import load_leads  # noqa: PLC0415

    return load_leads(path, agency)


def paper_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb and give it one `papers: PaperFiles`."""

    @wraps(command)
    def run(
        *args: Any,
        policy_text: Path | None,
        disclosures: Path | None,
        atlas: Path | None,
        agency: str,
        **rest: Any,
    ) -> Any:
        return command(*args, papers=PaperFiles(policy_text, disclosures, atlas, agency), **rest)

    for option in reversed(
        (
            click.option(
                "--policy-text",
                type=_FILE,
                metavar="FILE",
                help="Your own policy, held against the Act's words.",
            ),
            click.option(
                "--disclosures", type=_FILE, metavar="LOG", help="Ledger of footage given to law enforcement."
            ),
            click.option("--atlas", type=_FILE, metavar="CSV", help="EFF Atlas of Surveillance, for leads."),
            click.option(
                "--agency", default="", metavar="NAME", help="Agency in the Atlas.  [scanner.toml's]"
            ),
        )
    ):
        run = option(run)
    return run
