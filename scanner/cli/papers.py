"""Options for what the agency hands in besides its pipelines: a policy, a disclosure ledger, the Atlas."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from scanner.audit import Papers, now
from scanner.config import Config
from scanner.disclosures.check import check
from scanner.disclosures.ledger import load_ledger
from scanner.disclosures.rules import Terms
from scanner.errors import UsageError
from scanner.policy.atlas import load_leads
from scanner.policy.checklist import check_policy
from scanner.policy.document import read_document
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
        text = check_policy(read_document(self.policy_text), pack) if self.policy_text else None
        if self.policy_text and text is None:
            raise UsageError(
                f"the pack {pack.id} asks for no policy text.",
                "Leave --policy-text out, or take us-moratorium.",
            )
        ledger = check(load_ledger(self.disclosures), Terms(as_of=now().date())) if self.disclosures else None
        leads = load_leads(self.atlas, self.agency or config.agency.name) if self.atlas else ()
        return Papers(policy_text=text, disclosures=ledger, leads=leads)


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
