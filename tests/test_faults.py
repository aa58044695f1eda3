"""Processes are killed, frozen and cut off at any instant; nothing is lost, nothing doubled, no id changes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from commands import until
from crowds import record_all, settler
from engines import Databases
from faults import (
    Fault,
    child,
    is_frozen,
    newsroom,
    open_only,
    processes,
    see,
    stories_of,
    story_item,
    whole_round,
    worker,
)
from hubs import NOON, Newsroom
from postgres import Cluster, NotHere, Server

from feedhub.config.settings import Polling
from feedhub.store import Database
from feedhub.store.engine import connect
from feedhub.store.tables import metadata

pytestmark = pytest.mark.timeout(3_000)
PAPERS = ["courier", "gazette", "herald", "mirror", "post"]
STORIES = 6
EDITIONS = (NOON, NOON.replace(hour=15))
EVENING = NOON.replace(hour=20)


def edition(room: Newsroom, number: int) -> None:
    """What the papers list: at first some stories; later one is edited, one gone, one new and one new in each."""
    for name in PAPERS:
        items = [story_item(name, n, edited=number > 0 and n == 2) for n in range(number, STORIES)]
        late = [story_item(name, 500), story_item(name, 600 + len(name))] if number else []
        room.serve(name, *items, *late)


def _is_still(process: BaseProcess) -> bool:
    return not process.is_alive() or is_frozen(process)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What subscribers get from a hub to which nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    room = newsroom(folder, PAPERS, STORIES)
    room.settings["database"] = f"sqlite:///{folder / 'undisturbed.db'}"
    for number, now in enumerate(EDITIONS):
        edition(room, number)
        process = child(whole_round, room.config, now, Fault())
        process.join(60)
    return see(room.config, EVENING).files


def finish(room: Newsroom, now_at: int) -> None:
    """A round to which nothing happens."""
    done = child(whole_round, room.config, EDITIONS[now_at], Fault())
    done.join(60)
    assert done.exitcode == 0


def sound(room: Newsroom) -> None:
    """Every entry that a paper served is in one story, with its copies in other papers and nothing else."""
    after = see(room.config, EVENING)
    assert (after.waiting, after.problems, after.joined) == (0, [], 0)
    assert stories_of(after.entries) == {
        *(frozenset((name, f"{name}-{n}") for name in PAPERS) for n in (*range(STORIES), 500)),
        *(frozenset((name, f"{name}-{n}") for name in PAPERS if len(name) + 600 == n) for n in (604, 606, 607)),
    }


def holds(room: Newsroom, undisturbed: dict[str, bytes]) -> None:
    """Everything that must hold after a fault, and subscribers see no trace of it."""
    sound(room)
    assert see(room.config, EVENING).files == undisturbed


@pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.soak)])
def test_a_hub_killed_at_any_instant_ends_like_one_that_was_not(
    engine: str, tmp_path: Path, undisturbed: dict[str, bytes], kills: int
) -> None:
    chance = random.Random(kills)
    room = newsroom(tmp_path / "room", PAPERS, STORIES)
    known: dict[tuple[str, str], str] = {}
    died = 0
    for number, now in enumerate(EDITIONS):
        edition(room, number)
        for turn in range(kills // 2):
            late = chance.random()
            fault = Fault(statement=int(late * 160)) if turn % 3 else Fault(seconds=late / 2)
            process = child(whole_round, room.config, now, fault)
            process.join(60)
            assert process.exitcode in (0, -signal.SIGKILL)
            died += process.exitcode != 0
            seen = see(room.config, now)
            assert seen.problems == []
            assert {entry: seen.entries[entry] for entry in known} == known
            known = seen.entries
        finish(room, number)
    assert died > kills // 4
    holds(room, undisturbed)


@pytest.mark.parametrize("within", [False, True], ids=["between", "within"])
def test_a_worker_frozen_past_its_lease_does_no_harm_when_it_thaws(
    engine: str, tmp_path: Path, undisturbed: dict[str, bytes], within: bool
) -> None:
    if within and engine == "sqlite":
        pytest.skip("SQLite cannot take a lock from a process that lives")
    room = newsroom(tmp_path / "room", PAPERS, STORIES)
    # One thing at a time: what freezes is between transactions, or within one, as we choose.
    room.settings["polling"] = Polling(concurrency=1)
    for number, now in enumerate(EDITIONS):
        edition(room, number)
        for at in (5, 25) if within else (3 - 2 * number,):
            fault = Fault(frozen_within=at) if within else Fault(frozen=at)
            frozen = child(whole_round, room.config, now, fault)
            until(partial(_is_still, frozen), "the worker to freeze")
            assert within or frozen.is_alive()
            finish(room, number)
            frozen_pid = frozen.pid
            assert frozen_pid is not None
            if frozen.is_alive():
                os.kill(frozen_pid, signal.SIGCONT)
            frozen.join(60)
            # Whose transaction the server ended runs it again; where only a closed connection tells, it fails with a
            # message. All others end well.
            assert frozen.exitcode in ((0, 1) if within else (0,))
        finish(room, number)
    if within:
        # A paper whose row was held was read later than the others: its copies may have founded other stories.
        sound(room)
    else:
        holds(room, undisturbed)


@pytest.fixture(scope="module")
def own_server(postgres: Cluster) -> Iterator[Server]:
    """A PostgreSQL that may be stopped and crashed without harm to other tests."""
    try:
        server = Server()
    except NotHere as reason:
        pytest.skip(f"PostgreSQL not run: {reason}")
    server.start()
    yield server
    server.close()


@pytest.mark.parametrize("how", ["cut", "restart", "crash"])
def test_a_database_server_that_goes_away_takes_nothing_with_it(
    tmp_path: Path, own_server: Server, undisturbed: dict[str, bytes], how: str
) -> None:
    name = own_server.create()
    room = newsroom(tmp_path / "room", PAPERS, STORIES)
    room.settings["database"] = own_server.url(name)
    chance = random.Random(how)
    failed = 0
    for number, now in enumerate(EDITIONS):
        edition(room, number)
        for attempt in range(40):
            # quick rounds may be over before the server goes: until one was hit
            if attempt and failed:
                break
            process = child(whole_round, room.config, now, Fault())
            process.join(chance.random() / 2)
            if how == "cut":
                own_server.cut(name)
            else:
                own_server.stop(signal.SIGQUIT if how == "crash" else signal.SIGINT)
                own_server.start()
            process.join(60)
            assert process.exitcode in (0, 1)
            failed += process.exitcode
        finish(room, number)
    assert failed
    holds(room, undisturbed)


def test_a_file_that_may_not_grow_is_as_it_was_and_goes_on_when_it_may(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    room = newsroom(tmp_path / "room", PAPERS, STORIES)
    for number, now in enumerate(EDITIONS):
        edition(room, number)
        for pages in (60, 90):
            full = child(whole_round, room.config, now, Fault(pages=pages))
            full.join(60)
            assert full.exitcode in (0, 1)
            if number == 0 and pages == 60:
                assert full.exitcode == 1
        finish(room, number)
    holds(room, undisturbed)


def test_a_clock_set_back_an_hour_changes_no_id_and_loses_nothing(engine: str, tmp_path: Path) -> None:
    room = newsroom(tmp_path / "room", PAPERS, STORIES)
    edition(room, 0)
    room.round()
    before = see(room.config, NOON)
    edition(room, 1)
    room.round(hours=-1)
    room.round(hours=1)
    sound(room)
    assert before.entries.items() <= see(room.config, EVENING).entries.items()


@pytest.mark.parametrize("at", [0, 3, 20, 40])
def test_an_interrupted_migration_is_as_if_it_had_not_begun(databases: Databases, at: int) -> None:
    with databases.new(bare=True) as url:
        process = child(open_only, url, Fault(statement=at))
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        Database.open(url).close()
        engines = connect(url)
        with engines.read.connect() as connection:
            # the full-text index is each engine's own: no table of ours describes it
            options = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("story_search")}
            assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        engines.dispose()


CROWDS = [
    pytest.param(8, 5, 300, id="eight"),
    pytest.param(8, 4, 0, id="eight that take each other's claims"),
    pytest.param(8, 500, 300, id="eight for long", marks=pytest.mark.soak),
    pytest.param(8, 500, 0, id="eight that take each other's claims for long", marks=pytest.mark.soak),
]


@pytest.mark.parametrize(("crowd", "stories", "lease"), CROWDS)
def test_workers_that_read_the_same_stories_in_the_same_second_make_each_of_them_once(
    engine: str, tmp_path: Path, crowd: int, stories: int, lease: float
) -> None:
    names = [f"paper{number}" for number in range(8)]
    room = newsroom(tmp_path / "room", names, stories)
    together = processes.Barrier(crowd)
    workers = [child(worker, room.config, together, NOON, lease) for _ in range(crowd)]
    for process in workers:
        process.join(600)
    assert [process.exitcode for process in workers] == [0] * crowd
    _each_once(room, names, stories)


BATCHES = [(3, 4), pytest.param(500, 50, marks=pytest.mark.soak)]


@pytest.mark.parametrize(("stories", "batch"), BATCHES)
def test_eight_that_settle_the_same_copies_in_the_same_second_make_each_story_once(
    engine: str, tmp_path: Path, stories: int, batch: int
) -> None:
    names = [f"paper{number}" for number in range(8)]
    room = newsroom(tmp_path / "room", names, stories)
    asyncio.run(record_all(room.config, NOON))
    assert see(room.config).waiting == stories * len(names)
    together = processes.Barrier(len(names))
    crowd = [child(settler, room.config, together, NOON, batch) for _ in names]
    for process in crowd:
        process.join(600)
    assert [process.exitcode for process in crowd] == [0] * len(crowd)
    _each_once(room, names, stories)


def _each_once(room: Newsroom, names: list[str], stories: int) -> None:
    seen = see(room.config, NOON + timedelta(minutes=1))
    expected = {frozenset((name, f"{name}-{number}") for name in names) for number in range(stories)}
    assert stories_of(seen.entries) == expected
    assert (seen.joined, seen.waiting, seen.problems) == (0, 0, [])
