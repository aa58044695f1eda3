"""What the operator has sent to a source besides: his address, names, headers, cookies on the way; and to whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fetching import fetch, fetched, reason, source
from hubs import Newsroom
from origin import FEED, Origin, Reply, feed, redirect

from feedhub.config import load
from feedhub.fetch import Client, user_agent
from feedhub.model import FetchResult, Source
from feedhub.structs import replace

KEY = (("X-Api-Key", "hush-hush"),)


def fetch_source(asked: Source, url: str | None = None, **options: Any) -> FetchResult:
    async def run() -> FetchResult:
        async with Client(host_delay=0, **options) as client:
            return await client.fetch(asked, url=url)

    return asyncio.run(run())


def through(web: Origin, url: str, adopted: str | None = None, **values: Any) -> FetchResult:
    return fetch_source(source(url, **values), adopted, proxy=f"http://{web.place}")


def test_without_a_contact_no_address_is_made_up() -> None:
    assert "(" not in user_agent()
    assert user_agent("mailto:desk@hub.test").endswith(" (+mailto:desk@hub.test)")


@pytest.mark.parametrize(
    ("more", "contact"),
    [
        ("", None),
        ("server: {base_url: https://hub.example}\n", "https://hub.example"),
        ("server: {base_url: https://hub.example}\nfetch: {contact: me@hub.example}\n", "mailto:me@hub.example"),
        ("fetch: {contact: 'https://hub.example/about'}\n", "https://hub.example/about"),
    ],
    ids="nothing base_url mail web".split(),
)
def test_publishers_are_told_the_contact_or_the_hubs_own_address(tmp_path: Path, more: str, contact: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{more}sources: []\n")
    assert load(path).contact == contact


def test_a_source_has_a_name_and_headers_of_its_own_in_place_of_ours() -> None:
    with Origin() as web:
        headers = (("accept", "application/rss+xml"), ("Authorization", "Bearer hush"), ("Cookie", "login=1"))
        url = web.serve("http://me:pass@a.test/feed", feed()).replace("me:pass@", "")
        web.serve(url, feed())
        fetched(through(web, "http://me:pass@a.test/feed", user_agent="Reader/1", headers=headers))
    (request,) = web.requests
    assert [request.header(name) for name in ("User-Agent", "Accept", "Authorization", "Cookie")] == [
        "Reader/1",
        "application/rss+xml",
        "Bearer hush",
        "login=1",
    ]


TARGETS = {
    # case: (where the redirect leads, whether the source's headers go along)
    "the same host": ("http://feeds.paper.co.uk/b", True),
    "another host of the owner": ("http://www.paper.co.uk/b", True),
    "another owner": ("http://other.co.uk/b", False),
    "another port": ("http://feeds.paper.co.uk:8080/b", False),
    "the owner's name in another's": ("http://paper.co.uk.evil.test/b", False),
}


@pytest.mark.parametrize("case", TARGETS)
def test_headers_go_to_the_owner_of_the_address_alone(case: str) -> None:
    target, goes = TARGETS[case]
    with Origin() as web:
        web.serve("http://feeds.paper.co.uk/a", redirect(target))
        web.serve(target, redirect("http://feeds.paper.co.uk/back"))
        web.serve("http://feeds.paper.co.uk/back", feed())
        fetched(through(web, "http://feeds.paper.co.uk/a", headers=KEY))
    # who left does not get them back: the way home is the stranger's
    expected = [True, goes, goes]
    assert [request.header("X-Api-Key") == "hush-hush" for request in web.requests] == expected


@pytest.mark.parametrize(
    ("adopted", "goes"), [("http://www.paper.co.uk/new", True), ("http://other.test/new", False)], ids=["own", "other"]
)
def test_an_adopted_address_gets_the_headers_where_it_is_the_owners(adopted: str, goes: bool) -> None:
    with Origin() as web:
        web.serve(adopted, feed())
        fetched(through(web, "http://paper.co.uk/feed", adopted, headers=KEY))
    assert (web.requests[0].header("X-Api-Key") == "hush-hush") == goes


def test_an_articles_page_gets_no_header_of_its_source() -> None:
    with Origin() as web:
        url = web.serve("http://paper.test/1", Reply(200, {"Content-Type": "text/html"}, b"<p>x</p>"))

        async def run() -> None:
            async with Client(host_delay=0, proxy=f"http://{web.place}") as client:
                await client.page(source("http://paper.test/feed", headers=KEY), url)

        asyncio.run(run())
    assert web.requests[0].header("X-Api-Key") is None


def test_a_secret_header_is_not_shown() -> None:
    assert "hush" not in repr(source("http://a.test/", headers=KEY, proxy="http://u:hush@p.test"))


def test_a_source_has_a_proxy_of_its_own() -> None:
    with Origin() as one, Origin() as other:
        other.serve("http://a.test/feed", feed())
        asked = source("http://a.test/feed", proxy=f"http://{other.place}")
        assert fetched(fetch_source(asked, proxy=f"http://{one.place}")).body == FEED
        assert one.requests == []


def test_a_proxy_that_is_down_is_named_without_its_password() -> None:
    told = reason(fetch("http://a.test/feed", proxy="http://me:hush@127.0.0.1:9"))
    assert told.startswith("the proxy 127.0.0.1:9: ")
    assert "hush" not in told


def cookie(*values: str) -> Reply:
    return Reply(302, {"Set-Cookie": values[0], "Location": values[1]})


def test_a_site_that_wants_its_cookie_back_gets_it_and_the_chain_ends() -> None:
    with Origin() as web:
        url = "http://a.paper.test/feed"
        web.serve(url, lambda request: feed() if request.header("Cookie") else redirect("/consent", 302))
        web.serve("http://a.paper.test/consent", cookie("ok=1; Path=/", url))
        assert fetched(through(web, url)).body == FEED
        assert fetched(through(web, url)).body == FEED
    # the next poll begins without
    assert [request.header("Cookie") for request in web.requests] == [None, None, "ok=1"] * 2


COOKIES = {
    # case: (cookie set by http://a.paper.co.uk/in/x, address asked next, what it gets)
    "its host": ("k=1; Path=/", "http://a.paper.co.uk/b", "k=1"),
    "another host of the owner": ("k=1; Path=/", "http://b.paper.co.uk/b", None),
    "another host, by its domain": ("k=1; Path=/; Domain=paper.co.uk", "http://b.paper.co.uk/b", "k=1"),
    "another owner": ("k=1; Path=/; Domain=other.co.uk", "http://other.co.uk/b", None),
    "everybody": ("k=1; Path=/; Domain=co.uk", "http://other.co.uk/b", None),
    "its folder": ("k=1", "http://a.paper.co.uk/in/y", "k=1"),
    "outside its folder": ("k=1", "http://a.paper.co.uk/out", None),
    "outside its path": ("k=1; Path=/in", "http://a.paper.co.uk/inside", None),
    "only encrypted": ("k=1; Path=/; Secure", "http://a.paper.co.uk/b", None),
    "expired": ("k=1; Path=/; Max-Age=0", "http://a.paper.co.uk/b", None),
    "no name": ("=1; Path=/", "http://a.paper.co.uk/b", None),
    "too long": (f"k={'1' * 5000}; Path=/", "http://a.paper.co.uk/b", None),
}


@pytest.mark.parametrize("case", COOKIES)
def test_a_cookie_goes_where_it_may(case: str) -> None:
    value, target, sent = COOKIES[case]
    with Origin() as web:
        web.serve("http://a.paper.co.uk/in/x", cookie(value, target))
        web.serve(target, feed())
        fetched(through(web, "http://a.paper.co.uk/in/x"))
    assert web.requests[1].header("Cookie") == sent


@pytest.mark.parametrize(
    ("setter", "target", "goes"),
    [
        ("github.io", "you.github.io", False),
        ("co.uk", "paper.co.uk", False),
        ("github.io", "github.io", True),
        ("me.github.io", "www.me.github.io", True),
        ("paper.co.uk", "feeds.paper.co.uk", True),
    ],
)
def test_the_domain_of_a_cookie_is_no_suffix_below_which_others_register(setter: str, target: str, goes: bool) -> None:
    with Origin() as web:
        web.serve(f"http://{setter}/x", cookie(f"k=1; Path=/; Domain={setter}", f"http://{target}/y"))
        web.serve(f"http://{target}/y", feed())
        fetched(through(web, f"http://{setter}/x"))
    assert (web.requests[1].header("Cookie") == "k=1") is goes


def test_a_loop_that_sets_the_same_cookie_again_is_a_loop() -> None:
    with Origin() as web:
        url = web.serve("http://a.test/", cookie("ok=1; Path=/", "http://a.test/"))
        assert reason(through(web, url)) == "redirect loop at a.test"


@pytest.mark.parametrize("coding", ["none", "utf-8", "", "binary", "UTF-8, identity", "iso-8859-1", "text/xml"])
def test_a_content_encoding_that_names_no_coding_is_none(coding: str) -> None:
    with Origin() as origin:
        url = origin.serve("/feed", Reply(200, {"Content-Encoding": coding}, FEED))
        assert fetched(fetch(url, allow={origin.place})).body == FEED


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress"])
def test_a_feed_that_is_only_said_to_be_packed_is_read(coding: str) -> None:
    with Origin() as origin:
        url = origin.serve("/feed", Reply(200, {"Content-Encoding": coding}, FEED))
        assert fetched(fetch(url, allow={origin.place})).body == FEED


def document(title: str, text: str) -> bytes:
    items = [f"<item><guid>{n}</guid><title>Small news {n}</title></item>" for n in range(4)]
    items.insert(2, f"<item><guid>big</guid><title>{title}</title><description>{text}</description></item>")
    head = "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><link>http://s.test/</link>"
    return f"{head}{''.join(items)}</channel></rss>".encode()


@pytest.mark.parametrize(
    ("title", "text"),
    [("word " * 200_000, "x"), ("Big", "The ferry came in, slowly. " * 380_000)],
    ids=["a title of 1 MB", "an entry of 10 MB"],
)
def test_a_giant_entry_costs_its_feed_nothing_but_itself(tmp_path: Path, title: str, text: str) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    (tmp_path / "paper.xml").write_bytes(document(title, text))
    room.sources = [replace(room.sources[0], url=str(tmp_path / "paper.xml"))]
    assert room.round().exit_code == 0
    assert {f"Small news {n}" for n in range(4)} <= {story.title for story in room.stories()}
