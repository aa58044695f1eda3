"""What the machine refuses: one clear line, exit code 5, the database whole, and the next run complete."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from commands import NOW, ROOT, Desk, item, said_once


def busy_desk(folder: Path, more: str = "") -> Desk:
    """A desk with four sources of ten stories each."""
    desk = Desk(folder)
    rows = ""
    for part in range(4):
        items = [item(str(n), f"Headline{n} of the day") for n in range(part * 10, part * 10 + 10)]
        rows += desk.file(f"paper-{part}", *items)
    desk.configure(rows, more)
    return desk


@contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Another program is writing to the database and does not end."""
    with closing(sqlite3.connect(desk.folder / "feedhub.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_locked_database_is_named_and_readers_do_not_mind(tmp_path: Path) -> None:
    # the driver's own setting shortens the wait
    desk = busy_desk(tmp_path, "database: sqlite:///feedhub.db?timeout=0.2")
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    with locked(desk):
        done = desk.run("once", "--all", "--now", NOW)
        assert done.code == 5
        assert said_once(done, "feedhub.db", "is locked by another process")
        assert desk.run("check").code == 0
        assert desk.run("explain", "paper-0 1").code == 0
    assert desk.run("once", "--all", "--now", NOW).code == 0


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), "server: {port: 0}")
    content = b"dear diary " * 1000
    (tmp_path / "feedhub.db").write_bytes(content)
    for command in (("once",), ("check", "--json"), ("serve",)):
        done = desk.run(*command)
        assert (done.code, done.out) == (5, "")
        assert said_once(done, "feedhub.db", "is no SQLite database")
    assert (tmp_path / "feedhub.db").read_bytes() == content


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    assert desk.run("once", "--now", NOW).code == 0
    with closing(sqlite3.connect(tmp_path / "feedhub.db")) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    done = desk.run("once", "--now", NOW)
    assert done.code == 5
    assert said_once(done, "9999", "newer version", "upgrade feedhub")


def test_a_database_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), "database: sqlite:///nowhere/hub.db")
    done = desk.run("once")
    assert done.code == 5
    assert said_once(done, "nowhere/hub.db", "cannot be opened")


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_in_use_is_named_and_nothing_else_is_started(tmp_path: Path, command: str) -> None:
    desk = Desk(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        desk.configure(desk.file("paper", item("1", "Ferry aground")), f"server: {{port: {port}}}")
        done = desk.run(command)
    assert done.code == 5
    assert said_once(done, f"port {port} on 127.0.0.1", "set another port")
    assert not (tmp_path / "feedhub.db").exists()


def test_an_output_folder_that_cannot_be_written_is_named_and_the_round_is_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    (tmp_path / "taken").write_text("a file\n")
    done = desk.run("once", "--now", NOW, "--out", "taken")
    assert done.code == 5
    assert said_once(done, "--out taken", "File exists")
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    assert desk.titles() == {"Ferry aground"}


@pytest.mark.parametrize("command", [("once", "--now", NOW), ("check", "--json"), ("sources", "export", "-")])
def test_a_reader_that_went_away_is_no_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = desk.run(*command, stdout=theirs)
    finally:
        os.close(theirs)
    assert done.code == 0
    assert "Traceback" not in done.err
    assert "Broken" not in done.err


@pytest.mark.parametrize("command", [("once", "--now", NOW), ("check", "--json"), ("sources", "export", "-")])
def test_a_full_disk_under_stdout_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    handle = os.open("/dev/full", os.O_WRONLY)
    try:
        done = desk.run(*command, stdout=handle)
    finally:
        os.close(handle)
    assert done.code == 5
    assert [line for line in done.err.splitlines() if line.startswith("feedhub: ")] == [
        "feedhub: stdout: No space left on device"
    ]
    assert "Traceback" not in done.err


#: a mount of our own over the folder, seen by this process alone
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'


@pytest.mark.parametrize("command", [("once", "--all", "--now", NOW), ("run",)])
def test_a_folder_on_a_read_only_mount_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), "server: {port: 0}")
    assert desk.run("once", "--now", NOW).code == 0
    before = (tmp_path / "feedhub.db").read_bytes()
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c", READ_ONLY, str(tmp_path)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*mounted, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("nothing can be mounted here")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*mounted, sys.executable, "-m", "feedhub", *command], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    (line,) = [each for each in done.stderr.splitlines() if not each.startswith("configuration: ")]
    assert line.startswith("feedhub: ")
    assert "feedhub.db: cannot be opened" in line
    assert (tmp_path / "feedhub.db").read_bytes() == before
