"""`feedhub run`, `serve` and `worker` as processes: subscribed to by a real client, and told to stop."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from commands import Desk, business, ended, feed, item, until
from daemons import Subscriber
from origin import Origin, Reply, Request, Writer, conditional, hang, send

SETTINGS = 'polling: {{per_host: 50, host_delay: 0s}}\nfetch: {{allow: ["{}"]}}\nserver: {{port: 0}}'


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as made:
        many = [item(str(number), f"Headline{number} of the day") for number in range(40)]
        made.serve("/paper", conditional('"1"', feed("paper", *many)))
        made.serve("/hangs", hang)
        made.serve("/html", Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>x</title>"))
        yield made


def row(origin: Origin, name: str) -> str:
    return f'  - {{id: {name}, url: "{origin.url("/" + name)}", outlet: {name}}}\n'


@pytest.fixture(scope="module")
def hub(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subscriber]:
    """A daemon over a good source, an HTML page and a server that never answers."""
    desk = Desk(tmp_path_factory.mktemp("daemon"))
    desk.configure("".join(row(origin, name) for name in ("hangs", "html", "paper")), SETTINGS.format(origin.place))
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: len(client.titles()) == 40, "the stories of the good source")
        yield client


def test_sources_that_fail_or_hang_do_not_delay_the_others(hub: Subscriber, origin: Origin) -> None:
    assert len(origin.seen("/hangs")) == 1
    assert len(hub.titles()) == 40
    until(lambda: "source=html" in hub.desk.log, "the failure of the page")
    assert re.search(r'event="source failed".*source=html.*HTML page', hub.desk.log)


def test_a_subscriber_gets_the_feed_once_and_304_until_it_changes(hub: Subscriber) -> None:
    first = hub.ask("/feeds/all.atom")
    assert (first.status, first.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    again = hub.ask("/feeds/all.atom", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    # A date is given once its second is over.
    date = until(lambda: hub.ask("/feeds/all.atom").headers["Last-Modified"], "the date of this version")
    assert hub.ask("/feeds/all.atom", If_Modified_Since=date).status == 304
    assert hub.ask("/feeds/all.atom").body == first.body


def test_the_feed_comes_packed_where_the_client_takes_gzip(hub: Subscriber) -> None:
    plain, packed = hub.ask("/feeds/all.atom"), hub.ask("/feeds/all.atom", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    assert hub.ask("/feeds/all.atom", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"]).status == 304


def test_a_search_finds_what_the_feed_shows(hub: Subscriber) -> None:
    title = min(hub.titles())
    found = f"/search.json?q={quote(title)}"
    until(
        lambda: title in {each["title"] for each in json.loads(hub.ask(found).body)["items"]}, "the search to find it"
    )


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_head_says_what_get_would_without_a_body(hub: Subscriber, suffix: str) -> None:
    got, head = hub.ask(f"/feeds/all.{suffix}"), hub.ask(f"/feeds/all.{suffix}", "HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name] is not None


def test_the_health_page_the_story_pages_and_unknown_paths_answer(hub: Subscriber) -> None:
    assert hub.ask("/healthz").status == 200
    assert hub.ask("/").status == 200
    assert hub.ask("/feeds/nothing.atom").status == 404
    assert hub.ask("/", Host="elsewhere.test").status == 421


def test_a_second_daemon_is_told_that_the_port_is_taken(hub: Subscriber, tmp_path: Path) -> None:
    other = Desk(tmp_path)
    other.configure(other.file("paper", item("1", "Ferry aground")), f"server: {{port: {hub.port}}}")
    done = other.run("run")
    assert (done.code, f"port {hub.port}" in done.err) == (5, True)


def test_an_edit_reaches_subscribers_as_a_new_version(origin: Origin, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), "server: {port: 0}")
    with desk.start("serve") as process:
        client = Subscriber(desk, process)
        empty = client.ask("/feeds/all.atom")
        assert empty.status == 200
        # The other half, in a process of its own.
        assert desk.run("once").code == 0
        until(lambda: client.titles() == {"Ferry aground"}, "the first story")
        # a format that was built before is looked at anew within a second
        until(
            lambda: client.ask("/feeds/all.atom", If_None_Match=empty.headers["ETag"]).status == 200,
            "the new version in the other format",
        )
        # who serves alone has the index take in what rounds leave to it
        until(lambda: b"Ferry aground" in client.ask("/search.json?q=ferry").body, "the search to find it")
        assert ended(process, signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_the_daemon_though_a_source_and_a_reader_hang(
    origin: Origin, tmp_path: Path, number: signal.Signals
) -> None:
    desk = Desk(tmp_path)
    before = len(origin.seen("/hangs"))
    desk.configure(row(origin, "hangs") + row(origin, "paper"), SETTINGS.format(origin.place))
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        with socket.create_connection(("127.0.0.1", client.port)) as slow:
            slow.sendall(b"GET /feeds/all.atom HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            until(lambda: len(origin.seen("/hangs")) > before, "the source that hangs")
            assert ended(process, number) == (130 if number == signal.SIGINT else 0)
    assert "event=stopped" in desk.log
    assert "Traceback" not in desk.log


def test_an_answer_under_way_is_finished_when_the_daemon_stops(origin: Origin, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    # Larger than what the system buffers, so that it cannot have been sent already.
    big = [item(str(n), f"Headline{n} of the day", " ".join(f"word{n}x{i}" for i in range(20_000))) for n in range(24)]
    desk.configure(desk.file("paper", *big), "server: {port: 0}")
    assert desk.run("once").code == 0
    with desk.start("serve") as process:
        client = Subscriber(desk, process)
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            reader.connect(("127.0.0.1", client.port))
            reader.sendall(b"GET /feeds/all.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            got = reader.recv(1000)
            process.send_signal(signal.SIGTERM)
            until(lambda: "event=stopping" in desk.log, "the daemon to heed the signal")
            while piece := reader.recv(1 << 20):
                got += piece
        assert process.wait(5 * business()) == 0
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    assert length is not None
    assert len(body) == int(length[1])


def test_run_survives_a_database_that_is_locked_for_a_while(origin: Origin, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    settings = "database: sqlite:///feedhub.db?timeout=0.1\n" + SETTINGS.format(origin.place)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), settings)
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles() == {"Ferry aground"}, "the first story")
        with closing(sqlite3.connect(tmp_path / "feedhub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            until(lambda: "is locked by another process" in desk.log, "the daemon to meet the lock")
            assert client.ask("/feeds/all.atom").status == 200
            assert ended(process, signal.SIGTERM) == 0


def test_a_lock_that_nobody_lets_go_does_not_hold_up_the_end(origin: Origin, tmp_path: Path) -> None:
    locked, answered = threading.Event(), threading.Event()

    async def late(request: Request, writer: Writer) -> None:
        await asyncio.to_thread(locked.wait, 20)
        await send(writer, Reply(200, {}, feed("late", item("1", "Ferry aground"))))
        answered.set()

    origin.serve("/late", late)
    desk = Desk(tmp_path)
    desk.configure(row(origin, "late"), SETTINGS.format(origin.place))
    with desk.start("run") as process:
        until(lambda: origin.seen("/late"), "the poll")
        with closing(sqlite3.connect(tmp_path / "feedhub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked.set()
            assert answered.wait(10)
            assert ended(process, signal.SIGTERM, seconds=5) == 0
    assert "Traceback" not in desk.log
    assert desk.run("once", "--out", "public").code == 0
    assert desk.titles() == {"Ferry aground"}
