"""OutputFeed -> Atom 1.0 (RFC 4287), written by feedgen with `elements` mending it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedhub.model import EntryStyle, OutputFeed, OutputItem
from feedhub.publish.document_builder import DocumentForm, rendered
from feedhub.publish.feedgen_extension import AtomHead, EntryElements
from feedhub.publish.fragments import Fragments
from feedhub.publish.head_facts import HeadFacts, distinct
from feedhub.publish.namespaces import ATOM_TYPE, GENERATOR, VERSION
from feedhub.publish.safe_text import legal, line, link, seconds
from feedhub.publish.story_item import Item
from feedhub.publish.story_item import item as made

_END = b"</feed>"


def atom(feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """Render the feed as an Atom document; entries in `fragments` are not rendered again."""
    return rendered(ATOM, feed, fragments).body.joined()


def entry(item: OutputItem, *, style: EntryStyle) -> bytes:
    """Render one entry as it stands in the document of an output."""
    return _entry(made(item.story, style, item.event, item.reports))


def archive(feed: OutputFeed, stored: Sequence[bytes]) -> bytes:
    """Join an archived document (RFC 5005, 4) out of stored entries that `entry` rendered."""
    return b"".join((_opening(feed, HeadFacts()), *stored, _END))


def whole(feed: OutputFeed) -> bytes:
    """Render the same document by feedgen in one go: slower, what the tests compare `atom` with."""
    facts = HeadFacts.of(feed.items)
    document = _head(feed, facts)
    for one in distinct(feed.items):
        document.add_entry(_feed_entry(made(one.story, feed.style, one.event, one.reports)), order="append")
    return bytes(document.atom_str())


def _opening(feed: OutputFeed, facts: HeadFacts) -> bytes:
    return bytes(_head(feed, facts).atom_str().removesuffix(_END))


def _head(feed: OutputFeed, facts: HeadFacts) -> Any:
    """Return the document without entries."""
    gone = tuple(stone for stone in feed.tombstones if stone.id not in facts.ids)
    head = FeedGenerator()
    head.register_extension("hub", lambda: AtomHead(gone, archive=feed.is_archive))
    head.id(line(feed.id))
    head.title(line(feed.title) or line(feed.name))
    head.updated(seconds(feed.updated))
    # the bytes of an archived document outlive the version that made them
    head.generator(GENERATOR, version=None if feed.is_archive else VERSION)
    if common := facts.language:
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


ATOM = DocumentForm(kind="atom", head=_opening, entry=_entry, tail=_END)
