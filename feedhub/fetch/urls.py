"""Questions about addresses: whose limits, which exemption, which credentials a URL falls under."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

import httpx

from feedhub.registrable import registrable


def host_of_url(url: httpx.URL) -> str:
    """Return the host that limits apply to, whatever the scheme; an odd port is another server."""
    host = url.raw_host.decode().rstrip(".")
    return host if url.port is None else f"{host}:{url.port}"


def parsed_host(url: str) -> str | None:
    """Return the host that limits apply to for an http(s) URL; None where it names none."""
    with suppress(httpx.InvalidURL, ValueError):
        return host_of_url(parsed(url)) or None
    return None


def host_port(url: httpx.URL) -> str:
    """`host:port` as `fetch.allow` spells it."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port or (443 if url.scheme == 'https' else 80)}"


def same_party(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether a second URL is the same server, or its https self."""
    upgrade = one.scheme == "http" and other.scheme == "https" and one.port is None and other.port is None
    return one.host == other.host and (upgrade or (one.scheme == other.scheme and host_port(one) == host_port(other)))


def same_owner(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether a second URL lies with the owner of the first (registrable host), at its port, and no less encrypted."""
    if one.scheme == "https" and other.scheme == "http":
        return False
    ports = one.port == other.port
    return ports and (one.host == other.host or registrable(one.host) == registrable(other.host))


def same_document(one: str, other: httpx.URL) -> bool:
    """Whether two URLs differ at most in their query, which a redirect may sign anew each time."""
    known = parsed(one)
    return (known.scheme, known.netloc, known.path) == (other.scheme, other.netloc, other.path)


@lru_cache(16_384)
def parsed(url: str) -> httpx.URL:
    """Parse a URL; a fetch meets the same text three times, and the next poll again."""
    return httpx.URL(url)


def bare(url: httpx.URL) -> httpx.URL:
    """Return the URL without fragment and user info: neither is ever sent as part of an address."""
    return url.copy_with(fragment=None, userinfo=b"") if url.fragment or url.userinfo else url
