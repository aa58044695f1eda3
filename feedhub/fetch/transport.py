"""httpx's lower half, over our own connections: httpx's pool rescans all of them for every request, and aiohttp's
costs three times what a poll may.

Behind a proxy httpx's own transport does the work: there the connections are to the proxy, which the configuration
names.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import cast

import httpx

from feedhub.fetch.dialler import Dialler, NotAllowed
from feedhub.fetch.host_names import may_be_public
from feedhub.fetch.http1 import BadAnswer, CutOff, Exchange
from feedhub.fetch.own_limits import raise_if_ours

#: request extension: this request may reach private addresses (`fetch.allow`)
EXEMPT = "feedhub.exempt"
#: request extension: the proxy of this request, in place of the one for all
PROXY = "feedhub.proxy"
#: connections are met again only by the next source of the same host, a second later
_KEEP_ALIVE = 5.0
#: of a body behind a proxy, where each piece costs 8 us: given at once, and how many of fewer bytes than a sliver has
_PIECES_AT_ONCE, _MOST_SLIVERS, _SLIVER = 256, 100_000, 8
#: an exempt connection must never serve another request
_Key = tuple[bool, str, bytes, int]


class Transport(httpx.AsyncBaseTransport):
    """Sends httpx requests; raises httpx.TransportError with one line for a person."""

    def __init__(
        self, *, connect_timeout: float, proxy: str | None = None, tls: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self._dialler = Dialler(connect_timeout)
        self._tls = tls or httpx.create_ssl_context
        self._context: ssl.SSLContext | None = None
        self._reading_certificates = asyncio.Lock()
        self._idle: dict[_Key, list[tuple[float, Exchange]]] = {}
        self._proxy = proxy
        self._proxies: dict[str, httpx.AsyncHTTPTransport] = {}
        self._connect_timeout = connect_timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response with its body unread; raise httpx.TransportError."""
        url, exempt = request.url, bool(request.extensions.get(EXEMPT))
        port = (443 if url.scheme == "https" else 80) if url.port is None else url.port
        if not 0 < port < 65536:
            raise httpx.UnsupportedProtocol(f"no usable URL: there is no port {port}"[:300])
        if proxy := request.extensions.get(PROXY) or self._proxy:
            return await self._ask_proxy(proxy, request, exempt=exempt)
        key = (exempt, url.scheme, url.raw_host, port)
        try:
            exchange = await self._send(key, await _serialised(request), again=request.method == "GET")
        except (BadAnswer, CutOff, TimeoutError, OSError, ValueError) as error:
            raise_if_ours(error)
            raise self._translated(error, url.raw_host.decode(), port) from error
        stream = _Stream(self, key, exchange, request)
        return httpx.Response(exchange.status, headers=exchange.headers, stream=stream)

    async def _ask_proxy(self, proxy: str, request: httpx.Request, *, exempt: bool) -> httpx.Response:
        """Send a request by way of a proxy, which alone will see the address: what the name tells is judged here."""
        if not exempt and not may_be_public(request.url.raw_host.decode("ascii", "replace")):
            url = request.url
            port = url.port or (443 if url.scheme == "https" else 80)
            raise self._translated(NotAllowed(url.host), url.host, port)
        request.extensions["timeout"] = {"connect": self._connect_timeout}
        try:
            response = await (await self._proxied(proxy)).handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise_if_ours(error)
            where = httpx.URL(proxy)
            raise httpx.ConnectError(f"the proxy {where.host}:{where.port}: {error}"[:300].rstrip(": ")) from error
        except (httpx.TransportError, OSError) as error:
            raise_if_ours(error)
            raise
        stream = _ProxiedStream(cast(httpx.AsyncByteStream, response.stream), request.url.host)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)

    async def _proxied(self, proxy: str) -> httpx.AsyncHTTPTransport:
        """Return the transport behind a proxy, made when first needed."""
        tls = await self._tls_context()
        if proxy not in self._proxies:
            limits = httpx.Limits(max_keepalive_connections=0)
            self._proxies[proxy] = httpx.AsyncHTTPTransport(verify=tls, proxy=proxy, trust_env=False, limits=limits)
        return self._proxies[proxy]

    async def _send(self, key: _Key, head: bytes, *, again: bool) -> Exchange:
        """Send a request; return the connection on which its answer has begun."""
        if (idle := self._take_idle(key)) is not None:
            try:
                return await _ask(idle, head)
            except CutOff as error:
                # the server had closed it meanwhile: that says nothing of the request
                if error.begun or not again:
                    raise
        exempt, scheme, host, port = key
        tls = await self._tls_context() if scheme == "https" else None
        return await _ask(await self._dialler.connect(host.decode(), port, exempt=exempt, tls=tls), head)

    async def _tls_context(self) -> ssl.SSLContext:
        """Made once, whoever asks first, in a thread: reading the certificates takes long enough to hold up others."""
        async with self._reading_certificates:
            if self._context is None:
                self._context = await asyncio.to_thread(self._tls)
        return self._context

    def _take_idle(self, key: _Key) -> Exchange | None:
        idle = self._idle.pop(key, [])
        fresh = [(since, one) for since, one in idle if since + _KEEP_ALIVE > _now() and one.is_reusable]
        for _, one in idle:
            if not any(one is other for _, other in fresh):
                one.close()
        reused = fresh.pop()[1] if fresh else None
        if fresh:
            self._idle[key] = fresh
        return reused

    def keep(self, key: _Key, exchange: Exchange) -> None:
        """Keep a connection for the next request to the same place, for some seconds."""
        idle = self._idle.setdefault(key, [])
        idle.append((_now(), exchange))
        asyncio.get_running_loop().call_later(_KEEP_ALIVE, self._expire, key)

    def _expire(self, key: _Key) -> None:
        old = [one for since, one in self._idle.get(key, []) if since + _KEEP_ALIVE <= _now()]
        self._idle[key] = [pair for pair in self._idle.get(key, []) if pair[1] not in old]
        for one in old:
            one.close()
        if not self._idle[key]:
            del self._idle[key]

    async def aclose(self) -> None:
        """Close all idle connections."""
        for _, one in [pair for idle in self._idle.values() for pair in idle]:
            one.close()
        self._idle.clear()
        for transport in self._proxies.values():
            await transport.aclose()

    def _translated(self, error: Exception, host: str, port: int) -> httpx.TransportError:
        """Translate an error into one line that names the cause."""
        host = host[:100]
        match error:
            case NotAllowed():
                spelled = "" if str(error) in host else f" ({error})"
                exception = f'fetch: {{allow: ["{host}:{port}"]}} makes an exception'
                reason = f"{host}{spelled} is not an address that sources may lead to; {exception}"
                return httpx.ConnectError(reason)
            case socket.gaierror():
                return httpx.ConnectError(f"DNS: {host} is not known")
            case ssl.SSLError():
                reason = getattr(error, "verify_message", "") or error.reason or str(error)
                return httpx.ConnectError(f"TLS: {reason}"[:300])
            case TimeoutError():
                return httpx.ConnectTimeout(f"timeout: no connection to {host} after {self._connect_timeout:g} s")
            case CutOff(begun=False) | ConnectionResetError() | BrokenPipeError():
                return httpx.ReadError(f"{host} closed the connection without an answer")
            case CutOff():
                return httpx.ReadError("the body is cut off: the connection closed before its end")
            case OSError():
                # the event loops word it each in its own way
                reason = os.strerror(error.errno) if error.errno else str(error.strerror or error)
                return httpx.ConnectError(f"{host}: {reason}".lower()[:300])
            case ValueError():
                return httpx.UnsupportedProtocol(f"no usable URL: {error}"[:300])
        return httpx.RemoteProtocolError(f"{host} does not speak proper HTTP: {error}"[:300])


