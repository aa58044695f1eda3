"""Which names leave a headline: the outlet's, by whatever tells it, and nothing that the headline says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedhub.clean import Agencies, clean
from feedhub.model import Entry, EntryOrigin, Markup, Source

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HEAD = "Ferry stops for a day"
KNOWN = Agencies.known()


def titled(
    title: str, *, link: str = "https://a.example/1", origin: EntryOrigin | None = None, outlet: str = "x"
) -> str:
    entry = Entry(guid="1", title=Markup(value=title), link=link, origin=origin, published=NOW)
    source = Source(id="s", name="s", url="https://feeds.example/1")
    made = clean(
        entry,
        source=source,
        feed_title=None,
        feed_language=None,
        outlet=outlet,
        first_seen=NOW,
        now=NOW,
        agencies=KNOWN,
    )
    return made.title


@pytest.mark.parametrize(
    ("suffix", "link"),
    [
        ("The Bay", "https://www.thebay.example/1"),
        ("BBC News", "https://www.bbc.co.uk/news/1"),
        ("bay.example", "https://bay.example/1"),
        ("Bay Online", "https://news.bay.com.au/1"),
        ("CBS News", "https://www.cbsnews.com/1"),
    ],
)
def test_the_links_host_tells_the_outlet(suffix: str, link: str) -> None:
    assert titled(f"{HEAD} - {suffix}", link=link) == HEAD
    assert titled(f"{HEAD} | {suffix}", link=link) == HEAD
    assert titled(f"{HEAD} - {suffix}") == f"{HEAD} - {suffix}"


def test_the_source_element_tells_the_outlet() -> None:
    by_name = EntryOrigin(title="Quay Paper", url="https://quay.example")
    assert titled(f"{HEAD} - Quay Paper", link="https://aggregator.example/1", origin=by_name) == HEAD
    by_host = EntryOrigin(title="", url="https://www.quaypaper.example/feed")
    assert titled(f"{HEAD} - Quay Paper", link="https://aggregator.example/1", origin=by_host) == HEAD
    assert titled(f"{HEAD} - and a night", origin=by_name) == f"{HEAD} - and a night"


@pytest.mark.parametrize(
    ("title", "outlet"),
    [
        ("Boston: Two die in fire", "Boston.com"),
        ("Reuters - the ferry stops", "x"),
        ("Example: and other matters of the bay", "example"),
        ("AP - and what it stands for", "x"),
    ],
)
def test_what_the_headline_says_stays(title: str, outlet: str) -> None:
    link = "https://boston.com/1" if outlet == "Boston.com" else "https://example.example/1"
    assert titled(title, outlet=outlet, link=link) == title
