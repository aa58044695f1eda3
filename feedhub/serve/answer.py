"""Document, request headers -> the answer by RFC 9110: coding, conditions, HEAD; ranges are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from feedhub.serve.http_document import CODINGS, Document, RawHeaders, Variant, version_of

_ASKED = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"a-im"})
#: an entity tag without the `W/` that says it is weak
_TAG = re.compile(r'"[^"]*"')
#: two versions may share a second; a date stands for one of them only when its second is over (8.8.2.2)
_SETTLED = timedelta(seconds=1)


class Answer(NamedTuple):
    """A response ready to send."""

    status: int
    headers: RawHeaders
    body: bytes = b""


class Asked(NamedTuple):
    """What a request says that an answer depends on."""

    method: str = "GET"
    accept_encoding: str = ""
    if_none_match: str | None = None
    if_modified_since: str | None = None
    a_im: str = ""

    @property
    def held(self) -> tuple[str, ...]:
        """The versions that the client says it has, where it would rather have only what is new since (RFC 3229)."""
        if not self.a_im or not self.if_none_match or not takes(self.a_im, "feed"):
            return ()
        return tuple(version_of(tag) for tag in _TAG.findall(self.if_none_match))


def asked(method: str, headers: Iterable[tuple[bytes, bytes]]) -> Asked:
    """A request's method and raw headers, those given twice joined as a list."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in _ASKED:
            text = value.decode("latin-1")
            found[name] = f"{found[name]}, {text}" if name in found else text
    return Asked(
        method=method,
        accept_encoding=found.get(b"accept-encoding", ""),
        if_none_match=found.get(b"if-none-match"),
        if_modified_since=found.get(b"if-modified-since"),
        a_im=found.get(b"a-im", ""),
    )


def answer(document: Document, request: Asked, now: datetime) -> Answer:
    """200 (226 for what is only new) with the best coding, or 304 where the client already has this version."""
    chosen = _chosen(document, request.accept_encoding)
    settled = document.modified is not None and now - document.modified >= _SETTLED
    if request.if_none_match is not None:
        # If-Modified-Since is not looked at then (13.2.2)
        held = _held(document, chosen, request.if_none_match)
        if held is not None:
            return Answer(status=304, headers=held.unchanged)
    elif settled and _not_since(document, request.if_modified_since, now):
        return Answer(status=304, headers=chosen.unchanged)
    body = b"" if request.method == "HEAD" else chosen.body
    return Answer(status=document.status, headers=chosen.dated if settled else chosen.headers, body=body)


def _chosen(document: Document, accept_encoding: str) -> Variant:
    for name in codings(accept_encoding) if accept_encoding else ():
        if name in document.coded:
            return document.coded[name]
    return document.plain


@lru_cache(256)
def codings(accept_encoding: str) -> tuple[str, ...]:
    """Our codings that the client accepts (12.5.3), the best liked first; none that it likes less than plain.

    `*` stands for gzip, which everybody knows.
    """
    weights = _weights(accept_encoding)
    weights["gzip"] = next((weights[name] for name in ("gzip", "x-gzip", "*") if name in weights), 0.0)
    least = weights.get("identity", 0.0)
    taken = [name for name in CODINGS if weights.get(name, 0.0) > 0 and weights[name] >= least]
    return tuple(sorted(taken, key=lambda name: -weights[name]))


@lru_cache(256)
def takes(header: str, name: str) -> bool:
    """Whether a weighted list names this with a weight above 0."""
    return _weights(header).get(name, 0.0) > 0


def holds(document: Document, request: Asked) -> bool:
    """Whether the client has this very version already."""
    return request.if_none_match is not None and _held(document, document.plain, request.if_none_match) is not None


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


def _held(document: Document, chosen: Variant, if_none_match: str) -> Variant | None:
    """The coding of this version that the client holds, by weak comparison (8.8.3.2): proxies add `W/`."""
    if if_none_match.strip() == "*":
        return chosen
    if if_none_match == chosen.etag:
        return chosen
    tags = set(_TAG.findall(if_none_match))
    return next((variant for variant in (chosen, *document.variants) if variant.etag in tags), None)


def _not_since(document: Document, date: str | None, now: datetime) -> bool:
    """Whether nothing changed since a date; one that cannot be read, or lies ahead of us, says nothing."""
    if date is None or document.modified is None:
        return False
    try:
        since = parsedate_to_datetime(date)
    except ValueError:
        return False
    since = since.replace(tzinfo=UTC) if since.tzinfo is None else since
    return document.modified <= since <= now
