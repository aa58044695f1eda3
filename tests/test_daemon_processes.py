"""The two processes of `feedhub run`: readers are served while the other computes, and neither outlives the other."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import Desk, feed, item, until
from daemons import Subscriber
from origin import Origin, Reply

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one process elsewhere: forks are not safe there")


@contextmanager
def daemon(folder: Path, port: int = 0, **options: Any) -> Iterator[Subscriber]:
    desk = Desk(folder)
    with Origin() as origin:
        origin.serve("/paper", Reply(200, {}, feed("paper", item("1", "Ferry delayed by ice"))))
        settings = f"fetch: {{allow: ['{origin.place}']}}\nserver: {{port: {port}}}"
        desk.configure(f'  - {{id: paper, url: "{origin.url("/paper")}", outlet: paper}}\n', settings)
        with desk.start("run", **options) as process:
            client = Subscriber(desk, process)
            until(lambda: client.titles(), "the story of the paper")
            yield client


def is_gone(pid: int) -> bool:
    """Whether a process has ended: whoever is to hear of it may not have looked yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def test_readers_are_served_though_the_process_that_polls_stands_still(tmp_path: Path) -> None:
    with daemon(tmp_path) as client:
        polling, _ = client.pids
        os.kill(polling, signal.SIGSTOP)
        assert client.titles() == {"Ferry delayed by ice"}
        os.kill(polling, signal.SIGCONT)


def test_the_daemon_ends_with_one_line_when_the_process_that_serves_has_died(tmp_path: Path) -> None:
    with daemon(tmp_path) as client:
        _, serving = client.pids
        os.kill(serving, signal.SIGKILL)
        assert client.process.wait(20) == 5
        assert client.desk.log.count("the process that serves has ended") == 1
        assert "Traceback" not in client.desk.log


def test_a_daemon_that_was_killed_leaves_no_server_behind_and_its_port_to_the_next(tmp_path: Path) -> None:
    with daemon(tmp_path) as client:
        port, (_, serving) = client.port, client.pids
        client.process.kill()
        client.process.wait(20)
        until(lambda: is_gone(serving), "the server to end, too")
    (tmp_path / "next").mkdir()
    with daemon(tmp_path / "next", port) as following:
        assert following.port == port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_to_both_processes_ends_them_as_one_to_the_daemon_does(tmp_path: Path, number: signal.Signals) -> None:
    with daemon(tmp_path, preexec_fn=os.setsid) as client:
        _, serving = client.pids
        os.killpg(client.process.pid, number)
        assert client.process.wait(20) == (130 if number is signal.SIGINT else 0)
        assert is_gone(serving)
        assert client.desk.log.count("event=stopped") == 1
        assert "Traceback" not in client.desk.log


def test_each_event_of_a_start_and_of_a_reload_is_told_once(tmp_path: Path) -> None:
    with daemon(tmp_path) as client:
        text = (tmp_path / "config.yaml").read_text()
        (tmp_path / "config.yaml").write_text(text.replace("identity:", "title: Another title\nidentity:"))
        os.kill(client.process.pid, signal.SIGHUP)
        until(lambda: "event=reloaded" in client.desk.log, "the new configuration")
        assert "Another title" in client.ask("/").body.decode()
        for event in ("configuration", "serving", "polling", "reloaded"):
            lines = [line for line in client.desk.log.splitlines() if f"event={event} " in line]
            assert len(lines) == (2 if event == "polling" else 1), lines


def test_a_reload_leaves_shared_what_the_two_processes_share_and_loads_nothing(tmp_path: Path) -> None:
    with daemon(tmp_path) as client:
        _, serving = client.pids
        shared, loaded = kilobytes(serving, "Shared_Dirty"), libraries(serving)
        text = (tmp_path / "config.yaml").read_text()
        (tmp_path / "config.yaml").write_text(text.replace("identity:", "title: Another title\nidentity:"))
        os.kill(client.process.pid, signal.SIGHUP)
        until(lambda: "event=reloaded" in client.desk.log, "the new configuration")
        until(lambda: "Another title" in client.ask("/").body.decode(), "the new title")
        assert kilobytes(serving, "Shared_Dirty") > 0.8 * shared
        assert libraries(serving) == loaded


def kilobytes(pid: int, name: str) -> int:
    """What the kernel counts of a process's memory under a name."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def libraries(pid: int) -> set[str]:
    """The shared libraries that a process has loaded."""
    return {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if ".so" in line}
