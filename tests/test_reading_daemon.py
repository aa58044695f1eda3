"""Reading to decide under `feedhub run`: subscribers see one story, never two that become one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Desk, until
from daemons import Subscriber
from origin import Origin
from test_reading_pages import ENTRIES, GLASS, LYNX, OUTLETS, RAMP, World

SETTINGS = 'polling: {{host_delay: 0s}}\nfetch: {{proxy: "{}"}}\nserver: {{port: 0}}\npages: {{wait: {}}}'


def entries(client: Subscriber) -> list[Any]:
    answer = client.ask("/feeds/all.json")
    return list(json.loads(answer.body)["items"]) if answer.status == 200 else []


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    """A hub of six papers that are played on loopback."""
    with Origin() as origin:
        World(origin, tmp_path / "room", published=False)
        desk = Desk(tmp_path)
        rows = "".join(f"  - {{id: {o}, url: 'http://{o}.test/feed', outlet: {o}}}\n" for o in OUTLETS)
        desk.configure(rows, f"database: {database_url}\n{SETTINGS.format(origin.url(''), '2m')}")
        yield desk
        assert all(len(origin.seen(f"http://{outlet}.test/{name}")) <= 1 for outlet, name in ENTRIES)


def says_nothing_of_pages(*texts: bytes) -> bool:
    """Whether none of the pages' sentences stands in any of these texts, whatever stands between its words."""
    told = [b" ".join(re.findall(rb"\w+", text)) for text in texts]
    wanted = [" ".join(re.findall(r"\w+", p)[:6]).encode() for p in (*RAMP, *GLASS, *LYNX)]
    return not any(words in text for words in wanted for text in told)


def test_once_writes_every_story_once_and_nothing_of_a_page(desk: Desk) -> None:
    done = desk.run("once", "--out", "public")
    assert done.code == 0, done.err
    assert len(json.loads(desk.files("public")["all.json"])["items"]) == 5
    assert says_nothing_of_pages(done.out.encode(), done.err.encode(), *desk.files("public").values())
    told = desk.run("explain", "cove ramp", "alba ramp").out
    assert "decided on the pages, read at" in told
    assert not says_nothing_of_pages(told.encode())


def test_the_daemon_serves_every_story_once_and_nothing_of_a_page(desk: Desk) -> None:
    seen: set[int] = set()
    with desk.start("run") as process:
        client = Subscriber(desk, process)

        def is_done() -> bool:
            served = entries(client)
            seen.add(len(served))
            return len(served) >= 5

        until(is_done, "the stories to be served")
        read = desk.run("check", "--json").json["pages"]
        feeds = [client.ask(f"/feeds/all.{suffix}").body for suffix in ("json", "atom", "rss")]
        links = set(re.findall(rb"/stories/[\w-]+", b"".join(feeds)))
        pages = [client.ask(link.decode()).body for link in links] + [client.ask("/").body]
    assert max(seen) == 5
    assert {"host": "cove.test", "awaited": 0, "read": 1, "refused": 0} in read
    assert says_nothing_of_pages(*feeds, *pages, desk.log.encode())


def test_a_page_that_never_comes_holds_a_story_back_no_longer_than_it_may(tmp_path: Path) -> None:
    with Origin() as origin:
        world = World(origin, tmp_path / "room", published=False)
        for outlet, name in ENTRIES:
            world.slow(outlet, name)
        desk = Desk(tmp_path)
        rows = "".join(f"  - {{id: {o}, url: 'http://{o}.test/feed', outlet: {o}}}\n" for o in OUTLETS)
        desk.configure(rows, SETTINGS.format(origin.url(""), "3s"))
        with desk.start("run") as process:
            client = Subscriber(desk, process)
            until(lambda: len(entries(client)) == len(ENTRIES), "all stories, apart")
