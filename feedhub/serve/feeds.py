"""`/feeds/NAME.SUFFIX` and `/feeds/TOKEN/NAME.SUFFIX`: what readers ask again and again, before any routing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from feedhub.errors import FeedhubError
from feedhub.serve.answer import answer, asked
from feedhub.serve.document import Document
from feedhub.serve.reader import Reader, opens

PREFIX = "/feeds/"


class Feeds:
    """An ASGI app that answers with documents and leaves all else, errors too, to the app behind it.

    Routing and its middlewares cost more than the rest of an answer out of memory.
    """

    def __init__(self, reader: Reader, clock: Callable[[], datetime], behind: ASGIApp) -> None:
        self._reader = reader
        self._clock = clock
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["method"] in ("GET", "HEAD"):
            try:
                found = await find(self._reader, scope)
            except FeedhubError:
                # asked again behind, where there are pages for failures
                found = None
        if found is None:
            await self._behind(scope, receive, send)
            return
        made = answer(found, asked(scope["method"], scope["headers"]), self._clock())
        await send({"type": "http.response.start", "status": made.status, "headers": made.headers})
        await send({"type": "http.response.body", "body": made.body})


async def find(reader: Reader, scope: Scope) -> Document | None:
    """The document that a request asks for; a wrong token finds nothing, like a wrong name."""
    before, _, file = scope["path"].removeprefix(PREFIX).rpartition("/")
    name, _, suffix = file.rpartition(".")
    info = (await reader.outputs()).get(name)
    if info is None or (info.token_digest is None and before):
        return None
    if info.token_digest is not None and not opens(before or _token(scope), info.token_digest):
        return None
    return await reader.document(name, suffix)


def _token(scope: Scope) -> str | None:
    given = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return given[0] if given else None
