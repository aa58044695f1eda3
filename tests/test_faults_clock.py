"""The machine's clock is set back an hour under a running hub: it goes on, and subscribers see no trace of it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import NEXT_DAY, NOW, Desk, Process, ended, item, until
from daemons import Subscriber
from engines import Databases
from msgspec import Struct

from feedhub.cli import steady_clock
from feedhub.cli.steady_clock import SteadyClock
from feedhub.store import Database, database

SOON = "server: {port: 0}\npolling: {interval: 1s, floor: 1s}\n"
AN_HOUR = 3_600
SHARED = "The harbour council agreed on Tuesday to raise its dues by 4 percent from May, after long talks. " * 3


def edition(desk: Desk, number: int) -> str:
    """What the papers list: later one story is corrected, one is run by both, and each has a new one."""
    told = f"The ferry ran aground on the bar with {30 + 9 * number} people on board, the coastguard said. " * 3
    courier = [item("c1", "Ferry aground on the bar", told), item("c2", "Council raises harbour dues", SHARED)]
    herald = [item("h1", "Orchestra chooses its conductor")]
    if number:
        courier.append(item("c3", "Lighthouse sold to its keeper"))
        herald += [item("h2", "Dues go up, says council", SHARED), item("h3", "Market hall to close at noon")]
    return desk.file("courier", *courier) + desk.file("herald", *herald)


class View(Struct, frozen=True, dict=True):
    """What a subscriber has: the stories by id, the order of their last entering, and when each last changed."""

    stories: dict[str, tuple[str, str]]
    newest: frozenset[str]
    updated: dict[str, str]


def view(document: bytes) -> View:
    items: list[dict[str, Any]] = json.loads(document)["items"]
    return View(
        stories={each["id"]: (each["title"], each["content_html"]) for each in items},
        newest=frozenset(each["id"] for each in items[:3]),
        updated={each["id"]: each.get("date_modified", each["date_published"]) for each in items},
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[View, View]:
    """Both editions as a hub publishes them whose clock goes as it should."""
    desk = Desk(tmp_path_factory.mktemp("undisturbed"))
    views = []
    for number, now in enumerate((NOW, NEXT_DAY)):
        desk.configure(edition(desk, number))
        assert desk.run("once", "--all", "--now", now, "--out", "public").code == 0
        views.append(view(desk.files("public")["all.json"]))
    return views[0], views[1]


@contextmanager
def running(desk: Desk, shift: Path) -> Iterator[tuple[Subscriber, Process]]:
    with desk.start("run", more={"SHIFTED_CLOCK": str(shift)}) as process:
        yield Subscriber(desk, process), process


def test_a_clock_set_back_an_hour_stops_nothing_and_nobody_sees_it(
    databases: Databases, tmp_path: Path, undisturbed: tuple[View, View]
) -> None:
    shim, shift = tmp_path / "shim", tmp_path / "shift"
    shim.mkdir()
    (shim / "sitecustomize.py").write_bytes((Path(__file__).parent / "shiftclock.py").read_bytes())
    shift.write_text("0")
    with databases.new() as url:
        desk = Desk(tmp_path, before=shim)
        desk.configure(edition(desk, 0), f'{SOON}database: "{url}"')
        with running(desk, shift) as (client, process):
            until(lambda: seen(client).stories == undisturbed[0].stories, "the first edition")
            before = seen(client)
            shift.write_text(str(-AN_HOUR))
            edition(desk, 1)
            until(lambda: seen(client).stories == undisturbed[1].stories, "the second edition")
            after = seen(client)
            assert ended(process, signal.SIGTERM) == 0
        assert "Traceback" not in desk.log
        assert after.newest == undisturbed[1].newest
        assert all(after.updated[tag] >= before.updated[tag] for tag in before.updated)
        # Who starts now, by the clock as it was set, gives what was published by the clock as it was.
        done = desk.run("once", "--all", "--out", "public", more={"SHIFTED_CLOCK": str(shift)})
        assert (done.code, view(desk.files("public")["all.json"])) == (0, after)
        assert desk.run("db", "verify", more={"SHIFTED_CLOCK": str(shift)}).code == 0


def seen(client: Subscriber) -> View:
    """What the daemon serves just now."""
    return view(client.ask("/feeds/all.json").body)


def test_time_goes_slowly_until_a_clock_that_was_set_back_has_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    machine = [(noon, 0.0)]
    monkeypatch.setattr(steady_clock, "wall_clock", lambda: machine[0][0])
    monkeypatch.setattr(time, "monotonic", lambda: machine[0][1])
    steady = SteadyClock()
    told = []
    for minutes, wall in ((0, 0), (10, 10), (20, -40), (40, -20), (140, 80), (160, 100), (170, -2_000), (171, -1_999)):
        machine[0] = (noon + timedelta(minutes=wall), minutes * 60.0)
        told.append(round((steady() - noon) / timedelta(minutes=1)))
    assert told == [0, 10, 15, 25, 80, 100, -2_000, -1_999]
    steady.reach(steady() + timedelta(hours=2))
    assert round((steady() - noon) / timedelta(minutes=1)) == -1_999 + 120
    steady.reach(steady() + timedelta(days=2))
    assert round((steady() - noon) / timedelta(minutes=1)) == -1_999 + 120


def test_a_change_is_never_dated_before_the_last_one(database_url: str) -> None:
    store = Database.open(database_url)
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    dates = []
    for hours in (0, -1, -1, 1, -30):
        with store.write() as connection:
            database.next_change(connection, noon + timedelta(hours=hours))
            dates.append(database.changed_at(connection))
    store.close()
    seconds = [(date - noon).total_seconds() for date in dates if date is not None]
    assert seconds == [0, 1, 2, 3_600, -30 * 3_600]
