"""Rendered entries by story version: a document of a hundred stories is joined, not rendered, when one changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Lock

from cachetools import LRUCache

from feedhub.model import EntryStyle, OutputFeed, OutputItem, Rights, Story
from feedhub.publish.story_item import Item, item, source_updated

LIMIT = 64 * 1024 * 1024


class Fragments:
    """A bounded memory of entries by (format, version); the least recently used go first. Safe between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: LRUCache[tuple[str, bytes], bytes] = LRUCache(limit, getsizeof=len)
        self._lock = Lock()
        #: how many entries had to be rendered
        self.rendered = 0

    def get(self, kind: str, version: bytes, render: Callable[[], bytes]) -> bytes:
        """Return the entry of this version; render it where it is not in memory."""
        key = (kind, version)
        with self._lock:
            if (cached := self._entries.get(key)) is not None:
                return cached
        entry = render()
        with self._lock:
            self.rendered += 1
            if len(entry) <= self._limit:
                self._entries[key] = entry
        return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A document before it is joined."""

    head: bytes
    entries: list[bytes]
    tail: bytes
    joint: bytes = b""

    def joined(self) -> bytes:
        """Return the whole document."""
        return b"".join((self.head, self.joint.join(self.entries), self.tail))


def version(one: OutputItem, style: EntryStyle, kind: str = "") -> bytes:
    """Return a key for an entry's bytes: two items with one version give the same bytes in this format."""
    event = repr((one.event if kind == "json" else None, one.reports)) if one.event else ""
    if one.version is not None:
        dress = f"{style.also:d} {style.author} {style.pages} {event}"
        return f"{one.story.id} {one.version} {dress}".encode("utf-8", "backslashreplace")
    return digest(one.story, style, event)


def digest(story: Story, style: EntryStyle, event: str = "") -> bytes:
    """Return a digest of all that an entry shows."""
    publisher = replace(story.publisher, updated=source_updated(story), rights=Rights.FULL, priority=0)
    publisher = replace(publisher, trust="normal", credit=None)
    shown = replace(story, publisher=publisher, provenance={}, released=story.published, words=0)
    return blake2b(repr((style, shown, event)).encode("utf-8", "backslashreplace"), digest_size=20).digest()


def rendered_entries(
    feed: OutputFeed, kind: str, render: Callable[[Item], bytes], fragments: Fragments | None
) -> list[bytes]:
    """Return the feed's entries in order, each rendered or out of memory."""
    memory = Fragments() if fragments is None else fragments

    def entry(one: OutputItem) -> bytes:
        return memory.get(
            kind, version(one, feed.style, kind), lambda: render(item(one.story, feed.style, one.event, one.reports))
        )

    return [entry(one) for one in distinct(feed)]


def distinct(feed: OutputFeed) -> tuple[OutputItem, ...]:
    """Return the items, each story once: entries with one id would be one entry to a reader (RFC 4287, 4.1.1)."""
    first: dict[str, OutputItem] = {}
    for one in feed.items:
        first.setdefault(one.story.id, one)
    return tuple(first.values())
