"""Databases that are not what they should be, each refused in one line; and a move that is killed in its middle."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import Desk, item, said_once, until
from engines import Databases, Files
from faults import Fault, child, move_only, newsroom
from postgres import Cluster
from sqlalchemy import create_engine, text
from test_db import contents

from feedhub.store import Database, transfer

PAPERS = ["courier", "herald"]


@pytest.mark.parametrize("way", ["to", "from"])
@pytest.mark.parametrize("at", [25, 70])
def test_a_move_that_is_killed_can_be_made_again_and_took_nothing_away(
    databases: Databases, tmp_path: Path, way: str, at: int
) -> None:
    if way == "from" and isinstance(databases, Files):
        pytest.skip("from one file to another is the other way, too")
    file = f"sqlite:///{tmp_path / 'file.db'}"
    with databases.new() as url:
        origin, target = (file, url) if way == "to" else (url, file)
        room = newsroom(tmp_path / "room", PAPERS, 5)
        room.settings["database"] = origin
        room.round()
        before = contents(origin)
        process = child(move_only, origin, target, Fault(statement=at))
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert contents(origin) == before
        assert not any(contents(target).values())
        transfer.move(origin, target)
        assert contents(target) == before


def desk_with(folder: Path, database: str = "sqlite:///hub.db") -> Desk:
    desk = Desk(folder)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), f'database: "{database}"\nserver: {{port: 0}}')
    return desk


def refused(desk: Desk, *words: str) -> None:
    """A round says so in one line, and does nothing."""
    done = desk.run("once")
    assert (done.code, done.out) == (5, "")
    assert said_once(done, *words), done.err


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        (("CREATE TABLE users (id INTEGER)",), "(users)"),
        (("CREATE TABLE story (id INTEGER)", "CREATE TABLE users (id INTEGER)"), "(story, users)"),
        (
            ("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('ae1027a6acf')"),
            "(alembic_version)",
        ),
    ],
    ids=["other tables", "a table of our name", "its own migrations"],
)
def test_another_programs_file_is_left_alone(tmp_path: Path, tables: tuple[str, ...], named: str) -> None:
    with closing(sqlite3.connect(tmp_path / "hub.db")) as connection, connection:
        for statement in tables:
            connection.execute(statement)
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    refused(desk_with(tmp_path), "hub.db", f"another program's tables {named}")
    with closing(sqlite3.connect(tmp_path / "hub.db")) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before


def test_another_programs_database_on_a_server_is_left_alone_where_its_names_are_ours(
    postgres: Cluster, tmp_path: Path
) -> None:
    url = postgres.url(postgres.create())
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))
    Database.open(url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ae1027a6acf'"))
    refused(desk_with(tmp_path, url), "another program's tables (alembic_version")
    engine.dispose()


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "hub.db").mkdir()
    refused(desk_with(tmp_path), "hub.db", "cannot be opened")


def test_a_file_of_which_only_the_head_is_there_is_named(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    assert desk.run("once").code == 0
    file = tmp_path / "hub.db"
    file.write_bytes(file.read_bytes()[:6_000])
    refused(desk, "hub.db", "is damaged")


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    refused(desk_with(tmp_path, "postgresql+psycopg://feedhub:secret@127.0.0.1:1/hub"), "***@127.0.0.1:1", "not answer")


def test_an_option_that_the_servers_library_does_not_know_is_named(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, "postgresql+psycopg://feedhub:secret@127.0.0.1:1/hub?sslmod=require&password=secret")
    done = desk.run("once")
    assert (done.code, done.out) == (5, "")
    assert said_once(done, "***@127.0.0.1:1", 'option "sslmod"'), done.err
    assert "secret" not in done.err


def test_a_url_on_the_command_line_that_cannot_be_is_refused_without_its_password(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("db", "move", "sqlite:///hub.db", "postgresql://feedhub:sec@ret@h/hub")
    assert done.code == 2
    assert said_once(done, "TO: more than one `@`: write %40"), done.err
    assert "ret@" not in done.err


@pytest.mark.parametrize(
    ("part", "other", "words"),
    [
        ("/hub?", "/nowhere?", 'database "nowhere" does not exist'),
        ("//feedhub@", "//stranger@", 'role "stranger" does not exist'),
        ("//feedhub@", "//locked:wrong@", "password authentication failed"),
    ],
    ids=["no such database", "no such user", "wrong password"],
)
def test_a_server_that_refuses_us_is_named(
    postgres: Cluster, tmp_path: Path, part: str, other: str, words: str
) -> None:
    if "locked" in other:
        _lock_out(postgres)
    url = postgres.url(postgres.create()) if "locked" in other else postgres.url("hub")
    refused(desk_with(tmp_path, url.replace(part, other)), words)


def _lock_out(server: Cluster) -> None:
    """Have a user who needs a password."""
    rules = server.data / "pg_hba.conf"
    rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
    server.sql("CREATE ROLE locked LOGIN PASSWORD 'right'")
    server.sql("SELECT pg_reload_conf()")
    until(lambda: server.sql("SELECT count(*) FROM pg_hba_file_rules WHERE 'locked' = ANY (user_name)") == "1", "it")
