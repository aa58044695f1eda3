"""Reading to decide under `feedhub run`: subscribers see one story, never two that become one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from commands import Desk, until
from daemons import Subscriber
from origin import Origin
from test_reading_pages import ENTRIES, GLASS, OUTLETS, World

SETTINGS = 'polling: {{host_delay: 0s}}\nfetch: {{proxy: "{}"}}\nserver: {{port: 0}}\npages: {{wait: {}}}'


def entries(client: Subscriber) -> list[Any]:
    answer = client.ask("/feeds/all.json")
    return list(json.loads(answer.body)["items"]) if answer.status == 200 else []


def test_the_daemon_serves_every_story_once_and_nothing_of_a_page(tmp_path: Path) -> None:
    with Origin() as origin:
        World(origin, tmp_path / "room", published=False)
        desk = Desk(tmp_path)
        rows = "".join(f"  - {{id: {o}, url: 'http://{o}.test/feed', outlet: {o}}}\n" for o in OUTLETS)
        desk.configure(rows, SETTINGS.format(origin.url(""), "2m"))
        seen: set[int] = set()
        with desk.start("run") as process:
            client = Subscriber(desk, process)

            def is_done() -> bool:
                served = entries(client)
                seen.add(len(served))
                return len(served) >= 5

            until(is_done, "the stories to be served")
            read = desk.run("check", "--json").json["pages"]
            told = client.ask("/feeds/all.json").body + client.ask("/feeds/all.atom").body
        assert max(seen) == 5
        assert {"host": "cove.test", "awaited": 0, "read": 1, "refused": 0} in read
        assert not any(paragraph[:40].encode() in told for paragraph in GLASS)
        assert all(len(origin.seen(f"http://{outlet}.test/{name}")) <= 1 for outlet, name in ENTRIES)


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
