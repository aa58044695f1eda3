"""`/feeds/NAME.SUFFIX` and `/feeds/TOKEN/NAME.SUFFIX`: what readers ask again and again, before any routing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from feedhub.errors import FeedhubError
from feedhub.serve.answer import Answer, answer, asked, holds
from feedhub.serve.http_document import Document
from feedhub.serve.port import OutputInfo, Reader, opens

PREFIX = "/feeds/"
#: what names another document than the output itself (RFC 5005)
_APART = frozenset({"page", "archive"})
_NOTHING: Mapping[str, str] = {}
_NUMBER = re.compile("[1-9][0-9]{0,5}")


class Wanted(NamedTuple):
    """An output, the format that it is asked for in, and what else the query says."""

    info: OutputInfo
    suffix: str
    asks: Mapping[str, str]


class Feeds:
    """An ASGI app that answers with documents and leaves all else, errors too, to the app behind it.

    Routing and its middlewares cost more than the rest of an answer out of memory.
    """

    def __init__(self, reader: Reader, clock: Callable[[], datetime], behind: ASGIApp) -> None:
        self._reader = reader
        self._clock = clock
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        made = None
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["method"] in ("GET", "HEAD"):
            try:
                made = await reply(self._reader, scope, self._clock())
            except FeedhubError:
                # asked again behind, where there are pages for failures
                made = None
        if made is None:
            await self._behind(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": made.status, "headers": made.headers})
        await send({"type": "http.response.body", "body": made.body})


async def reply(reader: Reader, scope: Scope, now: datetime) -> Answer | None:
    """The answer to a request for a document; a wrong token finds nothing, like a wrong name."""
    wanted = await admitted(reader, scope)
    if wanted is None:
        return None
    found = await _found(reader, wanted.info.name, wanted.suffix, wanted.asks)
    if found is None:
        return None
    request = asked(scope["method"], scope["headers"])
    if request.a_im and request.held and not wanted.asks.keys() & _APART and not holds(found, request):
        found = await reader.lacking(wanted.info.name, wanted.suffix, request.held) or found
    return answer(found, request, now)


async def admitted(reader: Reader, scope: Scope) -> Wanted | None:
    """The output that a request asks for and may have."""
    before, _, file = scope["path"].removeprefix(PREFIX).rpartition("/")
    name, _, suffix = file.rpartition(".")
    asks = _query(scope) if scope["query_string"] else _NOTHING
    info = (await reader.outputs()).get(name)
    if info is None or (info.token_digest is None and before):
        return None
    if info.token_digest is not None and not opens(before or asks.get("token"), info.token_digest):
        return None
    return Wanted(info, suffix, asks)


async def _found(reader: Reader, name: str, suffix: str, asks: Mapping[str, str]) -> Document | None:
    """The output itself, or the further page or the archived document that the query names."""
    if not asks.keys() & _APART:
        return await reader.document(name, suffix)
    if "archive" in asks:
        number = _number(asks["archive"])
        return await reader.archived(name, number) if number and suffix == "atom" and "page" not in asks else None
    number = _number(asks["page"])
    return await reader.page(name, suffix, number) if number else None


def _number(text: str) -> int | None:
    """A page's number as we write it, else None: one page has one address."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _query(scope: Scope) -> dict[str, str]:
    given = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {name: values[0] for name, values in given.items()}
