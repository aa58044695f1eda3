"""OutputFeed -> RSS 2.0 by the advisory board's profile, written by feedgen with `elements` mending it."""

from __future__ import annotations

from threading import Lock
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedhub.model import OutputFeed
from feedhub.publish.document_builder import DocumentForm, rendered
from feedhub.publish.feedgen_extension import EntryElements, RssHead
from feedhub.publish.fragments import Fragments
from feedhub.publish.head_facts import HeadFacts, distinct
from feedhub.publish.media_files import rss_enclosure
from feedhub.publish.namespaces import GENERATOR, RSS_TYPE, VERSION
from feedhub.publish.safe_text import line, link, seconds, twice_safe
from feedhub.publish.story_item import Item, item

_END = b"</channel></rss>"
#: feedgen writes dates under `locale.setlocale`, which is one for the whole process
_LOCALE = Lock()


def rss(feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """Render the feed as an RSS document; items in `fragments` are not rendered again."""
    return rendered(RSS, feed, fragments).body.joined()


def whole(feed: OutputFeed) -> bytes:
    """Render the same document by feedgen in one go: slower, what the tests compare `rss` with."""
    document = _head(feed, HeadFacts.of(feed.items))
    for one in distinct(feed.items):
        document.add_entry(_feed_entry(item(one.story, feed.style, one.event, one.reports)), order="append")
    return _written(document)


def _written(document: Any) -> bytes:
    with _LOCALE:
        return bytes(document.rss_str())


def _opening(feed: OutputFeed, facts: HeadFacts) -> bytes:
    return _written(_head(feed, facts)).removesuffix(_END)


def _head(feed: OutputFeed, facts: HeadFacts) -> Any:
    """Return the channel without items."""
    head = FeedGenerator()
    links = [("hub", hub) for hub in feed.hubs]
    # archived documents are Atom alone
    links += [(rel, f"{feed.feed_url}.rss{query}") for rel, query in feed.relations if rel != "prev-archive"]
    safe = tuple((rel, address) for rel, href in links if (address := link(href)))
    head.register_extension("hub", lambda: RssHead(safe, facts.episodes))
    title = twice_safe(line(feed.title) or line(feed.name))
    head.title(title)
    head.description(f"{title}: each story once, with every outlet that ran it.")
    head.lastBuildDate(seconds(feed.updated))
    head.generator(GENERATOR, version=VERSION)
    head.docs("https://www.rssboard.org/rss-specification")
    if common := facts.language:
        head.language(common)
    if own := link(f"{feed.feed_url}.rss{feed.query}"):
        head.link(href=own, rel="self", type=RSS_TYPE)
    # feedgen takes the last link for the channel's own, which RSS wants in any case: the feed's id, where nobody knows
    # the address of its page
    head.link(href=link(feed.home_url) or line(feed.id), rel="alternate")
    return head


def _feed_entry(item: Item) -> Any:
    """Make the item as far as feedgen gets it right."""
    entry = FeedEntry()
    entry.register_extension("hub", lambda: EntryElements(item))
    entry.guid(item.id, permalink=False)
    entry.title(twice_safe(item.title))
    entry.published(item.published)
    if item.content:
        entry.content(item.content)
    entry.description(item.description, isSummary=True)
    entry.category([{"term": twice_safe(term)} for term in item.categories])
    if item.url:
        entry.link(href=item.url)
    if item.origin.feed:
        entry.source(url=item.origin.feed, title=twice_safe(item.origin.title))
    if item.comments:
        entry.comments(item.comments)
    if (file := rss_enclosure(item.media)) is not None:
        # the profile: one enclosure with its type, `0` for a length that is not known
        entry.enclosure(url=file.url, length=str(file.length or 0), type=file.type)
    return entry


def _entry(item: Item) -> bytes:
    """Render one item: the document of this item alone, cut out."""
    frame = FeedGenerator()
    frame.register_extension("hub", RssHead)
    frame.title("-")
    frame.link(href="-", rel="alternate")
    frame.description("-")
    frame.lastBuildDate(item.updated)
    frame.add_entry(_feed_entry(item), order="append")
    document = _written(frame)
    return document[document.index(b"<item>") :].removesuffix(_END)


RSS = DocumentForm(kind="rss", head=_opening, entry=_entry, tail=_END)
