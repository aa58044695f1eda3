"""A fetch on its way: where it stands, and where a redirect may take it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
from msgspec import Struct

from feedhub.fetch.cookies import Cookie, with_received
from feedhub.fetch.urls import bare, same_owner, same_party
from feedhub.model import Source, Validators
from feedhub.structs import replace

_PERMANENT = (301, 308)


class Refused(Exception):
    """This fetch ends here; the text is the reason."""


class Hop(Struct, frozen=True, kw_only=True):
    """Where a fetch stands: what it asks for, and what the hops so far have cost it."""

    source: Source
    url: httpx.URL
    #: where the configuration, not a stranger, sent us; None once a redirect led elsewhere
    configured: httpx.URL | None
    validators: Validators
    body_hash: str | None
    #: whether the source's own headers go along: the chain never left the owner of its address
    with_headers: bool = False
    #: of this chain alone
    cookies: tuple[Cookie, ...] = ()
    #: addresses with the cookies that were sent there: a site may send a reader back once it knows him
    visited: frozenset[tuple[str, tuple[Cookie, ...]]] = frozenset()
    permanent: bool = True
    seconds_left: float = 0.0
    #: another Accept than that of feeds
    accept: bytes | None = None


def redirected(hop: Hop, status: int, location: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> Hop:
    """Return the next hop without what a stranger's redirect may not carry; raise Refused where there is none.

    `headers` are those of the answer that redirects: their cookies go along.
    """
    location = location.strip()
    if not location:
        raise Refused(f"HTTP {status} without a Location")
    if (scheme := re.match(r"[A-Za-z][\w+.-]*(?=:)", location)) and scheme[0].lower() not in ("http", "https"):
        raise Refused(f"redirect to {scheme[0][:40]}: only http and https are fetched")
    target = bare(hop.url.join(location))
    visited = hop.visited | {(str(hop.url), hop.cookies)}
    cookies = with_received(hop.cookies, hop.url, headers)
    if (str(target), cookies) in visited:
        raise Refused(f"redirect loop at {target.host}")
    downgrade = hop.url.scheme == "https" and target.scheme == "http"
    return replace(
        hop,
        url=target,
        visited=visited,
        cookies=cookies,
        with_headers=hop.with_headers and same_owner(hop.url, target),
        configured=hop.configured if same_party(hop.url, target) else None,
        permanent=hop.permanent and status in _PERMANENT and not downgrade,
    )
