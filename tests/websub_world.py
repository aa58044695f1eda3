"""A hub that really runs, a newsroom that offers and asks it: fixtures of the tests of WebSub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hubs import NOON, Newsroom
from hubserver import HubServer, running
from outlets import Stand, plain_item
from sqlalchemy import update

from feedhub.codec import dump
from feedhub.config.settings import Server
from feedhub.directory import output_directory
from feedhub.feeds import WebSubPublisher, subscribe
from feedhub.fetch import Poster
from feedhub.model import OutputRule, SourceState
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


def offering(stand: Stand, hub: HubServer, *numbers: int) -> None:
    """The paper's document names its hub."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "feed_url": TOPIC}
    feed |= {"hubs": [{"type": "WebSub", "url": hub.url}], "items": [plain_item(n) for n in numbers]}
    (stand.room.folder / "paper.json").write_text(json.dumps(feed))


def waits(store: Database, stand: Stand) -> float:
    """Hours from the last round until the paper is due."""
    return (due_at(store) - stand.now) / timedelta(hours=1)


def polled(store: Database, when: datetime, **changed: Any) -> None:
    """The paper was polled then, and is due in an hour."""
    known = SourceState(configured="paper", last_success=when, **changed)
    with store.write() as connection:
        connection.execute(update(source).values(due_at=when + timedelta(hours=1), state=dump(known)))
