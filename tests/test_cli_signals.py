"""Ctrl-C, SIGTERM and kill -9 in mid-round: in time, with the right exit code, and nothing lost on the next run."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import NOW, Desk, ended, feed, item, until
from msgspec import Struct
from origin import Origin, Reply, conditional, hang

from feedhub.structs import replace

TEXT = "The harbour council agreed on Tuesday to raise its dues by 4 percent from May, after three hours of talks. " * 3


class Middle(Struct, frozen=True, dict=True):
    """A desk whose round can be held up in its middle: one source does not answer until it is told to."""

    desk: Desk
    origin: Origin

    def hold(self) -> None:
        self.origin.requests.clear()
        self.origin.serve("/late", hang)

    def let_go(self) -> None:
        self.origin.serve("/late", Reply(200, {}, feed("late", item("late", "Dues go up, says council", TEXT))))

    def reached(self) -> bool:
        """Whether the others are stored and the late one was asked."""
        return bool(self.origin.seen("/late")) and len(self.desk.ask("SELECT guid FROM copy")) == 6

    def configure(self) -> None:
        names = ["late", *(f"paper-{number}" for number in range(3))]
        rows = "".join(f'  - {{id: {name}, url: "{self.origin.url("/" + name)}", outlet: {name}}}\n' for name in names)
        fetch = f'fetch: {{allow: ["{self.origin.place}"]}}'
        self.desk.configure(rows, f"polling: {{per_host: 50, host_delay: 0s}}\n{fetch}\nserver: {{port: 0}}")

    def files(self) -> dict[str, bytes]:
        """What a whole round over this desk publishes."""
        self.let_go()
        done = self.desk.run("once", "--now", NOW, "--out", "public")
        assert (done.code, done.err) == (0, "feeds written to public\n")
        return self.desk.files("public")


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as made:
        for number in range(3):
            own = item(f"own-{number}", f"Headline{number} of the day")
            shared = item(f"dues-{number}", "Council raises harbour dues", TEXT)
            made.serve(f"/paper-{number}", conditional(f'"{number}"', feed(f"paper-{number}", own, shared)))
        yield made


@pytest.fixture(scope="module")
def undisturbed(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a round that nothing happened to."""
    middle = Middle(Desk(tmp_path_factory.mktemp("undisturbed")), origin)
    middle.configure()
    return middle.files()


@pytest.fixture
def middle(origin: Origin, undisturbed: dict[str, bytes], tmp_path: Path) -> Middle:
    made = Middle(Desk(tmp_path), origin)
    made.configure()
    made.hold()
    return made


SIGNALS = {"Ctrl-C": (signal.SIGINT, 130), "SIGTERM": (signal.SIGTERM, 143), "kill -9": (signal.SIGKILL, -9)}


@pytest.mark.parametrize(("number", "code"), SIGNALS.values(), ids=SIGNALS)
def test_a_stopped_round_leaves_no_file_and_the_next_one_ends_as_if_nothing_had_happened(
    middle: Middle, undisturbed: dict[str, bytes], number: signal.Signals, code: int
) -> None:
    with middle.desk.start("once", "--now", NOW, "--out", "public") as process:
        until(middle.reached, "the middle of the round")
        assert ended(process, number) == code
    assert middle.desk.log == "configuration: config.yaml\n"
    assert not (middle.desk.folder / "public").exists()
    assert middle.desk.ask("PRAGMA integrity_check") == ["ok"]
    assert middle.files() == undisturbed


DAEMONS = {"run": signal.SIGTERM, "worker": signal.SIGTERM}


@pytest.mark.parametrize(("command", "number"), DAEMONS.items(), ids=DAEMONS)
def test_sigterm_ends_a_daemon_in_mid_round_with_exit_code_0_within_five_seconds(
    middle: Middle, command: str, number: signal.Signals
) -> None:
    with middle.desk.start(command) as process:
        until(middle.reached, "the middle of the round")
        assert ended(process, number, seconds=5) == 0
    assert "Traceback" not in middle.desk.log
    assert "event=stopped" in middle.desk.log
    assert middle.desk.ask("SELECT id FROM source WHERE lease_until IS NOT NULL") == []
    middle.let_go()
    again = middle.desk.run("once", "--all", "--out", "public")
    assert again.code == 0
    assert len(middle.desk.titles()) == 4


def test_a_killed_worker_holds_up_nobody_and_a_living_one_is_respected(middle: Middle) -> None:
    with middle.desk.start("worker") as process:
        until(middle.reached, "the middle of the round")
        beside = middle.desk.run("once", "--all", "--json")
        assert "late" not in {each["source"] for each in beside.json["sources"]}
        assert ended(process, signal.SIGKILL) == -9
    middle.let_go()
    after = middle.desk.run("once", "--all", "--json")
    assert {each["source"]: each["outcome"] for each in after.json["sources"]}["late"] == "read"


def test_two_rounds_at_once_over_a_new_database_do_each_source_once(middle: Middle) -> None:
    middle.let_go()
    pair = [subprocess.PIPE, subprocess.PIPE]
    other = replace(middle.desk)
    with (
        middle.desk.start("once", "--now", NOW, stdout=pair[0]) as one,
        other.start("once", "--now", NOW, stdout=pair[1]) as two,
    ):
        assert [process.wait(30) for process in (one, two)] == [0, 0], middle.desk.log
    assert len(middle.desk.ask("SELECT guid FROM copy")) == 7
    assert sorted(request.target for request in middle.origin.requests) == [
        "/late",
        "/paper-0",
        "/paper-1",
        "/paper-2",
    ]
