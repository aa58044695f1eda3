"""The routes; none of them changes anything, but for the signed callback of WebSub."""

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
from feedhub.serve.feed_requests import Feeds, admitted, reply
from feedhub.serve.guard import Guard, log, sees_details
from feedhub.serve.html_pages import HTML_TYPE, Pages, static
from feedhub.serve.http_document import Document, document
from feedhub.serve.metrics import METRICS_TYPE, Tally, metrics
from feedhub.serve.port import OutputInfo, Reader, Settings, story_key

Clock = Callable[[], datetime]

_TEXT = "text/plain; charset=utf-8"
#: what a hub may bring: as much as a source may serve
_MOST = 10_000_000
_HEALTH_FEED = "health.atom"
_ATOM = "application/atom+xml; charset=utf-8"
_DAY = 24 * 60 * 60
_NOT_FOUND = "There is no such page. The address may be mistyped, or the feed may need its token."


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(reader: Reader, settings: Settings | None = None, clock: Clock = _now) -> ASGIApp:
    """The hub as an ASGI app over what the reader has."""
    settings = settings or Settings()
    tally = Tally()
    hub = _Hub(reader, settings, clock, tally)
    routes = [
        Route("/", hub.index),
        Route("/feeds/{rest:path}", hub.feed),
        Route("/story/{key}", hub.story),
        Route("/static/{file}", hub.static),
        Route("/healthz", hub.alive),
        Route("/readyz", hub.ready),
        Route("/health", hub.health),
        Route("/metrics", hub.metrics),
        Route("/websub/{key}", hub.confirm, methods=["GET"]),
        # the only route that changes anything, and only when signed
        Route("/websub/{key}", hub.told, methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: hub.refused, FeedhubError: hub.failed, Exception: hub.broken},
    )
    app.router.redirect_slashes = False
    return Guard(Feeds(reader, clock, app), settings, tally)


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
    def __init__(self, reader: Reader, settings: Settings, clock: Clock, tally: Tally) -> None:
        self._reader = reader
        self._tally = tally
        self._settings = settings
        self._clock = clock
        self._pages = Pages(settings)
        self._static = {name: document(body, kind, max_age=_DAY) for name, (body, kind) in static().items()}

    async def feed(self, request: Request) -> Response:
        """Reached only where `Feeds` found no document or could not look."""
        made = await reply(self._reader, request.scope, self._clock())
        if made is not None:
            return _Send(made)
        wanted = await admitted(self._reader, request.scope)
        if wanted is not None and wanted.suffix == "html":
            return await self.preview(request, wanted.info)
        # an output of that name would have been found
        if request.path_params["rest"] == _HEALTH_FEED:
            return await self.health_feed(request)
        raise HTTPException(404)

    async def preview(self, request: Request, info: OutputInfo) -> Response:
        """What an output shows, as a page."""
        shown = await self._reader.preview(info.name)
        if shown is None:
            raise HTTPException(404)
        secret = info.token_digest is not None
        return self._page(request, self._pages.preview(info, shown, secret=secret), private=secret)

    async def index(self, request: Request) -> Response:
        return self._page(request, self._pages.index(await self._reader.listed()))

    async def story(self, request: Request) -> Response:
        """A story's page; moved where it became part of another, gone where it was killed."""
        key = story_key(request.path_params["key"])
        if story := await self._reader.story(key):
            details = sees_details(request.scope, self._settings)
            told = await self._reader.history(key)
            return self._page(request, self._pages.story(story, told, details=details), private=details)
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
        health = await self._reader.ready()
        return _plain(200 if health.ready else 503, "ready" if health.ready else "not ready")

    async def health(self, request: Request) -> Response:
        """The health report, for the operator alone."""
        if not sees_details(request.scope, self._settings):
            return _closed()
        health = await self._reader.health()
        report = {"ready": health.ready, "reason": health.reason, **health.report}
        body = json.dumps(report, ensure_ascii=False, indent=2, default=_value).encode() + b"\n"
        return Response(body, 200, {"cache-control": "no-store"}, "application/json")

    async def health_feed(self, request: Request) -> Response:
        """The troubles of the sources, for the operator's own reader."""
        if not sees_details(request.scope, self._settings):
            return _closed()
        return self._serve(request, document(await self._reader.health_feed(), _ATOM, private=True))

    async def metrics(self, request: Request) -> Response:
        """The numbers, for the operator's collector."""
        if not sees_details(request.scope, self._settings):
            return _closed()
        health = await self._reader.health()
        return Response(metrics(health.numbers, self._tally), 200, {"cache-control": "no-store"}, METRICS_TYPE)

    async def confirm(self, request: Request) -> Response:
        """A hub verifies that a subscription was meant."""
        said = {name.removeprefix("hub."): value for name, value in request.query_params.items()}
        challenge = await self._reader.confirm(request.path_params["key"], said)
        if challenge is None:
            raise HTTPException(404)
        # a challenge that looks like a page must not become one
        return Response(challenge, 200, {"cache-control": "no-store"}, _TEXT)

    async def told(self, request: Request) -> Response:
        """A hub brings news."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST:
                raise HTTPException(413)
        signature = request.headers.get("x-hub-signature", "")
        known = await self._reader.told(request.path_params["key"], signature, body)
        return Response(b"", 202 if known else 410, {"cache-control": "no-store"})

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


def _closed() -> Response:
    challenge = {"www-authenticate": 'Basic realm="feedhub", charset="UTF-8"', "cache-control": "no-store"}
    return Response("401 server.admin_token is needed to see this\n", 401, challenge, _TEXT)


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, {"cache-control": "no-store"}, _TEXT)
