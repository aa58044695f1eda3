"""What a publisher sees of us."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from fetching import fetch, fetched, reason, source, unchanged
from origin import FEED, Origin, Reply, Request, conditional, feed, gzipped

from feedhub.fetch import Client, Poster
from feedhub.fetch.headers import freshness
from feedhub.model import FetchFailed, FetchResult, NotModified, Validators

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)


def test_one_get_with_a_constant_name_and_nothing_that_identifies_a_reader() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", feed(Set_Cookie="id=1; Path=/", ETag='"1"'))
        fetched(fetch(url + "#top", allow={origin.place}, contact="https://hub.test/about"))
        fetched(fetch(url + "#top", allow={origin.place}, contact="https://hub.test/about"))
    first, second = origin.requests
    assert first.headers == second.headers
    assert (first.method, first.target) == ("GET", "/feed")
    names = {name.lower() for name, _ in first.headers}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert (first.header("User-Agent") or "").endswith(" (+https://hub.test/about)")
    assert first.header("Accept-Encoding") == "gzip"


def test_a_cookie_is_not_sent_back_within_one_client() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", feed(Set_Cookie="id=1"))

        async def twice() -> None:
            async with Client(host_delay=0, allow={origin.place}) as client:
                await client.fetch(source(url))
                await client.fetch(source(url))

        asyncio.run(twice())
    assert [request.header("Cookie") for request in origin.requests] == [None, None]


def test_a_hub_gets_no_cookie_back_and_no_user_info() -> None:
    with Origin() as origin:
        url = origin.serve("/hub", Reply(202, {"Set-Cookie": "id=1"}))

        async def twice() -> list[str | None]:
            async with Poster(allow={origin.place}) as poster:
                return [await poster.post(url.replace("//", "//a:b@"), [("hub.mode", "x y")]) for _ in range(2)]

        assert asyncio.run(twice()) == [None, None]
    assert len(origin.requests) == 2
    for request in origin.requests:
        assert (request.method, request.header("Content-Length")) == ("POST", "12")
        assert (request.header("Cookie"), request.header("Authorization")) == (None, None)


@pytest.mark.parametrize("etag", ['"a"', 'W/"a,b"', "unquoted", '"ä"'], ids=["strong", "weak", "bare", "not ascii"])
def test_validators_go_back_exactly_as_they_came(etag: str) -> None:
    modified = "Tue, 2 Jun 2026 9:00:00 +0000 (odd)"
    with Origin() as origin:
        url = origin.serve("/feed", conditional(etag, last_modified=modified))
        first = fetched(fetch(url, allow={origin.place}))
        second = unchanged(fetch(url, first.validators, allow={origin.place}))
    assert origin.requests[0].header("If-None-Match") is None
    assert origin.requests[1].header("If-None-Match") == etag
    assert origin.requests[1].header("If-Modified-Since") == modified
    assert second.validators == first.validators


def test_a_304_brings_newer_validators_and_keeps_those_that_it_does_not_name() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", Reply(304, {"ETag": '"2"'}))
        result = unchanged(fetch(url, Validators(etag='"1"', last_modified="x", url=url), allow={origin.place}))
    assert result.validators == Validators(etag='"2"', last_modified="x", url=url)


def test_validators_of_the_newest_200_alone_count() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", feed(ETag='"2"'))
        result = fetched(fetch(url, Validators(etag='"1"', last_modified="x", url=url), allow={origin.place}))
    assert result.validators == Validators(etag='"2"', url=url)


def test_validators_of_one_address_are_not_sent_to_another() -> None:
    with Origin() as origin:
        url = origin.serve("/new", feed())
        fetched(fetch(url, Validators(etag='"1"', url=origin.url("/old")), allow={origin.place}))
    assert origin.requests[0].header("If-None-Match") is None


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", Reply(304))
        assert reason(fetch(url, allow={origin.place})) == "HTTP 304 Not Modified"


def test_the_same_bytes_under_a_new_etag_are_no_news_but_bring_the_etag() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", feed(ETag='"1"'))
        first = fetched(fetch(url, allow={origin.place}))
        origin.serve("/feed", Reply(200, {"ETag": '"2"', **gzipped(FEED).headers}, gzipped(FEED).body))
        second = unchanged(fetch(url, first.validators, first.body_hash, allow={origin.place}))
    assert second.validators.etag == '"2"'


def in_one_client(origin: Origin, paths: list[str], **options: float) -> list[FetchResult]:
    async def run() -> list[FetchResult]:
        async with Client(allow={origin.place}, **options) as client:  # type: ignore[arg-type]
            return await asyncio.gather(*(client.fetch(source(origin.url(path))) for path in paths))

    return asyncio.run(run())


def test_no_more_requests_at_a_time_than_allowed_for_one_host() -> None:
    pair = asyncio.Barrier(2)

    async def together(request: Request, writer: asyncio.StreamWriter) -> None:
        await pair.wait()
        for _ in range(50):  # turns of the loop in which a third request would be seen
            await asyncio.sleep(0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    with Origin() as origin:
        origin.serve("/feed", together)
        results = in_one_client(origin, ["/feed"] * 8, per_host=2, host_delay=0)
    assert len({type(result) for result in results}) == 1
    assert origin.most_in_flight == 2


def test_requests_to_one_host_start_the_delay_apart() -> None:
    with Origin() as origin:
        origin.serve("/feed", feed())
        in_one_client(origin, ["/feed"] * 3, per_host=2, host_delay=0.2)
    starts = [request.at for request in origin.requests]
    assert all(later - earlier > 0.1 for earlier, later in itertools.pairwise(starts))


def test_the_delay_of_a_host_begins_when_its_answer_does() -> None:
    answered: list[float] = []

    async def late(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        answered.append(time.monotonic())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(FEED), FEED))

    with Origin() as origin:
        origin.serve("/feed", late)
        in_one_client(origin, ["/feed"] * 2, per_host=1, host_delay=0.2)
    assert origin.requests[1].at - answered[0] >= 0.195


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_a_pause_is_left_alone_by_all_its_sources(status: int) -> None:
    with Origin() as origin:
        origin.serve("/busy", Reply(status, {"Retry-After": "120"}))
        busy, *others = in_one_client(origin, ["/busy", "/a", "/b"], per_host=1, host_delay=0)
    assert len(origin.requests) == 1
    assert isinstance(busy, FetchFailed)
    assert busy.freshness.retry_after == timedelta(seconds=120)
    for other in others:
        assert isinstance(other, FetchFailed)
        assert other.deferred
        assert timedelta(seconds=100) < (other.freshness.retry_after or timedelta()) <= timedelta(seconds=120)


def test_a_stored_pause_is_obeyed_after_a_restart() -> None:
    async def run() -> FetchResult:
        async with Client(allow={origin.place}) as client:
            client.gate.block(origin.place, 60)
            return await client.fetch(source(origin.url("/feed")))

    with Origin() as origin:
        result = asyncio.run(run())
    assert isinstance(result, FetchFailed)
    assert result.deferred
    assert origin.requests == []


def test_waiting_for_a_turn_does_not_use_up_the_deadline() -> None:
    from feedhub.fetch import Limits

    async def run() -> list[FetchResult]:
        async with Client(allow={origin.place}, host_delay=0.1, limits=Limits(total=0.25)) as client:
            return await asyncio.gather(*(client.fetch(source(origin.url("/feed"))) for _ in range(5)))

    with Origin() as origin:
        origin.serve("/feed", feed())
        for result in asyncio.run(run()):
            fetched(result)


HOUR = timedelta(hours=1)
WAITS = [
    ("max-age", 200, {"cache-control": "public, max-age=3600"}, HOUR, None),
    ("max-age on a 304", 304, {"cache-control": "max-age=3600"}, HOUR, None),
    ("less the age in caches", 200, {"cache-control": "max-age=7200", "age": "3600"}, HOUR, None),
    ("no-cache wins", 200, {"cache-control": "no-cache, max-age=3600"}, None, None),
    ("not s-maxage", 200, {"cache-control": "s-maxage=3600"}, None, None),
    ("clamped", 200, {"cache-control": "max-age=99999999999"}, timedelta(hours=24), None),
    (
        "Expires relative to the server's Date",
        200,
        {"expires": "Mon, 01 Jan 2024 01:00:00 GMT", "date": "Mon, 01 Jan 2024 00:00:00 GMT"},
        HOUR,
        None,
    ),
    ("Expires without Date", 200, {"expires": format_datetime(NOON + HOUR, usegmt=True)}, HOUR, None),
    ("Expires: 0", 200, {"expires": "0"}, None, None),
    ("Expires in the past", 200, {"expires": "Mon, 01 Jan 2024 01:00:00 GMT"}, None, None),
    ("Retry-After in seconds", 429, {"retry-after": "90"}, None, timedelta(seconds=90)),
    ("Retry-After as a date", 503, {"retry-after": format_datetime(NOON + HOUR, usegmt=True)}, None, HOUR),
    ("Retry-After clamped", 429, {"retry-after": "9999999"}, None, timedelta(hours=48)),
    ("Retry-After beyond all numbers", 429, {"retry-after": "9" * 400}, None, timedelta(hours=48)),
    ("Retry-After with a fraction", 429, {"retry-after": "1.5"}, None, timedelta(seconds=1.5)),
    ("Retry-After twice", 429, {"retry-after": "60, 90"}, None, timedelta(seconds=90)),
    ("Retry-After of nothing", 429, {"retry-after": "0"}, None, None),
    ("Retry-After below nothing", 429, {"retry-after": "-60"}, None, None),
    ("Retry-After in no year", 503, {"retry-after": "Mon, 01 Jan 99999 01:00:00 GMT"}, None, None),
    ("Retry-After in the last year", 503, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None, timedelta(hours=48)),
    ("max-age twice", 200, {"cache-control": "max-age=60, max-age=3600"}, HOUR, None),
    ("max-age older than itself", 200, {"cache-control": "max-age=60", "age": "3600"}, None, None),
    ("Retry-After in the past", 503, {"retry-after": "Mon, 01 Jan 2024 01:00:00 GMT"}, None, None),
    ("Retry-After that is nonsense", 503, {"retry-after": "soon"}, None, None),
    ("Retry-After on a 200", 200, {"retry-after": "90"}, None, None),
    ("negative", 200, {"cache-control": "max-age=-5"}, None, None),
]


@pytest.mark.parametrize(("status", "headers", "age", "retry"), [w[1:] for w in WAITS], ids=[w[0] for w in WAITS])
def test_what_a_publisher_asks_us_to_wait(
    status: int, headers: dict[str, str], age: timedelta | None, retry: timedelta | None
) -> None:
    found = freshness(headers, status, NOON)
    assert (found.max_age, found.retry_after) == (age, retry)


def test_a_304_says_how_long_to_wait() -> None:
    with Origin() as origin:
        url = origin.serve("/feed", Reply(304, {"Cache-Control": "max-age=600"}))
        result = fetch(url, Validators(etag='"1"'), allow={origin.place})
    assert isinstance(result, NotModified)
    assert result.freshness.max_age == timedelta(minutes=10)
