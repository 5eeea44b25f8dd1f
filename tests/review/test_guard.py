"""Who is refused: no token, a spent one, other hosts, other origins, large bodies, paths outside."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from scanner.review.app import make_app
from scanner.review.desk import Desk
from scanner.review.guard import COOKIE, Guard

TOKEN = "t0ken"


class Server:
    """A review without clips, served for real."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.closed = threading.Event()
        app = make_app(Desk([]), TOKEN, self.port, self.closed.set)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, body or None, named)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def enter(self) -> str:
        status, headers, _ = self.ask("GET", f"/?token={TOKEN}")
        assert status == 303
        return headers["set-cookie"].split(";")[0]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.server.should_exit = True
    made.thread.join(timeout=5)


def test_nobody_enters_without_the_address(server: Server) -> None:
    assert server.ask("GET", "/")[0] == 403
    assert server.ask("GET", "/static/review.css")[0] == 403
    assert server.ask("GET", "/?token=guess")[0] == 403
    assert server.ask("GET", "/", cookie="scanner_review=guess")[0] == 403


def test_the_address_works_once(server: Server) -> None:
    cookie = server.enter()
    assert server.ask("GET", "/", cookie=cookie)[0] == 200
    status, _, text = server.ask("GET", f"/?token={TOKEN}")
    assert (status, "used already" in text) == (403, True)


def test_the_cookie_is_kept_from_scripts_and_other_pages(server: Server) -> None:
    _, headers, _ = server.ask("GET", f"/?token={TOKEN}")
    assert {"httponly", "samesite=strict"} <= {w.strip().lower() for w in headers["set-cookie"].split(";")}
    assert "token" not in headers["location"]


def test_another_host_is_refused(server: Server) -> None:
    cookie = server.enter()
    assert server.ask("GET", "/", cookie=cookie, host="evil.example")[0] == 403
    assert server.ask("GET", "/", cookie=cookie, host=f"localhost:{server.port}")[0] == 200
    assert server.ask("GET", "/", cookie=cookie, host="127.0.0.1:1")[0] == 403


@pytest.mark.parametrize("origin", ["", "http://evil.example", "null", "https://127.0.0.1"])
def test_a_request_from_another_page_is_refused(server: Server, origin: str) -> None:
    cookie = server.enter()
    headers = {"origin": origin} if origin else {}
    assert server.ask("POST", "/close", b"{}", cookie=cookie, **headers)[0] == 403
    assert not server.closed.is_set()
    own = f"http://127.0.0.1:{server.port}"
    assert server.ask("POST", "/close", b"{}", cookie=cookie, origin=own)[0] == 200
    assert server.closed.is_set()


def test_a_large_body_is_refused_before_it_is_read(server: Server) -> None:
    cookie, own = server.enter(), f"http://127.0.0.1:{server.port}"
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/clip/0/change")
    for name, value in (("cookie", cookie), ("origin", own), ("content-length", str(2**30))):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_of_untold_length_is_cut_off() -> None:
    sent: list[Message] = []

    async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
        size = len(await Request(scope, receive).body())
        await PlainTextResponse(str(size))(scope, receive, send)

    guard = Guard(reads_all, TOKEN, 80)
    headers = [(b"host", b"localhost:80"), (b"origin", b"http://localhost:80")]
    cookie = [(b"cookie", f"{COOKIE}={guard._session}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers + cookie}

    async def run(pieces: int) -> None:
        left = pieces

        async def receive() -> Message:
            nonlocal left
            left -= 1
            return {"type": "http.request", "body": b"x" * 65536, "more_body": left > 0}

        async def send(message: Message) -> None:
            sent.append(message)

        await guard(scope, receive, send)

    asyncio.run(run(4))
    assert sent[-1]["body"] == str(4 * 65536).encode()
    with pytest.raises(ClientDisconnect):
        asyncio.run(run(64))


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fcli/review.py", "/etc/passwd"]
)
def test_nothing_outside_is_served(server: Server, path: str) -> None:
    status, _, text = server.ask("GET", path, cookie=server.enter())
    assert status == 404
    assert "import" not in text


def test_every_answer_carries_the_policy(server: Server) -> None:
    cookie = server.enter()
    for path in ("/", "/static/review.css", "/clip/7", "/nowhere"):
        _, headers, _ = server.ask("GET", path, cookie=cookie)
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    assert server.ask("GET", "/")[1]["x-content-type-options"] == "nosniff"


def test_no_page_names_another_site() -> None:
    here = Path(__file__).parents[2] / "scanner" / "review"
    for file in [*here.glob("static/*"), *here.glob("templates/*")]:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, file
        assert "https:" not in text, file
        assert "style=" not in text, file
