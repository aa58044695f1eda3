"""The routes; none of them changes anything, but for the signed callback of WebSub."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote, unquote, urlsplit

from starlette.applications import Starlette
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from feedhub.errors import FeedhubError
from feedhub.publish import OPML_TYPE
from feedhub.serve.backend import Backend, OutputInfo, ServerSettings, story_key
from feedhub.serve.base_path import BasePathMiddleware
from feedhub.serve.feed_requests import FeedMiddleware, authorized, page_number, respond_to
from feedhub.serve.health_routes import HealthRoutes
from feedhub.serve.html_pages import HTML_TYPE, HtmlPages, static
from feedhub.serve.http_document import Document, document
from feedhub.serve.prometheus_text import RequestCounts as RequestCounts
from feedhub.serve.raw_response import RawResponse, response_of
from feedhub.serve.security import SecurityMiddleware, log, may_see_details
from feedhub.serve.shared_calls import RecentResults, SharedCalls
from feedhub.serve.websub_routes import WebSubRoutes
from feedhub.serve.workers import Workers

Clock = Callable[[], datetime]
#: what the server runs
App = ASGIApp

_TEXT = "text/plain; charset=utf-8"
_HEALTH_FEED = "health.atom"
_DAY = 24 * 60 * 60
#: searches cost much, and the others show a crawler nothing
_NOT_FOR_CRAWLERS = ("/search", "/health", "/metrics", "/websub/")
#: characters of a search
_MAX_QUERY = 300
_NOT_FOUND = "There is no such page. The address may be mistyped, or the feed may need its token."


class _KeyConvertor(StringConvertor):
    """A key in a path: PostgreSQL takes no NUL, not even to look for it."""

    regex = "[^/\0]+"


register_url_convertor("key", _KeyConvertor())


def _now() -> datetime:
    return datetime.now(UTC)


class ReplaceableApp:
    """An app that another may replace while it runs; requests under way end where they began."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request through the app as it is now."""
        await self.app(scope, receive, send)


def create_app(
    backend: Backend,
    settings: ServerSettings | None = None,
    clock: Clock = _now,
    *,
    counts: RequestCounts | None = None,
    page_seconds: float = 0.0,
) -> ASGIApp:
    """Make the hub's ASGI app over a backend.

    `clock` tells the present instant, `counts` go on counting, a page of stories is shown as it was for at most
    `page_seconds` while it is made anew.
    """
    settings = settings or ServerSettings()
    counts = RequestCounts() if counts is None else counts
    hub = _Routes(backend, settings, clock, counts, page_seconds)
    websub = WebSubRoutes(backend)
    routes = [
        Route("/", hub.index),
        Route("/feeds/{rest:path}", hub.feed),
        Route("/story/{key:key}", hub.story),
        Route("/search", hub.search),
        Route("/search.{suffix}", hub.search_feed),
        Route("/sources", hub.sources),
        Route("/feeds.opml", hub.subscriptions),
        Route("/static/{file}", hub.static),
        Route("/favicon.ico", hub.icon),
        Route("/robots.txt", hub.robots),
        Route("/healthz", hub.health.alive),
        Route("/readyz", hub.health.ready),
        Route("/health", hub.health.report),
        Route("/metrics", hub.health.metrics),
        Route("/websub/{key:key}", websub.verify, methods=["GET"]),
        Route("/websub/{key:key}", websub.notify, methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: hub.http_error, FeedhubError: hub.unavailable, Exception: hub.crashed},
    )
    app.router.redirect_slashes = False
    feeds = FeedMiddleware(backend, clock, app)
    # the router refers to itself: with its routes the backend of a replaced app, and all that it caches, would stay
    # until someone looks for cycles
    weakref.finalize(feeds, app.router.routes.clear).atexit = False
    secured = SecurityMiddleware(feeds, settings, counts)
    base_path = urlsplit(settings.base_url or "").path.rstrip("/")
    if not base_path:
        return secured
    names = {route.path[1:].partition("/")[0].partition(".")[0] for route in routes}
    return BasePathMiddleware(secured, unquote(base_path), names)


