"""A daemon takes over a changed configuration without losing a poll or a subscriber; mistakes leave the old one."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import re
import signal
import threading
import weakref
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from commands import Desk, business, ended, feed, item, until
from daemons import Subscriber
from origin import Origin, Reply, Request, Writer, send

from feedhub.cli import reloading_hub
from feedhub.cli.reload import changes, differences, is_same, signatures, with_fixed_settings
from feedhub.cli.reloading_hub import ReloadingHub
from feedhub.config import Config, load
from feedhub.config.settings import Server
from feedhub.model import OutputRule, Source

SETTINGS = "server: {port: 0}"


def test_sources_outputs_and_settings_are_taken_over_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = desk.file("courier", item("1", "Quay shut at Quellport"))
    config = desk.configure(rows, SETTINGS)
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles() == {"Quay shut at Quellport"}, "the first story")
        # a subscriber whose connection stays open, and whose version of the document stays the same
        kept = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30 * business())
        tag = fetched(kept)[0]
        more = desk.file("herald", item("2", "Choir wins a prize"))
        desk.configure(rows + more, f"{SETTINGS}\nfeeds:\n  - {{name: choir, words: [choir]}}")
        process.send_signal(signal.SIGHUP)
        until(lambda: len(client.titles()) == 2, "the new source's story")
        assert fetched(kept)[0] != tag
        kept.close()
        answer = client.ask("/feeds/choir.json")
        assert [each["title"] for each in json.loads(answer.body)["items"]] == ["Choir wins a prize"]
        assert re.search(r"event=reloaded .*added=1 removed=0 changed=0 feeds=1", desk.log)

        config.write_text(config.read_text() + "  - {id: x, url: missing-scheme.example/feed, colour: red}\n")
        process.send_signal(signal.SIGHUP)
        until(lambda: "reload refused" in desk.log, "the mistake")
        assert re.search(r'event="reload refused" where=.*config.yaml:\d+:\d+: sources.2.colour', desk.log)
        assert len(client.titles()) == 2

        desk.configure(more, "server: {port: 9, admin_token: sixteen-characters}")
        process.send_signal(signal.SIGHUP)
        until(lambda: client.ask("/feeds/choir.json").status == 404, "the output to go")
        assert re.search(r'event="restart needed" setting=server.port', desk.log)
        assert client.ask("/health", Authorization="Bearer sixteen-characters").status == 200
        assert desk.ask("SELECT id FROM source WHERE configured") == ["herald"]
        assert ended(process, signal.SIGTERM) == 0
    assert "Traceback" not in desk.log


def fetched(connection: http.client.HTTPConnection) -> tuple[str | None, bytes]:
    connection.request("GET", "/feeds/all.atom")
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.headers["ETag"], answer.read()


def test_a_poll_under_way_ends_as_it_began_and_is_not_begun_again(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def slow(request: Request, writer: Writer) -> None:
        begun.set()
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        body = feed("slow", item("s", "Slow but sure"))
        await send(writer, Reply(200, {"Content-Type": "application/feed+json"}, body))

    with Origin() as origin:
        origin.serve("/slow", slow)
        desk = Desk(tmp_path)
        rows = f'  - {{id: slow, url: "{origin.url("/slow")}"}}\n'
        settings = f'fetch: {{allow: ["{origin.place}"]}}\n{SETTINGS}'
        desk.configure(rows, settings)
        with desk.start("run") as process:
            client = Subscriber(desk, process)
            until(begun.is_set, "the poll")
            desk.configure(rows + desk.file("herald", item("2", "Choir wins a prize")), settings)
            process.send_signal(signal.SIGHUP)
            until(lambda: client.titles() == {"Choir wins a prize"}, "the new source's story")
            go_on.set()
            until(lambda: client.titles() == {"Choir wins a prize", "Slow but sure"}, "the slow source's story")
            assert len(origin.seen("/slow")) == 1
            assert ended(process, signal.SIGTERM) == 0
        assert "broke" not in desk.log


def test_a_changed_file_is_taken_over_by_each_process_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = desk.file("courier", item("1", "Quay shut at Quellport"))
    desk.configure(rows, SETTINGS)
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "worker.log").open("wb"))
        worker = stack.enter_context(desk.start("worker", stderr=log))
        server = stack.enter_context(desk.start("serve"))
        client = Subscriber(desk, server)
        until(lambda: client.titles() == {"Quay shut at Quellport"}, "the first story")
        more = desk.file("herald", item("2", "Choir wins a prize"))
        desk.configure(rows + more, f"{SETTINGS}\nfeeds:\n  - {{name: choir, words: [choir]}}")
        until(lambda: client.ask("/feeds/choir.json").status == 200, "the new output")
        until(lambda: len(client.titles()) == 2, "the new source's story")
        assert ended(worker, signal.SIGTERM) == 0
        assert ended(server, signal.SIGTERM) == 0
    assert "event=reloaded" in (tmp_path / "worker.log").read_text()


def configured(tmp_path: Path, **more: object) -> Config:
    return Config(path=tmp_path / "config.yaml", database="sqlite://", **more)  # type: ignore[arg-type]


def test_what_only_a_restart_can_change_stays_and_is_named(tmp_path: Path) -> None:
    running = configured(tmp_path, identity="a.example,2026", server=Server(port=1))
    new = Config(
        path=running.path,
        database="sqlite:///other.db",
        identity="b.example,2026",
        server=Server(host="::1", port=2, admin_token="t" * 16),
        hold=timedelta(hours=1),
    )
    made, names = with_fixed_settings(new, running)
    assert names == ("database", "identity", "server.host", "server.port")
    assert (made.database, made.identity, made.server.port) == (running.database, running.identity, 1)
    assert (made.server.admin_token, made.hold) == ("t" * 16, timedelta(hours=1))


def test_a_change_is_counted_by_what_it_changes(tmp_path: Path) -> None:
    def of(*names: str, **more: object) -> tuple[Source, ...]:
        return tuple(Source(id=name, url=f"https://{name}.example/", name=name, **more) for name in names)  # type: ignore[arg-type]

    running = configured(tmp_path, sources=of("a", "b"), feeds=(OutputRule(name="all"),))
    new = configured(tmp_path, sources=of("c") + of("b", priority=2), feeds=(OutputRule(name="all", limit=2),))
    assert differences(new, running) == {"added": 1, "removed": 1, "changed": 1, "feeds": 1}
    assert is_same(running, configured(tmp_path, sources=running.sources, feeds=running.feeds, warnings=("x",)))


def test_the_files_of_a_configuration_are_its_own_and_the_lists_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_text('<opml version="2.0"><body/></opml>')
    (tmp_path / "config.yaml").write_text("sources:\n  - opml: list.opml\n  - https://paper.example/feed\n")
    assert load(tmp_path / "config.yaml").files == (tmp_path / "config.yaml", tmp_path / "list.opml")


@pytest.mark.parametrize(
    "unit", sorted((Path(__file__).parent.parent / "deploy").glob("*.service")), ids=lambda p: p.name
)
def test_the_units_of_daemons_can_be_reloaded(unit: Path) -> None:
    text = unit.read_text()
    assert ("ExecReload=/bin/kill -HUP $MAINPID" in text) == ("Type=exec" in text)


def test_a_change_that_comes_while_the_file_is_read_is_one(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: 1\n")
    before = signatures([path])
    path.write_text("a: 10\n")

    async def watch() -> None:
        await asyncio.wait_for(changes([path], before, seconds=0.01), 30 * business())
        gone = asyncio.create_task(changes([path], signatures([path]), seconds=0.01))
        path.unlink()
        await asyncio.wait_for(gone, 30 * business())

    asyncio.run(watch())


def test_what_a_replaced_hub_served_is_let_go_without_looking_for_cycles(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = desk.file("courier", item("1", "Quay shut at Quellport"))
    path = desk.configure(rows, SETTINGS)
    config = load(path)

    async def play() -> list[bool]:
        hub = ReloadingHub(path, signatures(config.files), own_url="http://127.0.0.1:1", polls=True, indexes=True)
        await hub.open(config)
        await hub.start()
        served = []
        for number in range(3):
            transport = httpx.ASGITransport(app=hub.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                for page in ("feeds/all.atom", "feeds/all.rss", "sources", ""):
                    assert (await client.get(f"/{page}")).status_code == 200
            served.append(weakref.ref(hub._hub._backend))
            desk.configure(rows, f"{SETTINGS}\ntitle: Number {number}")
            await hub.replace(await hub.read_again())
            async with asyncio.timeout(30 * business()):
                while hub._ending:
                    await asyncio.sleep(0.01)
        gone = [each() is None for each in served]
        await hub.stop()
        return gone

    gc.disable()
    try:
        assert asyncio.run(play()) == [True] * 3
    finally:
        gc.enable()
        gc.unfreeze()


def test_what_was_frozen_is_looked_through_once_replaced_hubs_have_left_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading_hub, "_REMAINS", 2.5 * reloading_hub._OF_HUB)
    desk = Desk(tmp_path)
    rows = desk.file("courier", item("1", "Quay shut at Quellport"))
    path = desk.configure(rows, SETTINGS)
    config = load(path)

    class Circle:
        def __init__(self) -> None:
            self.itself = self

    async def play() -> list[bool]:
        hub = ReloadingHub(path, signatures(config.files), own_url="http://127.0.0.1:1", polls=True, indexes=True)
        circle = Circle()
        left = weakref.ref(circle)
        # it is frozen as the hub opens, and then nobody's
        await hub.open(config)
        del circle
        await hub.start()
        there = []
        for number in range(4):
            desk.configure(rows, f"{SETTINGS}\ntitle: Number {number}")
            await hub.replace(await hub.read_again())
            async with asyncio.timeout(30 * business()):
                while hub._ending:
                    await asyncio.sleep(0.01)
            there.append(left() is not None)
        await hub.stop()
        return there

    try:
        assert asyncio.run(play()) == [True, True, False, False]
    finally:
        gc.unfreeze()
