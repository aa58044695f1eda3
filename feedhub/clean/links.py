"""Check addresses, take tracking parameters off them, and tell what two addresses of one page share."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from feedhub.clean.catalogue import link_rules
from feedhub.text_cache import remember_short

_SCHEMES = ("http", "https", "mailto")
# Browsers read addresses as if these were not there, so "java\nscript:" is a scheme; some turn round what is shown.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_PORTS = {"http": "80", "https": "443"}
_MOBILE = re.compile(r"^(?:www\d?|amp|m|mobile)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/.)|(?:/amp|\.amp)/?$|\.amp(?=\.html?$)")
# What most addresses look like, in which there is nothing to bring into one form.
_PLAIN = re.compile(r"https?://(?P<host>[0-9.-]*[a-z][a-z0-9.-]*)(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?)")
#: the width or density of a picture in a srcset
_DESCRIPTOR = re.compile(r"[\d.]{1,20}[wx]")


def absolute(url: str | None, base: str | None, schemes: tuple[str, ...] = _SCHEMES) -> str | None:
    """Make an address absolute, without tracking parameters and user info; None unless its scheme passes."""
    if not url or len(url) > 4000:
        return None
    if _PLAIN.fullmatch(url):
        return url
    try:
        joined = urljoin(base or "", _CONTROL.sub("", url).strip().replace(" ", "%20"))
        parts = urlsplit(joined)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in schemes or (parts.scheme != "mailto" and not parts.hostname):
        return None
    if parts.scheme == "mailto":
        return joined
    user, _, host = parts.netloc.rpartition("@")
    return without_tracking(urlunsplit(parts._replace(netloc=host)) if user else joined)


def srcset(value: str, base: str | None) -> str | None:
    """Rewrite a srcset attribute with absolute http(s) addresses; None where none remains."""
    candidates = []
    for address, descriptors in _candidates(value[:8000]):
        sized = not descriptors or (len(descriptors) == 1 and _DESCRIPTOR.fullmatch(descriptors[0]))
        url = absolute(address, base, ("http", "https")) if sized else None
        if url and "," not in url and not is_tracker(url):
            candidates.append(" ".join([url, *descriptors]))
    return ", ".join(candidates) or None


def largest(value: str, base: str | None) -> str | None:
    """Return the address of the largest picture of a srcset, None where none may be shown."""
    best: tuple[float, str] | None = None
    for address, descriptors in _candidates(value[:8000]):
        url = absolute(address, base, ("http", "https"))
        written = descriptors[0] if descriptors else "1x"
        if url and len(descriptors) < 2 and _DESCRIPTOR.fullmatch(written) and not is_tracker(url):
            weight = float(written[:-1]) if written[:-1].count(".") < 2 and written[:-1] != "." else 0.0
            best = max(best or (-1.0, ""), (weight, url), key=lambda pair: pair[0])
    return best[1] if best else None


def _candidates(value: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the addresses of a srcset, each with what stands between it and the next comma (HTML, 4.8.4.2.1)."""
    parts = deque(value.split())
    while parts:
        address, descriptors = parts.popleft(), list[str]()
        ended = address.endswith(",")
        while parts and not ended:
            descriptor, comma, rest = parts.popleft().partition(",")
            if descriptor:
                descriptors.append(descriptor)
            if rest:
                parts.appendleft(rest)
            ended = bool(comma)
        if address := address.strip(","):
            yield address, descriptors


def without_tracking(url: str) -> str:
    """Take the parameters that only count clicks off an http(s) address; all others stay as they were."""
    parts = urlsplit(url)
    if not parts.query and not parts.fragment:
        return url
    host = (parts.hostname or "").lower()
    fields = [field for field in re.split(r"(?<=[&;])", parts.query) if not _is_tracking(field.rstrip("&;"), host)]
    query = "".join(fields).rstrip("&;") if len(fields) < _fields(parts.query) else parts.query
    fragment = "" if _is_tracking(parts.fragment, host) else parts.fragment
    return urlunsplit(parts._replace(query=query, fragment=fragment))


#: a longer address is kept as its beginning and a hash
_LONGEST = 1000
#: a longer one (a picture that stands in its own address) is not remembered
_CACHED = 500


@remember_short(4096, _CACHED)
def url_key(url: str) -> str:
    """Reduce an http(s) address to what its variants share (scheme, www, AMP, mobile host, port, slash, fragment)."""
    if plain := _PLAIN.fullmatch(url):
        return _short(_bare(plain["host"]) + _path(plain["path"]))
    try:
        parts = urlsplit(canonicalize_url(without_tracking(url)))
    except ValueError:
        return url
    host = _bare(parts.hostname or "")
    if parts.port and str(parts.port) != _PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    path = _path(parts.path)
    query = "&".join(
        sorted(f for f in _query(parts.query) if f.lower() not in ("amp", "amp=", "amp=1", "outputtype=amp"))
    )
    return _short(f"{host}{path}?{query}" if query else f"{host}{path}")


def _bare(host: str) -> str:
    host = host.rstrip(".")
    while (short := _MOBILE.sub("", host)) != host:
        host = short
    return host


def _path(path: str) -> str:
    return _AMP_PATH.sub("", path).rstrip("/")


def _short(key: str) -> str:
    """PostgreSQL refuses to index what is longer than 2,704 bytes."""
    return key if len(key) <= _LONGEST else f"{key[:200]} {blake2b(key.encode(), digest_size=12).hexdigest()}"


@remember_short(512, _CACHED)
def is_tracker(url: str) -> bool:
    """Whether an image's address is a counting pixel's."""
    if plain := _PLAIN.fullmatch(url):
        place = f"{plain['host']}{plain['path']}".lower()
    else:
        parts = urlsplit(url)
        place = f"{parts.hostname or ''}{parts.path}".lower()
    return bool(_pixel_hosts().search(place) or link_rules().pixel_names.search(place))


@cache
def _pixel_hosts() -> re.Pattern[str]:
    return re.compile(rf"(?:^|\.)(?:{'|'.join(map(re.escape, link_rules().pixel_hosts))})")


@remember_short(1024, _CACHED)
def host_of(url: str | None) -> str | None:
    """Return the host of an http(s) address in lower case, without www; None where it has none."""
    if plain := _PLAIN.fullmatch(url or ""):
        return plain["host"].removeprefix("www.")
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


#: without a value
_BARE_PARAMETERS = ("sthisfb",)


def _query(query: str) -> list[str]:
    return [field for field in query.split("&") if field]


def _fields(query: str) -> int:
    return len(re.split(r"(?<=[&;])", query))


def _is_tracking(field: str, host: str) -> bool:
    name, sign, value = field.partition("=")
    if not sign:
        return field.lower() in _BARE_PARAMETERS
    name = unquote(name).lower()
    rules = link_rules()
    if name in rules.own_host:
        return _bare_host(value) in {_bare_host(host), ""} and bool(value)
    if name in rules.from_feed:
        return re.match(r"rss(?![^\W_])", value, re.IGNORECASE) is not None
    return name in rules.parameters or name.startswith(rules.prefixes)


def _bare_host(value: str) -> str:
    value = unquote(value).lower()
    return (host_of(value) or value).split("/")[0].removeprefix("www.")
