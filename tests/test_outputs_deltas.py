"""`A-IM: feed` (RFC 3229): 226 with only what is new to that reader, over real HTTP and a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from hubs import NOON, Newsroom
from lxml import etree
from outlets import Stand, plain_item

from feedhub.model import OutputRule
from feedhub.store import Database, manifests

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def titles(suffix: str, got: httpx.Response) -> list[str]:
    if suffix == "json":
        return [item["title"] for item in json.loads(got.content)["items"]]
    root = etree.fromstring(got.content)
    found = root.iter(f"{ATOM}entry") if suffix == "atom" else root.iter("item")
    return [entry.findtext(f"{ATOM}title" if suffix == "atom" else "title") or "" for entry in found]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    room = Newsroom(tmp_path)
    room.source("paper")
    room.source("wire", agency="WIRE")
    room.serve("wire")
    room.serve("paper", plain_item(1), plain_item(2))
    made = Stand(room)
    made.round()
    return made


@pytest.fixture
def hub(stand: Stand) -> Iterator[httpx.Client]:
    with stand.served() as client:
        yield client


def again(hub: httpx.Client, before: httpx.Response, suffix: str = "atom", **headers: str) -> httpx.Response:
    asked = {"a-im": "feed", "if-none-match": before.headers["etag"], **headers}
    return hub.get(f"/feeds/all.{suffix}", headers=asked)


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_reader_gets_only_what_is_new_to_it(stand: Stand, hub: httpx.Client, suffix: str, coding: str) -> None:
    before = hub.get(f"/feeds/all.{suffix}", headers={"accept-encoding": coding})
    assert len(titles(suffix, before)) == 2
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(1)
    got = again(hub, before, suffix, **{"accept-encoding": coding})
    whole = hub.get(f"/feeds/all.{suffix}", headers={"accept-encoding": coding})
    assert (got.status_code, got.reason_phrase, got.headers["im"]) == (226, "IM Used", "feed")
    assert titles(suffix, got) == [plain_item(3)["title"]]
    assert titles(suffix, whole)[0] == plain_item(3)["title"]
    assert got.headers["etag"] == whole.headers["etag"], "the reader now has the whole version"
    assert again(hub, got, suffix).status_code == 304
    assert {part.strip() for part in got.headers["vary"].split(",")} == {"Accept-Encoding", "A-IM", "If-None-Match"}
    assert got.headers["cache-control"] == "no-store, im"
    assert got.headers["content-type"] == whole.headers["content-type"]


def test_what_changed_in_between_is_told_too_however_old_the_version(stand: Stand, hub: httpx.Client) -> None:
    first = hub.get("/feeds/all.atom")
    for hour in (3, 4, 5):
        stand.room.serve("paper", *(plain_item(n) for n in range(1, hour + 1)))
        stand.round(hour)
        hub.get("/feeds/all.atom")
    assert titles("atom", again(hub, first)) == [plain_item(n)["title"] for n in (5, 4, 3)]


def test_an_edited_story_is_new(stand: Stand, hub: httpx.Client) -> None:
    before = hub.get("/feeds/all.atom")
    stand.room.serve("paper", plain_item(1), plain_item(2, title="Quite another title for it"))
    stand.round(1)
    assert titles("atom", again(hub, before)) == ["Quite another title for it"]


def test_a_story_that_went_is_told_by_its_tombstone(stand: Stand, hub: httpx.Client) -> None:
    killed = plain_item(7)
    stand.room.serve("wire", killed)
    stand.round(1)
    before = hub.get("/feeds/all.atom")
    stand.room.serve("wire", {**killed, "title": "KILL: " + killed["title"]})
    stand.round(2)
    got = again(hub, before)
    assert (got.status_code, titles("atom", got)) == (226, [])
    assert len(etree.fromstring(got.content).findall(DELETED)) == 1


WHOLE = {
    "an unknown version": {"if-none-match": '"nobody-had-this"'},
    "no version": {},
    "nonsense": {"if-none-match": "???"},
    "another manipulation": {"a-im": "vcdiff, diffe"},
    "feed declined": {"a-im": "feed;q=0"},
    "no wish for it": {"a-im": ""},
}


@pytest.mark.parametrize("headers", WHOLE.values(), ids=WHOLE)
def test_everybody_else_gets_the_whole(stand: Stand, hub: httpx.Client, headers: dict[str, str]) -> None:
    before = hub.get("/feeds/all.atom")
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(1)
    asked = {"a-im": "feed", **({"if-none-match": before.headers["etag"]} if "a-im" in headers else {}), **headers}
    got = hub.get("/feeds/all.atom", headers=asked)
    assert (got.status_code, len(titles("atom", got))) == (200, 3)
    assert "im" not in got.headers


def test_nothing_new_is_304_and_a_head_request_gets_no_body(stand: Stand, hub: httpx.Client) -> None:
    before = hub.get("/feeds/all.atom")
    assert again(hub, before).status_code == 304
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(1)
    got = hub.head("/feeds/all.atom", headers={"a-im": "feed", "if-none-match": before.headers["etag"]})
    assert (got.status_code, got.content) == (226, b"")


def test_a_proxy_may_have_weakened_the_tag_and_the_reader_may_hold_several(stand: Stand, hub: httpx.Client) -> None:
    before = hub.get("/feeds/all.atom")
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(1)
    weak = {"a-im": "feed", "if-none-match": f'"other", W/{before.headers["etag"]}'}
    got = hub.get("/feeds/all.atom", headers=weak)
    assert (got.status_code, len(titles("atom", got))) == (226, 1)


def test_where_all_is_new_the_whole_is_sent(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", limit=2),)})
    room.source("paper")
    room.serve("paper", plain_item(1), plain_item(2))
    stand = Stand(room)
    stand.round()
    with stand.served() as hub:
        before = hub.get("/feeds/all.atom")
        room.serve("paper", plain_item(3), plain_item(4))
        stand.round(1)
        assert again(hub, before).status_code == 200


def test_a_story_that_was_held_back_appears_at_its_release_though_nothing_changed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"hold": timedelta(hours=2)})
    room.source("wire", agency="Quill Agency")
    room.source("paper", credit="Quill Agency")
    room.source("other")
    room.serve("wire")
    room.serve("other", plain_item(1))
    room.serve("paper", plain_item(2))
    stand = Stand(room)
    stand.round()
    with stand.served() as hub:
        before = {suffix: hub.get(f"/feeds/all.{suffix}") for suffix in ("atom", "rss", "json")}
        key = str(room.story_of("paper", "item-2")).rpartition(":")[2]
        assert hub.get(f"/story/{key}").status_code == 404
        stand.now += timedelta(hours=2)
        for suffix, old in before.items():
            assert titles(suffix, old) == [plain_item(1)["title"]]
            got = again(hub, old, suffix)
            assert (got.status_code, titles(suffix, got)) == (226, [plain_item(2)["title"]])
        whole = hub.get("/feeds/all.atom")
        assert titles("atom", whole) == [plain_item(2)["title"], plain_item(1)["title"]]
        assert parsedate_to_datetime(whole.headers["last-modified"]) == NOON + timedelta(hours=2)
        assert hub.get(f"/story/{key}").status_code == 200


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_another_process_knows_what_a_reader_lacks(stand: Stand, suffix: str) -> None:
    with stand.served() as hub:
        before = hub.get(f"/feeds/all.{suffix}")
    stand.room.serve("paper", plain_item(1), plain_item(2), plain_item(3))
    stand.round(1)
    with stand.served() as hub:
        got = again(hub, before, suffix)
        assert (got.status_code, titles(suffix, got)) == (226, [plain_item(3)["title"]])


def test_what_is_kept_of_old_versions_is_bounded_by_bytes_and_by_age(stand: Stand) -> None:
    keys = [("all.atom", str(n)) for n in range(6)]
    store = Database.open(stand.room.config.database)

    def known() -> list[str]:
        with store.read() as connection:
            return [version for name, version in keys if manifests.find(connection, name, version)]

    with store.write() as connection:
        for hour, key in enumerate(keys):
            manifests.save(connection, {key: bytes(100)}, NOON + timedelta(hours=hour))
            # whoever comes second changes nothing
            manifests.save(connection, {key: bytes(7)}, NOON + timedelta(hours=9))
        manifests.save(connection, {("other.rss", "1"): bytes(5000)}, NOON)
        assert manifests.trim(connection, limit=300, since=NOON) == 3
    assert known() == ["3", "4", "5"]
    with store.write() as connection:
        assert manifests.find(connection, "other.rss", "1"), "the newest of a document stays, whatever its size"
        assert manifests.trim(connection, limit=300, since=NOON + timedelta(hours=4)) == 2
    assert known() == ["4", "5"]
    store.close()
