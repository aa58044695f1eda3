"""What keeps processes apart that work on one database: each of the three locks, and the fence, by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import business, until
from crowds import claimer, record_all
from engines import Served
from faults import child, freeze_while_rows_come, freeze_while_rows_go, is_frozen, newsroom, processes
from hubs import NOON, Newsroom
from postgres import Cluster, NotHere, Server
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import DBAPIError

from feedhub.errors import EnvironmentFailed
from feedhub.hub import Hub
from feedhub.match import judge
from feedhub.model import SourceState, Verdict
from feedhub.settle import neighbourhood, settle_loop
from feedhub.settle.rules import rules_of
from feedhub.settle.settler import Settler, SettleResult
from feedhub.store import Connection, Database, claims, database, hosts, locks, placements, poll_results
from feedhub.store import engine as store_engine
from feedhub.store.poller_lock import PollerLock
from feedhub.store.tables import copy, hub

PAPERS = ["courier", "gazette", "herald"]
STORIES = 4


@pytest.fixture
def room(engine: str, tmp_path: Path) -> Newsroom:
    """Papers whose entries are recorded and wait."""
    made = newsroom(tmp_path / "room", PAPERS, STORIES)
    asyncio.run(record_all(made.config, NOON))
    return made


@pytest.fixture
def pair(room: Newsroom) -> Iterator[tuple[Database, Database]]:
    """Two doors to the room's database, whose users do not wait long for each other."""
    both = (Database.open(room.config.database, busy=0.2), Database.open(room.config.database, busy=0.2))
    yield both
    for store in both:
        store.close()


def settle(store: Database, room: Newsroom) -> SettleResult:
    settler = Settler(rules_of(room.config, "test.example,2026"))
    return store.transact(lambda connection: settler.settle(connection, NOON))


