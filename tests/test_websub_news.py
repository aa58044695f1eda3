"""What hubs and strangers bring to a callback: signed, flooding, forged, in splinters."""

from __future__ import annotations

import hmac
import socket
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from commands import PATIENCE, until
from hubs import NOON
from hubserver import HubServer
from outlets import Stand
from sqlalchemy import update
from websub_world import FLOOR, TOPIC, due_at, hub, polled, stand, state, store, subscribed, web

from feedhub.config.settings import Polling
from feedhub.feeds.websub_subscriber import SignatureCheck
from feedhub.model import Source
from feedhub.sources import after_hub_notice
from feedhub.store import Database, subscriptions
from feedhub.store.tables import source


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signed_news_make_the_source_due_at_once(
    subscribed: subscriptions.Subscription, store: Database, stand: Stand, hub: HubServer, method: str
) -> None:
    assert due_at(store) > stand.clock()
    assert hub.distribute(b"{}", method=method).status_code == 202
    assert due_at(store) == stand.clock()


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


def test_too_much_news_is_refused_before_it_is_read(subscribed: subscriptions.Subscription, hub: HubServer) -> None:
    assert hub.distribute(b"x" * 10_000_001).status_code == 413


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
