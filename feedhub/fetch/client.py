"""The polite and wary HTTP client: a Source in, a document, a 304 or a reason out.

fetch -> each hop: host's lane -> request -> answer
              ^                                | redirect: checked anew, credentials and exemption lost
              '--------------------------------'
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType

import httpx
import xxhash
from msgspec import Struct

from feedhub.fetch.body import BadBody, read_body
from feedhub.fetch.cookies import cookie_header
from feedhub.fetch.files import read_path
from feedhub.fetch.headers import (
    freshness,
    link_targets,
    merged_validators,
    plain,
    response_validators,
    validator_bytes,
)
from feedhub.fetch.host_gate import HostBackoff, HostGate, HostLane
from feedhub.fetch.redirects import Hop, Refused, redirected
from feedhub.fetch.transport import EXEMPT, PROXY, Transport
from feedhub.fetch.urls import bare, host_of_url, host_port, parsed, same_document, same_owner, same_party
from feedhub.model import Fetched, FetchFailed, FetchResult, Freshness, NotModified, Source, Validators
from feedhub.structs import replace

_ACCEPT = b"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_PAGES = b"text/html, application/xhtml+xml;q=0.9"
_ROBOTS, _ROBOTS_BYTES = b"text/plain", 512_000
#: an article's page, however large feeds may be
_PAGE_BYTES = 10_000_000
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADER_BYTES = 65_536
_FEED_TYPES = ("rss+xml", "atom+xml", "feed+json")
#: how long a host is left alone after a 429 that names no time
_UNNAMED_WAIT = 600.0


class Limits(Struct, frozen=True, kw_only=True):
    """What one fetch may cost."""

    #: seconds on the network, all hops together, waiting for a host's turn not counted
    total: float = 30.0
    connect: float = 5.0
    redirects: int = 10
    body: int = 10_000_000


class Client:
    """Fetches sources; open it with `async with`, share it, and close it with the round."""

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        proxy: str | None = None,
        per_host: int = 2,
        host_delay: float = 1.0,
        contact: str | None = None,
        limits: Limits | None = None,
        gate: HostGate | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._allow = frozenset(allow)
        self._limits = limits or Limits()
        #: what it grants each host
        self.gate = gate or HostGate(per_host, host_delay)
        self._transport = Transport(connect_timeout=self._limits.connect, proxy=proxy, tls=tls)
        self._standing = {b"User-Agent": user_agent(contact).encode(), b"Accept": _ACCEPT, b"Accept-Encoding": b"gzip"}

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(
        self,
        source: Source,
        validators: Validators | None = None,
        *,
        body_hash: str | None = None,
        url: str | None = None,
    ) -> FetchResult:
        """Fetch the document of a source; `url` is the address adopted in place of the configured one, if any."""
        if source.is_path:
            return await asyncio.to_thread(read_path, source, body_hash=body_hash, cap=self._limits.body)
        return await self._fetch(source, lambda: self._start(source, validators or Validators(), body_hash, url))

    async def page(self, source: Source, url: str) -> FetchResult:
        """Fetch the page of an article that a source names: as politely as a feed, and never exempt from any limit."""

        def start() -> Hop:
            # nobody configured this address: no exemption, no credentials
            hop = Hop(source=source, url=bare(parsed(url)), configured=None, validators=Validators(), body_hash=None)
            return replace(hop, seconds_left=self._limits.total, accept=_PAGES)

        return await self._fetch(source, start)

    async def robots(self, source: Source, url: str) -> FetchResult:
        """Fetch the robots.txt at this address, its first half megabyte (RFC 9309, 2.5), on the terms of a page."""

        def start() -> Hop:
            hop = Hop(source=source, url=bare(parsed(url)), configured=None, validators=Validators(), body_hash=None)
            return replace(hop, seconds_left=self._limits.total, accept=_ROBOTS)

        return await self._fetch(source, start)

    async def _fetch(self, source: Source, start: Callable[[], Hop]) -> FetchResult:
        try:
            return await self._follow(start())
        except HostBackoff as backoff:
            wait = Freshness(retry_after=timedelta(seconds=backoff.seconds))
            return FetchFailed(source=source.id, reason=f"not asked: {backoff.why}", deferred=True, freshness=wait)
        except TimeoutError:
            return _failed(source, f"timeout: not finished after {self._limits.total:g} s")
        except (httpx.TransportError, BadBody, Refused) as error:
            return _failed(source, str(error))
        except (httpx.InvalidURL, ValueError) as error:
            # the message may quote a piece of the URL, and so of a password in it
            return _failed(source, "no usable URL" if "@" in source.url else f"no usable URL: {error}")

    def _start(self, source: Source, validators: Validators, body_hash: str | None, url: str | None) -> Hop:
        configured = parsed(source.url)
        start = parsed(url) if url else configured
        home = configured if host_port(start) == host_port(configured) else None
        return Hop(
            source=source,
            url=bare(start),
            configured=home,
            validators=validators,
            body_hash=body_hash,
            with_headers=bool(source.headers) and same_owner(configured, start),
            seconds_left=self._limits.total,
        )

    async def _follow(self, hop: Hop) -> FetchResult:
        for _ in range(self._limits.redirects + 1):
            self._check(hop.url)
            async with self.gate.lane(host_of_url(hop.url)) as lane:
                started = asyncio.get_running_loop().time()
                async with asyncio.timeout(hop.seconds_left):
                    result = await self._hop(hop, lane)
            if not isinstance(result, Hop):
                return result
            hop = replace(result, seconds_left=hop.seconds_left - (asyncio.get_running_loop().time() - started))
        raise Refused(f"more than {self._limits.redirects} redirects")

    def _check(self, url: httpx.URL) -> None:
        if url.scheme not in ("http", "https"):
            raise Refused(f"{url.scheme or 'no scheme'}: only http and https are fetched")
        if not url.host:
            raise Refused("no usable URL: it names no host")

    async def _hop(self, hop: Hop, lane: HostLane) -> FetchResult | Hop:
        # no httpx.AsyncClient: its redirects, cookies and credentials are what a stranger must not have
        extensions = {EXEMPT: self._is_exempt(hop), PROXY: hop.source.proxy}
        request = httpx.Request("GET", hop.url, headers=self._headers(hop, lane), extensions=extensions)
        response = await self._transport.handle_async_request(request)
        self.gate.rest(lane)
        response.request = request
        try:
            raw = response.headers.raw
            if sum(len(name) + len(value) for name, value in raw) > _HEADER_BYTES:
                raise Refused(f"too large: more than {_HEADER_BYTES // 1024} kB of headers")
            if response.status_code in _REDIRECTS:
                location = next((value for name, value in raw if name.lower() == b"location"), b"")
                return redirected(hop, response.status_code, location.decode("utf-8", "replace"), raw)
            return await self._answer(hop, response, plain(raw))
        finally:
            await response.aclose()

    def _is_exempt(self, hop: Hop) -> bool:
        """Whether `fetch.allow` covers this hop: the very host:port that the configured URL names, never left since."""
        where = host_port(hop.url)
        return hop.configured is not None and where == host_port(hop.configured) and where in self._allow

    def _headers(self, hop: Hop, lane: HostLane) -> dict[bytes, bytes]:
        """Return what a request says; the source's own headers take the place of ours."""
        # a kept connection is of use only to the next source of this host
        headers = {**self._standing, b"Connection": b"keep-alive" if lane.users > 1 else b"close"}
        if hop.accept:
            headers[b"Accept"] = hop.accept
        if hop.validators.url is None or same_document(hop.validators.url, hop.url):
            if hop.validators.etag:
                headers[b"If-None-Match"] = validator_bytes(hop.validators.etag)
            if hop.validators.last_modified:
                headers[b"If-Modified-Since"] = validator_bytes(hop.validators.last_modified)
        if hop.configured is not None and hop.configured.userinfo and same_party(hop.configured, hop.url):
            secret = f"{hop.configured.username}:{hop.configured.password}".encode()
            headers[b"Authorization"] = b"Basic " + base64.b64encode(secret)
        if hop.source.user_agent:
            headers[b"User-Agent"] = hop.source.user_agent.encode()
        own = {name.title().encode(): value.encode() for name, value in hop.source.headers if hop.with_headers}
        if cookies := cookie_header(hop.cookies, hop.url):
            own[b"Cookie"] = b"; ".join(filter(None, (own.get(b"Cookie"), cookies)))
        return headers | own

    async def _answer(self, hop: Hop, response: httpx.Response, headers: dict[str, str]) -> FetchResult:
        status, source = response.status_code, hop.source
        wait = freshness(headers, status, datetime.now(UTC))
        received = response_validators(headers, str(hop.url))
        moved = str(hop.url) if hop.visited and hop.permanent else None
        if status == 304 and _is_conditional(response.request):
            return NotModified(
                source=source.id, validators=merged_validators(received, hop.validators), freshness=wait, moved_to=moved
            )
        if status not in (200, 203):
            return self._unwell(hop, status, wait)
        cut = hop.accept == _ROBOTS
        cap = _ROBOTS_BYTES if cut else min(self._limits.body, _PAGE_BYTES if hop.accept else self._limits.body)
        body = await read_body(response.aiter_raw(), headers.get("content-encoding"), cap, cut=cut)
        digest = xxhash.xxh3_128_hexdigest(body)
        if digest == hop.body_hash:
            return NotModified(source=source.id, validators=received, freshness=wait, moved_to=moved)
        return Fetched(
            source=source.id,
            url=str(hop.url),
            body=body,
            content_type=headers.get("content-type"),
            validators=received,
            freshness=wait,
            moved_to=moved,
            body_hash=digest,
            hubs=_linked(headers, hop.url, "hub"),
            alternates=tuple(each for kind in _FEED_TYPES for each in _linked(headers, hop.url, "alternate", kind))
            if "link" in headers
            else (),
        )

    def _unwell(self, hop: Hop, status: int, wait: Freshness) -> FetchFailed:
        if hop.accept in (_PAGES, _ROBOTS):
            # what a host says of its pages does not concern its feeds: whoever asked for the page hears it
            pass
        elif wait.retry_after is not None:
            self.gate.back_off(host_of_url(hop.url), wait.retry_after.total_seconds())
        elif status == 429:
            self.gate.back_off(host_of_url(hop.url), _UNNAMED_WAIT)
        reason = f"HTTP {status} {_phrase(status)}".rstrip()
        if hop.visited:
            reason += f" at {hop.url.host}, where it redirects"
        # what a temporary redirect leads to may be gone, but not the feed
        gone = status == 410 and hop.permanent
        return FetchFailed(source=hop.source.id, reason=reason, status=status, gone=gone, freshness=wait)


def _linked(headers: dict[str, str], url: httpx.URL, relation: str, kind: str = "") -> tuple[str, ...]:
    """Return absolute addresses that the Link headers name; whoever calls one checks it as any other."""
    linked = []
    for target in link_targets(headers, relation, kind):
        with contextlib.suppress(httpx.InvalidURL, ValueError):
            address = url.join(target)
            linked += [str(address)] if address.scheme in ("http", "https") and address.host else []
    return tuple(linked)


def _is_conditional(request: httpx.Request) -> bool:
    return any(name in (b"If-None-Match", b"If-Modified-Since") for name, _ in request.headers.raw)


def user_agent(contact: str | None = None) -> str:
    """Return the constant User-Agent: program, version, and how a publisher reaches who runs it, where he says so."""
    try:
        number = version("feedhub")
    except PackageNotFoundError:
        number = "0"
    return f"feedhub/{number}" + (f" (+{contact})" if contact else "")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _failed(source: Source, reason: str) -> FetchFailed:
    return FetchFailed(source=source.id, reason=reason)
