"""The callback of WebSub: the only route that changes anything, and only when it is signed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from feedhub.serve.backend import Backend

_TEXT = "text/plain; charset=utf-8"
#: what a hub may bring: as much as a source may serve
_MAX_NOTIFICATION = 10_000_000
#: `sha512=` and its digits
_MAX_SIGNATURE = 160
#: what a hub may send to one callback at once
_MAX_AT_ONCE = 2
#: how fast what all hubs bring is read together: to hash it takes some hundredths of a core
_BYTES_PER_SECOND = 20_000_000


class WebSubRoutes:
    """What the hubs of our sources send (WebSub, W3C Recommendation 2018, sections 5.3 and 7)."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        #: notifications under way, by the key of their callback
        self._under_way = Counter[str]()
        self._turn = asyncio.Lock()

    async def verify(self, request: Request) -> Response:
        """Respond to a WebSub hub that verifies a subscription."""
        parameters = {name.removeprefix("hub."): value for name, value in request.query_params.items()}
        challenge = await self._backend.verify_subscription(request.path_params["key"], parameters)
        if challenge is None:
            raise HTTPException(404)
        # a challenge that looks like a page must not become one
        return Response(challenge, 200, {"cache-control": "no-store"}, _TEXT)

    async def notify(self, request: Request) -> Response:
        """Receive news from a WebSub hub: none of it is read before the callback is known, and none is stored."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > _MAX_NOTIFICATION:
            raise HTTPException(413)
        key = request.path_params["key"]
        if self._under_way[key] >= _MAX_AT_ONCE:
            raise HTTPException(429, headers={"retry-after": "5"})
        signature = request.headers.get("x-hub-signature", "")[:_MAX_SIGNATURE]
        self._under_way[key] += 1
        try:
            known = await self._backend.receive_notification(key, signature, self._bounded(request))
        except ClientDisconnect:
            return Response(status_code=400)
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
        return Response(b"", 202 if known else 410, {"cache-control": "no-store"})

    async def _bounded(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the pieces of a body at the pace that all share, each in its turn; 413 where it is too large."""
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > _MAX_NOTIFICATION:
                raise HTTPException(413)
            yield chunk
            async with self._turn:
                await asyncio.sleep(len(chunk) / _BYTES_PER_SECOND)
