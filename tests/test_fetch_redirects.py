"""Redirects: followed by hand, each hop anew. The origin plays a proxy here, so it can be many hosts."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fetching import fetch, fetched, reason, unchanged
from origin import FEED, Origin, Reply, conditional, feed, redirect

from feedhub.model import Fetched, FetchFailed, Validators

PERMANENT, TEMPORARY = (301, 308), (302, 303, 307)


def through(proxy: Origin, url: str, **options: Any) -> Any:
    return fetch(url, proxy=f"http://{proxy.place}", **options)


@pytest.mark.parametrize("status", PERMANENT + TEMPORARY)
def test_a_redirect_is_followed_and_only_a_permanent_one_remembered(status: int) -> None:
    with Origin() as web:
        web.serve("http://new.test/feed", feed())
        result = fetched(through(web, web.serve("http://old.test/feed", redirect("http://new.test/feed", status))))
    assert result.url == "http://new.test/feed"
    assert result.moved_to == ("http://new.test/feed" if status in PERMANENT else None)


def chain(web: Origin, *statuses: int) -> Fetched:
    for number, status in enumerate(statuses):
        web.serve(f"http://a.test/{number}", redirect(f"http://a.test/{number + 1}", status))
    web.serve(f"http://a.test/{len(statuses)}", feed())
    return fetched(through(web, "http://a.test/0"))


def test_a_chain_is_permanent_only_as_a_whole() -> None:
    with Origin() as web:
        assert chain(web, 301, 308).moved_to == "http://a.test/2"
        assert chain(web, 301, 302).moved_to is None
        assert chain(web, 302, 301).moved_to is None


@pytest.mark.parametrize("status", PERMANENT + TEMPORARY)
def test_a_feed_is_gone_where_the_publisher_says_so_not_where_he_sends_us_for_now(status: int) -> None:
    with Origin() as web:
        web.serve("http://new.test/feed", Reply(410))
        result = through(web, web.serve("http://old.test/feed", redirect("http://new.test/feed", status)))
    assert isinstance(result, FetchFailed)
    assert (result.status, result.gone) == (410, status in PERMANENT)


def test_ten_redirects_are_followed_and_no_more() -> None:
    with Origin() as web:
        assert chain(web, *[301] * 10).body == FEED
        web.serve("http://a.test/10", redirect("http://a.test/11"))
        assert reason(through(web, "http://a.test/0")) == "more than 10 redirects"


def test_a_loop_is_told_as_one() -> None:
    with Origin() as web:
        web.serve("http://a.test/", redirect("http://b.test/"))
        web.serve("http://b.test/", redirect("http://a.test/"))
        assert reason(through(web, "http://a.test/")) == "redirect loop at a.test"


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://a.test/x", "javascript:alert(1)", "data:text/xml,<rss/>", "a" * 900 + ":b"],
)
def test_a_redirect_leads_to_http_or_nowhere(location: str) -> None:
    with Origin() as web:
        url = web.serve("http://a.test/", redirect(location))
        told = reason(through(web, url))
        assert "only http and https are fetched" in told
        assert len(told) < 100


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1]", "a.test"])
@pytest.mark.parametrize("port", ["0", "65536", "-1", "9" * 25])
def test_a_redirect_to_no_port_is_a_failure(host: str, port: str) -> None:
    with Origin() as web:
        url = web.serve("/feed", redirect(f"http://{host}:{port}/"))
        assert reason(fetch(url, allow={web.place})).startswith("no usable URL: there is no port")


def test_a_redirect_without_a_target_is_a_failure() -> None:
    with Origin() as web:
        url = web.serve("http://a.test/", redirect(""))
        assert reason(through(web, url)) == "HTTP 301 without a Location"


def test_a_fragment_in_a_redirect_is_not_sent() -> None:
    with Origin() as web:
        web.serve("http://a.test/new", feed())
        fetched(through(web, web.serve("http://a.test/", redirect("/new#top"))))
    assert web.requests[-1].target == "http://a.test/new"


def test_credentials_stay_with_their_host() -> None:
    secret = "Basic " + base64.b64encode(b"me:pass word").decode()
    with Origin() as web:
        web.serve("http://a.test/feed", redirect("/inside"))
        web.serve("http://a.test/inside", redirect("http://b.test/feed"))
        web.serve("http://b.test/feed", redirect("http://a.test/back"))
        web.serve("http://a.test/back", feed())
        result = fetched(through(web, "http://me:pass%20word@a.test/feed"))
    assert [r.header("Authorization") for r in web.requests] == [secret, secret, None, None]
    assert "pass" not in result.url + str(result.moved_to) + str(result.validators)
    assert all("pass" not in r.target and r.header("Referer") is None for r in web.requests)


def test_credentials_in_a_redirect_are_not_used() -> None:
    with Origin() as web:
        web.serve("http://b.test/feed", feed())
        fetched(through(web, web.serve("http://a.test/", redirect("http://x:y@b.test/feed"))))
    assert web.requests[-1].header("Authorization") is None


def test_validators_belong_to_the_target_of_the_redirect() -> None:
    with Origin() as web:
        url = web.serve("http://a.test/", redirect("http://b.test/feed", 302))
        web.serve("http://b.test/feed", conditional('"1"'))
        first = fetched(through(web, url))
        again = unchanged(through(web, url, validators=first.validators))
    assert first.validators == again.validators == Validators(etag='"1"', url="http://b.test/feed")
    assert [r.header("If-None-Match") for r in web.requests] == [None, None, None, '"1"']


def test_a_304_behind_a_permanent_redirect_still_says_where() -> None:
    with Origin() as web:
        url = web.serve("http://a.test/", redirect("http://b.test/feed"))
        web.serve("http://b.test/feed", conditional('"1"'))
        asked = Validators(etag='"1"', url="http://b.test/feed")
        assert unchanged(through(web, url, validators=asked)).moved_to == "http://b.test/feed"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://bücher.test/ü?q=ü", "http://xn--bcher-kva.test/%C3%BC?q=%C3%BC"),
        ("http://a.test/a%2Cb%7E?x=%2f&y=a+b", "http://a.test/a%2Cb%7E?x=%2f&y=a+b"),
        ("http://a.test/a b", "http://a.test/a%20b"),
    ],
    ids=["international", "escapes as written", "blank"],
)
def test_an_address_is_sent_as_written(url: str, target: str) -> None:
    with Origin() as web:
        web.serve(target.split("?")[0], feed())
        fetched(through(web, url))
    assert web.requests[0].target == target
