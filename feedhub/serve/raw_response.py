"""A document as Starlette sends it in answer to a request."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from feedhub.serve.http_document import Document
from feedhub.serve.http_response import DocumentResponse, read_request, respond


class RawResponse(Response):
    """A `DocumentResponse` as Starlette sends it."""

    def __init__(self, response: DocumentResponse) -> None:
        self._response = response
        self.status_code = response.status
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._response.send(send)


def response_of(document: Document, request: Request, now: datetime) -> RawResponse:
    """Return what a request gets of a document: whole, packed as the client reads it, or 304."""
    return RawResponse(respond(document, read_request(request.method, request.scope["headers"]), now))
