"""WebSub as a subscriber, with a hub that really runs: subscriptions verified, denied and renewed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from commands import PATIENCE
from hubs import NOON, Newsroom
from hubserver import HubServer
from outlets import Stand, plain_item
from websub_world import TOPIC, ask, hub, offer, offering, stand, state, store, subscribed, waits, web

from feedhub.feeds import subscribe
from feedhub.fetch import Poster
from feedhub.store import Database, subscriptions


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
