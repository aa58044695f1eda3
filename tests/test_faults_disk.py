"""The disk is full, whatever is being written: one line, nothing half-written, nothing lost once there is room."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import NEXT_DAY, NOW, ROOT, Desk, ended, item, said_once, until
from daemons import Subscriber
from engines import template

PAPERS = [f"paper-{number}" for number in range(4)]
EACH = 10
EVERYBODYS = "Council raises dues, says"
ROOM = resource.RLIM_INFINITY
#: how large a file may become, and what a round had done by then
STAGES = {
    "making the tables": 60_000,
    "opening": 456_000,
    "recording": 515_000,
    "settling": 640_000,
}


def desk_at(folder: Path, more: str = "server: {port: 0}") -> Desk:
    """A desk with four sources of ten stories each, of which one is everybody's."""
    desk = Desk(folder)
    shared = " ".join(f"dues{n} council{n} harbour{n}" for n in range(40))
    rows = ""
    for at, name in enumerate(PAPERS):
        own = [item(f"{name}-{n}", f"Headline{at * EACH + n} of the day") for n in range(EACH - 1)]
        rows += desk.file(name, *own, item(f"{name}-dues", f"{EVERYBODYS} {name}", shared))
    desk.configure(rows, more)
    return desk


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose disk has room; what it published lies in `public`."""
    desk = desk_at(tmp_path_factory.mktemp("undisturbed"))
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    return desk


def stage(desk: Desk) -> str:
    """How far a round came that the disk stopped."""
    if not desk.ask("SELECT 1 FROM alembic_version"):
        return "making the tables"
    if not desk.ask("SELECT 1 FROM source"):
        return "opening"
    waiting = len(desk.ask("SELECT 1 FROM copy WHERE pending"))
    return "settling" if waiting == len(PAPERS) * EACH else "recording"


@pytest.mark.parametrize(("where", "limit"), STAGES.items(), ids=STAGES)
def test_a_round_that_the_disk_stops_says_so_and_the_next_one_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed: Desk, where: str, limit: int
) -> None:
    desk = desk_at(tmp_path)
    done = desk.run("once", "--now", NOW, "--out", "public", limit=limit)
    assert (done.code, done.out) == (5, "")
    assert said_once(done, "feedhub.db", "make room and run again, nothing was lost")
    assert stage(desk) == where, "the tables have other sizes now: choose a limit that stops the round here"
    assert not (tmp_path / "public").exists()
    assert desk.ask("PRAGMA integrity_check") == ["ok"]
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    assert desk.files("public") == undisturbed.files("public")
    assert desk.run("db", "verify").code == 0


def test_files_of_which_one_does_not_fit_the_disk_all_stay_as_they_were(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    # Packed they are small in the database, so that only the files are larger than what is left.
    long = [item(str(n), f"Headline{n} of the day", f"story{n} " + "word " * 20_000) for n in range(12)]
    outputs = "server: {port: 0}\nfeeds: [{name: all, limit: 1}, {name: many}]"
    desk.configure(desk.file("paper", *long[:-1]), outputs)
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    before = desk.files("public")
    desk.file("paper", *long)
    assert desk.run("once", "--all", "--now", NEXT_DAY).code == 0
    done = desk.run("once", "--now", NEXT_DAY, "--out", "public", limit=1_000_000)
    assert done.code == 5
    assert said_once(done, "--out public", "File too large", "nothing half-written was left")
    assert desk.files("public") == before
    assert desk.run("once", "--now", NEXT_DAY, "--out", "public").code == 0
    assert {name for name, body in desk.files("public").items() if before[name] != body} == before.keys()


def test_what_a_killed_process_had_begun_to_write_is_removed_in_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    public = tmp_path / "public"
    public.mkdir()
    for name in (".all.atom.4711.part", ".all.atom.4712.part", ".other.atom.4713.part", ".all.atom.mine.part"):
        (public / name).write_bytes(b"<feed")
        os.utime(public / name, (0, 0))
    os.utime(public / ".all.atom.4712.part")
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    hidden = {name for name in desk.files("public") if name.startswith(".")}
    assert hidden == {".all.atom.4712.part", ".other.atom.4713.part", ".all.atom.mine.part"}


def at_most(limit: int) -> Callable[[], None]:
    """Run in a child before its program: no file larger than this, until somebody lifts that."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, ROOM))


