"""`once --out` again: files that time alone changes are written anew when it does, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Desk, item

NOON, LATER, EVENING = "2026-03-10T12:00:00Z", "2026-03-10T12:05:00Z", "2026-03-10T18:00:00Z"
ATOM = Path("public/all.atom")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def write(desk: Desk, now: str) -> str:
    """The Atom document after a round at that time."""
    done = desk.run("once", "--now", now, "--out", "public")
    assert done.code == 0, done.err
    return (desk.folder / ATOM).read_text(encoding="utf-8")


def test_a_story_that_was_held_back_is_written_once_it_is_released(desk: Desk) -> None:
    text = "LONDON (Reuters) - The old bridge over the Selm was shut on Tuesday after a barge had struck its pier."
    rows = desk.file("paper", item("1", "Old bridge shut", text)) + desk.file("wire").replace("}", ", agency: Reuters}")
    desk.configure(rows, more="hold: 1h\n")
    assert "Old bridge" not in write(desk, NOON)
    assert "Old bridge" not in write(desk, LATER)
    assert "Old bridge" in write(desk, EVENING)


def test_a_tombstone_leaves_the_files_when_its_time_is_over(desk: Desk) -> None:
    desk.configure(desk.file("herald", item("1", "A bridge is shut")))
    write(desk, NOON)
    (story,) = desk.run("stories", "--json", "--now", NOON).json
    assert desk.run("kill", story["id"], "--now", LATER).code == 0
    assert "deleted-entry" in write(desk, EVENING)
    assert "deleted-entry" in write(desk, EVENING)
    assert "deleted-entry" not in write(desk, "2026-06-10T12:00:00Z")
