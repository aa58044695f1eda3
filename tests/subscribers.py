"""Real readers, subscribed to one address of a running hub: each polls as it does for its users."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import feedparser
import httpx
from msgspec import Struct


class Shown(Struct, frozen=True, dict=True):
    """An entry as a reader shows it."""

    title: str
    content: str
    #: when it says that it was updated or published, in the reader's own form
    date: str


class Look(Struct, frozen=True, dict=True):
    """What a reader has after one poll."""

    entries: Mapping[str, Shown]
    #: those that it presents as new
    fresh: frozenset[str]
    #: entries that it holds more than once
    twice: tuple[str, ...] = ()


class Subscriber(Protocol):
    #: it keeps entries that left the feed
    keeps: bool

    def look(self) -> Look:
        """Poll, then have the person read all that is new."""

    def close(self) -> None: ...


class Parser:
    """A parser without a memory, fed with the whole document each time: what is new is what it had not before."""

    keeps = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: set[str] = set()

    def look(self) -> Look:
        with httpx.Client(trust_env=False, timeout=60) as client:
            found = self.parse(client.get(self._url).content)
        entries = dict(found)
        twice = tuple(sorted({key for key, _ in found if [one for one, _ in found].count(key) > 1}))
        fresh = frozenset(entries) - self._known
        self._known |= set(entries)
        return Look(entries, fresh, twice)

    def parse(self, body: bytes) -> list[tuple[str, Shown]]:
        raise NotImplementedError

    def close(self) -> None:
        pass


class Feedparser(Parser):
    def parse(self, body: bytes) -> list[tuple[str, Shown]]:
        found = feedparser.parse(io.BytesIO(body))
        assert not found.bozo, found.get("bozo_exception")
        return [(e.id, Shown(e.title, _content(e), e.updated)) for e in found.entries]


class FastFeedparser(Parser):
    def parse(self, body: bytes) -> list[tuple[str, Shown]]:
        import fastfeedparser

        found = fastfeedparser.parse(body)
        return [(e.id, Shown(e.title, _content(e), e["updated"])) for e in found.entries]


def _content(entry: Any) -> str:
    if "content" not in entry:
        return str(entry.get("summary", entry.get("description", "")))
    first = entry["content"][0]
    return str(first["value"])


class Lemon:
    """lemon24/reader; it asks for deltas (RFC 3229)."""

    keeps = True

    def __init__(self, url: str) -> None:
        from reader import make_reader

        self._url = url
        self._reader = make_reader(":memory:")
        self._reader.add_feed(url)

    def look(self) -> Look:
        self._reader.update_feed(self._url)
        found = list(self._reader.get_entries())
        entries = {e.id: Shown(e.title or "", _said(e), str(e.updated)) for e in found}
        fresh = frozenset(e.id for e in found if not e.read)
        for one in found:
            self._reader.mark_entry_as_read(one)
        return Look(entries, fresh, () if len(found) == len(entries) else ("some",))

    def close(self) -> None:
        self._reader.close()


def _said(entry: Any) -> str:
    content = entry.get_content(prefer_summary=False)
    return "" if content is None else str(content.value)


class Newsboat:
    """Debian's newsboat, told to reload as cron would; it asks for deltas from its third poll on."""

    keeps = True

    def __init__(self, url: str, folder: Path) -> None:
        program = shutil.which("newsboat")
        assert program, "no newsboat: apt-get install newsboat"
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").write_text("")
        self._cache = folder / "cache.db"
        self._command = [program, "-C", "config", "-u", "urls", "-c", str(self._cache), "-x", "reload"]
        self._folder = folder

    def look(self) -> Look:
        home = {"HOME": str(self._folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        subprocess.run(self._command, cwd=self._folder, env=home, check=True, timeout=60, capture_output=True)
        with closing(sqlite3.connect(self._cache)) as cache, cache:
            rows = cache.execute(
                "SELECT guid, title, content, pubDate, unread FROM rss_item WHERE deleted = 0"
            ).fetchall()
            cache.execute("UPDATE rss_item SET unread = 0")
        entries = {guid: Shown(title, content, str(date)) for guid, title, content, date, _ in rows}
        fresh = frozenset(guid for guid, *_, unread in rows if unread)
        return Look(entries, fresh, tuple(guid for guid, *_ in rows if [r[0] for r in rows].count(guid) > 1))

    def close(self) -> None:
        pass
