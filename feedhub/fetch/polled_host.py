"""Which host's limits an address falls under; the addresses that configurations hold need no library for that."""

from __future__ import annotations

import re
from functools import lru_cache

#: an address whose host is spelled as it is sent (lower case, ASCII, no user info), and nothing that needs escaping
_PLAIN = re.compile(
    r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}))?(?:[/?#][ -~]{0,2000})?",
    re.ASCII,
)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[1-9]?[0-9]|10[0-9])(?:\.|$)){4}", re.ASCII)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@lru_cache(16_384)
def host_of(url: str) -> str | None:
    """Return the host that limits apply to for a polled URL; None for a path."""
    plain = _PLAIN.fullmatch(url)
    if plain is None or "xn--" in plain[2] or (plain[2][-1].isdecimal() and not _IPV4.fullmatch(plain[2])):
        return _parsed_host(url)
    scheme, host, port = plain.groups()
    return host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"


def _parsed_host(url: str) -> str | None:
    if not url.startswith(("http://", "https://")):
        return None
    from feedhub.fetch.urls import parsed_host

    return parsed_host(url)
