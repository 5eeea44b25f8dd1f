"""The options by which a scan draws clips from an archive instead of inspecting all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from scanner.drawn import wanted


def sampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb and give it one `sample: Wanted | None`."""

    @wraps(command)
    def run(
        *args: Any,
        sample: int | None,
        confidence: str | None,
        limit: str | None,
        seed: str | None,
        **rest: Any,
    ) -> Any:
        return command(*args, sample=wanted(sample, confidence, limit, seed), **rest)

    for option in reversed(
        (
            click.option("--sample", type=click.IntRange(1), metavar="N", help="Draw N clips, not all."),
            click.option(
                "--limit", metavar="PCT", help="Draw as many clips as bound the share with a finding by PCT."
            ),
            click.option("--confidence", metavar="PCT", help="Of the bound.  [default: 95]"),
            click.option("--seed", metavar="TEXT", help="Draws the same clips again.  [default: random]"),
        )
    ):
        run = option(run)
    return run
