"""The callback of WebSub: the only route that changes anything, and only when it is signed."""

from __future__ import annotations

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


class WebSubRoutes:
    """What the hubs of our sources send (WebSub, W3C Recommendation 2018, sections 5.3 and 7)."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

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
        signature = request.headers.get("x-hub-signature", "")[:_MAX_SIGNATURE]
        try:
            known = await self._backend.receive_notification(request.path_params["key"], signature, _bounded(request))
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(b"", 202 if known else 410, {"cache-control": "no-store"})


async def _bounded(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _MAX_NOTIFICATION:
            raise HTTPException(413)
        yield chunk
