"""`scanner review`: the page on which a person checks redactions before release."""

import secrets
import signal
import socket
import webbrowser
from contextlib import closing
from pathlib import Path

import click

from scanner.cli import printable
from scanner.errors import UsageError


@click.command(short_help="Check redactions in the browser before release.")
@click.argument("target", type=click.Path(path_type=Path), metavar="CLIP_OR_FOLDER")
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
    """Check redactions in the browser before they are released.

    TARGET is a redacted clip or a folder of them, with their manifests. The page is served to this machine
    only, under an address that works once; edits are stored beside the clips as they are made.

    \b
    Examples:
      scanner review release/ --originals exports/
      scanner review release/gate.mp4 --originals exports/gate.mp4 --reviewer "R. Clerk"
    """
    import uvicorn  # noqa: PLC0415 - the server loads only now

    from scanner.review.app import make_app  # noqa: PLC0415
    from scanner.review.desk import Desk, find_cases  # noqa: PLC0415

    if not target.exists():
        raise UsageError(f"{target} does not exist.", "Name a redacted clip or a folder of them.")
    desk = Desk(find_cases(target, originals), reviewer)
    token = secrets.token_urlsafe(24)
    listening = _listen(port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/?token={token}"
    with closing(desk), closing(listening):
        server: uvicorn.Server | None = None

        def close() -> None:
            if server is not None:
                server.should_exit = True

        app = make_app(desk, token, listening.getsockname()[1], close)
        config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        click.echo(f"review: {printable(address)}")
        click.echo("The address works once. Close the review on the page, or with Ctrl-C here.")
        if not no_browser:
            webbrowser.open(address)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    return 0


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
