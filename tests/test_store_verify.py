"""`verify` finds nothing in a sound store and names what is broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hubs import BRIDGE, ORCHESTRA, Newsroom, item


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    for name in ("courier", "herald"):
        made.source(name)
    made.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE), item("c2", "Musicians choose", *ORCHESTRA))
    made.serve("herald", item("h1", "Bridge is shut", *BRIDGE))
    made.round()
    return made


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param("UPDATE copy SET story = NULL WHERE guid = 'h1'", "neither waits nor stands", id="lost copy"),
        pytest.param("UPDATE copy SET story = 2 WHERE guid = 'c1'", "which is not in it", id="moved copy"),
        pytest.param("UPDATE story SET body = NULL WHERE id = 1", "live and says nothing", id="empty story"),
        pytest.param("UPDATE copy SET story = 1", "live without copies", id="story without copies"),
        pytest.param("UPDATE story SET state = 'joined' WHERE id = 1", "joined to nothing", id="no successor"),
        pytest.param(
            "UPDATE story SET successor = 2 WHERE id = 1", "what a story has that ended", id="live, redirects"
        ),
        pytest.param("UPDATE story SET state = 'purged', body = NULL WHERE id = 1", "is purged", id="purged, listed"),
        pytest.param("UPDATE copy SET edited = 1 WHERE id = 1", "does not wait", id="edit that nobody settles"),
        pytest.param("UPDATE segment SET body = X'00'", "cannot be read", id="damaged index"),
        pytest.param("UPDATE segment SET copies = 4", "other copies than its row says", id="another index"),
        pytest.param("DELETE FROM copy", "was never there", id="index of nothing"),
        pytest.param("INSERT INTO verdict VALUES (1, 99, 0, 0, '{}')", "1 and 99", id="verdict about nothing"),
    ],
)
def test_what_is_broken_is_named(room: Newsroom, damage: str, named: str) -> None:
    assert room.problems() == []
    raw = sqlite3.connect(room.folder / "hub.db")
    with raw:
        raw.execute(damage)
    raw.close()
    assert any(named in line for line in room.problems())
