"""The URL of a database: what feedhub can use, and where a relative file lies."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_SCHEMES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
#: what may follow the `?` of a file's; PostgreSQL's options are its own library's to judge
_FILE_OPTIONS = {"timeout", "uri", "mode", "cache", "immutable", "nolock"}


def check(value: str) -> str:
    """Return the URL if feedhub can use it; errors show no part of it, for a password may be in it."""
    scheme, separator, _ = value.partition("://")
    if not separator:
        raise ValueError("expected a database URL, such as sqlite:///feedhub.db or postgresql://user@host/feedhub")
    if scheme == "postgres":
        raise ValueError("write postgresql:// instead of postgres://")
    if scheme not in _SCHEMES:
        raise ValueError("feedhub keeps its data in sqlite:///FILE or postgresql://...")
    if scheme.startswith("sqlite"):
        _check_file(value)
    else:
        _check_server(value)
    return value


def _parsed(value: str) -> URL:
    try:
        return make_url(value)
    except (ArgumentError, ValueError):
        # The only number in it is the port.
        raise ValueError("expected scheme://user:password@host:port/name, the port a number") from None


def _check_file(value: str) -> None:
    url = _parsed(value)
    if url.host or url.username:
        raise ValueError("a file follows three slashes: sqlite:///FILE, or sqlite:////FOLDER/FILE")
    if (url.database or "").strip("/") in ("", ":memory:"):
        raise ValueError("expected sqlite:///FILE: what is kept in memory is forgotten, and every id with it")
    options = value.partition("?")[2].split("&")
    if any(option and option.partition("=")[0] not in _FILE_OPTIONS for option in options):
        raise ValueError("unknown option: a file takes ?timeout=SECONDS alone; write %3F for a `?` in its name")
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", str(url.query.get("timeout", "0"))):
        raise ValueError("expected a number of seconds as timeout, such as ?timeout=5")


def _check_server(value: str) -> None:
    # With another `@` a part of the password would count as the host, and be shown.
    if value.count("@") > 1:
        raise ValueError("more than one `@`: write %40 for those that do not stand before the host")
    url = _parsed(value)
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError("expected a port of at most 65535")


def beside(value: str, folder: Path) -> str:
    """Return the URL with a relative SQLite file in `folder`, wherever the program is started."""
    url = make_url(value)
    if url.get_backend_name() != "sqlite" or url.database is None or Path(url.database).is_absolute():
        return value
    return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)
