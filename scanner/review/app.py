"""The routes of the review page: pages as HTML, everything else as JSON or pictures."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import cv2
import jinja2
import msgspec
import numpy as np
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from scanner.errors import ScannerError, UsageError
from scanner.findings import Exemption
from scanner.footage.cover import Plane, cover
from scanner.footage.decide import Picture
from scanner.footage.edits import Box, Change, Keyframe
from scanner.footage.manifest import Review, TrackRecord
from scanner.report.csv import guarded
from scanner.review.desk import Case, Desk, Match, Sheet, StaleError
from scanner.review.doubts import Doubt, doubts, seen_after
from scanner.review.follow import SIDE, Scene, follow
from scanner.review.guard import Guard
from scanner.review.outcome import State, log_rows

T = TypeVar("T")

_HERE = Path(__file__).parent
_QUALITY = 85
MAX_SIDE = 1920
PIECE_S = 20.0
"""How much sound is given at once."""
MAX_TIME = 1e7
FOLLOW_S = 20.0
"""How far a drawn box is followed at once."""


class ChangeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change, and the revision it was made on."""

    revision: str
    change: Change


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Undo (`steps` above zero) or redo (below)."""

    revision: str
    steps: int


class FollowRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Follow a box from a frame, forward or backward."""

    frame: int
    box: Box
    forward: bool


class Ruling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewer's word on a clip."""

    revision: str
    approved: bool
    by: str
    note: str = ""


class ClipState(msgspec.Struct, frozen=True):
    """All that the player needs of a clip."""

    name: str
    state: State
    width: int
    height: int
    times: list[float]
    style: str
    sound: bool
    tracks: tuple[TrackRecord, ...]
    changes: tuple[Change, ...]
    undone: int
    revision: str
    doubts: tuple[Doubt, ...]
    log: tuple[Exemption, ...]
    reviewer: str


class Row(msgspec.Struct, frozen=True):
    """One line of the queue. `state` is None until the released file was read."""

    number: int
    name: str
    state: State | None
    tracks: int
    doubts: int
    match: Match
    reviewed: str


class Pages:
    """The handlers, around one desk."""

    def __init__(self, desk: Desk, close: Callable[[], None]) -> None:
        self._desk = desk
        self._close = close
        self._noise = np.random.default_rng()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )

    def queue(self, _request: Request) -> Response:
        """The list of clips, the most doubtful first and what is decided last."""
        rows = sorted(map(self._row, range(len(self._desk.cases))), key=_urgency)
        return self._page("queue.html.j2", rows=rows, Match=Match, reviewer=self._desk.reviewer)

    def _row(self, number: int) -> Row:
        case = self._desk.cases[number]
        state = self._desk.state_by_now(number, self._desk.sheet(number))
        ruled = case.manifest.review
        found = doubts(case.manifest.tracks, _unseen(case), seen_after(case.manifest))
        return Row(
            number=number,
            name=case.name,
            state=state,
            tracks=len({t.id for t in case.manifest.tracks}),
            doubts=len(found),
            match=self._desk.match_of(number),
            reviewed=f"{ruled.by}, {ruled.at[:10]}" if ruled and state in _RULED else "",
        )

    def clip(self, request: Request) -> Response:
        """The player of one clip."""
        number, case = self._case(request)
        return self._page("clip.html.j2", number=number, name=case.name, reviewer=self._desk.reviewer)

    async def state(self, request: Request) -> Response:
        """The state of one clip."""
        number, _ = self._case(request)
        return await self._after(number, lambda: self._desk.sheet(number))

    async def _after(self, number: int, act: Callable[[], Sheet]) -> Response:
        """Do something off the loop, and answer with the state that follows."""
        return _json(await run_in_threadpool(lambda: self._state(number, act())))

    def _state(self, number: int, sheet: Sheet) -> ClipState:
        case, picture = self._desk.cases[number], self._desk.picture(number)
        decision = self._desk.decided(number, sheet.edits)
        return ClipState(
            name=case.name,
            state=self._desk.state(number, sheet),
            width=picture.width,
            height=picture.height,
            times=[round(t, 4) for t in picture.times],
            style=case.manifest.style,
            sound=any(s.kind == "audio" for s in case.manifest.input_streams),
            tracks=decision.tracks,
            changes=sheet.edits.changes,
            undone=sheet.edits.undone,
            revision=sheet.revision,
            doubts=doubts(decision.tracks, picture, seen_after(case.manifest)),
            log=log_rows(decision, sheet.edits),
            reviewer=self._desk.reviewer,
        )

    async def frame(self, request: Request) -> Response:
        """One frame as a JPEG: the original, or with the covers of the edits so far drawn on it."""
        number, _ = self._case(request)
        position = request.path_params["frame"]
        covered = request.query_params.get("view") == "preview"
        side = _whole(request.query_params.get("side", str(MAX_SIDE)))
        try:
            data = await run_in_threadpool(self._draw, number, position, covered, min(side, MAX_SIDE))
        except IndexError as error:
            raise HTTPException(404, "The clip has no such frame.") from error
        return Response(data, media_type="image/jpeg")

    def _draw(self, number: int, position: int, covered: bool, side: int) -> bytes:  # noqa: FBT001
        pixels, across, down = self._desk.pixels(number, position, side)
        if covered:
            boxes = self._desk.covers(number).get(position)
            if boxes is not None:
                style: Any = self._desk.cases[number].manifest.style
                cover([Plane(pixels, across, down, 0)], boxes, style, self._noise)
        return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()

    async def sound(self, request: Request) -> Response:
        """A piece of the original's sound, from a time on."""
        number, _ = self._case(request)
        try:
            start = min(max(float(request.query_params.get("from", "0")), 0.0), MAX_TIME)
        except ValueError as error:
            raise HTTPException(400, "A time is a number of seconds.") from error
        data = await run_in_threadpool(self._desk.sound, number, start, PIECE_S)
        if data is None:
            raise HTTPException(404, "The clip has no sound.")
        return Response(data, media_type="audio/wav")

    async def change(self, request: Request) -> Response:
        """Add a change."""
        number, _ = self._case(request)
        asked = await _body(request, ChangeRequest)
        return await self._after(number, lambda: self._desk.change(number, asked.revision, asked.change))

    async def turn(self, request: Request) -> Response:
        """Undo or redo."""
        number, _ = self._case(request)
        asked = await _body(request, Turn)
        return await self._after(number, lambda: self._desk.undo(number, asked.revision, asked.steps))

    async def follow(self, request: Request) -> Response:
        """Follow a box; nothing is stored."""
        number, _ = self._case(request)
        asked = await _body(request, FollowRequest)
        return _json(await run_in_threadpool(self._follow, number, asked))

    def _follow(self, number: int, asked: FollowRequest) -> list[Keyframe]:
        picture = self._desk.picture(number)
        if not 0 <= asked.frame < len(picture.times):
            raise UsageError("The clip has no such frame.", "Load the page again.")
        scale = min(1.0, SIDE / max(picture.width, picture.height))

        def grey(position: int) -> Any:
            pixels, _, _ = self._desk.pixels(number, position, SIDE)
            return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)

        begin = picture.times[asked.frame]
        ahead = (
            range(asked.frame + 1, len(picture.times)) if asked.forward else range(asked.frame - 1, -1, -1)
        )
        near = (i for i in ahead if abs(picture.times[i] - begin) <= FOLLOW_S)
        scene = Scene(grey, 1 / scale, picture.width, picture.height)
        return list(follow(scene, Keyframe(asked.frame, asked.box), near))

    async def rule(self, request: Request) -> Response:
        """Approve or reject."""
        number, _ = self._case(request)
        asked = await _body(request, Ruling)
        said = Review(approved=asked.approved, by=asked.by, at="", output_sha256="", note=asked.note)
        return await self._after(number, lambda: self._desk.rule(number, asked.revision, said))

    async def render(self, request: Request) -> Response:
        """Start redacting anew with the edits, or say how far that is."""
        number, _ = self._case(request)
        if request.method == "POST":
            self._desk.render(number)
        return _json(self._desk.rendering(number))

    def log(self, request: Request) -> Response:
        """The exemption log as CSV."""
        number, _ = self._case(request)
        made = self._desk.sheet(number).edits
        rows = log_rows(self._desk.decided(number, made), made)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(Exemption.__struct_fields__)
        writer.writerows([guarded(str(v)) for v in msgspec.structs.astuple(row)] for row in rows)
        name = f'attachment; filename="{number + 1}-withheld.csv"'
        return Response(
            out.getvalue(), media_type="text/csv; charset=utf-8", headers={"content-disposition": name}
        )

    async def end(self, _request: Request) -> Response:
        """Close the review."""
        self._close()
        return _json({"closed": True})

    def _case(self, request: Request) -> tuple[int, Case]:
        number = request.path_params["number"]
        if not 0 <= number < len(self._desk.cases):
            raise HTTPException(404, "There is no such clip.")
        return number, self._desk.cases[number]

    def _page(self, template: str, **values: object) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(**values))


