"""Serves one finished report, so that it opens in the same place as the review of clips."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scanner.review.guard import Guard


def make_report_app(page: bytes, token: str, port: int) -> ASGIApp:
    """Serve a report, guarded.

    Args:
        page: The report as HTML; it carries a content security policy of its own, by hashes.
        token: The secret of the address.
        port: Where it is served.
    """

    def show(_request: Request) -> Response:
        return HTMLResponse(page, headers={"content-security-policy": "frame-ancestors 'none'"})

    return Guard(Starlette(routes=[Route("/", show)]), token, port)
