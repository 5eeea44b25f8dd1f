"""Who may talk to the page: a browser on this machine that was given the address, and nobody through it.

The address carries a token once; it becomes a cookie that no script reads. A page elsewhere cannot use it
(other origin), a name that resolves here cannot (other host), and an answer carries a policy that lets the
page load nothing but its own files.
"""

import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "scanner_review"
MAX_BODY = 2**20
"""An edit is small; nothing is uploaded here."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        """Guard an application.

        Args:
            app: What is guarded.
            token: The secret of the address.
            port: Where it is served; other `Host` headers are refused.
        """
        self._app = app
        self._token = token
        self._spent = False
        self._session = secrets.token_urlsafe(32)
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks another protocol
        answer = self._answer(Request(scope))
        if answer is not None:
            await answer(scope, receive, _hardened(send))
        else:
            await self._app(scope, _limited(receive), _hardened(send))

    def _answer(self, request: Request) -> Response | None:
        """What to answer instead of the application; None where it may answer."""
        if request.headers.get("host", "") not in self._hosts:
            return _refused("This page answers to its own address only.")
        given = request.query_params.get("token")
        if given is not None:
            return self._welcome(request, given)
        if not secrets.compare_digest(request.cookies.get(COOKIE, ""), self._session):
            return _refused("Open the address that `scanner review` printed.")
        if request.method not in ("GET", "HEAD") and not self._from_here(request):
            return _refused("Requests from other pages are refused.")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return PlainTextResponse("Too large.", 413)
        return None

    def _welcome(self, request: Request, given: str) -> Response:
        if self._spent or not secrets.compare_digest(given, self._token):
            return _refused("This address was used already. Start `scanner review` again for a new one.")
        self._spent = True
        answer = RedirectResponse(request.url.path, 303)
        answer.set_cookie(COOKIE, self._session, httponly=True, samesite="strict", path="/")
        return answer

    def _from_here(self, request: Request) -> bool:
        origin = request.headers.get("origin", "")
        return origin.removeprefix("http://") == request.headers["host"] and origin.startswith("http://")


def _refused(why: str) -> Response:
    return PlainTextResponse(f"{why}\n", 403)


def _limited(receive: Receive) -> Receive:
    """Count what comes in, since a length need not be told."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return counted


def _hardened(send: Send) -> Send:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = {name for name, _ in message.get("headers", ())}
            own = ((k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in told)
            message["headers"] = [*message.get("headers", ()), *own, (b"cache-control", b"no-store")]
        await send(message)

    return hardened
