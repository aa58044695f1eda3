"""A document of which most is known: only the entries whose bytes were not there at the last poll are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from feedhub import parse
from feedhub.ingest.changed_entries import Changeset
from feedhub.model import Feed, Fetched
from feedhub.parse.slices import Slices
from feedhub.sources import newest_dates
from feedhub.store import Connection, copies, listings
from feedhub.store.listings import KnownListing
from feedhub.structs import replace


class PartialFeed(Struct, frozen=True, kw_only=True):
    """A document read as far as it is not known."""

    feed: Feed
    #: None where the pieces are not the entries, so that nothing can be told by them
    slices: Slices | None = None
    #: the pieces that were left out, and the copies that they are
    known: Mapping[bytes, int] = field(default_factory=dict)


def read_changed(connection: Connection, source: str, fetched: Fetched, *, whole: bool = False) -> PartialFeed | None:
    """Read a source's document, without what its last one listed too (`whole`: with it); None where only the parser
    pool can read it. Takes milliseconds whatever the document is."""
    if fetched.parts or not parse.is_small(fetched.body):
        return None
    slices = parse.cut(fetched.body, content_type=fetched.content_type, url=fetched.url)
    if slices is not None and len(set(slices.hashes)) < len(slices.hashes):
        slices = None
    listed = listings.read(connection, source) if slices and not whole else None
    if slices and listed and listed.context == slices.context:
        known = {digest: listed.items[digest] for digest in slices.hashes if digest in listed.items}
        feed = _read(fetched, slices.without(known)) if known else None
        if feed and len(feed.entries) == len(slices.items) - len(known):
            feed = replace(feed, unread=len(known), unread_dates=tuple(listed.dates))
            return PartialFeed(feed=feed, slices=slices, known=known)
    feed = _read(fetched, fetched.body)
    if feed is None:
        return None
    return PartialFeed(feed=feed, slices=slices if slices and len(slices.items) == len(feed.entries) else None)


def _read(fetched: Fetched, body: bytes) -> Feed | None:
    return parse.parse_fast(body, content_type=fetched.content_type, url=fetched.url)


def write_listing(connection: Connection, seen: PartialFeed | None, reading: Changeset, now: datetime) -> None:
    """Write down what the document lists; run after its reading was written."""
    if seen is None or seen.slices is None:
        listings.drop(connection, reading.source)
        return
    entries = seen.feed.entries
    # what took a name of its own from the others beside it must be read with them again
    names = Counter(entry.raw_guid or entry.link for entry in entries)
    fresh = [digest for digest in seen.slices.hashes if digest not in seen.known]
    plain = {
        entry.guid: digest
        for entry, digest in zip(entries, fresh, strict=True)
        if names[entry.raw_guid or entry.link] == 1
        and (entry.raw_guid or entry.link)
        # what waits to be cleaned is to be read again
        and entry.guid not in reading.waiting
    }
    reused = {number for number, _ in reading.reused}
    numbers = {guid: number for guid, number in reading.numbers.items() if number not in reused}
    numbers |= copies.ids_by_guid(connection, reading.source, [guid for guid in plain if guid not in numbers])
    items = dict(seen.known) | {digest: numbers[guid] for guid, digest in plain.items() if guid in numbers}
    dates = newest_dates(seen.feed, now)
    listings.save(connection, reading.source, KnownListing(context=seen.slices.context, items=items, dates=dates))
