"""The options that send work to other machines."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner import __version__
from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.engine.cluster import Address, Cluster


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--cluster` and `--tls`, given to the verb as `cluster: Address | None`."""

    @click.option(
        "--cluster",
        "url",
        metavar="ADDRESS",
        help="Work on the machines of a Dask scheduler: tls://HOST:PORT, or tcp://127.0.0.1:PORT.",
    )
    @click.option(
        "--tls",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="What tls:// needs: a folder with ca.pem, cert.pem and key.pem.",
    )
    @functools.wraps(command)
    def with_address(*args: Any, url: str | None, tls: Path | None, **kwargs: Any) -> Any:
        return command(*args, cluster=_address(url, tls), **kwargs)

    return with_address


def _address(url: str | None, tls: Path | None) -> "Address | None":
    if url is None:
        if tls is not None:
            raise UsageError("--tls belongs to --cluster.", "Name the cluster, too.")
        return None
    from scanner.engine.cluster import Address  # noqa: PLC0415 - few runs need it

    return Address(url, tls)


def connect(address: "Address", rules_dir: str = "") -> "Cluster":
    """Connect to a cluster whose machines must have our version and rules."""
    from scanner.engine.cluster import Cluster  # noqa: PLC0415 - likewise

    return Cluster(address, alike, rules_dir)


def alike(rules_dir: str) -> str:
    """Name what decides a result besides the input; asked here and on every worker."""
    from scanner.rules import load_rules  # noqa: PLC0415 - a worker needs the rest of this module as well

    return (
        f"scanner {__version__} with rules {load_rules(Path(rules_dir) if rules_dir else None).digest[:12]}"
    )
