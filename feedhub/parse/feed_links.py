"""An HTML page -> the feeds that it offers: in its head (HTML, 4.6.6.1, `alternate`), its links, its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from lxml import etree, html
from msgspec import Struct

from feedhub.charsets import decode, label_of

#: what a link in the head says that it leads to
_TYPES = re.compile(r"\s*(?:application|text)/(?:(?:rss|atom|rdf|feed)(?:\+xml|\+json)|xml|rdf|rss|x-rss\+xml)\b", re.I)
#: an address that a page links to and that looks like a feed's
_LOOKS_LIKE = re.compile(
    r"(?:[/._-](?:rss|atom|feeds?|rdf)(?:[0-9]|[/._-]|$)|\.(?:rss|atom|rdf)$|/(?:index|rss|feed|atom)\.(?:xml|json)$)",
    re.I,
)
_FEED_HOSTS = ("feeds.", "feed.", "rss.")
_YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
_SOUNDCLOUD = "https://feeds.soundcloud.com/users/soundcloud:users"
#: where a page of a known site names its feed, or the number that its feed's address is made of
_IN_SCRIPTS = (
    (".youtube.com", re.compile(rb'"(?:externalId|channelId)":"(UC[\w-]{22})"'), f"{_YOUTUBE}?channel_id={{}}"),
    (".soundcloud.com", re.compile(rb"soundcloud://users:(\d+)"), f"{_SOUNDCLOUD}:{{}}/sounds.rss"),
    (".apple.com", re.compile(rb'"feedUrl":\s*"(https?://[^"\\\s]{4,500})"'), "{}"),
)
_MOST_BYTES, _MOST_LINKS = 2_000_000, 20


class FeedLink(Struct, frozen=True, kw_only=True):
    """An address that may be a feed's, and where the page has it."""

    url: str
    title: str | None = None
    place: Literal["head", "link", "script"] = "head"


def feed_links(body: bytes, *, content_type: str | None = None, url: str = "") -> tuple[FeedLink, ...]:
    """Return the feeds that a page offers: those of its head, then of its scripts, then links that look like one.

    Any bytes are a page; `url` is the base of its links. Only http and https addresses are returned.
    """
    body = body[:_MOST_BYTES]
    offered = {link.url: link for link in _in_scripts(body, urlsplit(url).hostname or "")}
    try:
        page = decode(body, label_of(content_type)).text.encode("utf-8", "replace")
        tree = html.document_fromstring(page, parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return tuple(offered.values())
    base = urljoin(url, next((node.get("href") or "" for node in tree.iterfind(".//base[@href]")), ""))
    head = {link.url: link for link in _in_head(tree, base)}
    links = {link.url: link for link in _linked(tree, base, urlsplit(url).hostname or "")}
    every = {**links, **offered, **head}
    return tuple(every[each] for each in [*dict.fromkeys([*head, *offered, *links])][:_MOST_LINKS])


def _in_head(tree: Any, base: str) -> Iterator[FeedLink]:
    for node in tree.iterfind(".//link[@href]"):
        relations = (node.get("rel") or "").lower().split()
        if ("alternate" in relations and _TYPES.match(node.get("type") or "")) or "feed" in relations:
            yield from _link(base, node, "head")


def _linked(tree: Any, base: str, host: str) -> Iterator[FeedLink]:
    for node in tree.iterfind(".//a[@href]"):
        for link in _link(base, node, "link"):
            parts = urlsplit(link.url)
            name = (parts.hostname or "").removeprefix("www.")
            own = name == host.removeprefix("www.") or name.startswith(_FEED_HOSTS)
            if own and (_LOOKS_LIKE.search(parts.path) or name.startswith("feeds.feedburner.")):
                yield link


def _link(base: str, node: Any, place: Literal["head", "link"]) -> Iterator[FeedLink]:
    try:
        url = urljoin(base, node.get("href").strip()).partition("#")[0]
        usable = urlsplit(url).hostname and url.isprintable() and url.startswith(("http://", "https://"))
    except ValueError:
        return
    if usable:
        title = " ".join((node.get("title") or (node.text if place == "link" else "") or "").split())
        yield FeedLink(url=url, title=title[:200] or None, place=place)


def _in_scripts(body: bytes, host: str) -> Iterator[FeedLink]:
    for site, pattern, made in _IN_SCRIPTS:
        if f".{host}".endswith(site) and (match := pattern.search(body)):
            yield FeedLink(url=made.format(match[1].decode("ascii", "ignore")), place="script")
