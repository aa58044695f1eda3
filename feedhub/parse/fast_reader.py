"""Well-formed documents, some ten times as fast as feedparser reads them: libxml2's tree, and our own rules over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from feedhub.model import Feed
from feedhub.parse.admission import admit, attributes
from feedhub.parse.element_names import Names, name_of
from feedhub.parse.element_rules import LINKS_TO_PAGES
from feedhub.parse.element_text import HTML, PLAIN, NeedsFeedparser, Scope, construct, join, text_of
from feedhub.parse.feed_dates import read_date
from feedhub.parse.guid import identify
from feedhub.parse.item_reader import ItemReader
from feedhub.parse.media import number
from feedhub.parse.people import Person, names_of, read_person
from feedhub.parse.podcast import of_podcast, podcast_of
from feedhub.parse.xml_text import MOST_ENTRIES, MOST_VALUES, address, base_of, line

PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_ROOTS = frozenset(("rss", "feed", "rdf:rdf"))
_PLAIN_FIELDS = frozenset(("updated", "published", "ttl", "language", "sy:updateperiod", "sy:updatefrequency"))


def parse_fast(body: bytes, *, content_type: str | None, url: str) -> Feed | None:
    """Read a document as a Feed; return None where feedparser must read it."""
    admitted = admit(body, content_type)
    if admitted is None:
        return None
    try:
        root = name_of(admitted.root)
        if root not in _ROOTS:
            return None
        scope = Scope(admitted, atom=root == "feed", wrapped="2005/atom}" in admitted.root.tag.lower())
        return _feed(admitted.root, scope.inside(admitted.root), url)
    except NeedsFeedparser:
        return None


class _Head:
    """What a document says of itself."""

    def __init__(self, scope: Scope, base: str | None) -> None:
        self.scope = scope
        self.base = base
        self.plain: dict[str, str] = {}
        self.title: str | None = None
        self.link: str | None = None
        self.id: str | None = None
        self.rights: str | None = None
        self.author: str | None = None
        self.links: list[tuple[str, str]] = []
        self.people: tuple[Person, ...] = ()
        self.hours: set[int] = set()
        self.days: set[str] = set()
        #: elements of the podcast vocabulary by their name
        self.podcast: dict[str, str] = {}
        self.podcast_categories: list[str] = []


def _feed(root: Any, scope: Scope, url: str) -> Feed:
    head, items, names = _Head(scope, base_of(url)), [], Names()
    if scope.lang:
        head.plain["language"] = scope.lang
    for node, around in _parts(root, scope, names):
        if (name := names.of(node)) == "item":
            items.append((node, around))
        else:
            _read_head_element(head, name, node, around)
    link, self_link = address(head.link, head.base), next(iter(_links(head, "self")), None)
    # what is read from a path has no address of its own
    reader = ItemReader(head.base or link or self_link)
    entries = [reader.entry(node, around) for node, around in items[:MOST_ENTRIES]]
    many = f"{len(items)} entries, the first {MOST_ENTRIES} are read"
    remarks = [many] if len(items) > MOST_ENTRIES else []
    if scope.document.remark:
        remarks.append(scope.document.remark)
    return Feed(
        title=line(head.title),
        link=link,
        id=line(head.id),
        self_link=self_link,
        language=line(head.plain.get("language")),
        updated=read_date(line(head.plain.get("updated")) or line(head.plain.get("published"))),
        authors=names_of(head.people, head.author),
        rights=line(head.rights),
        ttl=wait(*(head.plain.get(name) for name in ("ttl", "sy:updateperiod", "sy:updatefrequency"))),
        skip_hours=frozenset(head.hours),
        skip_days=frozenset(head.days),
        hubs=tuple(_links(head, "hub")),
        entries=of_podcast(
            identify(entries), podcast_of(line(head.title), head.podcast, head.podcast_categories, head.base)
        ),
        remarks=tuple(remarks),
    )


def _parts(root: Any, scope: Scope, names: Names) -> Iterator[tuple[Any, Scope]]:
    """Yield the elements of the feed, those of its channel among them."""
    for node in root:
        if names.of(node) == "channel":
            inside = scope.inside(node)
            yield from ((child, inside) for child in node)
        else:
            yield node, scope


def _read_head_element(head: _Head, name: str, node: Any, scope: Scope) -> None:
    if name in _PLAIN_FIELDS:
        head.plain[name] = text_of(node, scope)
    elif name == "title":
        _title(head, node, scope)
    elif name == "link":
        _link(head, node, scope)
    elif name == "guid":
        _guid(head, node, scope)
    elif name == "rights":
        text = construct(node, scope, PLAIN)
        head.rights = text.value if text else None
    elif name == "author":
        head.author, someone = read_person(node, scope)
        head.people = (*head.people[: MOST_VALUES - 1], someone)
    elif name in ("itunes:author", "itunes:explicit"):
        head.podcast[name.removeprefix("itunes:")] = text_of(node, scope)
    elif name == "itunes:image":
        head.podcast["image"] = node.get("href") or node.get("url") or ""
    elif name == "itunes:category":
        head.podcast_categories += _podcast_categories(node)
    elif name in ("skiphours", "skipdays"):
        _skips(head, node)
    elif name in ("source", "body", "xhtml:body", "channel", "textinput"):
        raise NeedsFeedparser


def _title(head: _Head, node: Any, scope: Scope) -> None:
    if not head.title:
        text = construct(node, scope, PLAIN)
        head.title = text.value if text else None


def _guid(head: _Head, node: Any, scope: Scope) -> None:
    permalink = attributes(node).get("ispermalink", "true") == "true"
    head.id = join(scope.base, text_of(node, scope)) if permalink else text_of(node, scope)
    if permalink and head.link is None:
        head.link = head.id


def _link(head: _Head, node: Any, scope: Scope) -> None:
    attrs = attributes(node) if node.keys() else {}
    scope = scope.inside(node)
    relation = attrs.get("rel", "alternate")
    href = attrs.get("url") or attrs.get("uri") or attrs.get("href")
    written = join(scope.base, text_of(node, scope) if href is None else href)
    if href is None or (href and relation == "alternate" and attrs.get("type", HTML) in LINKS_TO_PAGES):
        head.link = written
    head.links.append((relation, written))


def _links(head: _Head, relation: str) -> list[str]:
    hrefs = (address(href, head.base) for rel, href in head.links[:MOST_VALUES] if rel == relation)
    return list(dict.fromkeys(href for href in hrefs if href))


def _podcast_categories(node: Any) -> list[str]:
    """Return a category and those within it, `Arts` and `Arts > Books`."""
    outer = node.get("text")
    if not outer:
        return []
    inner = (child.get("text") for child in node if name_of(child) == "itunes:category")
    return [outer, *(f"{outer} > {each}" for each in inner if each)]


def _skips(head: _Head, node: Any) -> None:
    for child in node:
        text = (child.text or "").strip()
        if name_of(child) == "hour" and re.fullmatch(r"[01]?\d|2[0-4]", text):
            head.hours.add(int(text) % 24)
        elif name_of(child) == "day" and re.fullmatch(r"[A-Za-z]+", text):
            head.days.add(text.capitalize())


def wait(ttl: str | None, period: str | None, frequency: str | None) -> timedelta | None:
    """Return the longer of `ttl` (minutes) and `sy:` (period over frequency); callers clamp it."""
    minutes = number(ttl)
    every = PERIODS.get((line(period) or "").lower())
    waits = [timedelta(minutes=min(minutes, 10_000_000))] if minutes else []
    return max(waits + ([every / (number(frequency) or 1)] if every else []), default=None)
