"""Cookies of one chain of redirects (RFC 6265): sent back on its way, never stored, never to another owner's host.

Sites that ask for consent send a reader round by way of a cookie: without it the chain has no end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
from msgspec import Struct

from feedhub.registrable import registrable

#: of one chain, and the bytes of one (RFC 6265, 6.1, asks for more of a browser)
_MOST, _LONGEST = 50, 4096
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x3a\x3c-\x7e ]*")


class Cookie(Struct, frozen=True, kw_only=True):
    """A cookie, and where it may be sent."""

    name: str
    value: str
    host: str
    #: whether hosts below `host` get it, too
    below: bool
    path: str
    secure: bool


def with_received(
    cookies: tuple[Cookie, ...], url: httpx.URL, headers: Iterable[tuple[bytes, bytes]]
) -> tuple[Cookie, ...]:
    """Return the cookies after the answer of `url`; what is malformed, too long or for another owner is left out."""
    kept = {(each.name, each.host, each.path): each for each in cookies}
    for name, value in headers:
        if name.lower() != b"set-cookie" or len(value) > _LONGEST:
            continue
        cookie, expired = _read(value.decode("latin-1"), url)
        if cookie is None:
            continue
        key = (cookie.name, cookie.host, cookie.path)
        kept.pop(key, None)
        if not expired and len(kept) < _MOST:
            kept[key] = cookie
    return tuple(kept.values())


def cookie_header(cookies: tuple[Cookie, ...], url: httpx.URL) -> bytes | None:
    """Return the Cookie header for a request, longer paths first; None where nothing is to be sent."""
    sent = sorted((each for each in cookies if _is_for(each, url)), key=lambda each: -len(each.path))
    return "; ".join(f"{each.name}={each.value}" for each in sent).encode("latin-1") or None


def _read(header: str, url: httpx.URL) -> tuple[Cookie | None, bool]:
    """Return the cookie, and whether it is to be forgotten."""
    pair, *rest = header.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    attributes = {key.strip().lower(): word.strip() for key, _, word in (each.partition("=") for each in rest)}
    host = url.host.lower()
    domain = attributes.get("domain", "").lower().lstrip(".")
    wanted = domain or host
    if not equals or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        return None, False
    # as wide as its owner's name at most, and never another's
    if wanted != host and not (
        host.endswith(f".{wanted}") and registrable(wanted) == registrable(host) and "." in wanted
    ):
        return None, False
    path = attributes.get("path", "")
    cookie = Cookie(
        name=name,
        value=value,
        host=wanted,
        # below a public suffix others register names: there its own name means that host alone (RFC 6265, 5.3)
        below=bool(domain) and registrable(f"any.{wanted}") == registrable(wanted),
        path=path if path.startswith("/") else (url.path.rpartition("/")[0] or "/"),
        secure="secure" in attributes,
    )
    return cookie, attributes.get("max-age", "1").lstrip().startswith(("0", "-"))


def _is_for(cookie: Cookie, url: httpx.URL) -> bool:
    host, path = url.host.lower(), url.path or "/"
    same = host == cookie.host or (cookie.below and host.endswith(f".{cookie.host}"))
    under = path == cookie.path or path.startswith(cookie.path.rstrip("/") + "/")
    return same and under and (url.scheme == "https" or not cookie.secure)
