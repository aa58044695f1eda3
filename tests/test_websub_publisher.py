"""WebSub as a publisher, with a hub that really runs: pings after changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import PATIENCE
from hubs import Newsroom
from hubserver import HubServer
from lxml import etree
from outlets import Stand, plain_item
from websub_world import ATOM, hub, ping, stand, store

from feedhub.config import load
from feedhub.config.settings import Server
from feedhub.directory import output_directory
from feedhub.errors import ConfigError
from feedhub.feeds import WebSubPublisher
from feedhub.store import Database


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


def test_a_hub_that_does_not_respond_is_sent_one_ping_each_time_and_all_of_them_in_the_end(
    stand: Stand, store: Database, hub: HubServer
) -> None:
    sent, given_up = [], []

    async def post(url: str, form: Sequence[tuple[str, str]]) -> str | None:
        sent.append(dict(form)["hub.url"])
        raise TimeoutError("timeout: not finished after 30 s")

    def give_up(hub: str, topic: str, reason: str) -> None:
        given_up.append((hub, topic, reason))

    async def run() -> None:
        publisher = WebSubPublisher(store, output_directory(stand.room.config, "test.example,2026"), post, give_up)
        await publisher.ping(stand.now)
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round, 1)
        assert [await publisher.ping(stand.now) for _ in range(11)] == [0] * 11

    asyncio.run(run())
    topics = [f"http://hub.test/feeds/all.{suffix}" for suffix in ("atom", "rss", "json")]
    assert sent == topics * 3
    assert given_up == [(hub.url, topic, "timeout: not finished after 30 s") for topic in topics]


def test_a_hub_waits_for_no_other(tmp_path: Path) -> None:
    hubs = ("http://slow.test/", "http://quick.test/")
    stand = Stand(Newsroom(tmp_path, settings={"server": Server(base_url="http://hub.test", hubs=hubs)}))
    stand.room.source("paper")
    stand.room.serve("paper", plain_item(1))
    stand.round()
    store = Database.open(stand.room.config.database)

    async def run() -> int:
        pinged = asyncio.Event()

        async def post(url: str, form: Sequence[tuple[str, str]]) -> str | None:
            if "slow" in url:
                await asyncio.wait_for(pinged.wait(), PATIENCE)
            pinged.set()
            return None

        publisher = WebSubPublisher(store, output_directory(stand.room.config, "test.example,2026"), post)
        await publisher.ping(stand.now)
        stand.room.serve("paper", plain_item(1), plain_item(2))
        await asyncio.to_thread(stand.round, 1)
        return await publisher.ping(stand.now)

    assert asyncio.run(run()) == 6
    store.close()


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
