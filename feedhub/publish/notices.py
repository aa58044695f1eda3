"""Notices for the operator -> Atom 1.0, written by feedgen: a feed of their own, never posts among the news."""

from __future__ import annotations

from datetime import datetime

from feedgen.feed import FeedGenerator
from msgspec import Struct

from feedhub.publish.namespaces import ATOM_TYPE, GENERATOR, VERSION
from feedhub.publish.safe_text import line, link, seconds


class Notice(Struct, frozen=True, kw_only=True):
    """One thing to know; its id stays while it lasts, its `updated` moves when it is over."""

    id: str
    title: str
    text: str
    category: str
    published: datetime
    updated: datetime


class Notices(Struct, frozen=True, kw_only=True):
    """All present notices, newest first."""

    id: str
    title: str
    author: str
    home_url: str
    feed_url: str
    updated: datetime
    items: tuple[Notice, ...]


def notices(feed: Notices) -> bytes:
    """Render the notices as an Atom document; the same ones give the same bytes."""
    head = FeedGenerator()
    head.id(line(feed.id))
    head.title(line(feed.title))
    head.updated(seconds(feed.updated))
    head.author({"name": line(feed.author)})
    head.generator(GENERATOR, version=VERSION)
    head.language("en")
    head.link(href=link(feed.feed_url) or "", rel="self", type=ATOM_TYPE)
    head.link(href=link(feed.home_url) or "", rel="alternate", type="application/json")
    for notice in feed.items:
        entry = head.add_entry(order="append")
        entry.id(line(notice.id))
        entry.title(line(notice.title))
        entry.updated(seconds(notice.updated))
        entry.published(seconds(notice.published))
        entry.category({"term": notice.category})
        entry.content(line(notice.text), type="text")
    return bytes(head.atom_str())
