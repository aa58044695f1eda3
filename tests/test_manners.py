"""What publishers measure of a feed reader, criterion by criterion, as the server saw it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from engines import template
from origin import FEED, Origin, Reply, Request, conditional, redirect
from sqlalchemy import text

from feedhub.config import Config
from feedhub.config.settings import Fetch, Polling
from feedhub.hub import Hub, RoundReport
from feedhub.model import OutputRule, Source
from feedhub.store import Database, claims

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
MODIFIED = "Tue,  2 Jun 2026 9:00:00 +0000 (as is)"


@dataclass
class Reader:
    """A hub with one source or more; every round is another process as far as the publisher can tell."""

    origin: Origin
    folder: Path
    paths: list[str] = field(default_factory=lambda: ["/feed"])
    #: how far the hub's time has gone on, and the database's with it
    hours: float = 0

    def round(self, hours: float = 0, everything: bool = False) -> RoundReport:
        now = NOON + timedelta(hours=hours)
        self._pass(hours)
        sources = tuple(
            Source(id=path.strip("/"), url=self.origin.url(path), name=path, outlet="Paper") for path in self.paths
        )
        config = Config(
            path=self.folder / "config.yaml",
            database=f"sqlite:///{self.folder / 'hub.db'}",
            identity="test.example,2026",
            sources=sources,
            feeds=(OutputRule(name="all"),),
            fetch=Fetch(allow=(self.origin.place,), contact="https://hub.example/about"),
            polling=Polling(host_delay=timedelta(0)),
        )

        async def run() -> RoundReport:
            async with Hub.open(config, now) as hub:
                return await hub.round(now, everything=everything)

        return asyncio.run(run())

    def _pass(self, hours: float) -> None:
        """Have the database's clock go on as ours does: what it holds ends so much sooner."""
        microseconds = round((hours - self.hours) * 3_600_000_000)
        self.hours = hours
        store = Database.open(f"sqlite:///{self.folder / 'hub.db'}")
        with store.write() as connection:
            shorter = text("UPDATE host SET paused_until = paused_until - :passed")
            connection.execute(shorter, {"passed": microseconds})
        store.close()

    def rounds(self, *hours: float) -> list[Request]:
        for hour in hours:
            self.round(hour)
        return self.origin.requests


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    shutil.copyfile(template(), tmp_path / "hub.db")
    with Origin() as origin:
        origin.serve("/feed", conditional('W/"1"', last_modified=MODIFIED))
        yield Reader(origin, tmp_path)


def changing(*replies: Reply) -> Callable[[Request], Reply]:
    """One reply after the other, the last one for ever."""
    left = list(replies)

    def play(request: Request) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return play


def body(number: int) -> bytes:
    return FEED.replace(b"<guid>1", b"<guid>%d" % number).replace(b"/1<", b"/%d<" % number)


def test_f1_the_first_request_alone_is_unconditional(reader: Reader) -> None:
    conditions = [request.header("If-None-Match") for request in reader.rounds(0, 2, 4, 6)]
    assert conditions == [None, 'W/"1"', 'W/"1"', 'W/"1"']


def test_f2_last_modified_goes_back_as_it_came(reader: Reader) -> None:
    assert reader.rounds(0, 2)[1].header("If-Modified-Since") == MODIFIED


@pytest.mark.parametrize("etag", ['W/"1"', '"1"', "bare", '"a,b"', '"–ü"', '"\udcfc"'], ids=ascii)
def test_f3_the_etag_goes_back_as_it_came(reader: Reader, etag: str) -> None:
    reader.origin.serve("/feed", conditional(etag))
    assert reader.rounds(0, 2)[1].header("If-None-Match") == etag


def test_f4_both_go_back_and_from_the_newest_response(reader: Reader) -> None:
    first = Reply(200, {"ETag": '"1"', "Last-Modified": "one"}, body(1))
    second = Reply(200, {"ETag": '"2"', "Last-Modified": "two"}, body(2))
    reader.origin.serve("/feed", changing(first, second))
    third = reader.rounds(0, 2, 4)[2]
    assert (third.header("If-None-Match"), third.header("If-Modified-Since")) == ('"2"', "two")


def test_f4_a_validator_that_is_no_longer_given_is_no_longer_sent(reader: Reader) -> None:
    replies = changing(
        Reply(200, {"ETag": '"1"', "Last-Modified": "one"}, body(1)), Reply(200, {"ETag": '"2"'}, body(2))
    )
    reader.origin.serve("/feed", replies)
    third = reader.rounds(0, 2, 4)[2]
    assert (third.header("If-None-Match"), third.header("If-Modified-Since")) == ('"2"', None)


def test_f5_validators_are_renewed_although_the_body_is_the_same(reader: Reader) -> None:
    reader.origin.serve("/feed", changing(*(Reply(200, {"ETag": f'"{n}"'}, FEED) for n in (1, 2, 3))))
    assert [request.header("If-None-Match") for request in reader.rounds(0, 2, 4)] == [None, '"1"', '"2"']


def test_f6_validators_are_renewed_by_a_304(reader: Reader) -> None:
    replies = changing(Reply(200, {"ETag": '"1"'}, FEED), Reply(304, {"ETag": '"2"', "Last-Modified": "two"}))
    reader.origin.serve("/feed", replies)
    third = reader.rounds(0, 2, 4)[2]
    assert (third.header("If-None-Match"), third.header("If-Modified-Since")) == ('"2"', "two")


