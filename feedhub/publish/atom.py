"""OutputFeed -> Atom 1.0 (RFC 4287), written by feedgen with `elements` mending it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedhub.model import EntryStyle, OutputFeed, OutputItem
from feedhub.publish.feedgen_extension import AtomHead, EntryElements
from feedhub.publish.fragments import Fragments, Parts, distinct, rendered_entries
from feedhub.publish.namespaces import ATOM_TYPE, GENERATOR, VERSION
from feedhub.publish.safe_text import language, legal, line, link, seconds
from feedhub.publish.story_item import Item
from feedhub.publish.story_item import item as made

_END = b"</feed>"


def atom(feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """Render the feed as an Atom document; entries in `fragments` are not rendered again."""
    return atom_parts(feed, fragments).joined()


def atom_parts(feed: OutputFeed, fragments: Fragments | None = None) -> Parts:
    """Render the parts of an Atom document."""
    head = bytes(_head(feed).atom_str().removesuffix(_END))
    return Parts(head=head, entries=rendered_entries(feed, "atom", _entry, fragments), tail=_END)


def entry(item: OutputItem, *, style: EntryStyle, fragments: Fragments | None = None) -> bytes:
    """Render one entry as it stands in the document of an output."""
    alone = OutputFeed(name="", id="", title="", home_url="", feed_url="", updated=item.entered, items=(item,))
    return rendered_entries(replace(alone, style=style), "atom", _entry, fragments)[0]


def archive(feed: OutputFeed, stored: Sequence[bytes]) -> bytes:
    """Join an archived document (RFC 5005, 4) out of stored entries that `entry` rendered."""
    return Parts(head=bytes(_head(feed).atom_str().removesuffix(_END)), entries=list(stored), tail=_END).joined()


def whole(feed: OutputFeed) -> bytes:
    """Render the same document by feedgen in one go: slower, what the tests compare `atom` with."""
    document = _head(feed)
    for one in distinct(feed):
        document.add_entry(_feed_entry(made(one.story, feed.style, one.event, one.reports)), order="append")
    return bytes(document.atom_str())


def common_language(feed: OutputFeed) -> str | None:
    """Return the language of all entries, None where they differ or one has none."""
    spoken = {language(one.story.language) for one in feed.items}
    return spoken.pop() if len(spoken) == 1 else None


def _head(feed: OutputFeed) -> Any:
    """Return the document without entries."""
    alive = {one.story.id for one in feed.items}
    gone = tuple(stone for stone in feed.tombstones if stone.id not in alive)
    head = FeedGenerator()
    head.register_extension("hub", lambda: AtomHead(gone, archive=feed.is_archive))
    head.id(line(feed.id))
    head.title(line(feed.title) or line(feed.name))
    head.updated(seconds(feed.updated))
    # the bytes of an archived document outlive the version that made them
    head.generator(GENERATOR, version=None if feed.is_archive else VERSION)
    if common := common_language(feed):
        head.language(common)
    # static files that do not know where they lie name no address
    if own := link(_address(feed, feed.query)):
        head.link(href=own, rel="self", type=ATOM_TYPE)
    if home := link(feed.home_url):
        head.link(href=home, rel="alternate", type="text/html")
    for rel, query in feed.relations:
        head.link(href=link(_address(feed, query)) or "", rel=rel, type=ATOM_TYPE)
    for hub in feed.hubs:
        if address := link(hub):
            head.link(href=address, rel="hub")
    return head


def _address(feed: OutputFeed, query: str) -> str:
    """Return the address of the output's document of this query; in a folder of files, that of its file."""
    if feed.is_static and query.startswith("?archive="):
        return f"{feed.feed_url}.archive-{query.removeprefix('?archive=')}.atom"
    return f"{feed.feed_url}.atom{query}"


def _feed_entry(item: Item) -> Any:
    """Make the entry as far as feedgen gets it right."""
    entry = FeedEntry()
    entry.register_extension("hub", lambda: EntryElements(item))
    entry.id(item.id)
    entry.title(item.title)
    entry.updated(item.updated)
    entry.published(item.published)
    entry.author([{"name": name} for name in item.authors])
    if item.content:
        entry.content(legal(item.content), type="html")
    if item.summary:
        entry.summary(item.summary, type="html")
    if item.url:
        entry.link(href=item.url)
    entry.category([{"term": term} for term in item.categories])
    if item.rights:
        entry.rights(item.rights)
    return entry


def _entry(item: Item) -> bytes:
    """Render one entry: the document of this entry alone, cut out."""
    frame = FeedGenerator()
    frame.register_extension("hub", AtomHead)
    frame.id("tag:")
    frame.title("-")
    frame.updated(item.updated)
    frame.add_entry(_feed_entry(item), order="append")
    document = bytes(frame.atom_str())
    return document[document.index(b"<entry") :].removesuffix(_END)
