"""Document, request headers -> response by RFC 9110: coding, conditions, HEAD; ranges are ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from feedhub.serve.http_document import CODINGS, Content, Document, RawHeaders, Variant, version_of

if TYPE_CHECKING:
    from starlette.types import Send

_USED_HEADERS = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"a-im"})
#: an entity tag without the `W/` that says it is weak
_TAG = re.compile(r'"[^"]*"')
#: no reader holds more versions of one document
_MAX_VERSIONS = 12
#: what is longer is neither a list of codings nor a date, and would fill the caches
_MAX_VALUE = 256
#: two versions may share a second; a date stands for one of them only when its second is over (8.8.2.2)
_SETTLED = timedelta(seconds=1)


class DocumentResponse(NamedTuple):
    """A response ready to send."""

    status: int
    headers: RawHeaders
    body: Content = b""

    async def send(self, send: Send) -> None:
        """Send it over ASGI; a long body in pieces."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if isinstance(self.body, bytes):
            await send({"type": "http.response.body", "body": self.body})
            return
        for piece in self.body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class DocumentRequest(NamedTuple):
    """What a response depends on in a request for a document."""

    method: str = "GET"
    accept_encoding: str = ""
    if_none_match: str | None = None
    if_modified_since: str | None = None
    a_im: str = ""

    @property
    def known_versions(self) -> tuple[str, ...]:
        """Return the versions that the client has and wants only the news since (RFC 3229)."""
        if not self.a_im or not self.if_none_match or not accepts(self.a_im, "feed"):
            return ()
        tags = islice(_TAG.finditer(self.if_none_match), _MAX_VERSIONS)
        return tuple(version_of(tag[0]) for tag in tags)


def read_request(method: str, headers: Iterable[tuple[bytes, bytes]]) -> DocumentRequest:
    """Read a request's method and raw headers; a header given twice is joined as a list (RFC 9110, 5.3)."""
    values: dict[bytes, str] = {}
    for name, value in headers:
        if name in _USED_HEADERS:
            text = value.decode("latin-1")
            values[name] = f"{values[name]}, {text}" if name in values else text
    date = values.get(b"if-modified-since")
    return DocumentRequest(
        method=method,
        accept_encoding=values.get(b"accept-encoding", "")[:_MAX_VALUE],
        if_none_match=values.get(b"if-none-match"),
        if_modified_since=None if date is None else date[:_MAX_VALUE],
        a_im=values.get(b"a-im", "")[:_MAX_VALUE],
    )


def respond(document: Document, request: DocumentRequest, now: datetime) -> DocumentResponse:
    """Respond 200 (226 for a delta) in the best coding, or 304 where the client already has this version."""
    chosen = _best_variant(document, request.accept_encoding)
    settled = document.modified is not None and now - document.modified >= _SETTLED
    if request.if_none_match is not None:
        # If-Modified-Since is not looked at then (13.2.2)
        match = _matching_variant(document, chosen, request.if_none_match)
        if match is not None:
            return DocumentResponse(status=304, headers=match.not_modified_headers)
    elif settled and _is_unmodified(document, request.if_modified_since, now):
        return DocumentResponse(status=304, headers=chosen.not_modified_headers)
    body = b"" if request.method == "HEAD" else chosen.content
    return DocumentResponse(
        status=document.status, headers=chosen.dated_headers if settled else chosen.headers, body=body
    )


def _best_variant(document: Document, accept_encoding: str) -> Variant:
    for name in accepted_codings(accept_encoding) if accept_encoding else ():
        if name in document.encoded:
            return document.encoded[name]
    return document.plain


@lru_cache(256)
def accepted_codings(accept_encoding: str) -> tuple[str, ...]:
    """Return our codings that the client accepts (12.5.3), preferred ones first; none that it likes less than identity.

    `*` stands for gzip, which everybody knows.
    """
    weights = _weights(accept_encoding)
    weights["gzip"] = next((weights[name] for name in ("gzip", "x-gzip", "*") if name in weights), 0.0)
    least = weights.get("identity", 0.0)
    accepted = [name for name in CODINGS if weights.get(name, 0.0) > 0 and weights[name] >= least]
    return tuple(sorted(accepted, key=lambda name: -weights[name]))


@lru_cache(256)
def accepts(header: str, name: str) -> bool:
    """Whether a weighted list names this with a weight above 0."""
    return _weights(header).get(name, 0.0) > 0


def is_current(document: Document, request: DocumentRequest) -> bool:
    """Whether the client has this very version already."""
    return (
        request.if_none_match is not None
        and _matching_variant(document, document.plain, request.if_none_match) is not None
    )


def _weights(header: str) -> dict[str, float]:
    parts = (part.partition(";") for part in header.lower().split(","))
    return {name.strip(): _weight(parameter) for name, _, parameter in parts}


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _matching_variant(document: Document, chosen: Variant, if_none_match: str) -> Variant | None:
    """Return the coding of this version that the client has, by weak comparison (8.8.3.2): proxies add `W/`."""
    if if_none_match.strip() == "*":
        return chosen
    if if_none_match == chosen.etag:
        return chosen
    tags = set(_TAG.findall(if_none_match))
    return next((variant for variant in (chosen, *document.variants) if variant.etag in tags), None)


def _is_unmodified(document: Document, date: str | None, now: datetime) -> bool:
    """Whether nothing changed since a date; one that cannot be read, or lies ahead of us, says nothing."""
    if date is None or document.modified is None:
        return False
    try:
        since = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        # a year, an hour or a zone of twenty digits is beyond C's numbers
        return False
    since = since.replace(tzinfo=UTC) if since.tzinfo is None else since
    return document.modified <= since <= now
