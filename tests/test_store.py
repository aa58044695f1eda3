"""The store on a real SQLite file: claims, migrations, retention, what the machine refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedhub.errors import EnvironmentFailed
from feedhub.store import Database, claims, database
from feedhub.store.engine import connect
from feedhub.store.tables import Instant, metadata

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


def test_the_migrations_make_the_tables_that_the_code_uses(url: str, store: Database) -> None:
    engines = connect(url)
    with engines.read.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engines.dispose()


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", "feedhub:store/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str, store: Database, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hub.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(EnvironmentFailed, match="a newer version wrote it"):
        Database.open(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"this is no database at all, just text " * 40)
    with pytest.raises(EnvironmentFailed, match=r"hub\.db.*is no SQLite database"):
        Database.open(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is no database")


def test_another_writer_counts_as_locked_after_the_wait(url: str, store: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = Database.open(url, busy=0.05)
    with pytest.raises(EnvironmentFailed, match="locked by another process"), impatient.write() as connection:
        claims.configure(connection, ["a"], NOON)
    other.execute("ROLLBACK")
    other.close()
    impatient.close()


def test_a_reader_does_not_wait_for_a_writer(store: Database) -> None:
    with store.write() as writing:
        claims.configure(writing, ["a"], NOON)
        with store.read() as reading:
            assert claims.sources(reading) == []


def test_what_fails_inside_a_transaction_is_not_written(store: Database) -> None:
    def half_done() -> None:
        with store.write() as connection:
            claims.configure(connection, ["a"], NOON)
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
        claims.configure(connection, ["a", "b"], NOON)
    assert [held.source for held in take(store)] == ["a", "b"]
    assert take(store) == []
    assert [held.fence for held in take(store, NOON + 5 * MINUTE)] == [2, 2]


def test_a_claim_that_was_lost_cannot_be_written_back(store: Database) -> None:
    with store.write() as connection:
        claims.configure(connection, ["a"], NOON)
    (stale,) = take(store)
    (held,) = take(store, NOON + 5 * MINUTE)

    def finish(claim: claims.Claim) -> None:
        with store.write() as connection:
            claims.finish(connection, claim, state="{}", due_at=NOON + 60 * MINUTE, publisher=None, remark=None)

    with pytest.raises(claims.LeaseLost):
        finish(stale)
    finish(held)
    assert take(store, NOON + 59 * MINUTE) == []
    assert [again.source for again in take(store, NOON + 60 * MINUTE)] == ["a"]


def test_a_released_claim_is_due_at_once(store: Database) -> None:
    with store.write() as connection:
        claims.configure(connection, ["a"], NOON)
    held = take(store)
    with store.write() as connection:
        claims.release(connection, held)
    assert [again.source for again in take(store)] == ["a"]


def test_a_removed_source_is_polled_no_more_and_a_returning_one_is(store: Database) -> None:
    with store.write() as connection:
        claims.configure(connection, ["a", "b"], NOON)
        claims.configure(connection, ["b"], NOON)
    assert [held.source for held in take(store, everything=True)] == ["b"]
    with store.write() as connection:
        claims.configure(connection, ["a", "b"], NOON)
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
