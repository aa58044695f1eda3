"""`feedhub stories` and `feedhub search`, as a person and a script see them."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import NOW, Desk, Done, item, said_once

from feedhub.cli.console import table
from feedhub.cli.safe_console import SafeConsole
from feedhub.cli.story_output import ago

TEXT = "The harbour master of Quellport closed the northern quay after divers found a crack " * 6
HOSTILE = "Quay \x1b]0;owned\x07\x1b[31mshut\x1b[0m \u202eabc"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    rows = desk.file("courier", item("1", "Quay shut at Quellport", TEXT), item("2", "Choir wins a prize"))
    rows += desk.file("herald", item("3", "Northern quay closed", TEXT), item("4", "東京タワーの夜景"))
    desk.configure(rows, "feeds:\n  - {name: choir, words: [choir]}")
    assert desk.run("once", "--now", NOW).code == 0
    return desk


def titles(done: Done) -> list[str]:
    assert done.code == 0, done.err
    return [story["title"] for story in done.json]


def test_stories_are_listed_newest_first_and_merged_ones_with_their_grounds(desk: Desk) -> None:
    assert len(titles(desk.run("stories", "--now", NOW, "--json"))) == 3
    (merged,) = desk.run("stories", "--merged", "--now", NOW, "--json").json
    assert {copy["source"] for copy in merged["copies"]} == {"courier", "herald"}
    shown = desk.run("stories", "--merged", "--now", NOW)
    assert "just now" in shown.out
    assert "copy      1.00" in shown.out
    assert "\x1b" not in shown.out
    assert titles(desk.run("stories", "--feed", "choir", "--now", NOW, "--json")) == ["Choir wins a prize"]
    assert len(titles(desk.run("stories", "--limit", "1", "--now", NOW, "--json"))) == 1
    assert titles(desk.run("stories", "--since", "2026-03-11", "--now", NOW, "--json")) == []
    assert len(titles(desk.run("stories", "--today", "--now", NOW, "--json"))) == 3


def test_search_finds_words_names_and_other_scripts(desk: Desk) -> None:
    assert titles(desk.run("search", "tower", "OR", "choir", "--now", NOW, "--json")) == []
    assert titles(desk.run("search", "choir -quay", "--now", NOW, "--json")) == ["Choir wins a prize"]
    assert titles(desk.run("search", "夜景", "outlet:herald", "--now", NOW, "--json")) == ["東京タワーの夜景"]
    shown = desk.run("search", '"harbour master"', "--now", NOW)
    assert "harbour master of Quellport" in shown.out
    nothing = desk.run("search", "zeppelin", "--now", NOW)
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "nothing found\n")


def test_a_search_beside_another_who_writes_does_without_what_is_not_indexed_and_says_so(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.folder / "feedhub.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = desk.run("search", "choir", "--now", NOW, "--json")
    assert (done.code, done.json) == (0, [])
    assert "some of the 3 stories that came last may not be found: another process writes just now" in done.err
    assert titles(desk.run("search", "choir", "--now", NOW, "--json")) == ["Choir wins a prize"]


def test_what_cannot_be_looked_for_is_one_line(desk: Desk) -> None:
    assert said_once(desk.run("search", "since:soon", "--now", NOW), "search", "nothing to look for")
    assert said_once(desk.run("search", "quay feed:none", "--now", NOW), "none", "all, choir")
    assert said_once(desk.run("stories", "--since", "soon", "--now", NOW), "--since soon", "7d")
    (desk.folder / "feedhub.db").unlink()
    assert said_once(desk.run("stories"), "no hub has run", "feedhub once")


def test_a_title_neither_commands_a_terminal_nor_moves_a_column() -> None:
    out = io.StringIO()
    SafeConsole(file=out, width=60, force_terminal=True, color_system=None).print(
        table("T", ("title", "next"), [(HOSTILE, "a"), ("東京タワーの夜景", "b"), ("plain", "c")])
    )
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert not set(out.getvalue()) & {"\x07", "\u202e", "\x9b"}
    wide = "東京タワーの夜景"
    assert lines[-1].index("c") == lines[-2].index("b") + len(wide)
    assert lines[-1].index("c") == lines[-3].rindex("a")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (7_199, "1 h ago"),
        (90_000, "9 Mar 17:00"),
        (4e7, "2 Dec 2024"),
    ],
)
def test_times_are_told_as_people_tell_them(seconds: float, shown: str) -> None:
    now = datetime(2026, 3, 10, 18, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == shown