def test_f7_nobody_is_asked_twice_in_an_hour(reader: Reader) -> None:
    assert len(reader.rounds(*(n / 6 for n in range(24)))) == 4


def test_f8_max_age_is_obeyed(reader: Reader) -> None:
    reader.origin.serve("/feed", Reply(200, {"Cache-Control": "max-age=43200"}, FEED))
    assert len(reader.rounds(0, 2, 6, 11.9)) == 1
    assert len(reader.rounds(13.3)) == 2


def test_f8_max_age_of_a_304_is_obeyed(reader: Reader) -> None:
    replies = changing(Reply(200, {"ETag": '"1"'}, FEED), Reply(304, {"Cache-Control": "max-age=43200"}))
    reader.origin.serve("/feed", replies)
    assert len(reader.rounds(0, 2, 4, 8, 13)) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_f9_retry_after_is_obeyed_even_when_everything_is_asked_for(reader: Reader, status: int) -> None:
    reader.origin.serve("/feed", Reply(status, {"Retry-After": "86400"}))
    for hours in (0, 1, 5, 23):
        reader.round(hours, everything=True)
    assert len(reader.origin.requests) == 1
    reader.round(25, everything=True)
    assert len(reader.origin.requests) == 2


def test_f9_a_pause_holds_for_the_whole_host_and_after_a_restart(reader: Reader) -> None:
    reader.origin.serve("/feed", Reply(429, {"Retry-After": "86400"}))
    reader.round(0)
    reader.paths = ["/another", "/feed"]
    reader.round(1, everything=True)
    assert [request.target for request in reader.origin.requests] == ["/feed"]


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_f9_errors_never_speed_us_up(reader: Reader, status: int) -> None:
    reader.origin.serve("/feed", Reply(status))
    # a busy host is asked each hour at first, the others back off at once
    assert len(reader.rounds(*(n / 2 for n in range(2 * 12)))) <= 6


def test_f10_the_time_of_the_next_poll_survives_a_restart(reader: Reader) -> None:
    assert len(reader.rounds(0, 0, 0.1, 0.98)) == 1


def test_f10_no_wait_is_shorter_than_the_interval(reader: Reader) -> None:
    reader.paths = [f"/{name}" for name in "abcdefghij"]
    for path in reader.paths:
        reader.origin.serve(path, conditional('"1"'))
    reader.rounds(0, 59 / 60, 0.999)
    assert len(reader.origin.requests) == 10


def test_f11_no_cookie_no_referer_no_query_no_fragment(reader: Reader) -> None:
    reader.paths = ["/feed#top"]
    reader.origin.serve("/feed", Reply(200, {"Set-Cookie": "id=1", "ETag": '"1"'}, FEED))
    requests = reader.rounds(0, 2)
    assert {request.target for request in requests} == {"/feed"}
    names = {name.lower() for request in requests for name, _ in request.headers}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection", "if-none-match"}


def test_f12_one_get_a_poll_and_nothing_beside_it(reader: Reader) -> None:
    assert [(request.method, request.target) for request in reader.rounds(0, 2)] == [("GET", "/feed")] * 2


def test_f13_one_name_with_version_and_address(reader: Reader) -> None:
    names = {request.header("User-Agent") for request in reader.rounds(0, 2)}
    assert len(names) == 1
    name = names.pop() or ""
    assert name.startswith("feedhub/")
    assert "(+http" in name


def test_f14_two_workers_are_one_reader(reader: Reader) -> None:
    """A second worker of the same store asks nothing while the first one's claim holds."""
    reader.round(0)
    store = Database.open(f"sqlite:///{reader.folder / 'hub.db'}")
    later = NOON + timedelta(hours=2)
    lease = timedelta(minutes=5)
    with store.write() as connection:
        mine = claims.claim(connection, now=later, lease=lease, limit=9)
        yours = claims.claim(connection, now=later, lease=lease, limit=9, everything=True)
    store.close()
    assert (len(mine), yours) == (1, [])


def test_f15_a_permanent_redirect_is_remembered(reader: Reader) -> None:
    reader.origin.serve("/new", Reply(200, {}, FEED))
    reader.origin.serve("/feed", redirect("/new", 301))
    targets = [request.target for request in reader.rounds(0, 2, 4, 6, 8)]
    assert targets == ["/feed", "/new"] * 3 + ["/new"] * 2


def test_f15_a_temporary_redirect_is_not(reader: Reader) -> None:
    reader.origin.serve("/new", Reply(200, {}, FEED))
    reader.origin.serve("/feed", redirect("/new", 302))
    assert [request.target for request in reader.rounds(0, 2, 4, 6, 8)] == ["/feed", "/new"] * 5


def test_hubs_in_link_headers_are_known(reader: Reader) -> None:
    from fetching import fetch, fetched

    header = '<http://hub.test/>; rel="hub", </feed>; rel=self, <push>;rel="x hub", <mailto:a@b.test>; rel=hub'
    url = reader.origin.serve("/feed", Reply(200, {"Link": header}, FEED))
    assert fetched(fetch(url, allow={reader.origin.place})).hubs == ("http://hub.test/", reader.origin.url("/push"))
