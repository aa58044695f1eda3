"""A hub is moved, backed up, checked and rebuilt; its ids and what subscribers get stay."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from commands import ROOT, Desk, said_once, until
from engines import Databases
from faults import newsroom, see, story_item
from hubs import BRIDGE, NOON, Newsroom, item
from postgres import Cluster
from sqlalchemy import URL, make_url, select, text

from feedhub.admin.verify import problems
from feedhub.config import Config
from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.store import Database, transfer
from feedhub.store.database import set_value
from feedhub.store.poller_lock import PollerLock
from feedhub.store.tables import metadata

PAPERS = ["courier", "herald", "post"]


@pytest.fixture
def room(tmp_path: Path, engine: str) -> Newsroom:
    """A newsroom with a past: stories of several papers, an edit, a story that a paper had alone."""
    made = newsroom(tmp_path / "room", PAPERS, 5)
    made.round()
    made.serve("post", *(story_item("post", number, edited=number == 2) for number in range(7)))
    made.round(hours=2)
    return made


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    store = Database.open(url)
    with store.read() as connection:
        found = {
            t.name: sorted((tuple(row) for row in connection.execute(select(t))), key=repr)
            for t in metadata.sorted_tables
        }
    store.close()
    return found


def config_of(room: Newsroom, url: str) -> Config:
    room.settings["database"] = url
    return room.config


def test_a_hub_moves_to_the_other_engine_and_back_without_a_difference(
    room: Newsroom, databases: Databases, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before = contents(room.config.database)
    assert before["story"]
    assert before["copy_version"]
    with databases.new() as same, databases.new() as again:
        file = f"sqlite:///{tmp_path / 'moved.db'}"
        moved = [room.config.database, file, same, again]
        for origin, target in pairwise(moved):
            transfer.move(origin, target)
            assert contents(target) == before
        seen = see(room.config)
        assert see(config_of(room, again)) == seen
        room.serve("herald", story_item("herald", 50), story_item("herald", 51))
        room.round(hours=4)
        assert set(seen.entries.items()) < set(see(room.config).entries.items())


def test_a_hub_is_not_moved_over_another(room: Newsroom, tmp_path: Path) -> None:
    taken = f"sqlite:///{tmp_path / 'taken.db'}"
    transfer.move(room.config.database, taken)
    with pytest.raises(UsageError, match="holds a hub"):
        transfer.move(room.config.database, taken)
    with pytest.raises(UsageError, match="onto itself"):
        transfer.move(taken, taken)


def test_nobody_else_writes_to_the_target_while_a_hub_is_moved(
    room: Newsroom, databases: Databases, postgres: Cluster
) -> None:
    before = contents(room.config.database)
    reached, go = Event(), Event()

    def wait(name: str, rows: int) -> None:
        reached.set()
        assert go.wait(60)

    def waits() -> bool:
        ask = f"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '{url.database}'"
        return postgres.sql(ask) != "0"

    with databases.new() as target, ThreadPoolExecutor() as threads:
        url = make_url(target)
        first = threads.submit(transfer.move, room.config.database, target, wait)
        try:
            assert reached.wait(60)
            hasty = Database.open(target, busy=0.1)
            with pytest.raises(EnvironmentFailed, match="is locked by another process"):
                hasty.transact(lambda connection: set_value(connection, "changed", "7"))
            hasty.close()
            second = threads.submit(transfer.move, room.config.database, target)
            if url.get_backend_name() == "postgresql":
                until(lambda: second.done() or waits(), "the second move")
        finally:
            go.set()
        assert first.result(60)
        with pytest.raises(UsageError, match="holds a hub"):
            second.result(60)
        assert contents(target) == before


def test_what_collides_with_a_move_all_the_same_is_told_in_one_line(
    room: Newsroom, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.new() as target:
        transfer.move(room.config.database, target)
        real, whole = transfer._rows, iter([1, 0])
        with monkeypatch.context() as patch:
            # the origin has rows, the target seems to have none
            patch.setattr(transfer, "_rows", lambda where, *one: real(where, *one) if one else next(whole))
            with pytest.raises(EnvironmentFailed, match="another process wrote to it meanwhile"):
                transfer.move(room.config.database, target)


def test_what_holds_no_hub_is_not_moved_and_stays_as_it_was(databases: Databases, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'goal.db'}"
    with databases.new() as tables:
        Database.open(tables).close()
        with pytest.raises(UsageError, match=r"^database [^ ]*: holds no hub$"):
            transfer.move(tables, target)
    with databases.new(bare=True) as empty:
        file = make_url(empty).database if make_url(empty).get_backend_name() == "sqlite" else None
        if file:
            Path(file).touch()
        for work in (lambda: transfer.move(empty, target), lambda: transfer.backup(empty, tmp_path / "copy.db")):
            with pytest.raises(UsageError, match=r"holds no hub|there is none"):
                work()
        assert Path(file).read_bytes() == b"" if file else not Database.has_tables(empty)
    assert not [*tmp_path.glob("*goal*"), *tmp_path.glob("*copy*")]


def test_a_file_is_not_moved_while_a_hub_polls_over_it(tmp_path: Path) -> None:
    url, target = f"sqlite:///{tmp_path / 'hub.db'}", f"sqlite:///{tmp_path / 'goal.db'}"
    room = newsroom(tmp_path / "room", PAPERS, 2)
    room.settings["database"] = url
    room.round()
    hub = PollerLock(url)
    with hub.entering():
        pass
    with pytest.raises(UsageError, match=r"hub\.db: a hub polls over it; stop the hub first"):
        transfer.move(url, target)
    assert not (tmp_path / "goal.db").exists()
    hub.leave()
    assert transfer.move(url, target)


def test_a_move_that_fails_leaves_nothing_behind(
    room: Newsroom, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.new() as target:
        with monkeypatch.context() as patch:
            patch.setattr(transfer, "_count_on", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                transfer.move(room.config.database, target)
        assert not any(contents(target).values())


def test_a_backup_is_one_file_with_everything_while_the_hub_is_open(room: Newsroom, tmp_path: Path) -> None:
    store = Database.open(room.config.database)
    with store.write() as connection:
        connection.execute(text("UPDATE source SET remark = 'not committed yet'"))
        if make_url(room.config.database).get_backend_name() == "sqlite":
            transfer.backup(room.config.database, tmp_path / "copy.db")
        connection.rollback()
    store.close()
    if not (tmp_path / "copy.db").exists():
        transfer.backup(room.config.database, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.glob("*copy.db*")] == ["copy.db"]
    assert contents(f"sqlite:///{tmp_path / 'copy.db'}") == contents(room.config.database)
    with pytest.raises(UsageError, match="exists"):
        transfer.backup(room.config.database, tmp_path / "copy.db")


@pytest.mark.parametrize("name", ["bk-50%25.db", "we%20ird ?x#.db"])
def test_a_backup_has_the_name_that_was_asked_for(room: Newsroom, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    transfer.backup(room.config.database, folder / name)
    assert [path.name for path in folder.iterdir()] == [name]
    url = URL.create("sqlite", database=str(folder / name)).render_as_string()
    assert contents(url) == contents(room.config.database)


def test_a_backup_that_is_not_the_hub_is_not_kept(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("move", "_snapshot"):
        monkeypatch.setattr(transfer, name, lambda *_: None)
    with pytest.raises(EnvironmentFailed, match=r"/copy\.db: what was written is not the hub"):
        transfer.backup(room.config.database, tmp_path / "copy.db")
    assert list(tmp_path.glob("*copy.db*")) == []


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_backup_where_none_can_be_written_is_refused_in_one_line(room: Newsroom, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFailed, match=rf"^/.*/{place}/copy\.db: (No such file|Not a dir)[a-z ]*$"):
        transfer.backup(room.config.database, tmp_path / place / "copy.db")


def test_a_backup_that_fails_names_the_file_that_was_asked_for(room: Newsroom, tmp_path: Path) -> None:
    here = desk(room, room.config.database)
    done = here.run("db", "backup", str(tmp_path / "copy.db"), limit=100_000)
    assert done.code == 5
    assert said_once(done, f"{tmp_path}/copy.db: "), done.err
    assert list(tmp_path.glob("*copy.db*")) == []


def test_a_damaged_file_is_neither_moved_nor_backed_up(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.serve("courier", *(item(str(number), f"Headline {number}", *BRIDGE) for number in range(40)))
    room.settings["database"] = f"sqlite:///{tmp_path / 'damaged.db'}"
    room.round()
    with closing(sqlite3.connect(tmp_path / "damaged.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_copy_waiting'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (tmp_path / "damaged.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))
    for work in (
        lambda: transfer.backup(room.config.database, tmp_path / "backup.db"),
        lambda: transfer.move(room.config.database, f"sqlite:///{tmp_path / 'goal.db'}"),
    ):
        with pytest.raises(EnvironmentFailed, match=r"damaged\.db.* is damaged"):
            work()
    assert not (tmp_path / "backup.db").exists()
    assert not (tmp_path / "goal.db").exists()


def test_what_is_wrong_is_named(room: Newsroom) -> None:
    store = Database.open(room.config.database)
    with store.read() as connection:
        assert problems(connection) == []
        assert transfer.damage(connection) == []
    with store.write() as connection:
        connection.execute(text("UPDATE copy SET story = NULL WHERE source = 'post' AND guid = 'post-3'"))
    with store.read() as connection:
        found = problems(connection)
    store.close()
    assert any("copy post post-3: neither waits nor stands in a story" in line for line in found)


def desk(room: Newsroom, url: str) -> Desk:
    made = Desk(room.folder)
    row = "  - {{id: {0}, url: {0}.json, outlet: {1}, name: {1}}}\n"
    rows = "".join(row.format(name, name.title()) for name in PAPERS)
    (room.folder / "config.yaml").write_text(f"identity: test.example,2026\ndatabase: {url}\nsources:\n{rows}")
    return made


def test_stories_are_rebuilt_from_their_copies_under_the_same_ids(room: Newsroom) -> None:
    before = see(room.config, NOON.replace(hour=20))
    store = Database.open(room.config.database)
    with store.write() as connection:
        connection.execute(text("DELETE FROM segment"))
        connection.execute(text("DELETE FROM verdict"))
    store.close()
    here = desk(room, room.config.database)
    done = here.run("db", "replay", "--json", "--now", "2026-03-10T18:00:00Z")
    assert (done.code, done.err) == (0, "")
    assert done.json == {"copies": 17, "changed": 0, "joined": []}
    after = see(room.config, NOON.replace(hour=20))
    assert after.entries == before.entries
    assert after.files == before.files
    sound = here.run("db", "verify")
    assert (sound.code, sound.err) == (0, "all sound\n")


def test_the_commands_say_in_one_line_what_they_did(room: Newsroom, tmp_path: Path) -> None:
    here = desk(room, room.config.database)
    saved = here.run("db", "backup", "copy.db")
    assert (saved.code, saved.out) == (0, "")
    moved = here.run("db", "move", "sqlite:///copy.db", "sqlite:///again.db")
    assert moved.code == 0
    assert "now name the new database" in moved.err
    refused = here.run("db", "move", "sqlite:///nowhere.db", "sqlite:///other.db")
    assert refused.code == 2
    assert "there is none" in refused.err
    assert not (here.folder / "other.db").exists()
    assert ROOT not in here.folder.parents


STRANGE = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON hub BEGIN DELETE FROM copy; END",
    "an endless view": "ALTER TABLE remark RENAME TO r; CREATE VIEW remark AS "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'a' AS source FROM n",
    "another column": "ALTER TABLE remark RENAME COLUMN source TO origin",
    "no table": "DROP TABLE remark",
    "a text that is none": "UPDATE article_text SET body = zeroblob(1000)",
    "a row that is none": "UPDATE copy SET body = 7",
    "a time that is none": "UPDATE copy SET first_seen = 'yesterday'",
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_database_that_no_hub_wrote_is_refused_and_nothing_of_it_moved(name: str, tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.serve("courier", item("1", "A headline", *BRIDGE))
    room.settings["database"] = f"sqlite:///{tmp_path / 'strange.db'}"
    room.round()
    with closing(sqlite3.connect(tmp_path / "strange.db", isolation_level=None)) as connection:
        connection.executescript(STRANGE[name])
    with pytest.raises(EnvironmentFailed, match=r"strange\.db.* (was changed by another program|is damaged)"):
        transfer.move(room.config.database, f"sqlite:///{tmp_path / 'goal.db'}")
    with Database.open(f"sqlite:///{tmp_path / 'goal.db'}").read() as reading:
        assert reading.execute(text("SELECT count(*) FROM copy")).scalar_one() == 0


#: what stands in the schema of a damaged file -> what a command says of it
DAMAGED_SCHEMAS = {
    b"CREATE TABLE verdict (": (b"CREATE TABLE verdict )", "is damaged; restore a backup"),
    b"CREATE TABLE remark (": (b"CREATE TABLE \x95emark \x95", "is damaged; restore a backup"),
    b"CREATE TABLE article_text (": (b"NULL\x00\x89", "is damaged; restore a backup"),
}


@pytest.mark.parametrize("before", DAMAGED_SCHEMAS, ids=["a bracket", "no UTF-8", "a zero"])
@pytest.mark.parametrize("command", [("db", "verify"), ("once", "--all"), ("stories",)], ids=" ".join)
def test_a_damaged_schema_is_told_in_one_line(before: bytes, command: tuple[str, ...], tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", {"id": "1", "title": "A headline", "content_text": "A text."}))
    assert desk.run("once").code == 0
    after, told = DAMAGED_SCHEMAS[before]
    whole = (tmp_path / "feedhub.db").read_bytes()
    assert before in whole
    (tmp_path / "feedhub.db").write_bytes(whole.replace(before, after.ljust(len(before), b" ")[: len(before)]))
    done = desk.run(*command)
    assert (done.code, "Traceback" in done.err) == (5, False), done.err
    assert said_once(done, f"feedhub.db: {told}"), done.err


def test_a_hub_that_lost_a_table_is_told_which(room: Newsroom) -> None:
    with closing(Database.open(room.config.database)) as store, store.write() as connection:
        connection.execute(text("DROP TABLE remark"))
    here = desk(room, room.config.database)
    done = here.run("once", "--all")
    assert done.code == 5
    assert said_once(done, "lacks the table remark, which every hub has; restore a backup"), done.err
    done = here.run("db", "verify")
    assert (done.code, done.out) == (3, "table remark: is missing; restore a backup\n")
