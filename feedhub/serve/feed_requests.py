"""`/feeds/NAME.SUFFIX` and `/feeds/TOKEN/NAME.SUFFIX`: what readers ask for again and again, before any routing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from feedhub.errors import FeedhubError
from feedhub.serve.backend import Backend, OutputInfo, token_matches
from feedhub.serve.http_document import Document, RawHeaders
from feedhub.serve.http_response import DocumentResponse, is_current, read_request, respond

PREFIX = "/feeds/"
#: what names another document than the output itself (RFC 5005)
_OTHER_DOCUMENTS = frozenset({"page", "archive"})
_NOTHING: Mapping[str, str] = {}
#: what needs no token may be read by scripts of any page: a reader in a browser
CROSS_ORIGIN: RawHeaders = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified, Link, IM"),
]
#: conditions are no "simple" headers: browsers ask first (Fetch, 3.2.2)
_PREFLIGHT: RawHeaders = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"A-IM, If-Modified-Since, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"cache-control", b"no-store"),
    (b"content-length", b"0"),
]
_NUMBER = re.compile("[1-9][0-9]{0,5}")


class FeedRequest(NamedTuple):
    """A request for an output: in which format, and what else its query says."""

    info: OutputInfo
    suffix: str
    query: Mapping[str, str]


class FeedMiddleware:
    """ASGI middleware that serves documents and leaves all else, errors too, to the app behind it.

    Routing and its middlewares cost more than the rest of a response out of memory.
    """

    def __init__(self, backend: Backend, clock: Callable[[], datetime], app: ASGIApp) -> None:
        self._backend = backend
        self._clock = clock
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or hand the request on."""
        response = None
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and scope["path"].startswith(PREFIX):
            with suppress(FeedhubError):
                wanted = await authorized(self._backend, scope)
                if wanted is not None and wanted.info.token_digest is None:
                    response = DocumentResponse(status=204, headers=_PREFLIGHT)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["method"] in ("GET", "HEAD"):
            # a failure is asked for again behind, where there are pages for failures
            with suppress(FeedhubError):
                response = await respond_to(self._backend, scope, self._clock())
        if response is None:
            await self._app(scope, receive, send)
            return
        await response.send(send)


async def respond_to(backend: Backend, scope: Scope, now: datetime) -> DocumentResponse | None:
    """Respond to a request for a document; None for a wrong token, as for a wrong name."""
    wanted = await authorized(backend, scope)
    if wanted is None:
        return None
    document = await _document(backend, wanted.info.name, wanted.suffix, wanted.query)
    if document is None:
        return None
    request = read_request(scope["method"], scope["headers"])
    if (
        request.a_im
        and request.known_versions
        and not wanted.query.keys() & _OTHER_DOCUMENTS
        and not is_current(document, request)
    ):
        document = await backend.delta(wanted.info.name, wanted.suffix, request.known_versions) or document
    response = respond(document, request, now)
    if wanted.info.token_digest is not None:
        return response
    return response._replace(headers=[*response.headers, *CROSS_ORIGIN])


async def authorized(backend: Backend, scope: Scope) -> FeedRequest | None:
    """Return the output that a request is for, None where there is none or its token is wrong."""
    before, _, file = scope["path"].removeprefix(PREFIX).rpartition("/")
    name, _, suffix = file.rpartition(".")
    query = _query(scope) if scope["query_string"] else _NOTHING
    info = (await backend.outputs()).get(name)
    if info is None or (info.token_digest is None and before):
        return None
    if info.token_digest is not None and not token_matches(before or query.get("token"), info.token_digest):
        return None
    return FeedRequest(info, suffix, query)


async def _document(backend: Backend, name: str, suffix: str, query: Mapping[str, str]) -> Document | None:
    """Return the output itself, or the further page or the archived document that the query names."""
    if not query.keys() & _OTHER_DOCUMENTS:
        return await backend.document(name, suffix)
    if "archive" in query:
        number = page_number(query["archive"])
        return await backend.archived(name, number) if number and suffix == "atom" and "page" not in query else None
    number = page_number(query["page"])
    return await backend.page(name, suffix, number) if number else None


def page_number(text: str) -> int | None:
    """Parse a page's number as we write it, else None: one page has one address."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _query(scope: Scope) -> dict[str, str]:
    values = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {name: each[0] for name, each in values.items()}