class _Stream(httpx.AsyncByteStream):
    """The body of an answer as httpx reads it; its connection stays open where both sides want that."""

    def __init__(self, transport: Transport, key: _Key, exchange: Exchange, request: httpx.Request) -> None:
        self._transport, self._key = transport, key
        self._exchange = exchange
        self._keep = request.headers.get("connection", "").lower() == "keep-alive"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._exchange.body():
                yield chunk
        except (BadAnswer, CutOff, OSError) as error:
            raise self._transport._translated(error, self._key[2].decode(), self._key[3]) from error

    async def aclose(self) -> None:
        if self._keep and self._exchange.is_reusable:
            self._transport.keep(self._key, self._exchange)
        else:
            self._exchange.close()


class _ProxiedStream(httpx.AsyncByteStream):
    """The body of an answer that came by way of a proxy: a server that sends a byte a chunk keeps nobody waiting."""

    def __init__(self, stream: httpx.AsyncByteStream, host: str) -> None:
        self._stream, self._host = stream, host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = size = 0
        async for piece in self._stream:
            pieces, size = pieces + 1, size + len(piece)
            if pieces % _PIECES_AT_ONCE == 0:
                if pieces > _MOST_SLIVERS and size < _SLIVER * pieces:
                    raise httpx.RemoteProtocolError(f"{self._host[:100]} sends its body in slivers")
                # the pieces of one read are given without a pause: others have their turn between them
                await asyncio.sleep(0)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _ask(exchange: Exchange, head: bytes) -> Exchange:
    try:
        await exchange.ask(head)
    except BaseException:
        exchange.close()
        raise
    return exchange


async def _serialised(request: httpx.Request) -> bytes:
    """Serialise a request (RFC 9112, 2.1)."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % pair for pair in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise ValueError("a line break in a header")
    return b"\r\n".join(lines) + b"\r\n\r\n" + await request.aread()


def _now() -> float:
    return asyncio.get_running_loop().time()
