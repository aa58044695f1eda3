"""What holds for every request: known hosts only, security headers, one line of log without secrets."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import time
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feedhub.serve.backend import ServerSettings, token_digest, token_matches
from feedhub.serve.http_document import RawHeaders
from feedhub.serve.prometheus_text import RequestCounts

log = logging.getLogger("feedhub.serve")

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: scripts and styles of our own alone, no frame, a form for the search; a story's pictures may come from its outlet
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; media-src http: https:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS: RawHeaders = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # an address may hold a token
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
#: a name, an IPv4 address, or an IPv6 address in brackets, with or without a port (RFC 9110, 7.2)
_HOST = re.compile(rb"(?P<host>[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{0,5}))?")
_MAX_HOST = 300
#: below these a path may hold a token or a key
_SECRET_BELOW = ("feeds", "websub")
#: what may be a document's own path
_DOCUMENT_PATH = re.compile(r"/feeds/[^/]{1,100}\.(?:atom|rss|json|html|xml)")
_MAX_LOGGED_PATH = 200
_MISDIRECTED = "this hub does not go by that name; add it to server.hosts, or set server.base_url to its address"
#: what proxies and their networks add; of `x-forwarded-` there are more than anybody lists
_FORWARDED = frozenset(
    b"forwarded via x-real-ip x-client-ip x-cluster-client-ip x-original-host x-original-for x-proxyuser-ip "
    b"true-client-ip cf-connecting-ip cdn-loop fastly-client-ip fly-client-ip proxy-connection max-forwards".split()
)


class SecurityMiddleware:
    """ASGI middleware that refuses unknown hosts, adds security headers and writes the log."""

    def __init__(
        self,
        app: ASGIApp,
        settings: ServerSettings,
        counts: RequestCounts,
        headers: RawHeaders = SECURITY_HEADERS,
        misdirected: str = _MISDIRECTED,
    ) -> None:
        self._app = app
        self._counts = counts
        self._headers = headers
        self._misdirected = f"421 {misdirected}\n".encode()
        self._hosts = known_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request through the app, or refuse its host with 421."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, is_sent = time.perf_counter(), 500, False

        async def guarded(message: Message) -> None:
            nonlocal status, is_sent
            if message["type"] == "http.response.start":
                status = message["status"]
                if status != 304:
                    # a 304 leaves those of the stored answer as they are
                    message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)
            is_sent = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            if self._is_known_host(scope):
                await self._app(scope, receive, guarded)
            else:
                await _refuse_host(guarded, self._misdirected)
        except Exception:
            log.exception("request failed", extra={"method": scope["method"], "path": redacted_path(scope)})
            if not is_sent:
                raise
        finally:
            spent = time.perf_counter() - started
            self._counts.add(scope["path"], status, spent)
            if log.isEnabledFor(logging.INFO):
                facts = {"method": scope["method"], "path": redacted_path(scope), "status": status}
                log.info("request", extra={**facts, "ms": round(spent * 1000, 1)})

    def _is_known_host(self, scope: Scope) -> bool:
        name = host_of(scope)
        return name in self._hosts or (name is not None and name == local_address(scope))


def known_hosts(settings: ServerSettings) -> frozenset[str]:
    """Return the names that the hub goes by, beside the address that a connection came in on."""
    public = urlsplit(settings.base_url or "").hostname
    named = {settings.host, *settings.hosts}
    return _LOOPBACK | {name.strip("[]").lower() for name in named} | ({public} if public else frozenset())


def host_of(scope: Scope) -> str | None:
    """Return the Host header's name without its port; None where it is missing, double or nonsense."""
    values = [value for name, value in scope["headers"] if name == b"host"]
    return _host(values[0]) if len(values) == 1 and len(values[0]) <= _MAX_HOST else None


@lru_cache(256)
def _host(value: bytes) -> str | None:
    match = _HOST.fullmatch(value.lower())
    if match is None or (match["port"] and not 0 < int(match["port"]) < 65_536):
        return None
    return match["host"].strip(b"[]").decode("ascii")


def local_address(scope: Scope) -> str | None:
    """Return the address of ours that the connection came in on."""
    server = scope.get("server")
    return server[0] if server else None


def may_see_details(scope: Scope, settings: ServerSettings) -> bool:
    """Whether the health report and match details may be shown: with the admin token, or to this very machine.

    A proxy on this machine connects from loopback as well, so nothing that was forwarded, nor a hub with a public
    address, counts as local; nor does HTTP/1.0, which nginx speaks that was told nothing but where to pass on to: it
    names us by our own address, and adds no header that tells of a client.
    """
    token = _presented_token(scope)
    if settings.admin_token and token is not None:
        return token_matches(token, token_digest(settings.admin_token))
    client = scope.get("client")
    public = urlsplit(settings.base_url or "").hostname
    return (
        client is not None
        and _is_loopback(client[0])
        and host_of(scope) in _LOOPBACK
        and (public is None or public in _LOOPBACK)
        and scope.get("http_version") != "1.0"
        and not any(name in _FORWARDED or name.startswith(b"x-forwarded") for name, _ in scope["headers"])
    )


def redacted_path(scope: Scope) -> str:
    """Return the path as the log may show it: query values, and all that stands where a token may, are hidden."""
    path: str = scope["path"]
    parts = [part for part in path.split("/") if part]
    below = next((name for name in _SECRET_BELOW if name in parts), None)
    if below is not None and not _DOCUMENT_PATH.fullmatch(path):
        file = f"/{parts[-1]}" if below == "feeds" and _DOCUMENT_PATH.fullmatch(f"/feeds/{parts[-1]}") else ""
        path = f"/{below}/***{file}" if len(parts) > 1 else path
    # a path is as long as whoever asks likes, and of any characters
    path = path[:_MAX_LOGGED_PATH].encode("unicode_escape").decode("ascii").replace(" ", "%20")
    return f"{path}?***" if scope.get("query_string") else path


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _presented_token(scope: Scope) -> str | None:
    """Return the token of `Authorization: Bearer TOKEN`, or the password of Basic, for browsers."""
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, rest = header.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return None


async def _refuse_host(send: Send, body: bytes) -> None:
    length = str(len(body)).encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body})
