"""The forms that single values take. Each check returns the value, made regular, or says what it expected."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from feedhub.registrable import is_known_domain

#: a date so far from now is still one that Python can hold
_LONGEST = timedelta(days=36_500)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
#: what nearly all addresses look like, and needs no closer look
_PLAIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}))?(?:[/?][!-\[\]-~]*)?"
)
_SIZES = {"kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
#: headers that what is asked for and the connection decide (RFC 9110, 7.6.1 and 13.1)
_OWN_HEADERS = frozenset(
    "host user-agent connection keep-alive te trailer transfer-encoding upgrade content-length content-type expect "
    "range accept-encoding if-none-match if-modified-since if-match if-unmodified-since if-range "
    "proxy-authorization".split()
)
#: by which addresses ask for a reader of feeds
_READER_SCHEME = re.compile(r"(?:feed|rss|pcast|itpc|podcast):", re.IGNORECASE)
#: a token guards what others may not read; shorter ones can be guessed
TOKEN_LENGTH = 16


def duration(value: object) -> timedelta:
    """`2s`, `15m`, `2h`, `30d` as a timedelta."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a duration such as 2s, 15m, 2h or 30d")
    given = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if given > _LONGEST:
        raise ValueError(f"expected a duration of at most {_LONGEST.days}d")
    return given


def source_id(value: str) -> str:
    """Accept a name that may stand in ids, logs and commands."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
        raise ValueError("expected letters, digits, `.`, `_` and `-`, a letter or digit first, at most 100")
    return value


def output_name(value: str) -> str:
    """Accept a name that may stand in an address and in a file's name before `.atom`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value):
        raise ValueError("expected letters, digits, `_` and `-`, a letter or digit first, at most 64")
    return value


def language(value: str) -> str:
    """Accept a language tag."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("expected a language tag such as en, pt-BR or zh-Hans")
    return value


def phrase(value: str) -> str:
    """Accept a word or several to look for."""
    if not any(character.isalnum() for character in value):
        raise ValueError("expected a word or a phrase; `*` at its end takes any ending")
    return value


def token(value: str) -> str:
    """Accept a secret that is long enough and may stand in an address."""
    if len(value) < TOKEN_LENGTH:
        raise ValueError(f"too short: a token has at least {TOKEN_LENGTH} characters")
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", value):
        raise ValueError("a token stands in addresses: only letters, digits and `.`, `_`, `~`, `-`")
    return value


def identity(value: str) -> str:
    """Accept the authority and date that every id begins with (RFC 4151, 2.1)."""
    authority, _, day = value.partition(",")
    if re.fullmatch(r"[A-Za-z0-9._-]+(@[A-Za-z0-9.-]+)?", authority) and _is_day(day):
        return value
    raise ValueError("expected an authority and a date on which it was yours, such as hub.example.org,2026")


def _is_day(value: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value):
        return False
    try:
        return bool(date.fromisoformat((value + "-01-01")[:10]))
    except ValueError:
        return False


def host_name(value: str) -> str:
    """Accept a name or an address of a host, in lower case."""
    if not re.fullmatch(_HOST, value):
        raise ValueError("expected the name of a host, without port or path, such as hub.lan")
    return value.lower().strip("[]")


def host_port(value: str) -> str:
    """`host:port` in lower case."""
    match = re.fullmatch(rf"{_HOST}:(\d{{1,5}})", value)
    if not match or not 0 < int(match[1]) < 65536:
        raise ValueError("expected host:port, such as 127.0.0.1:8800")
    return value.lower()


def web(value: str) -> str:
    """Accept an http(s) address; return it with its scheme in lower case."""
    if _PLAIN.fullmatch(value):
        return value
    if re.search(r"[\x00-\x20\x7f\\]", value):
        raise ValueError("an address has no blanks, control characters or backslashes")
    scheme, colon, _ = value.partition(":")
    if not colon or scheme.lower() not in ("http", "https"):
        raise ValueError("expected an address that begins with http:// or https://")
    try:
        parts = urlsplit(value)
        usable = parts.netloc and re.fullmatch(_HOST, _bare_host(parts.netloc)) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("the address has no host, or one that cannot be")
    return scheme.lower() + value[len(scheme) :]


def _bare_host(netloc: str) -> str:
    """Return the host out of `user@host:port`, its letters outside ASCII as they will be asked for."""
    host = re.sub(r":\d*$", "", netloc.rpartition("@")[2])
    return host if host.isascii() else host.encode("idna").decode()


def base_url(value: str) -> str:
    """Accept the hub's own address: scheme, host, port and path; return it without a slash at its end."""
    parts = urlsplit(web(value))
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("the hub's address has no user, no `?` and no `#`")
    return web(value).rstrip("/")