class _Routes:
    def __init__(
        self, backend: Backend, settings: ServerSettings, clock: Clock, counts: RequestCounts, page_seconds: float
    ) -> None:
        self._backend = backend
        self._settings = settings
        self._clock = clock
        self._pages = HtmlPages(settings)
        self._workers = Workers(threads=2)
        self.health = HealthRoutes(backend, settings, clock, counts, self._workers)
        #: lists of stories that are being read and rendered
        self._pages_shown = RecentResults(SharedCalls(), page_seconds)
        self._static = {name: document(body, kind, max_age=_DAY) for name, (body, kind) in static().items()}

    async def feed(self, request: Request) -> Response:
        """Serve what FeedMiddleware passed on: no document, a preview, or a database that is away."""
        response = await respond_to(self._backend, request.scope, self._clock())
        if response is not None:
            return RawResponse(response)
        wanted = await authorized(self._backend, request.scope)
        if wanted is not None and wanted.suffix == "html":
            return await self.stories(request, wanted.info)
        if not request.path_params["rest"]:
            return await self._page(request, partial(self._pages.outputs, await self._backend.public_outputs()))
        # an output of that name would have been found
        if request.path_params["rest"] == _HEALTH_FEED:
            return await self.health.feed(request)
        raise HTTPException(404)

    async def stories(self, request: Request, info: OutputInfo, *, is_front: bool = False) -> Response:
        """Show a page of an output's stories; 404 where it has no such page."""
        number = page_number(request.query_params.get("page", "1"))
        is_secret = info.token_digest is not None
        token = request.path_params.get("rest", "").rpartition("/")[0] or request.query_params.get("token", "")
        path = "/".join(quote(part, safe="") for part in ((token,) if is_secret else ()) + (info.name,))
        root = urlsplit(self._settings.base_url or "").path.rstrip("/")
        path = f"{root}/feeds/{path}"
        if number is None:
            raise HTTPException(404)
        work = partial(self._listed, info, number, path, is_front=is_front)
        made = await self._pages_shown.call((path, number, is_front), work)
        if made is None:
            raise HTTPException(404)
        return self._serve(request, made)

    async def _listed(self, info: OutputInfo, number: int, path: str, *, is_front: bool) -> Document | None:
        found = await self._backend.story_list(info.name, number)
        if found is None:
            return None
        render = partial(self._pages.stories, info, found, now=self._clock(), path=path, is_front=is_front)
        return await self._made(render, private=info.token_digest is not None)

    async def index(self, request: Request) -> Response:
        """Show the newest stories: of `all` where that is public, else of the first output without a token."""
        infos = [info for info in (await self._backend.outputs()).values() if info.token_digest is None]
        front = next((info for info in infos if info.name == "all"), infos[0] if infos else None)
        if front is None:
            text = "There is no feed to show: the configuration names none without a token."
            return await self._page(request, partial(self._pages.message, self._settings.title, text))
        return await self.stories(request, front, is_front=True)

    async def search(self, request: Request) -> Response:
        """Show the stories that a query finds."""
        query = request.query_params.get("q", "").strip()[:_MAX_QUERY]
        before = page_number(request.query_params.get("before", ""))
        found = await self._backend.search(query, before)
        return await self._page(request, partial(self._pages.search, query, found, now=self._clock()))

    async def search_feed(self, request: Request) -> Response:
        """Send what a query finds as a feed."""
        query = request.query_params.get("q", "").strip()[:_MAX_QUERY]
        made = await self._backend.search_feed(query, request.path_params["suffix"]) if query else None
        if made is None:
            raise HTTPException(404)
        return self._serve(request, made)

    async def sources(self, request: Request) -> Response:
        """Show the sources."""
        sources = await self._backend.sources()
        return await self._page(request, partial(self._pages.sources, sources, now=self._clock()))

    async def subscriptions(self, request: Request) -> Response:
        """Send the outputs without a token as OPML."""
        infos = [info for info in (await self._backend.outputs()).values() if info.token_digest is None]
        home = (self._settings.base_url or str(request.base_url)).rstrip("/")
        return self._serve(request, document(self._pages.subscriptions(infos, home), OPML_TYPE))

    async def story(self, request: Request) -> Response:
        """Show a story's page: 301 where it became part of another, 410 where it was killed."""
        key = story_key(request.path_params["key"])
        if story := await self._backend.story(key):
            details = may_see_details(request.scope, self._settings)
            versions = await self._backend.history(key)
            page = partial(self._pages.story, story, versions, details=details, now=self._clock())
            return await self._page(request, page, private=details)
        stone = await self._backend.tombstone(key)
        if stone is None:
            raise HTTPException(404)
        if stone.successor:
            return Response(status_code=301, headers={"location": quote(story_key(stone.successor), safe="")})
        why = f": {stone.reason}" if stone.reason else ""
        text = self._pages.message("This story is gone", f"It is no longer published here{why}.")
        return Response(text, 410, media_type=HTML_TYPE)

    async def static(self, request: Request) -> Response:
        document = self._static.get(request.path_params["file"])
        if document is None:
            raise HTTPException(404)
        return self._serve(request, document)

    async def icon(self, request: Request) -> Response:
        """Send the hub's icon, which readers ask for by this name and no other."""
        return self._serve(request, self._static["favicon.ico"])

    async def robots(self, request: Request) -> Response:
        """Tell crawlers what is not for them; below a path nobody asks for it, but the host's own may take it over."""
        root = urlsplit(self._settings.base_url or "").path.rstrip("/")
        lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in _NOT_FOR_CRAWLERS), ""]
        return self._serve(request, document("\n".join(lines).encode(), _TEXT, max_age=_DAY))

    async def http_error(self, request: Request, error: Exception) -> Response:
        """Show 404, 405 and their like as a page."""
        assert isinstance(error, HTTPException)
        text = _NOT_FOUND if error.status_code == 404 else error.detail
        page = self._pages.message("Not found" if error.status_code == 404 else error.detail, text)
        headers = {"cache-control": "no-store", **(error.headers or {})}
        return Response(page, error.status_code, headers, HTML_TYPE)

    async def unavailable(self, request: Request, error: Exception) -> Response:
        """Show 503 where the database or the disk refuses: nobody's request is at fault."""
        log.error("unavailable", extra={"reason": str(error)})
        page = self._pages.message("Not available at the moment", "The hub cannot reach its stories. Try again soon.")
        return Response(page, 503, {"retry-after": "30", "cache-control": "no-store"}, HTML_TYPE)

    async def crashed(self, request: Request, error: Exception) -> Response:
        """Show 500 for a bug; the traceback goes to the server's log, never to the client."""
        page = self._pages.message("Something broke", "This is a fault of the hub; its log says more.")
        return Response(page, 500, {"cache-control": "no-store"}, HTML_TYPE)

    async def _page(self, request: Request, render: Callable[[], bytes], *, private: bool = False) -> Response:
        return self._serve(request, await self._made(render, private=private))

    async def _made(self, render: Callable[[], bytes], *, private: bool) -> Document:
        """Render and pack a page in a thread: a long story takes longer than the event loop may be held."""
        self._pages.with_sections(await self._backend.outputs())
        return await self._workers.run(lambda: document(render(), HTML_TYPE, private=private))

    def _serve(self, request: Request, served: Document) -> Response:
        return response_of(served, request, self._clock())
