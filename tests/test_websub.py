"""WebSub both ways, with a hub that really runs: pings after changes, subscriptions verified, renewed and signed."""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from commands import PATIENCE, until
from hubs import NOON, Newsroom
from hubserver import HubServer, running
from lxml import etree
from outlets import Stand, plain_item
from sqlalchemy import update

from feedhub.codec import dump
from feedhub.config import load
from feedhub.config.settings import Polling, Server
from feedhub.directory import output_directory
from feedhub.errors import ConfigError
from feedhub.feeds import WebSubPublisher, subscribe
from feedhub.feeds.websub_subscriber import SignatureCheck
from feedhub.fetch import Poster
from feedhub.model import OutputRule, Source, SourceState
from feedhub.sources import after_hub_notice
from feedhub.store import Database, claims, subscriptions
from feedhub.store.tables import source

ATOM = "{http://www.w3.org/2005/Atom}"
TOPIC = "https://paper.example/feed"
FLOOR = timedelta(seconds=30)
SECRET_OUTPUT = OutputRule(name="secret", token="open-sesame-open-sesame")


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with running() as made:
        yield made


@pytest.fixture
def stand(tmp_path: Path, hub: HubServer) -> Stand:
    room = Newsroom(tmp_path, settings={"server": Server(base_url="http://hub.test", hubs=(hub.url,))})
    room.settings["feeds"] = (OutputRule(name="all"), OutputRule(name="wire", agencies=("WIRE",)), SECRET_OUTPUT)
    room.source("paper")
    room.source("wire", agency="WIRE")
    room.serve("wire")
    room.serve("paper", plain_item(1))
    return Stand(room)


@pytest.fixture
def store(stand: Stand) -> Iterator[Database]:
    stand.round()
    made = Database.open(stand.room.config.database)
    yield made
    made.close()


def posting(hub: HubServer) -> Poster:
    return Poster(allow=(urlsplit(hub.url).netloc,))


def ping(stand: Stand, store: Database, hub: HubServer, times: int = 1) -> list[int]:
    async def run() -> list[int]:
        async with posting(hub) as poster:
            told = WebSubPublisher(store, output_directory(stand.room.config, "test.example,2026"), poster.post)
            return [await told.ping(stand.now) for _ in range(times)]

    return asyncio.run(run())


def test_a_public_output_that_changed_is_told_once_in_every_format(
    stand: Stand, store: Database, hub: HubServer
) -> None:
    assert ping(stand, store, hub) == [0], "nobody has subscribed before the first start"
    stand.room.serve("paper", plain_item(1), plain_item(2))
    stand.round(1)
    assert ping(stand, store, hub, 2) == [3, 0]
    assert hub.pings == [f"http://hub.test/feeds/all.{suffix}" for suffix in ("atom", "rss", "json")]
    assert ping(stand, store, hub) == [0], "another process need not tell it again"


def test_a_ping_that_was_not_taken_is_tried_again_but_not_for_ever(
    stand: Stand, store: Database, hub: HubServer
) -> None:
    ping(stand, store, hub)
    stand.room.serve("paper", plain_item(1), plain_item(2))
    stand.round(1)
    hub.refuses = 1
    assert ping(stand, store, hub, 3) == [2, 1, 0]
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(2)
    hub.refuses = 99
    assert ping(stand, store, hub, 5) == [0, 0, 0, 0, 0]
    assert hub.refuses == 99 - 9


def test_a_hub_that_does_not_respond_is_sent_one_ping_and_no_more_each_time(
    stand: Stand, store: Database, hub: HubServer
) -> None:
    sent = []

    async def post(url: str, form: Sequence[tuple[str, str]]) -> str | None:
        sent.append(dict(form)["hub.url"])
        raise TimeoutError("timeout: not finished after 30 s")

    async def run() -> None:
        publisher = WebSubPublisher(store, output_directory(stand.room.config, "test.example,2026"), post)
        await publisher.ping(stand.now)
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round, 1)
        assert [await publisher.ping(stand.now) for _ in range(5)] == [0] * 5

    asyncio.run(run())
    assert sent == ["http://hub.test/feeds/all.atom"] * 3