def make_app(desk: Desk, token: str, port: int, close: Callable[[], None]) -> ASGIApp:
    """Put the application together, guarded."""
    pages = Pages(desk, close)
    clip = "/clip/{number:int}"
    app = Starlette(
        routes=[
            Route("/", pages.queue),
            Route(clip, pages.clip),
            Route(f"{clip}/state", pages.state),
            Route(f"{clip}/frame/{{frame:int}}.jpg", pages.frame),
            Route(f"{clip}/sound.wav", pages.sound),
            Route(f"{clip}/change", pages.change, methods=["POST"]),
            Route(f"{clip}/turn", pages.turn, methods=["POST"]),
            Route(f"{clip}/follow", pages.follow, methods=["POST"]),
            Route(f"{clip}/rule", pages.rule, methods=["POST"]),
            Route(f"{clip}/render", pages.render, methods=["GET", "POST"]),
            Route(f"{clip}/withheld.csv", pages.log),
            Route("/close", pages.end, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        exception_handlers={ScannerError: _told, HTTPException: _http},
    )
    return Guard(app, token, port)


_RULED = (State.APPROVED, State.REJECTED)
_ORDER = (State.REJECTED, State.IN_WORK, State.TO_CHECK, None, State.APPROVED)


def _urgency(row: Row) -> tuple[int, int, str]:
    return _ORDER.index(row.state), -row.doubts, row.name


def _unseen(case: Case) -> Picture:
    """A clip's picture as far as its manifest tells, without opening it."""
    shape = case.manifest.picture
    return Picture(shape.width, shape.height, range(shape.frames))


async def _body(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.DecodeError as error:
        raise UsageError(f"The request is not understood: {error}.", "Load the page again.") from error


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise HTTPException(400, "A size is a whole number of pixels.")
    return int(text)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _told(_request: Request, error: Exception) -> Response:
    status = 409 if isinstance(error, StaleError) else 422
    return Response(msgspec.json.encode({"error": str(error)}), status, media_type="application/json")


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Response(
        msgspec.json.encode({"error": error.detail}), error.status_code, media_type="application/json"
    )