def proxy(value: str) -> str:
    """Accept the address of a proxy."""
    if not re.match(r"socks5h?://[^\s/]+:\d+/?$", value):
        return web(value)
    if importlib.util.find_spec("socksio") is None:
        raise ValueError("a SOCKS proxy needs one package more: pip install 'feedhub[socks]'")
    return value


def contact(value: str) -> str:
    """Accept how a publisher reaches the operator: an address of the web or of mail, as the User-Agent has it."""
    if re.fullmatch(r"(mailto:)?[^\s@():]+@[A-Za-z0-9.-]+", value) and value.isascii():
        return "mailto:" + value.removeprefix("mailto:")
    if not re.fullmatch(r"https?://[!-'*-~]+", value) or len(value) > 200:
        raise ValueError("expected how publishers reach you: https://... or an address of mail")
    return web(value)


def user_agent(value: str) -> str:
    """Accept a name to ask under."""
    if not re.fullmatch(r"[!-~][ -~]{0,398}[!-~]", value):
        raise ValueError("expected ASCII text in one line, at most 400 characters")
    return value


def header_names(value: Collection[str]) -> Collection[str]:
    """Accept names of request headers; a whole line in place of a name may hold a secret, which nobody is to read."""
    if not all(re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) for name in value):
        raise ValueError("expected names of headers, such as Authorization")
    return value


def headers(value: dict[str, str]) -> dict[str, str]:
    """Accept request headers, none of those that the connection itself decides."""
    for name, text in value.items():
        if name.lower() in _OWN_HEADERS:
            raise ValueError(
                f"{name} is the program's own" + (": use user_agent" if name.lower() == "user-agent" else "")
            )
        if not re.fullmatch(r"[!-~](?:[\t -~]*[!-~])?", text):
            raise ValueError(f"the value of {name} is to be ASCII text in one line, with no blanks round it")
    return value


def size(value: object) -> int:
    """`500kB`, `20MB` or `1GB` as a number of bytes."""
    match = re.fullmatch(r"(\d{1,6})(kB|MB|GB)", value) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError("expected a size such as 500kB, 20MB or 1GB")
    return int(match[1]) * _SIZES[match[2]]


def feed(value: str, folder: Path, allowed: Sequence[Path]) -> str:
    """Accept what a source polls: an http(s) address, or a resolved path."""
    if value.partition(":")[0].lower() in ("http", "https"):
        return web(value)
    if re.match(r"[“”„‟«»‘’‚‹›]", value):
        raise ValueError("typographic quotes are part of the text here: write straight ones, or none")
    if re.match(r"https?(?:[/;.]|$)", value, re.IGNORECASE) and not os.path.exists(folder / value):
        raise ValueError("expected an address that begins with http:// or https://: is a `:` or a `/` missing?")
    if _READER_SCHEME.match(value):
        raise ValueError("expected an http:// or https:// address: write http:// in place of feed:// and its like")
    if value.lower().endswith(".opml"):
        named = "FILE" if "://" in value else value
        raise ValueError(f"a list of sources is named with `opml:`, as {{opml: {named}}}")
    path = local(value, folder, allowed)
    if not os.path.exists(path) and _is_domain(value.partition("/")[0]):
        raise ValueError("there is no such file: https:// missing?")
    return path


def _is_domain(name: str) -> bool:
    """Whether a name is rather a host's than a file's."""
    host = re.fullmatch(r"((?:[\w-]+\.)+[\w-]+)(?::\d+)?", name)
    return host is not None and (name.startswith("www.") or is_known_domain(host[1]))


def list_file(value: str, folder: Path, allowed: Sequence[Path]) -> str:
    """Accept the path of an OPML list."""
    if value.partition(":")[0].lower() in ("http", "https"):
        raise ValueError("a list is a file: save it beside the configuration and name that")
    return local(value, folder, allowed)


def local(value: str, folder: Path, allowed: Sequence[Path]) -> str:
    """Resolve the path of a file or folder: inside `folder` or below one of `allowed`, where absolute ones must be."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", value):
        missing = ": http:// missing?" if re.match(r"[^:/]+:\d", value) else ""
        raise ValueError(f"expected an http:// or https:// address, or a path{missing}")
    if "\x00" in value or value.startswith("~"):
        raise ValueError("write the path out: relative to the configuration's folder, without `~`")
    real = Path(os.path.realpath(folder / value))
    if os.path.isabs(value):
        if not any(real.is_relative_to(path) for path in allowed):
            raise ValueError("an absolute path must lie below one of fetch.paths: add its folder there")
    elif not any(real.is_relative_to(path) for path in (folder, *allowed)):
        raise ValueError("the path leaves the configuration's folder: move the file, or use fetch.paths")
    return str(real)
