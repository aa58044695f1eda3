"""The feedgen extension: what feedgen 1.0.0 leaves out of an entry or gets wrong, added as lxml elements.

feedgen drops every attribute of an entry's links but href, knows two of the five children of atom:source, gives the
title no type, and makes its elements without a namespace under a literal xmlns attribute; so do we, or lxml would
invent ns0: prefixes.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from feedhub.model import Media, Tombstone
from feedhub.publish import podcast_elements
from feedhub.publish.elements import add
from feedhub.publish.media_elements import media_rss
from feedhub.publish.media_files import rss_enclosure, shown_large
from feedhub.publish.namespaces import ATOM_NS, DC_NS, HISTORY_NS, HUB_NS, TOMBSTONE_NS, XML_LANG
from feedhub.publish.safe_text import line, seconds, twice_safe
from feedhub.publish.story_item import AtomSource, Item

Element = etree._Element


class EntryElements:
    """Mends one entry: feedgen calls `extend_atom` or `extend_rss` with what it has made of it."""

    def __init__(self, item: Item) -> None:
        self._item = item

    def extend_ns(self) -> dict[str, str]:
        """Return no prefixes: the head declares them all."""
        return {}

    def extend_atom(self, entry: Element) -> Element:
        """Add the whole links, the language, the `hub:` elements, and last the source (feedbin#767)."""
        if self._item.language:
            entry.set(XML_LANG, self._item.language)
        for plain_link in entry.findall("link"):
            entry.remove(plain_link)
        for title in entry.findall("title"):
            title.set("type", "text")
        _links(entry, self._item)
        media_rss(entry, self._item.media, enclosed=self._item.media, html_titles=False)
        podcast_elements.episode(entry, self._item.media)
        _hub(entry, self._item)
        _source(entry, self._item.origin)
        return entry

    def extend_rss(self, entry: Element) -> Element:
        """Add the authors, which RSS itself wants as e-mail addresses, and the `hub:` elements."""
        item = self._item
        for author in item.authors:
            add(entry, f"{{{DC_NS}}}creator", twice_safe(author), prefix="dc")
        enclosure = rss_enclosure(item.media)
        media_rss(entry, item.media, enclosed=[] if enclosure is None else [enclosure], html_titles=True)
        podcast_elements.episode(entry, item.media)
        _hub(entry, self._item)
        return entry


class AtomHead:
    """Mends the head of an Atom document: namespaces, the mark of an archived one, and tombstones."""

    def __init__(self, tombstones: tuple[Tombstone, ...] = (), *, archive: bool = False) -> None:
        self._tombstones = tombstones
        self._archive = archive

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes that entries use, declared once at the top."""
        return {"hub": HUB_NS, "at": TOMBSTONE_NS}

    def extend_atom(self, feed: Element) -> Element:
        """Add RFC 5005 and RFC 6721, before the entries as the grammar of RFC 4287 wants all else."""
        if self._archive:
            add(feed, f"{{{HISTORY_NS}}}archive", prefix="fh")
        for tombstone in self._tombstones:
            when = seconds(tombstone.when).isoformat()
            gone = add(feed, f"{{{TOMBSTONE_NS}}}deleted-entry", prefix="at", ref=line(tombstone.id), when=when)
            add(gone, f"{{{TOMBSTONE_NS}}}comment", line(tombstone.reason), prefix="at")
            if tombstone.successor:
                add(gone, f"{{{HUB_NS}}}successor", line(tombstone.successor), prefix="hub")
        return feed


class RssHead:
    """Mends the head of an RSS document: namespaces, the WebSub hubs and the other pages."""

    def __init__(self, links: tuple[tuple[str, str], ...] = (), media: Sequence[Sequence[Media]] = ()) -> None:
        self._links = links
        #: the files of each of its items
        self._media = media

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes that items use, declared once at the top."""
        return {"hub": HUB_NS, "dc": DC_NS}

    def extend_rss(self, rss: Element) -> Element:
        """Add the links of the channel (WebSub 4, RFC 5005)."""
        for rel, href in self._links:
            add(rss[0], f"{{{ATOM_NS}}}link", prefix="atom", href=href, rel=rel)
        podcast_elements.channel(rss[0], self._media)
        return rss


def _links(entry: Element, item: Item) -> None:
    """Add one alternate, `via` to the agency, enclosures; never `related`, which a reader opens in its place."""
    if item.url:
        add(entry, "link", href=item.url, rel="alternate", type="text/html", hreflang=item.language or "")
    if item.via:
        add(entry, "link", href=item.via, rel="via", type="text/html")
    if item.comments:
        add(entry, "link", href=item.comments, rel="replies", type="text/html")
    for file in shown_large(item.media):
        add(entry, "link", href=file.url, rel="enclosure", type=file.type or "", length=str(file.length or ""))


def _hub(entry: Element, item: Item) -> None:
    """Add the wire marks and every copy, for machines."""
    marks = {"agency": item.agency, "place": item.place, "date": item.date, "revision": item.revision}
    for name, value in (marks | {"correction": item.correction}).items():
        if value:
            add(entry, f"{{{HUB_NS}}}{name}", value, prefix="hub")
    for cited in item.cited:
        add(entry, f"{{{HUB_NS}}}cited", cited, prefix="hub")
    copies = add(entry, f"{{{HUB_NS}}}copies", prefix="hub")
    for copy in item.copies:
        add(
            copies,
            f"{{{HUB_NS}}}copy",
            prefix="hub",
            outlet=copy.outlet,
            source=copy.source,
            name=copy.name,
            title=copy.title,
            href=copy.href or "",
            published=copy.published.isoformat(),
            relation=copy.relation,
            standing=copy.standing,
        )


def _source(entry: Element, origin: AtomSource) -> None:
    """Add the source feed's own metadata, complete (RFC 4287, 4.2.11)."""
    source = add(entry, "source")
    add(source, "id", origin.id)
    add(source, "title", origin.title, type="text")
    add(source, "updated", origin.updated.isoformat())
    if origin.site:
        add(source, "link", href=origin.site, rel="alternate", type="text/html")
    if origin.feed:
        add(source, "link", href=origin.feed, rel="self")
    for author in origin.authors:
        add(add(source, "author"), "name", author)
