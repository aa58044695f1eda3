"""The rows under `sources:` -> Sources: rows of their own first, then what lists name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from feedhub import opml
from feedhub.bounded_files import read_bounded
from feedhub.config import scalar_forms
from feedhub.config.settings import Fetch, Polling
from feedhub.config.yaml_document import Loc
from feedhub.errors import UsageError
from feedhub.model import Filters, Fulltext, Source
from feedhub.structs import replace

#: takes a place and what is to be said about it
Say = Callable[[Loc, str], None]


class SourceReader:
    """Turns checked rows into sources, and tells the mistakes and doubts that only their surroundings show."""

    def __init__(self, polling: Polling, fetch: Fetch, fulltext: Fulltext, mistake: Say, doubt: Say) -> None:
        self._polling, self._fulltext = polling, fulltext
        self._allowed = frozenset(fetch.allow)
        self._mistake, self._doubt = mistake, doubt

    def sources(self, rows: list[tuple[Loc, dict[str, Any]]]) -> tuple[Source, ...]:
        """Every source in the order of the file; a row of its own beats the same feed in a list (`opml`)."""
        own = {loc: source for loc, row in rows if "opml" not in row and (source := self._own(loc, row))}
        taken = _Taken(own.values() if len(own) < len(rows) else ())
        self._tell_repeats(own)
        sources: list[Source] = []
        for loc, row in rows:
            if loc in own:
                sources.append(own[loc])
            elif "opml" in row:
                sources.extend(self._listed(loc, row, taken))
        return tuple(sources)

    def _own(self, loc: Loc, row: dict[str, Any]) -> Source | None:
        return self._timed(loc, {"name": _name(row["url"])} | row)

    def _timed(self, loc: Loc, values: dict[str, Any]) -> Source | None:
        source = Source(**{"interval": self._polling.interval} | with_filters(values))
        if "fulltext" not in values and not source.is_path:
            source = replace(source, fulltext=self._fulltext)
        if source.interval < self._polling.floor and source.interval < self._floor(source):
            floor = f"polling.floor ({format_duration(self._polling.floor)})"
            self._mistake((*loc, "interval"), f"shorter than {floor}: raise it, or lower the floor")
            return None
        return source

    def _floor(self, source: Source) -> timedelta:
        """Politeness is owed to other people's servers only: not to files, nor to what `fetch.allow` names."""
        if source.is_path or _host_port(source.url) in self._allowed:
            return timedelta(0)
        return self._polling.floor

    def _tell_repeats(self, own: dict[Loc, Source]) -> None:
        first: dict[str, str] = {}
        for loc, source in own.items():
            other = first.setdefault(source.url, source.id)
            if other != source.id:
                self._doubt((*loc, "url"), f"the same address as source `{other}`: it will be polled twice")

    def _listed(self, loc: Loc, row: dict[str, Any], taken: _Taken) -> Iterator[Source]:
        try:
            subscriptions = opml.read(_bytes(row["opml"]))
        except (UsageError, OSError) as error:
            message = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
            self._mistake((*loc, "opml"), message)
            return
        for remark in subscriptions.remarks:
            self._doubt((*loc, "opml"), remark)
        defaults = {key: value for key, value in row.items() if key != "opml"}
        for outline in subscriptions.outlines:
            if source := self._from_outline((*loc, "opml"), outline, defaults):
                refused, fatal = taken.refusal(source)
                if refused:
                    (self._mistake if fatal else self._doubt)((*loc, "opml"), refused)
                else:
                    yield source

    def _from_outline(self, loc: Loc, outline: opml.Outline, defaults: dict[str, Any]) -> Source | None:
        try:
            url = scalar_forms.web(outline.url)
        except ValueError as error:
            self._doubt(loc, f"{outline.name}: left out: {error}")
            return None
        traits = {"category": outline.category, "language": outline.language, "site": outline.site}
        own = {key: value for key, value in traits.items() if value is not None}
        return self._timed(loc[:-1], defaults | own | {"id": outline.id, "url": url, "name": outline.name})


class _Taken:
    """The ids and addresses that sources have already."""

    def __init__(self, own: Collection[Source]) -> None:
        self._own = {source.id for source in own}
        self._ids = set(self._own)
        self._keys = {_key(source): source.id for source in own}

    def refusal(self, source: Source) -> tuple[str | None, bool]:
        """Why a listed source is not taken, and whether that is a mistake; takes it where there is no reason."""
        key = _key(source)
        if key in self._keys:
            return f"{source.name}: left out, it is source `{self._keys[key]}` already", False
        if source.id in self._ids:
            message = f"{source.name}: left out, its id `{source.id}` belongs to another address: write it as a row"
            return message, source.id not in self._own
        self._ids.add(source.id)
        self._keys[key] = source.id
        return None, False


def _key(source: Source) -> str:
    return source.url if source.is_path else opml.address_key(source.url)


def with_filters(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row with its `exclude` made `Filters`, its `headers` pairs."""
    filters, headers = values.get("exclude"), values.get("headers")
    made = {} if filters is None else {"exclude": Filters(**filters)}
    return values | made | ({} if headers is None else {"headers": tuple(headers.items())})


def format_duration(value: timedelta) -> str:
    """Return a duration as the configuration writes it."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _name(url: str) -> str:
    """Return a source's name where none is given: the host, or the file's name without its ending."""
    if url.startswith(("http://", "https://")):
        host = re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
        return host.lower().removeprefix("www.")
    return PurePath(url).stem


def _host_port(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return host if parts.port else f"{host}:{443 if parts.scheme == 'https' else 80}"


def _bytes(path: str) -> bytes:
    """Read a regular file's bytes; opened without waiting, so that a pipe cannot stop the program."""
    if not os.path.isfile(path):
        raise UsageError("there is no such file: a path counts from the configuration's folder")
    return read_bounded(Path(path))
