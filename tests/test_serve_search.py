"""The front page, search, sources and lists for people, over a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hubs import Newsroom
from lxml import etree
from outlets import Stand, plain_item
from test_events import REPORTS, newsroom

from feedhub.model import OutputRule
from feedhub.serve.page_filters import ago

SECRET = OutputRule(name="secret", title="Hush", token="open-sesame-open-sesame", words=("reservoir",))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with newsroom(tmp_path_factory.mktemp("hub")).served() as client:
        yield client


def headlines(page: str) -> list[str]:
    """The headlines of the stories that a page lists."""
    root = etree.HTML(page)
    return ["".join(map(str, each.itertext())) for each in root.iterfind(".//ol[@class='river']/li/article//h2")]


def test_the_front_page_shows_events_with_other_reports_below(hub: httpx.Client) -> None:
    page = hub.get("/").text
    assert len(headlines(page)) == 5
    assert page.count("More:") == 2
    for title, _ in REPORTS.values():
        assert title.replace("'", "&#39;") in page


def test_a_search_finds_words_outlets_and_phrases(hub: httpx.Client) -> None:
    assert headlines(hub.get("/search?q=reservoir").text) == [REPORTS["cape"][0]]
    assert headlines(hub.get('/search?q="fish market" outlet:quay').text) == [REPORTS["quay"][0]]
    assert headlines(hub.get("/search?q=nothing-like-it").text) == []
    assert headlines(hub.get("/search").text) == []


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_a_search_is_a_feed(hub: httpx.Client, suffix: str) -> None:
    got = hub.get(f"/search.{suffix}?q=market")
    assert got.status_code == 200
    assert sum(title in got.text.replace("&#39;", "'") for title, _ in REPORTS.values()) == 3
    assert hub.get(f"/search.{suffix}").status_code == 404
    again = hub.get(f"/search.{suffix}?q=market", headers={"if-none-match": got.headers["etag"]})
    assert again.status_code == 304


def test_the_feed_of_a_search_says_where_it_is(hub: httpx.Client) -> None:
    document = json.loads(hub.get("/search.json?q=fish%20market").content)
    assert document["feed_url"].endswith("/search.json?q=fish%20market")
    assert hub.get("/search.pdf?q=market").status_code == 404


HOSTILE = [
    '"',
    "(((",
    "AND OR NOT",
    "a* b* c* d*",
    "'; DROP TABLE story;--",
    "%",
    "\x00",
    "x" * 5000,
    "outlet:",
    "\u202e",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_is_an_error(hub: httpx.Client, query: str) -> None:
    for path in ("/search", "/search.atom"):
        assert hub.get(path, params={"q": query}).status_code in (200, 404)
    assert "<script>" not in hub.get("/search", params={"q": f"<script>{query}"}).text


def test_what_only_a_secret_output_carries_is_found_by_nobody(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", words=("council",)), SECRET)})
    for outlet in ("moor", "cape"):
        title, teaser = REPORTS[outlet]
        room.source(outlet)
        room.serve(outlet, {"id": "1", "url": f"https://{outlet}.test/1", "title": title, "content_text": teaser})
    made = Stand(room)
    made.round()
    with made.served() as client:
        for path in ("/search?q=reservoir", "/search.atom?q=reservoir", "/", "/feeds/", "/feeds.opml"):
            page = client.get(path).text
            assert "Drought" not in page
            assert "Hush" not in page
        assert "Council" in client.get("/search?q=parking").text
        sources = client.get("/sources").text
        assert "Moor" in sources
        assert "Cape" not in sources


def test_the_sources_are_listed_without_their_polled_address(hub: httpx.Client) -> None:
    page = hub.get("/sources").text
    for outlet in REPORTS:
        assert f"<bdi>{outlet.title()}</bdi>" in page
    assert ".json" not in page
    assert page.count('<span class="state polled">polled</span>') == len(REPORTS)


def test_the_outputs_are_a_list_to_import(hub: httpx.Client) -> None:
    root = etree.fromstring(hub.get("/feeds.opml").content)
    urls = [each.get("xmlUrl") or "" for each in root.iter("outline")]
    assert [url.rpartition("/")[2] for url in urls] == ["all.atom", "day.atom"]
    assert all(hub.get(url).status_code == 200 for url in urls)


def test_pages_lead_back_in_time(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", limit=5),)})
    room.source("paper")
    room.serve("paper", *(plain_item(number) for number in range(1, 41)))
    made = Stand(room)
    made.round()
    with made.served() as client:
        first, second = client.get("/").text, client.get("/feeds/all.html?page=2").text
        assert len(headlines(first)) == 30
        assert len(headlines(second)) == 10
        assert len({*headlines(first), *headlines(second)}) == 40
        assert 'href="/feeds/all.html?page=2" rel="next"' in first
        assert client.get("/feeds/all.html?page=3").status_code == 404
        assert client.get("/feeds/all.html?page=x").status_code == 404


NOON_OF_JUNE = datetime(2026, 6, 2, 12, tzinfo=UTC)
AGO = {
    0: "just now",
    -30: "just now",
    60: "1 min ago",
    3_599: "59 min ago",
    7_200: "2 h ago",
    86_400: "1 d ago",
    7 * 86_400: "26 May",
    400 * 86_400: "28 April 2025",
    -3_600: "2 June",
}


@pytest.mark.parametrize(("seconds", "words"), AGO.items(), ids=str)
def test_a_date_is_told_by_how_long_ago_it_was(seconds: int, words: str) -> None:
    shown = ago(NOON_OF_JUNE - timedelta(seconds=seconds), NOON_OF_JUNE)
    assert f">{words}</time>" in shown
    assert 'title="' in shown
