"""The feed behind any page: named in its head, in a header, by a known site's rule, or where feeds usually are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from origin import Origin, Reply, redirect

from feedhub.discovery import Discovery, FeedFinder, best_first, known_feeds, usual_places
from feedhub.discovery.known_sites import SITES
from feedhub.model import ParseFailed
from feedhub.parse import parse
from feedhub.parse.feed_links import feed_links

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def rss(title: str, entries: int = 3, words: int = 200, hours: float = 1) -> Reply:
    text = " ".join(f"word{n}" for n in range(words))
    date = (NOW - timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    item = "<item><guid>{}</guid><title>News {}</title><pubDate>{}</pubDate><description>{}</description></item>"
    items = "".join(item.format(n, n, date, text) for n in range(entries))
    body = f"<rss version='2.0'><channel><title>{title}</title><link>http://p.test/</link>{items}</channel></rss>"
    return Reply(200, {"Content-Type": "application/rss+xml"}, body.encode())


def page(head: str = "", body: str = "", **headers: str) -> Reply:
    html = f"<!doctype html><html><head><title>Paper</title>{head}</head><body>{body}</body></html>"
    return Reply(200, {"Content-Type": "text/html; charset=utf-8", **headers}, html.encode())


def link(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def find(url: str, **options: Any) -> Discovery:
    async def run() -> Discovery:
        async with FeedFinder(max_body=5_000_000, delay=0, **options) as finder:
            found = await finder.find(url)
            return Discovery(url=url, offers=tuple(best_first(found.offers, NOW)), failures=found.failures)

    return asyncio.run(run())


@pytest.fixture
def web() -> Iterator[Origin]:
    """The whole web, as a proxy shows it."""
    with Origin() as origin:
        yield origin


def through(web: Origin, url: str) -> Discovery:
    return find(url, proxy=f"http://{web.place}")


def test_a_feeds_own_address_is_its_own_offer(web: Origin) -> None:
    url = web.serve("http://p.test/all.xml", rss("Paper", 7, 90))
    (offer,) = through(web, url).offers
    assert (offer.url, offer.title, offer.entries, offer.words) == (url, "Paper", 7, 90)
    assert offer.newest == NOW - timedelta(hours=1)


def test_a_page_s_feeds_are_tried_and_the_best_stands_first(web: Origin) -> None:
    names = {
        "/comments/feed": rss("Comments on Paper", 40, 300),
        "/teasers": rss("Paper, short", 40, 30),
        "/old": rss("Paper, old", 40, 300, hours=24 * 200),
        "/empty": rss("Paper, empty", 0),
        "/full": rss("Paper", 10, 300),
    }
    web.serve("http://p.test/", page("".join(map(link, [*names, "/gone"]))))
    for name, reply in names.items():
        web.serve(f"http://p.test{name}", reply)
    found = through(web, "http://p.test/")
    assert [offer.title for offer in found.offers] == [
        "Paper",
        "Paper, short",
        "Paper, old",
        "Paper, empty",
        "Comments on Paper",
    ]
    assert ("http://p.test/gone", "HTTP 404 Not Found") in found.failures


def test_one_document_at_two_addresses_is_offered_once(web: Origin) -> None:
    web.serve("http://p.test/", page(link("/a") + link("/b")))
    web.serve("http://p.test/a", rss("Paper"))
    web.serve("http://p.test/b", rss("Paper"))
    assert [offer.url for offer in through(web, "http://p.test/").offers] == ["http://p.test/a"]


def test_a_permanent_redirect_is_followed_to_where_the_feed_has_moved(web: Origin) -> None:
    web.serve("http://p.test/", page(link("/old")))
    web.serve("http://p.test/old", redirect("http://p.test/new"))
    web.serve("http://p.test/new", rss("Paper"))
    assert through(web, "http://p.test/").offers[0].url == "http://p.test/new"


def test_a_link_header_names_a_feed_too(web: Origin) -> None:
    header = '</style.css>; rel="preload", </f.json>; rel="alternate"; type="application/feed+json"'
    web.serve("http://p.test/", page(Link=header))
    web.serve("http://p.test/f.json", rss("Paper"))
    assert through(web, "http://p.test/").offers[0].url == "http://p.test/f.json"


def test_what_a_page_links_is_tried_before_the_usual_places_and_only_where_the_head_is_silent(web: Origin) -> None:
    web.serve("http://p.test/", page(body='<a href="/feedback">x</a> <a href="/rss/sport">Sport</a>'))
    web.serve("http://p.test/rss/sport", rss("Sport"))
    web.serve("http://p.test/feed/", rss("All"))
    assert [offer.title for offer in through(web, "http://p.test/").offers] == ["Sport"]
    assert not [request for request in web.requests if "feedback" in request.target]


def test_the_usual_places_are_tried_last(web: Origin) -> None:
    web.serve("http://p.test/section/page.html", page())
    web.serve("http://p.test/feed.xml", rss("All"))
    found = through(web, "http://p.test/section/page.html")
    assert [offer.url for offer in found.offers] == ["http://p.test/feed.xml"]


def test_a_list_of_feeds_is_called_what_it_is(web: Origin) -> None:
    web.serve(
        "http://p.test/l", Reply(200, {"Content-Type": "text/xml"}, b"<?xml version='1.0'?><opml version='2.0'/>")
    )
    assert through(web, "http://p.test/l").reason.startswith("an OPML list, not a feed")


def test_a_page_without_a_feed_says_why(web: Origin) -> None:
    web.serve("http://p.test/", page())
    found = through(web, "http://p.test/")
    assert found.offers == ()
    assert found.reason.startswith('an HTML page ("Paper"), not a feed; nor is there a feed at ')
    assert len(web.requests) <= 14


def test_an_address_that_does_not_answer_says_why(web: Origin) -> None:
    assert through(web, "http://p.test/").reason == "HTTP 404 Not Found"


def test_a_known_site_is_asked_for_its_feed_and_not_for_the_page(web: Origin) -> None:
    web.serve("https://ignored/", page())
    web.serve("http://m.test/@desk.rss", rss("Desk"))
    assert through(web, "http://m.test/@desk").offers[0].url == "http://m.test/@desk.rss"
    assert [request.target for request in web.requests] == ["http://m.test/@desk.rss"]


def test_where_the_rule_of_a_known_site_fails_its_page_is_read(web: Origin) -> None:
    web.serve("http://m.test/@desk", page(link("/real")))
    web.serve("http://m.test/real", rss("Desk"))
    assert through(web, "http://m.test/@desk").offers[0].url == "http://m.test/real"


def test_a_page_may_not_lead_to_this_machine_and_what_the_operator_allows_stays_his(web: Origin) -> None:
    with Origin() as secret, Origin() as allowed:
        secret.serve("/feed", rss("Secret"))
        head = link(secret.url("/feed")) + link("http://169.254.169.254/feed") + link("file:///etc/passwd")
        url = allowed.serve("/", page(head))
        allowed.serve("/feed.xml", rss("Own"))
        # the page is exempt, and its own host and port; no other, though the operator exempts that as well
        found = find(url, allow={allowed.place, secret.place})
        assert [offer.title for offer in found.offers] == ["Own"]
        assert secret.requests == []
        assert find(url).offers == ()
        assert find(url).reason.startswith("127.0.0.1 is not an address that sources may lead to")


@pytest.mark.parametrize("rule", SITES, ids=lambda rule: rule.example[0])
def test_the_address_of_a_known_site_stands_for_its_feeds(rule: Any) -> None:
    url, first = rule.example
    assert known_feeds(url)[0] == first


@pytest.mark.parametrize("rule", SITES, ids=lambda rule: rule.example[0])
def test_a_known_sites_feed_is_taken_for_itself(rule: Any) -> None:
    assert rule.example[1] not in known_feeds(rule.example[1])


ORDINARY = [
    "https://www.paper.example/",
    "https://www.paper.example/news/politics/",
    "https://www.paper.example/2026/03/a-story.html",
    "https://www.youtube.com/watch?v=abc",
    "https://www.youtube.com/@paper",
    "https://paper.example/c/news/politics",
    "https://github.com/",
    "https://medium.com/",
    "https://vimeo.com/123456",
    "https://notreddit.com/r/news/",
    "https://reddit.com.evil.example/r/news/",
]


@pytest.mark.parametrize("url", ORDINARY)
def test_an_ordinary_address_is_no_known_site(url: str) -> None:
    assert known_feeds(url) == ()


def test_the_usual_places_stay_on_the_host() -> None:
    places = usual_places("https://p.test:8443/blog/2026/a.html?x=1#y")
    assert places[0] == "https://p.test:8443/blog/2026/feed/"
    assert all(each.startswith("https://p.test:8443/") for each in places)
    assert len(set(places)) == len(places)


LINKS = {
    # case: (page, the addresses that it offers)
    "base": ('<base href="/x/">' + link("f.xml"), ["http://p.test/x/f.xml"]),
    "rel with more words": ('<link rel="ALTERNATE home" type="application/atom+xml" href="/f">', ["http://p.test/f"]),
    "rel feed": ('<link rel="feed" href="/f">', ["http://p.test/f"]),
    "no quotes": ("<link rel=alternate type=application/rss+xml href=/f>", ["http://p.test/f"]),
    "a type with a charset": (link("/f", "application/atom+xml;charset=utf-8"), ["http://p.test/f"]),
    "in the body": ("</head><body>" + link("/f"), ["http://p.test/f"]),
    "another language": ('<link rel="alternate" hreflang="de" href="/de">', []),
    "oembed": (link("/o", "application/json+oembed"), []),
    "a site's data": (link("/wp-json/1", "application/json"), []),
    "a stylesheet": ('<link rel="stylesheet" type="text/css" href="/feed.css">', []),
    "another scheme": (link("javascript:alert(1)"), []),
    "control characters": (link("/f\x1b[2J"), []),
    "twice": (link("/f") + link("/f#top"), ["http://p.test/f"]),
    "another site's link": ('<a href="https://other.test/rss">x</a>', []),
    "FeedBurner": ('<a href="https://feeds.feedburner.com/paper">x</a>', ["https://feeds.feedburner.com/paper"]),
}


@pytest.mark.parametrize("case", LINKS)
def test_a_page_offers_what_its_markup_names(case: str) -> None:
    markup, offered = LINKS[case]
    assert [each.url for each in feed_links(page(markup).body, url="http://p.test/")] == offered


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<", b"<a href=", b"<link rel=alternate " * 50_000], ids=range(5))
def test_any_bytes_are_a_page_that_offers_nothing(body: bytes) -> None:
    assert feed_links(body, url="http://p.test/") == ()


def test_the_channel_of_a_video_page_is_found_on_that_site_alone() -> None:
    body = b'<html><script>var x = {"externalId":"UCabcdefghijklmnopqrstuv"}</script>'
    (found,) = feed_links(body, url="https://www.youtube.com/@paper")
    assert found.url == "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv"
    assert feed_links(body, url="https://www.evil.test/youtube.com") == ()


def test_a_source_that_answers_with_a_page_is_told_which_feed_that_offers() -> None:
    failed = parse(page(link("/a") + link("/b")).body, url="http://p.test/x")
    assert failed == ParseFailed(reason='an HTML page ("Paper"), not a feed; it offers http://p.test/a')
    assert parse(page().body) == ParseFailed(reason='an HTML page ("Paper"), not a feed')
