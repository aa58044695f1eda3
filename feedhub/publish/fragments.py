"""Rendered entries by story version: a document of a hundred stories is joined, not rendered, when one changes."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from threading import Lock

from feedhub.model import EntryStyle, OutputItem, Rights, Story
from feedhub.publish.story_item import source_updated
from feedhub.sized_cache import IdleCache
from feedhub.structs import replace

#: bytes of all entries, and of what stands beside each: its key and its place
LIMIT, _BESIDE = 64_000_000, 500
#: an entry that no document had for so many seconds in which others were asked for was replaced, or left it
_IDLE_SECONDS = 60


def _size(entry: bytes) -> int:
    return len(entry) + _BESIDE


class Fragments:
    """A bounded memory of entries by (format, version); what documents have left goes soon. Safe between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._entries: IdleCache[tuple[str, bytes], bytes] = IdleCache(limit, _size, _IDLE_SECONDS)
        self._lock = Lock()
        #: how many entries had to be rendered
        self.rendered = 0

    @property
    def size(self) -> int:
        """Return the bytes of all entries in memory."""
        return int(self._entries.size)

    def get(self, kind: str, version: bytes, render: Callable[[], bytes]) -> bytes:
        """Return the entry of this version; render it where it is not in memory."""
        key = (kind, version)
        with self._lock:
            if (cached := self._entries.get(key)) is not None:
                return cached
        entry = render()
        with self._lock:
            self.rendered += 1
            self._entries[key] = entry
        return entry


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
