"""A signal ends a long settling in the middle of its batch; what waited is settled by the next start."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import NOW, Desk, ended, item, until

PAPERS, ENTRIES = 2, 8
#: loaded as `sitecustomize`: whoever settles takes long over each pair
SLOW = """
import time
from feedhub.settle import neighbourhood
judge = neighbourhood.judge
neighbourhood.judge = lambda *pair, **more: time.sleep(0.2) or judge(*pair, **more)
"""


def newsroom(folder: Path, before: Path | None = None) -> Desk:
    """Papers whose entries are all alike: every pair has to be judged."""
    folder.mkdir()
    desk, rows = Desk(folder, before=before), ""
    words = [f"word{number}" for number in range(100)]
    for paper in range(PAPERS):
        items = [
            item(f"{paper}-{n}", f"Ferry{n} aground off the cape", " ".join([*words[:n], f"own{paper}{n}", *words[n:]]))
            for n in range(ENTRIES)
        ]
        rows += desk.file(f"paper{paper}", *items)
    desk.configure(rows)
    return desk


def settles(desk: Desk) -> bool:
    """Whether all is recorded, and somebody writes on."""
    if desk.ask("SELECT count(*) FROM copy") != [PAPERS * ENTRIES]:
        return False
    with closing(sqlite3.connect(desk.folder / "feedhub.db", timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


@pytest.mark.parametrize(("command", "code"), [("once", 143), ("worker", 0)])
def test_a_signal_ends_a_long_settling_in_its_middle_and_nothing_is_lost(
    tmp_path: Path, command: str, code: int
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    slow = newsroom(tmp_path / "interrupted", before=tmp_path)
    desk, other = Desk(slow.folder), newsroom(tmp_path / "undisturbed")
    arguments = ("once", "--now", NOW, "--out", "public") if command == "once" else (command,)
    with slow.start(*arguments) as process:
        until(lambda: settles(desk), "the settling to begin")
        assert ended(process, signal.SIGTERM, seconds=2) == code
    assert "Traceback" not in desk.log
    assert desk.ask("SELECT count(*) FROM story") == [0]
    if command == "once":
        for each in (desk, other):
            assert each.run("once", "--now", NOW, "--out", "public").code == 0
        assert desk.files("public") == other.files("public")
    else:
        assert desk.run("once").code == 0
        assert desk.run("db", "verify").code == 0
    assert desk.ask("SELECT count(*) FROM copy WHERE story IS NULL") == [0]
