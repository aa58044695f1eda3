"""Webhooks hear of new and changed stories, signed; a receiver that fails and a process that is killed lose none."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from commands import Desk, ended, item, until
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom
from hubs import item as entry

from feedhub.admin import decide
from feedhub.config import Notify, Webhook
from feedhub.daemon import DeliveryJobs
from feedhub.daemon.delivery_jobs import BACKOFF
from feedhub.directory import output_directory
from feedhub.feeds.output_maintenance import watched_targets
from feedhub.feeds.webhook_messages import signed_headers
from feedhub.fetch import Poster
from feedhub.health.condition_watch import watch
from feedhub.store import Database, conditions, deliveries
from feedhub.store.deliveries import QueuedMessage

SECRET = "sixteen-characters-and-more"


@dataclass
class Receiver:
    """A server of webhooks: `answers` are its next ones, None never comes; then it is content."""

    answers: list[int | None] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    place: str = ""
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = made.answers.pop(0) if made.answers else 204
            if answer is None:
                made.go_on.wait(60)
                return
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.place = f"127.0.0.1:{server.server_port}"
    made.url = f"http://{made.place}/hook"
    yield made
    made.go_on.set()
    server.shutdown()
    server.server_close()


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    """Check a message as its receiver would, by nothing but the documentation."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(SECRET.encode(), signed, sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{mark}"


def pass_time(desk: Desk) -> None:
    """Have every message due, and every lease over: what minutes would do."""
    with closing(sqlite3.connect(desk.folder / "feedhub.db", timeout=30)) as connection, connection:
        connection.execute("UPDATE delivery SET due_at = 1, lease_until = NULL")