def test_a_hub_that_another_keeps_from_its_turn_judges_ahead(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []
    pairs = STORIES * len(PAPERS) * (len(PAPERS) - 1) // 2

    def noted(*pair: Any, **more: Any) -> Verdict:
        judged.append(pair)
        return judge(*pair, **more)

    monkeypatch.setattr(neighbourhood, "judge", noted)
    config = newsroom(tmp_path / "room", PAPERS, STORIES).config

    async def play() -> None:
        async with Hub.open(config, NOON) as hub:
            for claim in await hub.claim(NOON, limit=len(PAPERS)):
                await hub.poll(claim, NOON)
            with other.write() as connection:
                assert locks.take(connection, locks.SETTLE)
                settling = asyncio.create_task(hub.settle(NOON))
                while len(judged) < pairs:
                    await asyncio.sleep(0.01)
            # on PostgreSQL it has gone on to poll, on SQLite it waits
            done = [*await settling, *await hub.settle(NOON)]
            assert sum(part.copies for part in done) == len(PAPERS) * STORIES
            assert len(judged) == pairs

    other = Database.open(config.database)
    asyncio.run(play())
    other.close()


def test_nobody_settles_while_another_does(room: Newsroom, pair: tuple[Database, Database], engine: str) -> None:
    ours, theirs = pair
    with ours.write() as connection:
        assert locks.take(connection, locks.SETTLE)
        if engine == "sqlite":
            with pytest.raises(EnvironmentFailed, match="locked"):
                settle(theirs, room)
        else:
            # They are told at once, and poll on.
            assert settle(theirs, room) == SettleResult(locked=True)
    assert settle(theirs, room).copies == len(PAPERS) * STORIES


def test_who_asks_for_a_copy_to_be_settled_anew_while_it_is_settled_is_heard(
    room: Newsroom, pair: tuple[Database, Database]
) -> None:
    ours, theirs = pair
    with ours.read() as connection:
        numbers = list(connection.execute(select(copy.c.id)).scalars())
    refused: list[EnvironmentFailed] = []
    asked: list[str] = []

    def ask() -> None:
        with theirs.write() as connection:
            placements.mark_pending(connection, numbers)

    def meanwhile(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        # What waits was read a moment ago, and nothing is written yet.
        if statement.startswith("UPDATE hub") and not asked:
            asked.append(statement)
            try:
                ask()
            except EnvironmentFailed as error:
                refused.append(error)

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        assert settle(ours, room).copies == len(numbers)
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
    assert asked
    if refused:
        ask()
    assert settle(ours, room).copies == len(numbers)


def test_no_two_transactions_have_the_same_number_of_a_change(pair: tuple[Database, Database]) -> None:
    ours, theirs = pair
    with ours.write() as connection:
        number = database.next_change(connection, NOON)
        with pytest.raises(EnvironmentFailed, match="locked"), theirs.write() as other:
            database.next_change(other, NOON)
    with theirs.write() as other:
        assert database.next_change(other, NOON) == number + 1


def test_a_crowd_that_claims_in_the_same_second_shares_the_sources_out(database_url: str) -> None:
    names = [f"paper{number}" for number in range(120)]
    store = Database.open(database_url)
    with store.write() as connection:
        claims.sync_configured(connection, names, NOON)
    store.close()
    together, taken = processes.Barrier(6), processes.SimpleQueue()
    crowd = [child(claimer, database_url, together, NOON, taken) for _ in range(6)]
    for process in crowd:
        process.join(60)
    assert sorted(name for _ in crowd for name in taken.get()) == sorted(names)


def test_a_worker_frozen_while_rows_come_to_it_loses_its_turn(postgres: Cluster) -> None:
    server = Server(listen_addresses="127.0.0.77")
    try:
        server.start()
    except NotHere as reason:
        server.close()
        pytest.skip(f"PostgreSQL not run: {reason}")
    url = f"postgresql+psycopg://feedhub@127.0.0.77/{server.create()}"
    store = Database.open(url)
    store.transact(locks.prepare)
    frozen = child(freeze_while_rows_come, url, 1.0)
    try:
        until(lambda: is_frozen(frozen), "the worker to freeze")
        until(lambda: store.transact(lambda c: locks.take(c, locks.SETTLE, wait=False)), "its turn to end")
        assert is_frozen(frozen)
    finally:
        frozen.kill()
        frozen.join(60)
        store.close()
        server.close()


@pytest.mark.parametrize("freeze", [freeze_while_rows_come, freeze_while_rows_go])
def test_a_worker_frozen_behind_a_socket_of_unix_loses_its_turn_to_a_hub_that_waits_for_it(
    postgres: Cluster,
    template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    freeze: Callable[[str, float], None],
) -> None:
    url = Served(postgres, template)
    with url.new() as place:
        monkeypatch.setattr(Newsroom, "elsewhere", place)
        monkeypatch.setattr(settle_loop, "FROZEN_SECONDS", 0.5)
        made = newsroom(tmp_path / "room", PAPERS, STORIES)
        asyncio.run(record_all(made.config, NOON))
        frozen = child(freeze, place, 1.0)
        try:
            until(lambda: is_frozen(frozen), "the worker to freeze")

            async def wait() -> int:
                async with Hub.open(made.config, NOON) as hub, asyncio.timeout(30 * business()):
                    return sum(part.copies for part in await hub.settle(NOON, wait=True))

            assert asyncio.run(wait()) == len(PAPERS) * STORIES
            assert is_frozen(frozen)
        finally:
            frozen.kill()
            frozen.join(60)


def test_the_server_ends_a_transaction_that_lies_idle_after_many_rows(
    postgres: Cluster, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Served(postgres, template).new() as url:
        store = Database.open(url)
        monkeypatch.setattr(store_engine, "IDLE_SECONDS", 0.3)
        frozen = store_engine.connect(url)
        try:
            with frozen.write.connect() as connection:
                assert locks.take(connection, locks.SETTLE)
                connection.execute(insert(hub), [{"key": f"row {number}", "value": ""} for number in range(3)])
                until(lambda: store.transact(lambda c: locks.take(c, locks.SETTLE, wait=False)), "its turn to end")
                with pytest.raises(DBAPIError, match="idle-in-transaction"):
                    connection.execute(select(hub.c.key))
        finally:
            frozen.dispose()
            store.close()


def test_who_is_kept_from_beginning_to_poll_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}?timeout=0.2"
    first, second = PollerLock(url), PollerLock(url)
    with first.entering() as alone:
        assert alone
        with pytest.raises(EnvironmentFailed, match="holds up all others"), second.entering():
            pass
    with second.entering() as alone:
        assert not alone
    first.leave()
    second.leave()


def test_a_claim_that_loses_a_race_is_made_again(engine: str, room: Newsroom) -> None:
    if engine == "sqlite":
        pytest.skip("one transaction writes at a time there")
    store = Database.open(room.config.database)
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    async def play() -> None:
        async with Hub.open(room.config, NOON) as hub:
            for name in ("a.test", "b.test"):
                await hub._host_leases.acquire(name, timedelta(minutes=5))
            with store.write() as connection:
                hosts.pause(connection, "b.test", NOON)
                # It lets go of both hosts first; whoever waits longest finds out that they wait for each other.
                claiming = asyncio.create_task(hub.claim(NOON, limit=len(PAPERS), everything=True))
                while not connection.execute(waits).scalar_one():
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(hosts.pause, connection, "a.test", NOON)
            assert len(await claiming) == len(PAPERS)

    asyncio.run(play())
    store.close()


def test_polls_written_together_leave_out_those_whose_claim_another_has_taken(pair: tuple[Database, Database]) -> None:
    ours, theirs = pair
    terms: dict[str, Any] = {"lease": timedelta(minutes=5), "limit": 1, "everything": True}
    with ours.write() as connection:
        (lost,) = claims.claim(connection, now=NOON, **terms)
    with theirs.write() as connection:
        (held,) = claims.claim(connection, now=NOON + timedelta(minutes=6), **terms)
        assert held.source == lost.source
    with ours.write() as connection:
        unread = poll_results.UnchangedPoll(claim=lost, state=SourceState(configured="x"), due_at=NOON, remark=None)
        assert poll_results.finish_all(connection, [unread]) == {lost.source}
    with theirs.write() as connection:
        unread = poll_results.UnchangedPoll(claim=held, state=SourceState(configured="x"), due_at=NOON, remark=None)
        assert poll_results.finish_all(connection, [unread]) == set()
