"""`scanner review`: the page on which a person checks redactions before release, or reads a report."""

import secrets
import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli import printable
from scanner.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    Making = Callable[[str, int, Callable[[], None]], ASGIApp]
    """Makes the application of a token, a port, and what closes it."""


@click.command(short_help="Check redactions in the browser before release; read a report there.")
@click.argument("target", type=click.Path(path_type=Path), metavar="CLIP_OR_FOLDER|RUN.json")
@click.option(
    "--originals",
    type=click.Path(path_type=Path, exists=True),
    metavar="FOLDER",
    help="Where the originals lie.  [default: beside the redactions]",
)
@click.option("--reviewer", default="", metavar="NAME", help="Who looks; can be written on the page as well.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Of this machine.  [default: a free one]"
)
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def command(target: Path, originals: Path | None, reviewer: str, port: int, no_browser: bool) -> int:
    """Check redactions in the browser before they are released; or read the report of a run there.

    TARGET is a redacted clip or a folder of them, with their manifests; or the JSON report of a scan. The
    page is served to this machine only, under an address that works once; edits are stored beside the clips
    as they are made.

    \b
    Examples:
      scanner review release/ --originals exports/
      scanner review release/gate.mp4 --originals exports/gate.mp4 --reviewer "R. Clerk"
      scanner review run.json
    """
    if not target.exists():
        raise UsageError(f"{target} does not exist.", "Name a redacted clip, a folder of them, or a run.")
    if target.suffix == ".json":
        _serve(_report(target), port, no_browser=no_browser)
        return 0
    from scanner.review.app import make_app  # noqa: PLC0415 - video libraries load only now
    from scanner.review.desk import Desk, find_cases  # noqa: PLC0415

    beside = target if target.is_dir() else target.parent
    with closing(Desk(find_cases(target), originals or beside, reviewer)) as desk:
        desk.match()
        _serve(lambda token, at, close: make_app(desk, token, at, close), port, no_browser=no_browser)
    return 0


def _report(path: Path) -> "Making":
    from scanner.cli.report import read_run  # noqa: PLC0415
    from scanner.report.html import render  # noqa: PLC0415
    from scanner.review.report import make_report_app  # noqa: PLC0415

    page = render(read_run(path))
    return lambda token, at, _close: make_report_app(page, token, at)


def _serve(make: "Making", port: int, *, no_browser: bool) -> None:
    """Serve until the page is closed, or Ctrl-C."""
    import uvicorn  # noqa: PLC0415 - the server loads only now

    token = secrets.token_urlsafe(24)
    servers: list[uvicorn.Server] = []

    def close() -> None:
        servers[0].should_exit = True

    with closing(_listen(port)) as listening:
        at = listening.getsockname()[1]
        config = uvicorn.Config(
            make(token, at, close), log_level="error", lifespan="off", timeout_graceful_shutdown=2
        )
        servers.append(uvicorn.Server(config))
        address = f"http://127.0.0.1:{at}/?token={token}"
        click.echo(f"review: {printable(address)}")
        click.echo("The address works once. Close the review on the page, or with Ctrl-C here.")
        if not no_browser:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):  # that is how it ends
            servers[0].run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()  # a browser may come before the server is ready: it waits then
    except OSError as error:
        listening.close()
        raise UsageError(f"Port {port} cannot be used: {error.strerror}.", "Leave --port out.") from error
    return listening