def test_a_receiver_that_fails_twice_and_a_process_killed_between_lose_no_story(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers = [500, None]
    desk = Desk(tmp_path)
    hook = f"webhooks:\n  - {{url: '{receiver.url}', secret: {SECRET}}}"
    desk.configure(
        desk.file("courier", item("1", "Quay shut at Quellport")),
        f"server: {{port: 0}}\nfetch: {{allow: ['{receiver.place}']}}\n{hook}",
    )
    with desk.start("run") as process:
        until(lambda: "delivery failed" in desk.log, "the first try to fail")
        assert "HTTP 500" in desk.log
        assert receiver.url not in desk.log
        pass_time(desk)
        until(lambda: len(receiver.got) == 2, "the second try")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    receiver.go_on.set()
    pass_time(desk)
    with desk.start("run") as process:
        until(lambda: "event=delivered" in desk.log, "the third try")
        until(lambda: desk.ask("SELECT count(*) FROM delivery") == [0], "an empty queue")
        assert ended(process, signal.SIGTERM) == 0
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert all(is_signed(headers, body) for headers, body in receiver.got)
    message = receiver.messages[-1]
    assert (message["type"], message["data"]["feed"]) == ("story.new", "all")
    assert message["data"]["item"]["title"] == "Quay shut at Quellport"
    assert message["data"]["item"]["id"] == message["data"]["story"]


@dataclass
class Hooked:
    """A newsroom with a webhook, whose messages are sent when a test says so."""

    room: Newsroom
    receiver: Receiver
    allow: tuple[str, ...] = ()

    def deliver(self, hours: float, *, tries: int = 1) -> None:
        """Send what is due so many hours after noon, and again every twelve hours."""
        at = [NOON + timedelta(hours=hours)]

        async def work() -> None:
            store = Database.open(self.room.config.database)
            directory = output_directory(self.room.config, "test.example,2026", "http://hub.test")
            async with Poster(allow=self.allow) as poster:
                jobs = DeliveryJobs(self.room.config, store, directory, poster.send, lambda: at[-1])
                for _ in range(tries):
                    await jobs.deliver()
                    await asyncio.gather(*jobs._sending.values())
                    at.append(at[-1] + BACKOFF[-1])
            store.close()

        asyncio.run(work())

    def waiting(self) -> list[deliveries.TargetState]:
        return self.room.read(deliveries.states)


@pytest.fixture
def hooked(tmp_path: Path, receiver: Receiver) -> Hooked:
    room = Newsroom(tmp_path, settings={"webhooks": (Webhook(url=receiver.url, secret=SECRET),)})
    room.source("agency", agency="MPA")
    room.source("courier")
    room.serve("agency", entry("a1", "Bridge shut", *BRIDGE), entry("a2", "Halden elects", *ORCHESTRA))
    room.serve("courier")
    room.round()
    return Hooked(room, receiver, allow=(receiver.place,))


@pytest.mark.usefixtures("engine")
def test_a_webhook_hears_of_new_changed_and_gone_stories_and_of_nothing_else(hooked: Hooked) -> None:
    room, receiver = hooked.room, hooked.receiver
    hooked.deliver(0.1)
    assert {message["type"] for message in receiver.messages} == {"story.new"}
    assert len(receiver.messages) == 2
    # one more outlet has it: nothing new for who has the story
    room.serve("courier", entry("c1", "The bridge is shut", *BRIDGE))
    room.round(1)
    hooked.deliver(1.1)
    assert len(receiver.messages) == 2
    # the toll rises, twice before anything is sent: one message, of the last
    for hours, toll in ((2, "9,000"), (3, "12,000")):
        text = [paragraph.replace("6,000", toll) for paragraph in BRIDGE]
        room.serve("agency", entry("a1", "Bridge shut", *text), entry("a2", "Halden elects", *ORCHESTRA))
        room.round(hours)
    hooked.deliver(3.1)
    (changed,) = receiver.messages[2:]
    assert changed["type"] == "story.changed"
    assert "12,000" in changed["data"]["item"]["content_html"]
    tag = room.story_of("agency", "a2")
    room.serve("agency", entry("a1", "Bridge shut", *text), entry("k", "KILL: Halden elects", "Kill this."))
    room.round(4)
    hooked.deliver(4.1)
    (gone,) = receiver.messages[3:]
    assert (gone["type"], gone["data"]["story"]) == ("story.gone", tag)
    assert hooked.waiting() == []


def test_a_message_is_given_up_in_the_end_with_a_condition_for_people(hooked: Hooked) -> None:
    hooked.receiver.answers = [503] * 100
    hooked.deliver(0.1, tries=3)
    # the others wait behind the one that fails
    assert len(hooked.receiver.got) == 3
    hooked.deliver(40, tries=2 * len(BACKOFF) + 2)
    (state,) = hooked.waiting()
    assert state.given_up >= 1
    assert state.remark == "HTTP 503"
    store = Database.open(hooked.room.config.database)
    targets = watched_targets(hooked.room.config)
    with store.write() as connection:
        assert watch(connection, NOON + timedelta(days=2), targets) >= 1
        (found,) = [
            one for one in conditions.current_and_ended_since(connection, since=NOON) if one.kind == "undelivered"
        ]
        assert found.source == "the webhook of all"
        assert "HTTP 503" in found.text
        deliveries.trim(connection, list(targets.names), NOON + timedelta(days=30))
        watch(connection, NOON + timedelta(days=30), targets)
        assert [one.until for one in conditions.current_and_ended_since(connection, since=NOON)] != [None]
    store.close()


def test_this_machine_is_told_nothing_unless_the_configuration_allows_it(hooked: Hooked) -> None:
    replace(hooked, allow=()).deliver(0.1)
    assert hooked.receiver.got == []
    (state,) = hooked.waiting()
    assert "allow" in (state.remark or "")


def test_a_receiver_that_wants_no_more_is_not_asked_again(hooked: Hooked) -> None:
    hooked.receiver.answers = [410]
    hooked.deliver(0.1)
    (state,) = hooked.waiting()
    assert (state.waiting, state.given_up) == (1, 1)


@pytest.mark.usefixtures("engine")
def test_a_queue_is_bounded_and_the_oldest_goes(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST", 5)
    store = Database.open(hooked.room.config.database)
    with store.write() as connection:
        for number in range(9):
            one = QueuedMessage(target="x", subject=str(number), topic="new")
            deliveries.queue(connection, [one, one], NOON + timedelta(seconds=number))
        claimed = deliveries.claim(
            connection, ["x"], now=NOON + timedelta(hours=1), lease=timedelta(minutes=1), limit=99
        )
        assert [each.subject for each in claimed] == ["4", "5", "6", "7", "8"]
        assert (
            deliveries.claim(connection, ["x"], now=NOON + timedelta(hours=1), lease=timedelta(minutes=1), limit=9)
            == []
        )
        # one that was replaced while it was sent is sent again
        deliveries.queue(connection, [QueuedMessage(target="x", subject="4", topic="changed")], NOON)
        deliveries.finish(connection, claimed[0])
        deliveries.fail(connection, claimed[1], "HTTP 500", None)
        (state,) = [each for each in deliveries.states(connection) if each.target == "x"]
        assert (state.waiting, state.given_up) == (4, 1)
    store.close()


def test_a_secret_of_other_tools_signs_as_they_do() -> None:
    headers = signed_headers("whsec_" + base64.b64encode(SECRET.encode()).decode(), "m", b"{}", NOON)
    assert is_signed(dict(headers), b"{}")


def test_notifications_tell_of_kills_disputes_and_broken_sources(tmp_path: Path, receiver: Receiver) -> None:
    pytest.importorskip("apprise")
    url = receiver.url.replace("http://", "json://")
    room = Newsroom(tmp_path, settings={"notify": (Notify(url=url, on=("kill", "disputed", "source broken")),)})
    room.source("agency", agency="MPA")
    room.source("courier")
    room.source("gone")
    room.serve("agency", entry("a1", "Bridge shut", *BRIDGE))
    room.serve("courier", entry("c1", "UPDATE 2-Bridge shut", BRIDGE[0].replace("6,000", "19,000"), *BRIDGE[1:]))
    for hours in range(3):
        room.round(hours)
    room.serve("agency", entry("k1", "KILL: Bridge shut", "Kill this."))
    room.round(3)
    store = Database.open(room.config.database)
    with store.write() as connection:
        watch(connection, NOON + timedelta(hours=3), watched_targets(room.config))
    store.close()
    Hooked(room, receiver).deliver(4)
    titles = sorted(message["title"] for message in receiver.messages)
    assert titles == ["A story was withdrawn", "Disputed: Bridge shut", "gone is broken"]


def test_a_database_that_is_away_is_told_at_once_and_not_again(tmp_path: Path, receiver: Receiver) -> None:
    pytest.importorskip("apprise")
    room = Newsroom(tmp_path, settings={"notify": (Notify(url=receiver.url.replace("http://", "json://")),)})

    async def work() -> None:
        directory = output_directory(room.config, "test.example,2026", "http://hub.test")
        store = Database.open(room.config.database)
        async with Poster() as poster:
            jobs = DeliveryJobs(room.config, store, directory, poster.send, lambda: NOON)
            await jobs.database_failed("the disk is full")
            await jobs.database_failed("the disk is full")
        store.close()

    asyncio.run(work())
    (message,) = receiver.messages
    assert message["message"] == "the disk is full"


def test_a_person_s_kill_is_no_news_to_that_person(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"webhooks": (Webhook(url="https://hook.example/", secret=SECRET),)})
    room.source("courier")
    room.serve("courier", entry("c1", "Bridge shut", *BRIDGE))
    room.round()
    room.decide(decide.kill, room.story_of("courier", "c1"), hours=1)
    (state,) = room.read(deliveries.states)
    assert state.waiting == 1


def test_an_address_that_nobody_can_tell_anything_is_one_line_and_does_not_repeat_it(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    desk = Desk(tmp_path)
    desk.configure(
        desk.file("courier", item("1", "Quay shut")), "server: {port: 0}\nnotify: [{url: 'nonsense://hush'}]"
    )
    done = desk.run("run")
    assert (done.code, "hush" in done.err) == (2, False)
    assert "notify.0.url: apprise knows no such service" in done.err
    desk.configure(desk.file("courier", item("1", "Quay shut")), "server: {port: 0}\nnotify: [{url: x, on: [weather]}]")
    refused = desk.run("run")
    assert refused.code == 2
    assert "notify.0.on.0: expected source broken, stopped, kill, disputed or database" in refused.err
    desk.configure(
        desk.file("courier", item("1", "Quay shut")), "webhooks: [{url: 'https://a.example/', secret: short, feed: x}]"
    )
    done = desk.run("check")
    assert done.code == 2
    assert "webhooks.0.secret" in done.err
    assert "short" not in done.err.replace("too short", "")