def shown(client: Subscriber) -> dict[str, tuple[str, str]]:
    """What a daemon's subscribers have."""
    return _entries(client.ask("/feeds/all.json").body)


def _entries(document: bytes) -> dict[str, tuple[str, str]]:
    return {each["id"]: (each["title"], each["content_html"]) for each in json.loads(document)["items"]}


def _own(entries: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Without everybody's story: it has the name and the words of whoever's poll was stored first."""
    return {name: entry for name, entry in entries.items() if not entry[0].startswith(EVERYBODYS)}


SOON = "server: {port: 0}\npolling: {interval: 1s, floor: 1s}"


#: how large a file may become for a round before the daemon, how large its write-ahead log, and what it says then
DAEMON = {
    "recording": (None, 100_000, "poll not stored"),
    "settling": (STAGES["settling"], 120_000, "settle failed"),
}


@pytest.mark.parametrize(("before", "limit", "said"), DAEMON.values(), ids=DAEMON)
def test_a_daemon_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, undisturbed: Desk, before: int | None, limit: int, said: str
) -> None:
    desk = desk_at(tmp_path, SOON)
    if before is None:
        shutil.copyfile(template(), tmp_path / "feedhub.db")
    else:
        assert desk.run("once", limit=before).code == 5
    with desk.start("run", preexec_fn=at_most(limit)) as process:
        client = Subscriber(desk, process)
        until(lambda: f'event="{said}"' in desk.log, "the daemon to meet the full disk")
        assert client.ask("/feeds/all.json").status == 200
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ROOM, ROOM))
        wanted = _entries(undisturbed.files("public")["all.json"])
        until(lambda: _own(shown(client)) == _own(wanted) and len(shown(client)) == len(wanted), "all stories")
        assert ended(process, signal.SIGTERM) == 0
    assert "make room and run again, nothing was lost" in desk.log
    assert "Traceback" not in desk.log
    assert desk.run("db", "verify").code == 0


def test_a_daemon_whose_disk_fills_up_serves_what_it_has(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), SOON)
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles() == {"Ferry aground"}, "the first story")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, ROOM))
        desk.file("paper", item("1", "Ferry aground"), item("2", "Harbour dues"))
        until(lambda: "make room and run again" in desk.log, "the daemon to meet the full disk")
        assert client.titles() == {"Ferry aground"}
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ROOM, ROOM))
        until(lambda: client.titles() == {"Ferry aground", "Harbour dues"}, "the second story")
        assert ended(process, signal.SIGTERM) == 0
    assert "event=stopped" in desk.log


def test_a_daemon_that_cannot_even_start_on_a_full_disk_ends_with_one_line(tmp_path: Path) -> None:
    done = desk_at(tmp_path).run("run", limit=STAGES["making the tables"])
    assert (done.code, done.out) == (5, "")
    assert said_once(done, "feedhub.db", "make room and run again")


def test_an_error_that_lasts_does_not_fill_the_disk_with_its_log() -> None:
    program = (
        "import structlog; from feedhub.cli.console import set_up_log; set_up_log(); log = structlog.get_logger('x')\n"
        "for _ in range(9): log.error('settle failed', reason='full'); log.error('settle failed', reason='locked')\n"
        "for _ in range(3): log.info('source read')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [line.split(" ", 1)[1] for line in done.stderr.splitlines()]
    failed = [f'level=error event="settle failed" reason={reason}' for reason in ("full", "locked")]
    assert lines == [*failed, *['level=info event="source read"'] * 3]


def test_messages_that_the_disk_has_no_room_for_do_not_fail_the_round(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    with Path("/dev/full").open("wb") as full, desk.start("once", "--now", NOW, "--out", "public", stderr=full) as once:
        assert once.wait(30) == 0
    assert desk.titles() == {"Ferry aground"}
