"""The store on both engines: claims, migrations, what the machine refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from engines import Databases
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from feedhub.errors import EnvironmentFailed
from feedhub.model import Publisher, SourceState
from feedhub.store import Connection, Database, claims, database, locks, poll_results, publishers
from feedhub.store.dialect import clock
from feedhub.store.engine import connect
from feedhub.store.tables import Instant, metadata

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parent.parent


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


def test_the_migrations_make_the_tables_that_the_code_uses(url: str, store: Database) -> None:
    engines = connect(url)
    with engines.read.connect() as connection:
        # the full-text index is each engine's own: no table of ours describes it
        options = {"include_name": lambda name, kind, parents: kind != "table" or not name.startswith("story_search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engines.dispose()


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", "feedhub:store/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str, store: Database) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(EnvironmentFailed, match="a newer version wrote it"):
        Database.open(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"this is no database at all, just text " * 40)
    with pytest.raises(EnvironmentFailed, match=r"hub\.db.*is no SQLite database"):
        Database.open(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is no database")


def test_another_writer_counts_as_locked_after_the_wait(url: str, store: Database) -> None:
    impatient = Database.open(url, busy=0.05)

    def write() -> None:
        with impatient.write() as connection:
            database.set_value(connection, "key", "theirs")

    with store.write() as connection:
        database.set_value(connection, "key", "ours")
        with pytest.raises(EnvironmentFailed, match="locked by another process"):
            write()
    impatient.close()


def test_a_writer_waits_for_others_as_long_as_they_get_something_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    store, patient = Database.open(url), Database.open(url, busy=0.4)
    held, enough = Event(), Event()

    def hog() -> None:
        # never free for longer than it takes to begin again, and far longer in all than anybody waits for one of them
        for number in range(10):
            with store.write() as connection:
                database.set_value(connection, "key", str(number))
                held.set()
                enough.wait(0.2)

    with ThreadPoolExecutor(1) as other:
        busy = other.submit(hog)
        held.wait()
        with patient.write() as connection:
            database.set_value(connection, "mine", "kept")
        enough.set()
        busy.result()
    store.close()
    patient.close()


def test_a_reader_does_not_wait_for_a_writer(store: Database) -> None:
    with store.write() as writing:
        claims.sync_configured(writing, ["a"], NOON)
        with store.read() as reading:
            assert claims.sources(reading) == []


def test_what_fails_inside_a_transaction_is_not_written(store: Database) -> None:
    def half_done() -> None:
        with store.write() as connection:
            claims.sync_configured(connection, ["a"], NOON)
            raise LookupError

    with pytest.raises(LookupError):
        half_done()
    with store.read() as connection:
        assert claims.sources(connection) == []


def take(store: Database, now: datetime = NOON, *, everything: bool = False) -> list[claims.Claim]:
    with store.write() as connection:
        return claims.claim(connection, now=now, lease=5 * MINUTE, limit=10, everything=everything)


def test_a_source_is_claimed_once_until_its_lease_ends(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
    assert [held.source for held in take(store)] == ["a", "b"]
    assert take(store) == []
    assert [held.fence for held in take(store, NOON + 5 * MINUTE)] == [2, 2]


def test_a_claim_that_was_lost_cannot_be_written_back(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a"], NOON)
    (stale,) = take(store)
    (held,) = take(store, NOON + 5 * MINUTE)

    def finish(claim: claims.Claim) -> None:
        with store.write() as connection:
            poll_results.finish(
                connection,
                claim,
                state=SourceState(configured="x"),
                due_at=NOON + 60 * MINUTE,
                publisher=None,
                remark=None,
            )

    with pytest.raises(claims.LeaseLost):
        finish(stale)
    finish(held)
    assert take(store, NOON + 59 * MINUTE) == []
    assert [again.source for again in take(store, NOON + 60 * MINUTE)] == ["a"]


def test_a_released_claim_is_due_at_once(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a"], NOON)
    held = take(store)
    with store.write() as connection:
        claims.release(connection, held)
    assert [again.source for again in take(store)] == ["a"]


def test_a_removed_source_is_polled_no_more_and_a_returning_one_is(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
        claims.sync_configured(connection, ["b"], NOON)
    assert [held.source for held in take(store, everything=True)] == ["b"]
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
    assert [held.source for held in take(store, everything=True)] == ["a"]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(datetime(2026, 3, 10), None)  # type: ignore[arg-type]


def test_change_numbers_rise_and_keep_their_time(store: Database) -> None:
    with store.write() as connection:
        assert database.change_number(connection) == 0
        assert database.next_change(connection, NOON) == 1
        assert database.next_change(connection, NOON + MINUTE) == 2
        assert database.changed_at(connection) == NOON + MINUTE


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a"], NOON - 60 * MINUTE)
    take(store)
    assert [held.fence for held in take(store, NOON - 30 * MINUTE)] == [2]


def test_a_clock_read_a_moment_earlier_takes_nothing_from_another(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a"], NOON)
    assert [held.fence for held in take(store, NOON + MINUTE / 60)] == [1]
    assert take(store, NOON) == []


def test_leases_are_told_by_the_clock_of_the_database(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a"], NOON)
        claims.claim(connection, now=NOON, at=clock(connection), lease=5 * MINUTE, limit=9)
    with store.write() as connection:
        late = NOON + 60 * MINUTE
        assert claims.claim(connection, now=late, at=clock(connection), lease=5 * MINUTE, limit=9) == []


def test_the_clock_of_the_database_is_that_of_the_machine(store: Database) -> None:
    with store.read() as connection:
        assert abs(clock(connection) - datetime.now(UTC)) < MINUTE / 30


def test_what_is_being_claimed_is_passed_over_by_the_others(url: str, store: Database) -> None:
    if url.startswith("sqlite"):
        pytest.skip("on SQLite claims wait for each other")
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b", "c"], NOON)
    with store.write() as connection:
        first = claims.claim(connection, now=NOON, lease=5 * MINUTE, limit=2)
        assert [held.source for held in take(store)] == ["c"]
    assert [held.source for held in first] == ["a", "b"]


def test_only_one_has_the_turn(url: str, store: Database) -> None:
    with store.write() as connection:
        locks.prepare(connection)
    with store.write() as connection:
        assert locks.take(connection, locks.SETTLE)
        if not url.startswith("sqlite"):
            with store.write() as other:
                assert not locks.take(other, locks.SETTLE, wait=False)
    with store.write() as other:
        assert locks.take(other, locks.SETTLE, wait=False)


def test_change_numbers_of_two_processes_differ(url: str) -> None:
    def raise_it(number: int) -> list[int]:
        store = Database.open(url)
        try:
            return [store.transact(lambda connection: database.next_change(connection, NOON)) for _ in range(20)]
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        found = [number for part in pool.map(raise_it, range(4)) for number in part]
    assert sorted(found) == list(range(1, 81))


def test_processes_that_start_at_once_make_the_tables_once(databases: Databases) -> None:
    with databases.new(bare=True) as url:
        start_at_once(url)


def start_at_once(bare_url: str) -> None:
    program = "import sys; from feedhub.store import Database; Database.open(sys.argv[1]).close()"
    starts = [
        subprocess.Popen([sys.executable, "-c", program, bare_url], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[1].decode() for process in starts]
    assert [process.returncode for process in starts] == [0, 0, 0, 0], said
    store = Database.open(bare_url)
    with store.read() as connection:
        assert claims.sources(connection) == []
    store.close()


def test_what_lost_a_race_is_run_again(url: str, store: Database) -> None:
    """Two transactions that take two rows in opposite order: one is ended by the engine, and tried again."""
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
    met = Barrier(2)

    def publish(names: list[str]) -> None:
        waits = iter([not url.startswith("sqlite")])

        def work(connection: Connection) -> None:
            publishers.save(connection, names[0], Publisher(source=names[0], name="first", outlet="o"))
            if next(waits, False):
                met.wait(5)
            publishers.save(connection, names[1], Publisher(source=names[1], name="second", outlet="o"))

        store.transact(work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(publish, [["a", "b"], ["b", "a"]]))
    with store.read() as connection:
        assert {each.name for each in publishers.by_source(connection, ["a", "b"]).values()} == {"first", "second"}


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(EnvironmentFailed, match=r"feedhub:\*\*\*@.*does not answer") as refused:
        Database.open(f"postgresql+psycopg://feedhub:geheim@/hub?host={tmp_path}")
    assert "geheim" not in str(refused.value)


def test_polls_that_brought_nothing_are_written_back_under_their_fences(store: Database) -> None:
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
        first = claims.claim(connection, now=NOON, lease=MINUTE, limit=9)
        second = claims.claim(connection, now=NOON + 2 * MINUTE, lease=MINUTE, limit=1)
        done = [
            poll_results.UnchangedPoll(
                claim=claim, state=SourceState(configured=f"{claim.fence}"), due_at=NOON, remark="r"
            )
            for claim in (*first, *second)
        ]
        (again,) = second
        lost = poll_results.finish_all(connection, done[:2])
        assert lost == {again.source}
        assert poll_results.finish_all(connection, done[2:]) == set()
        rows = {row.id: row for row in claims.sources(connection)}
    assert (rows[again.source].state, rows[again.source].remark) == (SourceState(configured="2"), "r")
    assert len(rows) == 2


@pytest.mark.parametrize("wrong", ["SELECT nothing FROM nowhere", "SELEC 1", "INSERT INTO hub VALUES ('key', NULL)"])
def test_a_wrong_statement_is_a_bug_and_not_laid_to_the_machine(store: Database, wrong: str) -> None:
    def run() -> None:
        with store.write() as connection:
            connection.execute(text(wrong))

    with pytest.raises(DBAPIError):
        run()