def test_the_feeds_name_the_hub_but_not_where_only_token_holders_may_look(stand: Stand, hub: HubServer) -> None:
    stand.round()
    with stand.served() as client:
        root = etree.fromstring(client.get("/feeds/all.atom").content)
        assert [link.get("href") for link in root.findall(f"{ATOM}link[@rel='hub']")] == [hub.url]
        assert client.get("/feeds/all.json").json()["hubs"] == [{"type": "WebSub", "url": hub.url}]
        assert hub.url in client.get("/feeds/all.rss").text
        for suffix in ("atom", "rss", "json"):
            told = client.get(f"/feeds/all.{suffix}").links
            assert told["hub"]["url"] == hub.url
            assert told["self"]["url"] == f"{client.base_url}/feeds/all.{suffix}".replace("//feeds", "/feeds")
        assert "link" not in client.get("/feeds/open-sesame-open-sesame/secret.atom").headers
        assert hub.url not in client.get("/feeds/open-sesame-open-sesame/secret.atom").text


def test_the_configuration_names_the_hubs(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("server: {base_url: https://news.test, hubs: [https://push.test/]}\nsources: []\n")
    assert load(path).server.hubs == ("https://push.test/",)
    path.write_text("server: {hubs: [push.test]}\nsources: []\n")
    with pytest.raises(ConfigError, match=r"server.hubs.0: "):
        load(path)


def offer(store: Database, hub: HubServer, topic: str = TOPIC, now: datetime = NOON) -> None:
    with store.write() as connection:
        subscriptions.offered(connection, "paper", hubs=(hub.url,), topic=topic, now=now)


def ask(store: Database, hub: HubServer, base: str, now: datetime = NOON) -> int:
    async def run() -> int:
        async with posting(hub) as poster:
            return await subscribe(store, poster.post, base, now)

    return asyncio.run(run())


def state(store: Database) -> subscriptions.Subscription:
    with store.read() as connection:
        found = subscriptions.due(connection, NOON + timedelta(days=999), 9)
    assert len(found) == 1
    return found[0]


def due_at(store: Database) -> datetime:
    with store.read() as connection:
        return next(row.due_at for row in claims.sources(connection) if row.id == "paper")


@pytest.fixture
def web(stand: Stand, store: Database) -> Iterator[httpx.Client]:
    with stand.served(floor=FLOOR) as client:
        yield client


@pytest.fixture
def subscribed(store: Database, hub: HubServer, web: httpx.Client) -> subscriptions.Subscription:
    offer(store, hub)
    assert ask(store, hub, str(web.base_url)) == 1
    assert hub.verify().text == "a-challenge"
    return state(store)


def test_a_source_that_offers_a_hub_is_subscribed_to(subscribed: subscriptions.Subscription, hub: HubServer) -> None:
    form = hub.asked[0]
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
    assert len(form["hub.secret"]) >= 32
    assert len(urlsplit(form["hub.callback"]).path.rpartition("/")[2]) >= 32
    assert subscribed.state == "active"


WRONG = {
    "another topic": {"topic": "https://other.example/feed"},
    "unsubscribing, which we never ask for": {"mode": "unsubscribe"},
    "an unknown mode": {"mode": "publish"},
    "no challenge": {"challenge": ""},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_what_was_not_meant_is_not_confirmed(
    store: Database, hub: HubServer, web: httpx.Client, said: dict[str, str]
) -> None:
    offer(store, hub)
    ask(store, hub, str(web.base_url))
    got = hub.verify(**said)
    assert (got.status_code, "a-challenge" in got.text) == (404, False)
    assert state(store).state == "asked"


def test_nothing_is_confirmed_before_it_was_asked_for(store: Database, hub: HubServer, web: httpx.Client) -> None:
    offer(store, hub)
    hub.asked.append({"hub.callback": f"{str(web.base_url).rstrip('/')}/websub/{state(store).key}", "hub.topic": TOPIC})
    hub.asked[-1]["hub.lease_seconds"] = "60"
    assert hub.verify().status_code == 404


def test_a_challenge_is_never_a_page(store: Database, hub: HubServer, web: httpx.Client) -> None:
    offer(store, hub)
    ask(store, hub, str(web.base_url))
    got = hub.verify(challenge="<script>alert(1)</script>")
    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["x-content-type-options"] == "nosniff"


def test_a_denial_is_kept_and_asked_again_much_later(store: Database, hub: HubServer, web: httpx.Client) -> None:
    offer(store, hub)
    ask(store, hub, str(web.base_url))
    assert hub.verify(mode="denied", reason="not here").status_code == 200
    one = state(store)
    assert (one.state, one.remark) == ("denied", "denied: not here")
    assert one.due_at - NOON > timedelta(days=6)


def test_a_lease_is_renewed_before_it_ends_and_goes_on_meanwhile(
    subscribed: subscriptions.Subscription, store: Database, hub: HubServer, web: httpx.Client
) -> None:
    assert subscribed.lease_until is not None
    assert subscribed.due_at < subscribed.lease_until
    assert ask(store, hub, str(web.base_url), NOON + timedelta(days=1)) == 0
    assert ask(store, hub, str(web.base_url), subscribed.due_at) == 1
    assert state(store).state == "active"
    assert hub.asked[0]["hub.secret"] == hub.asked[1]["hub.secret"]
    assert hub.asked[0]["hub.callback"] == hub.asked[1]["hub.callback"]


def test_a_hub_that_does_not_answer_is_asked_ever_more_rarely(store: Database, hub: HubServer) -> None:
    offer(store, hub)
    waits, now = [], NOON
    for _ in range(8):
        ask(store, hub, "http://hub.test", now)
        waits.append(state(store).due_at - now)
        now = state(store).due_at
    assert waits[0] == timedelta(hours=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=2)


def test_a_hub_that_answers_slowly_keeps_no_other_waiting(store: Database) -> None:
    with store.write() as connection:
        for number, name in enumerate(("paper", "wire")):
            urls = (f"http://hub-{number}.test/",)
            subscriptions.offered(connection, name, hubs=urls, topic=TOPIC, now=NOON + timedelta(seconds=number))

    async def run() -> None:
        other_asked = asyncio.Event()

        async def post(hub: str, form: object) -> str | None:
            if "hub-0" in hub:
                await asyncio.wait_for(other_asked.wait(), PATIENCE)
            other_asked.set()
            return None

        assert await subscribe(store, post, "http://hub.test", NOON + timedelta(hours=1)) == 2

    asyncio.run(run())


def test_a_hub_that_does_not_respond_is_asked_for_one_source_and_no_more(store: Database) -> None:
    with store.write() as connection:
        for name in ("paper", "wire"):
            subscriptions.offered(connection, name, hubs=("http://hub-0.test/",), topic=TOPIC, now=NOON)
    asked = []

    async def post(hub: str, form: object) -> str | None:
        asked.append(hub)
        raise TimeoutError("timeout: not finished after 30 s")

    assert asyncio.run(subscribe(store, post, "http://hub.test", NOON)) == 0
    assert len(asked) == 1
    with store.read() as connection:
        found = subscriptions.due(connection, NOON + timedelta(days=1), 9)
    assert [one.remark for one in found] == ["timeout: not finished after 30 s"] * 2
    assert {one.due_at for one in found} == {NOON + timedelta(hours=1)}


def test_each_hub_that_refuses_has_its_reason_noted(store: Database) -> None:
    with store.write() as connection:
        for name in ("paper", "wire"):
            subscriptions.offered(connection, name, hubs=(f"http://{name}.test/",), topic=TOPIC, now=NOON)

    async def post(hub: str, form: object) -> str | None:
        return f"{hub} is closed"

    assert asyncio.run(subscribe(store, post, "http://hub.test", NOON)) == 0
    with store.read() as connection:
        found = subscriptions.due(connection, NOON + timedelta(days=1), 9)
    assert {one.source: one.remark for one in found} == {
        "paper": "http://paper.test/ is closed",
        "wire": "http://wire.test/ is closed",
    }


def test_a_hub_on_a_private_address_is_never_asked(store: Database, hub: HubServer) -> None:
    async def run() -> str | None:
        async with Poster() as poster:
            return await poster.post(hub.url, [("hub.mode", "subscribe")])

    assert "is not an address" in (asyncio.run(run()) or "")
    assert hub.asked == []


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signed_news_make_the_source_due_at_once(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer, method: str
) -> None:
    assert due_at(store) > stand.clock()
    assert hub.distribute(b"{}", method=method).status_code == 202
    assert due_at(store) == stand.clock()


def polled(store: Database, when: datetime, **changed: Any) -> None:
    """The paper was polled then, and is due in an hour."""
    known = SourceState(configured="paper", last_success=when, **changed)
    with store.write() as connection:
        connection.execute(update(source).values(due_at=when + timedelta(hours=1), state=dump(known)))


def test_a_flood_of_news_polls_a_source_no_more_often_than_its_floor_allows(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer
) -> None:
    hub.distribute(b"{}")
    assert due_at(store) == stand.clock()
    polled(store, stand.clock())
    for _ in range(3):
        hub.distribute(b"{}")
        assert due_at(store) == stand.clock() + FLOOR
    polled(store, stand.clock() - 2 * FLOOR)
    hub.distribute(b"{}")
    assert due_at(store) == stand.clock()


@pytest.mark.parametrize("changed", [{"failures": 2}, {"stopped": "the feed has ended"}], ids=["fails", "stopped"])
def test_news_of_a_source_that_is_left_alone_change_nothing(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer, changed: dict[str, Any]
) -> None:
    polled(store, stand.clock() - timedelta(days=1), **changed)
    before = due_at(store)
    assert hub.distribute(b"{}").status_code == 202
    assert due_at(store) == before


def offering(stand: Stand, hub: HubServer, *numbers: int) -> None:
    """The paper's document names its hub."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "feed_url": TOPIC}
    feed |= {"hubs": [{"type": "WebSub", "url": hub.url}], "items": [plain_item(n) for n in numbers]}
    (stand.room.folder / "paper.json").write_text(json.dumps(feed))


def waits(store: Database, stand: Stand) -> float:
    """Hours from the last round until the paper is due."""
    return (due_at(store) - stand.now) / timedelta(hours=1)


def test_a_source_whose_hub_works_is_polled_rarely_and_often_again_when_the_hub_forgot_something(
    stand: Stand, store: Database, hub: HubServer, web: httpx.Client
) -> None:
    offering(stand, hub, 1)
    stand.round(1)
    assert ask(store, hub, str(web.base_url), stand.now) == 1
    hub.verify()
    stand.round(2)
    assert waits(store, stand) == 1, "a lease alone is no proof that it works"
    hub.distribute(b"{}")
    offering(stand, hub, 1, 2)
    stand.round(3)
    assert waits(store, stand) == 6
    stand.round(4)
    assert waits(store, stand) == 6, "nothing new, nothing forgotten"
    offering(stand, hub, 1, 2, 3)
    stand.round(5)
    assert waits(store, stand) == 1, "of this one it said nothing"
    hub.distribute(b"{}")
    stand.round(6)
    assert waits(store, stand) == 6


def test_a_source_is_polled_as_ever_from_the_end_of_its_hubs_lease(
    stand: Stand, store: Database, hub: HubServer, web: httpx.Client
) -> None:
    offering(stand, hub, 1)
    stand.round(1)
    ask(store, hub, str(web.base_url), stand.now)
    hub.verify(lease_seconds=str(3 * 3600))
    hub.distribute(b"{}")
    stand.round(1.5)
    assert 2.4 < waits(store, stand) < 2.6
    stand.round(5)
    assert waits(store, stand) == 1


def test_news_signed_wrongly_or_not_at_all_change_nothing_and_are_not_told_so(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer
) -> None:
    before = due_at(store)
    assert hub.distribute(b"{}", secret="guess").status_code == 202
    assert hub.distribute(b"{}", method="md5").status_code == 202
    assert (
        httpx.post(hub.asked[-1]["hub.callback"], content=b"{}", trust_env=False, timeout=PATIENCE).status_code == 202
    )
    assert due_at(store) == before


def test_news_after_the_lease_change_nothing(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer
) -> None:
    stand.now = NOON + timedelta(days=11)
    before = due_at(store)
    hub.distribute(b"{}")
    assert due_at(store) == before


def test_a_callback_that_is_nobodys_is_gone_and_no_other_route_takes_a_post(web: httpx.Client) -> None:
    assert web.post("/websub/nobody", content=b"{}").status_code == 410
    assert web.get("/websub/nobody").status_code == 404
    for path in ("/", "/feeds/all.atom", "/story/x", "/health", "/metrics"):
        assert web.post(path, content=b"{}").status_code == 405


def test_what_strangers_send_and_hubs_repeat_is_not_written(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer, web: httpx.Client
) -> None:
    assert hub.distribute(b"{}").status_code == 202
    with closing(sqlite3.connect(stand.room.config.database.removeprefix("sqlite:///"))) as watcher:

        def writes() -> int:
            version: int = watcher.execute("pragma data_version").fetchone()[0]
            return version

        before = writes()
        for _ in range(3):
            assert web.get("/websub/nobody", params={"hub.mode": "subscribe", "hub.challenge": "x"}).status_code == 404
            assert web.post("/websub/nobody", content=b"{}").status_code == 410
            assert hub.distribute(b"{}", secret="guess").status_code == 202
            assert hub.distribute(b"{}").status_code == 202
            assert hub.verify(lease_seconds="999").text == "a-challenge"
            assert hub.verify(topic="https://other.example/").status_code == 404
        assert writes() == before
        assert hub.verify(mode="denied").status_code == 200
        denied = writes()
        assert denied != before
        assert hub.verify(mode="denied", reason="again").status_code == 200
        assert writes() == denied
    assert state(store).remark == "denied: "


def test_news_after_a_poll_are_noted_though_others_came_seconds_before(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer
) -> None:
    hub.distribute(b"{}")
    polled(store, stand.clock())
    with store.write() as connection:
        connection.execute(update(source).values(due_at=stand.clock()))
    stand.now += timedelta(seconds=1)
    hub.distribute(b"{}")
    assert state(store).last_message_at == stand.clock()


def test_news_while_the_source_is_polled_are_noted_and_have_it_polled_again_soon(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer
) -> None:
    hub.distribute(b"{}")
    with store.write() as connection:
        connection.execute(update(source).values(lease_until=stand.clock() + timedelta(minutes=1)))
    began = stand.clock()
    stand.now += timedelta(seconds=1)
    hub.distribute(b"{}")
    with store.write() as connection:
        notice = subscriptions.listens(connection, "paper", now=began, polled=None, has_news=True)
    assert notice is not None
    assert notice.heard_at == stand.clock()
    assert stand.clock() > began
    due = began + timedelta(hours=1)
    at, limits = Source(id="paper", url=TOPIC, name="Paper"), Polling(floor=FLOOR)
    told = {**notice._asdict(), "pause": subscriptions.SHORTEST_PAUSE}
    assert after_hub_notice(due, at, limits, began, **told) == began + FLOOR
    assert after_hub_notice(due, at, limits, stand.clock(), **told) > due


def signed(hub: HubServer, body: bytes, framed: Iterable[bytes]) -> bytes:
    """The request that brings a signed body in these chunks."""
    form = hub.asked[-1]
    place = urlsplit(form["hub.callback"])
    signature = hmac.new(form["hub.secret"].encode(), body, "sha256").hexdigest()
    lines = f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    return lines.encode() + b"X-Hub-Signature: sha256=%s\r\n\r\n" % signature.encode() + b"".join(framed)


def sent(web: httpx.Client, request: bytes) -> int:
    """The status of the answer to a request as it is; 0 where the connection is cut."""
    with socket.create_connection((web.base_url.host, web.base_url.port or 80), PATIENCE) as raw:
        with suppress(ConnectionError):
            raw.sendall(request)
        answer = b""
        with suppress(ConnectionError):
            answer = raw.recv(65_536)
    return int(answer.split(b" ", 2)[1]) if answer else 0


FRAMINGS = {
    "a hundred bytes a chunk": (500_000, b"64\r\n" + b"x" * 100 + b"\r\n", 202),
    "a few thousand of a byte": (3_000, b"1\r\nx\r\n", 202),
    "a line of forty bytes a chunk": (400_000, b"28\r\n" + b"x" * 40 + b"\r\n", 202),
    "a short extension each": (300_000, b"64;a=b\r\n" + b"x" * 100 + b"\r\n", 202),
    "very many of a byte": (20_000, b"1\r\nx\r\n", 0),
    "very many of ten bytes": (200_000, b"a\r\nxxxxxxxxxx\r\n", 0),
    "long extensions": (500, b"1;" + b"e" * 4_000 + b"\r\nx\r\n", 0),
    "leading zeros": (500, b"0" * 4_000 + b"1\r\nx\r\n", 0),
}


@pytest.mark.parametrize(("size", "chunk", "status"), FRAMINGS.values(), ids=FRAMINGS)
def test_a_body_in_splinters_is_cut_off(
    subscribed: subscriptions.Subscription, hub: HubServer, web: httpx.Client, size: int, chunk: bytes, status: int
) -> None:
    framed = [chunk] * (size // chunk.count(b"x"))
    assert sent(web, signed(hub, b"x" * size, [*framed, b"0\r\n\r\n"])) == status


def test_a_hub_brings_two_bodies_at_once_to_a_callback_and_no_more(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer, web: httpx.Client
) -> None:
    begun = signed(hub, b"{}", [b"2\r\n{"])
    address = (web.base_url.host, web.base_url.port or 80)
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(2)]
        for one in slow:
            one.sendall(begun)
        until(lambda: sent(web, begun) == 429, "two bodies to be under way")
        assert web.post("/websub/nobody", content=b"{}").status_code == 410
        for one in slow:
            one.sendall(b"}\r\n0\r\n\r\n")
            assert b" 202 " in one.recv(65_536)
    assert due_at(store) == stand.clock()
    assert hub.distribute(b"{}").status_code == 202


def test_a_denial_is_noted_without_what_terminals_obey_or_databases_refuse(
    subscribed: subscriptions.Subscription, store: Database, hub: HubServer
) -> None:
    assert hub.verify(mode="denied", reason="no\x1b[31m\0\nmore").status_code == 200
    assert state(store).remark == "denied: no [31m  more"


def test_keys_that_no_database_may_be_asked_for_are_nobodys(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Newsroom, "elsewhere", database_url)
    room = Newsroom(tmp_path)
    room.source("paper")
    room.serve("paper", plain_item(1))
    stand = Stand(room)
    stand.round()
    with stand.served() as client:
        for path in ("/story/a%00b", "/websub/a%00b?hub.mode=denied", "/websub/%00", "/story/%ed%a0%80"):
            assert client.get(path).status_code == 404, path
        assert client.post("/websub/a%00b", content=b"{}").status_code == 404


def test_too_much_news_is_refused_before_it_is_read(subscribed: subscriptions.Subscription, hub: HubServer) -> None:
    assert hub.distribute(b"x" * 10_000_001).status_code == 413


def test_another_hub_or_topic_begins_anew_and_no_offer_ends_it(
    subscribed: subscriptions.Subscription, store: Database, hub: HubServer
) -> None:
    offer(store, hub)
    assert state(store) == subscribed
    offer(store, hub, topic="https://paper.example/new")
    anew = state(store)
    assert (anew.state, anew.lease_until) == ("offered", None)
    assert {anew.key, anew.secret}.isdisjoint({subscribed.key, subscribed.secret})
    with store.write() as connection:
        subscriptions.offered(connection, "paper", hubs=(), topic=None, now=NOON)
        assert subscriptions.due(connection, NOON + timedelta(days=999), 9) == []


SIGNED = {
    "another body": ("sha256=2c3fcaaf9a5ba0e0bfdf0b5ee2b0b0ff", False),
    "empty": ("", False),
    "no method": ("=abc", False),
    "not hex": ("sha256=ü", False),
    "another method's name": ("hexdigest=1", False),
}


@pytest.mark.parametrize(("signature", "right"), SIGNED.values(), ids=SIGNED)
def test_nonsense_is_no_signature(signature: str, right: bool) -> None:
    check = SignatureCheck("secret", signature)
    check.update(b"body")
    assert check.is_right is right


def test_a_connection_outlives_posts_that_nobody_takes(web: httpx.Client) -> None:
    for _ in range(50):
        assert web.post("/", content=b"{}").status_code == 405
        assert web.get("/healthz").status_code == 200
