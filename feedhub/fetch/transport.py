"""httpx's lower half over aiohttp: the address of every connection is checked where the socket is made.

httpx's own pool rescans all connections for every request (10 ms each with 200 hosts); aiohttp's does not.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from .address import is_public

#: request extension: this request may reach private addresses (`fetch.allow`)
EXEMPT = "feedhub.exempt"
#: response extension: where a redirect leads
LOCATION = "feedhub.location"
_NOT_ALLOWED = "is not an address that sources may lead to"
_HEADER_LINE = 16_384
_MOST_HEADERS = 200
#: connections are met again only by the next source of the same host, a second later
_KEEP_ALIVE = 5.0
_READ = 1 << 16


class Transport(httpx.AsyncBaseTransport):
    """Sends httpx requests through aiohttp; raises httpx.TransportError with one line for a person."""

    def __init__(
        self, *, connect_timeout: float, proxy: str | None = None, tls: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._proxy = proxy
        self._tls = tls or httpx.create_ssl_context
        self._context: ssl.SSLContext | None = None
        # two pools: a connection that an exempt request opened must never serve another one
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # behind a proxy the connection is to the proxy, which only the configuration can name
        exempt = bool(request.extensions.get(EXEMPT)) or self._proxy is not None
        url = request.url
        try:
            response = await self._session(exempt).request(
                request.method,
                URL(f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}", encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
                proxy=self._proxy,
                ssl=await self._tls_context() if url.scheme == "https" else True,
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _translated(error, url.raw_host.decode(), self._timeout.sock_connect) from error
        # httpx would build the next request from a Location, wanted or not, and raise over a hostile one
        location = [(name, value) for name, value in response.raw_headers if name.lower() == b"location"]
        return httpx.Response(
            response.status,
            headers=[pair for pair in response.raw_headers if pair not in location],
            stream=_Stream(response),
            request=request,
            extensions={LOCATION: location[0][1].decode("utf-8", "replace")} if location else {},
        )

    async def _tls_context(self) -> ssl.SSLContext:
        """Made once, in a thread: reading the certificates takes long enough to hold up others."""
        if self._context is None:
            self._context = await asyncio.to_thread(self._tls)
        return self._context

    async def aclose(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _session(self, exempt: bool) -> aiohttp.ClientSession:
        if exempt not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=_Resolver(),
                limit=0,
                keepalive_timeout=_KEEP_ALIVE,
                socket_factory=None if exempt else _guarded_socket,
            )
            self._sessions[exempt] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                auto_decompress=False,
                max_line_size=_HEADER_LINE,
                max_field_size=_HEADER_LINE,
                max_headers=_MOST_HEADERS,
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            )
        return self._sessions[exempt]


class _Stream(httpx.AsyncByteStream):
    """An aiohttp body as httpx reads it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_chunked(_READ):
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise _translated(error, self._response.url.host or "", None) from error

    async def aclose(self) -> None:
        self._response.close()


def _guarded_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for exactly this address, after a look at it: what the name said before does not matter."""
    family, kind, proto, _, address = info
    if not is_public(str(address[0])):
        raise PermissionError(f"{address[0]} {_NOT_ALLOWED}")
    return socket.socket(family=family, type=kind, proto=proto)


class _Resolver(AbstractResolver):
    """getaddrinfo in threads of its own, which a hanging name server may keep without harm to anyone else."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(64)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        look_up = partial(
            socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        async with self._slots:
            found = await _in_daemon_thread(look_up)
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=0)
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Threads still waiting are daemons: they end with the process."""


async def _in_daemon_thread(call: Callable[[], list[Any]]) -> list[Any]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Any]] = loop.create_future()

    def settle(result: list[Any] | None, error: OSError | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result or [])

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except OSError as error:
            failure = error
        except UnicodeError:
            failure = socket.gaierror(socket.EAI_NONAME, "no such host")
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, daemon=True, name="feedhub-dns").start()
    return await done


def _translated(error: Exception, host: str, connect_timeout: float | None) -> httpx.TransportError:
    """The library's error as one line that names the cause."""
    text, host = str(getattr(error, "os_error", error)), host[:100]
    if _NOT_ALLOWED in text or isinstance(error, aiohttp.InvalidURL):
        spelled = f" ({text.removesuffix(_NOT_ALLOWED).strip()})" if host not in text else ""
        return httpx.ConnectError(f"{host}{spelled} {_NOT_ALLOWED}; fetch.allow can name an exception")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return httpx.ConnectError(f"DNS: {host} is not known")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        reason = getattr(error.os_error if hasattr(error, "os_error") else None, "verify_message", "") or text
        return httpx.ConnectError(f"TLS: {reason}"[:300])
    if isinstance(error, TimeoutError):
        return httpx.ConnectTimeout(f"timeout: no connection to {host} after {connect_timeout:g} s")
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError(f"{host}: {error.os_error.strerror or error.os_error}".lower()[:300])
    if isinstance(error, aiohttp.ClientPayloadError):
        return httpx.ReadError("the body is cut off: the connection closed before its end")
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return httpx.ReadError(f"{host} closed the connection without an answer")
    if isinstance(error, ValueError):
        return httpx.UnsupportedProtocol(f"no usable URL: {text}"[:300])
    if isinstance(error, aiohttp.ClientResponseError):
        return httpx.RemoteProtocolError(f"{host} does not speak proper HTTP: {' '.join(error.message.split())}"[:300])
    return httpx.TransportError(f"{type(error).__name__}: {text}".replace("\n", " ")[:300])
