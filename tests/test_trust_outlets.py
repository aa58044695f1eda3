"""Who publishes a source: nobody becomes another site by claiming its link."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hubs import BRIDGE, ORCHESTRA, Newsroom, item

from feedhub import opml
from feedhub.ingest.outlet import outlet_of, with_site
from feedhub.model import OutputRule, Source
from feedhub.registrable import registrable
from feedhub.sources import new_state
from feedhub.structs import replace

WHO = {
    # case: (polled address, site link of the feed, outlet)
    "address and link agree": ("https://www.herald.example.org/rss", "https://herald.example.org/", "example.org"),
    "a host of the same owner": ("https://feeds.herald.co.uk/all", "https://www.herald.co.uk/", "herald.co.uk"),
    "a claimed link": ("https://evil.example/rss", "https://herald.example.org/", "src"),
    "a feed burner": ("https://feeds.feedburner.com/herald", "https://herald.co.uk/", "src"),
    "a search of a news portal": ("https://news.google.com/rss/search?q=x", "https://herald.co.uk/", "src"),
    "a bridge on loopback": ("http://127.0.0.1:3000/?bridge=x", "https://herald.co.uk/", "src"),
    "no link": ("https://herald.co.uk/rss", "", "src"),
    "a blog of a platform": ("https://alice.blogspot.com/rss", "https://alice.blogspot.com/", "alice.blogspot.com"),
    "a blog that claims another": ("https://mallory.blogspot.com/rss", "https://alice.blogspot.com/", "src"),
    "an address": ("http://192.0.2.7/rss", "http://192.0.2.7/", "192.0.2.7"),
}


@pytest.mark.parametrize(("url", "link", "outlet"), WHO.values(), ids=WHO)
def test_a_link_counts_where_the_feed_is_polled_from_its_site(url: str, link: str, outlet: str) -> None:
    source = Source(id="src", url=url, name="A source")
    state = with_site(new_state(source), link)
    assert outlet_of(source, state.site) == outlet


def test_the_operators_word_goes_before_any_link() -> None:
    source = Source(id="src", url="https://feeds.feedburner.com/h", name="A source", site="https://www.herald.co.uk/")
    assert outlet_of(source, "evil.example") == "herald.co.uk"
    assert outlet_of(replace(source, outlet="The Herald"), "evil.example") == "The Herald"


def test_another_link_later_changes_nothing_and_is_kept_as_long_as_it_lasts() -> None:
    source = Source(id="src", url="https://herald.co.uk/rss", name="A source")
    before = with_site(new_state(source), "https://herald.co.uk/")
    moved = with_site(before, "https://victim.example/")
    assert outlet_of(source, moved.site) == "herald.co.uk"
    assert moved.other_site == "victim.example"
    assert with_site(moved, "https://www.herald.co.uk/").other_site is None


@pytest.mark.parametrize(
    ("host", "owned"),
    [
        ("www.news.example.co.uk", "example.co.uk"),
        ("alice.github.io", "alice.github.io"),
        ("blogspot.com", "blogspot.com"),
        ("paper.com.br", "paper.com.br"),
        ("localhost", "localhost"),
        ("[::1]", "[::1]"),
    ],
)
def test_an_owner_is_told_by_the_public_suffix_list(host: str, owned: str) -> None:
    assert registrable(host) == owned


def test_a_source_that_changes_its_link_at_each_poll_is_one_outlet(tmp_path: Path) -> None:
    rules = (OutputRule(name="all"), OutputRule(name="covered", min_copies=2))
    room = Newsroom(tmp_path, settings={"feeds": rules})
    room.source("blog", outlet=None)
    items = []
    for number in range(3):
        items.append(item(f"b{number}", "Marrow Ferry cut off", *BRIDGE, url=f"https://blog{number}.example/a"))
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Blog",
            "home_page_url": f"https://outlet{number}.example/",
            "items": items,
        }
        (tmp_path / "blog.json").write_text(json.dumps(feed))
        report = room.round(number)
    assert {copy.outlet for story in room.stories() for copy in story.copies} == {"outlet0.example"}
    assert report.sources[0].remark == (
        "its site link names outlet2.example now, not outlet0.example: its outlet stays what it was"
    )


def test_a_short_guid_that_two_blogs_of_a_platform_share_proves_nothing(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for name, text in (("alice", BRIDGE[:1]), ("mallory", ORCHESTRA[:1])):
        room.source(name, outlet="platform.example")
        room.serve(name, item("2026-03-10", "The day", *text, url=f"https://{name}.platform.example/1"))
    room.round()
    assert len(room.stories()) == 2


def test_a_list_tells_the_sites_of_its_feeds_both_ways() -> None:
    source = Source(id="h", url="https://feeds.feedburner.com/h", name="Herald", site="https://herald.co.uk/")
    (outline,) = opml.read(opml.write([source], "List")).outlines
    assert outline.site == "https://herald.co.uk/"
