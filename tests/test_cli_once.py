"""`feedhub once` as a process: bad sources, exit codes, static files, what stands on which stream."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commands import NEXT_DAY, NOW, ROOT, Desk, Done, feed, item
from origin import FEED, Origin, Play, Reply, conditional, hang, hang_up, noise

from feedhub.cli.console import print_json
from feedhub.cli.round_output import print_round
from feedhub.feeds.static_files import FilesStamp
from feedhub.hub import RoundReport
from feedhub.ingest import Outcome, SourceReport
from feedhub.structs import replace

SPEED = 'polling: {{per_host: 50, host_delay: 0s}}\nfetch: {{allow: ["{}"]}}\n'


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


def row(origin: Origin, name: str) -> str:
    return f'  - {{id: {name}, url: "{origin.url("/" + name)}", outlet: {name}}}\n'


BAD: dict[str, tuple[Play, str]] = {
    "html": (Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Paper</title><p>Hello"), "an HTML page"),
    "truncated": (Reply(200, {}, FEED[:60]), "cut off"),
    "short": (Reply(200, {}, FEED[:-20], length=len(FEED)), "the body is cut off"),
    "empty": (Reply(200, {}, b""), "the body is empty"),
    "missing": (Reply(404), "HTTP 404 Not Found"),
    "broken": (Reply(500), "HTTP 500"),
    "silent": (hang_up, "closed the connection without an answer"),
    "noise": (noise, "does not speak proper HTTP"),
}


@pytest.fixture(scope="module")
def mixed(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Done]:
    """One round over a good source, a good path, and every kind of bad one."""
    desk = Desk(tmp_path_factory.mktemp("mixed"))
    origin.serve("/good", Reply(200, {}, feed("good", item("1", "Ferry runs aground off Selm"))))
    for name, (play, _) in BAD.items():
        origin.serve(f"/{name}", play)
    rows = desk.file("paper", item("2", "Council votes on harbour dues"))
    rows += "".join(row(origin, name) for name in ("good", *BAD)) + "  - {id: nowhere, url: nowhere.xml}\n"
    desk.configure(rows, SPEED.format(origin.place))
    return desk, desk.run("once", "--json", "--now", NOW, "--out", "public")


@pytest.mark.parametrize(("name", "reason"), [(name, reason) for name, (_, reason) in BAD.items()], ids=BAD)
def test_a_bad_source_is_named_with_its_reason(mixed: tuple[Desk, Done], name: str, reason: str) -> None:
    found = {each["source"]: each for each in mixed[1].json["sources"]}[name]
    assert found["outcome"] == "failed" or "cut off" in reason
    assert reason in found["remark"]


def test_bad_sources_cost_the_good_ones_nothing(mixed: tuple[Desk, Done]) -> None:
    desk, done = mixed
    assert (done.code, done.err) == (3, "")
    assert {"sources", "copies", "stories", "joined", "killed", "held"} == set(done.json)
    assert desk.titles() == {"Ferry runs aground off Selm", "Council votes on harbour dues"}


def test_a_missing_file_is_named_by_its_path(mixed: tuple[Desk, Done]) -> None:
    found = {each["source"]: each for each in mixed[1].json["sources"]}["nowhere"]
    assert found["outcome"] == "failed"
    assert found["remark"].endswith("nowhere.xml: No such file or directory")


def test_check_tells_the_health_of_every_source(mixed: tuple[Desk, Done]) -> None:
    desk, _ = mixed
    done = desk.run("check", "--json")
    states = {each["source"]: each["state"] for each in done.json["sources"]}
    assert (done.code, done.err) == (3, "")
    assert {states["good"], states["paper"]} == {"well"}
    assert {states["empty"], states["missing"], states["nowhere"]} == {"failing"}
    told = desk.run("check")
    assert told.code == 3
    assert "HTTP 404 Not Found" in told.out


def test_all_sources_failing_is_exit_code_4(origin: Origin, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(row(origin, "gone-a") + row(origin, "gone-b"), SPEED.format(origin.place))
    done = desk.run("once", "--now", NOW)
    assert done.code == 4
    assert "2 of 2 sources failed" in done.out
    assert desk.run("check").code == 4


def test_a_source_that_is_not_due_or_unchanged_or_gone_is_no_failure(origin: Origin, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    origin.serve("/steady", conditional('"1"', feed("steady", item("1", "Ferry runs aground off Selm"))))
    origin.serve("/ended", Reply(410))
    desk.configure(row(origin, "steady") + row(origin, "ended"), SPEED.format(origin.place))
    first = desk.run("once", "--now", NOW, "--json")
    assert first.code == 3
    idle = desk.run("once", "--now", NOW)
    assert (idle.code, idle.err) == (0, "no source is due; --all polls them all\n")
    again = desk.run("once", "--now", NOW, "--all", "--json")
    assert again.code == 0
    assert [each["outcome"] for each in again.json["sources"]] == ["stopped", "unchanged"]
    assert origin.seen("/steady")[-1].header("If-None-Match") == '"1"'
    assert len(origin.seen("/ended")) == 1
    assert {each["source"]: each["state"] for each in desk.run("check", "--json").json["sources"]}["ended"] == "stopped"


def test_a_source_removed_from_the_configuration_is_polled_no_more_and_told_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    kept, removed = desk.file("kept", item("1", "Ferry aground")), desk.file("removed", item("2", "Harbour dues"))
    desk.configure(kept + removed)
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    desk.configure(kept)
    again = desk.run("once", "--now", NOW, "--all", "--json", "--out", "public")
    assert [each["source"] for each in again.json["sources"]] == ["kept"]
    assert desk.titles() == {"Ferry aground", "Harbour dues"}
    states = {each["source"]: each["state"] for each in desk.run("check", "--json").json["sources"]}
    assert states == {"kept": "well", "removed": "removed"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The shipped configuration and newsroom, in a folder of their own."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copy(ROOT / "config.yaml", folder)
    shutil.copytree(ROOT / "fixtures" / "morning", folder / "fixtures" / "morning")
    return Desk(folder)


def test_two_fresh_databases_and_another_day_give_the_same_bytes(world: Desk) -> None:
    runs = [("first", NOW), ("second", NOW), ("second", NEXT_DAY)]
    made: list[dict[str, bytes]] = []
    for name, now in runs:
        config = world.folder / f"{name}.yaml"
        text = (world.folder / "config.yaml").read_text(encoding="utf-8")
        config.write_text(text.replace("sqlite:///feedhub.db", f"sqlite:///{name}.db"), encoding="utf-8")
        out = f"out-{len(made)}"
        done = world.run("once", "-c", config.name, "--all", "--now", now, "--out", out)
        assert (done.code, done.err) == (0, f"feeds written to {out}\n")
        made.append(world.files(out))
    assert len(made[0]) == 12
    assert made[0] == made[1] == made[2]


def test_files_that_say_the_same_are_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    desk.run("once", "--now", NOW, "--out", "public")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "public").iterdir()}
    desk.run("once", "--now", NEXT_DAY, "--out", "public")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "public").iterdir()} == before
    assert set(before) == {"all.atom", "all.json", "all.rss"}


def test_files_are_rendered_again_when_they_are_touched_or_anything_else_is_asked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(herald := desk.file("herald", item("1", "A bridge is shut")))

    def texts(*arguments: str) -> dict[str, str]:
        assert desk.run("once", "--all", "--now", NOW, "--out", "public", *arguments).code == 0
        return {path.name: path.read_text() for path in (tmp_path / "public").iterdir()}

    first = texts()
    assert texts() == first
    (tmp_path / "public" / "all.atom").write_text("edited by hand")
    (tmp_path / "public" / "all.rss").unlink()
    assert texts() == first
    assert texts("--base-url", "https://news.example") != first
    assert texts() == first
    desk.configure(herald, more="title: Another title")
    assert all("Another title" in text for text in texts().values())
    desk.file("herald", item("1", "A bridge is shut"), item("2", "A tunnel is opened"))
    assert all("A tunnel is opened" in text for text in texts().values())
    shutil.move(tmp_path / "public", tmp_path / "elsewhere")
    assert texts().keys() == first.keys()


def test_files_are_rendered_again_when_a_tombstone_goes_or_a_story_appears() -> None:
    written = FilesStamp(change=3, made_of="a", until=2_000_000)
    later = replace(written, until=None)
    assert written.holds(later, datetime.fromtimestamp(1, UTC))
    assert not written.holds(later, datetime.fromtimestamp(2, UTC))
    assert later.holds(written, datetime.fromtimestamp(2, UTC))
    assert not later.holds(replace(later, change=4), datetime.fromtimestamp(1, UTC))
    assert not later.holds(replace(later, made_of="b"), datetime.fromtimestamp(1, UTC))


def terminal(desk: Desk, *arguments: str) -> str:
    """What a command prints on stderr when that is a terminal."""
    ours, theirs = os.openpty()
    try:
        with desk.start(*arguments, stderr=theirs) as process:
            os.close(theirs)
            said = b"".join(iter(lambda: _piece(ours), b""))
            assert process.wait(30) == 0
    finally:
        os.close(ours)
    return said.decode()


def _piece(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:
        # The other end is closed: Linux says EIO.
        return b""


def test_a_large_round_lists_what_failed_and_the_sources_that_brought_most(capsys: pytest.CaptureFixture[str]) -> None:
    brought = [SourceReport(source=f"s{n}", outcome=Outcome.READ, entries=90, new=n) for n in range(70)]
    failed = SourceReport(source="broken", outcome=Outcome.FAILED, remark="HTTP 500")
    print_round(RoundReport(sources=(*brought, failed)))
    told = capsys.readouterr().out
    assert [f"s{n}" for n in range(70) if re.search(rf"^s{n} ", told, re.MULTILINE)] == [f"s{n}" for n in range(10, 70)]
    assert "HTTP 500" in told
    assert "… and 9 more sources with news" in told
    assert "1 of 71 sources failed" in told


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")))
    assert "polling" in terminal(desk, "once", "--now", NOW)
    piped = desk.run("once", "--now", NOW, "--all")
    assert piped.err == ""
    assert "\x1b" not in piped.out


@pytest.mark.soak
@pytest.mark.slow
def test_a_source_that_never_answers_ends_at_the_deadline_and_costs_the_others_nothing(
    origin: Origin, tmp_path: Path
) -> None:
    desk = Desk(tmp_path)
    origin.serve("/hangs", hang)
    rows: list[str] = []
    for number in range(20):
        origin.serve(f"/fine-{number}", Reply(200, {}, feed("fine", item(f"{number}", f"Headline{number} of today"))))
        rows.append(row(origin, f"fine-{number}"))
    desk.configure(row(origin, "hangs") + "".join(rows), SPEED.format(origin.place))
    done = desk.run("once", "--now", NOW, "--json", "--out", "public")
    found: dict[str, Any] = {each["source"]: each for each in done.json["sources"]}
    assert done.code == 3
    assert [name for name, each in found.items() if each["outcome"] != "read"] == ["hangs"]
    assert "timeout" in found["hangs"]["remark"]
    assert len(desk.titles()) == 20


def test_json_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {"remark": "an HTML page (\x9b31m\u202ex\x1b[2J\x7f\u2066), Größe 東京 नेपाल"}
    print_json(hostile)
    out = capsys.readouterr().out
    assert json.loads(out) == hostile
    assert out.replace("\n", "").isprintable()
    assert "Größe 東京 नेपाल" in out
