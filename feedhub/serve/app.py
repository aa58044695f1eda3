"""The routes; none of them changes anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from feedhub.errors import FeedhubError
from feedhub.serve.answer import Answer, answer, asked
from feedhub.serve.document import Document, document
from feedhub.serve.feeds import Feeds, find
from feedhub.serve.guard import Guard, log, sees_details
from feedhub.serve.pages import HTML_TYPE, Pages, static
from feedhub.serve.reader import Reader, Settings, story_key

Clock = Callable[[], datetime]

_TEXT = "text/plain; charset=utf-8"
_DAY = 24 * 60 * 60
_NOT_FOUND = "There is no such page. The address may be mistyped, or the feed may need its token."


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(reader: Reader, settings: Settings | None = None, clock: Clock = _now) -> ASGIApp:
    """The hub as an ASGI app over what the reader has."""
    settings = settings or Settings()
    hub = _Hub(reader, settings, clock)
    routes = [
        Route("/", hub.index),
        Route("/feeds/{rest:path}", hub.feed),
        Route("/story/{key}", hub.story),
        Route("/static/{file}", hub.static),
        Route("/healthz", hub.alive),
        Route("/readyz", hub.ready),
        Route("/health", hub.health),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: hub.refused, FeedhubError: hub.failed, Exception: hub.broken},
    )
    app.router.redirect_slashes = False
    return Guard(Feeds(reader, clock, app), settings)


class _Send(Response):
    """An `Answer` as Starlette sends it."""

    def __init__(self, made: Answer) -> None:
        self._made = made
        self.status_code = made.status
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._made.status, "headers": self._made.headers})
        await send({"type": "http.response.body", "body": self._made.body})


class _Hub:
    def __init__(self, reader: Reader, settings: Settings, clock: Clock) -> None:
        self._reader = reader
        self._settings = settings
        self._clock = clock
        self._pages = Pages(settings)
        self._static = {name: document(body, kind, max_age=_DAY) for name, (body, kind) in static().items()}

    async def feed(self, request: Request) -> Response:
        """Reached only where `Feeds` found no document or could not look."""
        found = await find(self._reader, request.scope)
        if found is None:
            raise HTTPException(404)
        return self._serve(request, found)

    async def index(self, request: Request) -> Response:
        outputs = [info for info in (await self._reader.outputs()).values() if info.token_digest is None]
        return self._page(request, self._pages.index(outputs))

    async def story(self, request: Request) -> Response:
        """A story's page; moved where it became part of another, gone where it was killed."""
        key = story_key(request.path_params["key"])
        if story := await self._reader.story(key):
            details = sees_details(request.scope, self._settings)
            return self._page(request, self._pages.story(story, details=details), private=details)
        stone = await self._reader.tombstone(key)
        if stone is None:
            raise HTTPException(404)
        if stone.successor:
            return Response(status_code=301, headers={"location": quote(story_key(stone.successor), safe="")})
        text = self._pages.message("This story is gone", f"It was withdrawn: {stone.reason}")
        return Response(text, 410, media_type=HTML_TYPE)

    async def static(self, request: Request) -> Response:
        found = self._static.get(request.path_params["file"])
        if found is None:
            raise HTTPException(404)
        return self._serve(request, found)

    async def alive(self, request: Request) -> Response:
        return _plain(200, "alive")

    async def ready(self, request: Request) -> Response:
        health = await self._reader.health()
        return _plain(200 if health.ready else 503, "ready" if health.ready else "not ready")

    async def health(self, request: Request) -> Response:
        """The health report, for the operator alone."""
        if not sees_details(request.scope, self._settings):
            challenge = {"www-authenticate": 'Basic realm="feedhub", charset="UTF-8"', "cache-control": "no-store"}
            return Response("401 server.admin_token is needed to see this\n", 401, challenge, _TEXT)
        health = await self._reader.health()
        report = {"ready": health.ready, "reason": health.reason, **health.report}
        body = json.dumps(report, ensure_ascii=False, indent=2, default=str).encode() + b"\n"
        return Response(body, 200, {"cache-control": "no-store"}, "application/json")

    async def refused(self, request: Request, error: Exception) -> Response:
        """404, 405 and their like as a page."""
        assert isinstance(error, HTTPException)
        text = _NOT_FOUND if error.status_code == 404 else error.detail
        page = self._pages.message("Not found" if error.status_code == 404 else error.detail, text)
        headers = {"cache-control": "no-store", **(error.headers or {})}
        return Response(page, error.status_code, headers, HTML_TYPE)

    async def failed(self, request: Request, error: Exception) -> Response:
        """The database or the disk refuses: nobody's request is at fault."""
        log.error("unavailable reason=%r", str(error))
        page = self._pages.message("Not available at the moment", "The hub cannot reach its stories. Try again soon.")
        return Response(page, 503, {"retry-after": "30", "cache-control": "no-store"}, HTML_TYPE)

    async def broken(self, request: Request, error: Exception) -> Response:
        """A bug; the traceback goes to the server's log, never to the client."""
        page = self._pages.message("Something broke", "This is a fault of the hub; its log says more.")
        return Response(page, 500, {"cache-control": "no-store"}, HTML_TYPE)

    def _page(self, request: Request, body: bytes, *, private: bool = False) -> Response:
        return self._serve(request, document(body, HTML_TYPE, private=private))

    def _serve(self, request: Request, found: Document) -> Response:
        return _Send(answer(found, asked(request.method, request.scope["headers"]), self._clock()))


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, {"cache-control": "no-store"}, _TEXT)
