"""One copy at which settling fails waits aside, by name; the others settle, and an edit has it tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, Desk
from commands import item as file_item
from hubs import NOON, Newsroom, item
from sqlalchemy import text

from feedhub.desk import queue_page
from feedhub.health import watch
from feedhub.hub import Hub
from feedhub.merge import compose

ENTRIES = 9
#: loaded as `sitecustomize`: a fault of the program that shows in one text alone
BREAKS = """
from feedhub.settle import composing
compose = composing.compose
def break_at(tag, members, **more):
    if any("poison" in member.copy.title for member in members):
        raise ZeroDivisionError("division by zero")
    return compose(tag, members, **more)
composing.compose = break_at
"""


@pytest.fixture
def faulty() -> Iterator[pytest.MonkeyPatch]:
    """The same fault in this process; `undo` mends it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("feedhub.settle.composing.compose", compose)
        exec(BREAKS, {})
        yield patched


@pytest.fixture
def room(engine: str, tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("paper")
    made.source("other")
    made.serve("paper", *(item(f"{n}", f"Ferry{n} aground off cape{n}", f"text{n} " * 30) for n in range(ENTRIES)))
    return made


def publish(room: Newsroom, headline: str) -> None:
    """A round in which the other paper's only entry has this headline."""
    room.serve("other", item("bad", headline, "another text of its own " * 10))
    room.round()


def ask(room: Newsroom, query: str) -> list[Any]:
    return room.read(lambda connection: list(connection.execute(text(query)).scalars()))


def queue(room: Newsroom) -> list[tuple[str, str]]:
    """What waits for a person at the desk of sources, as the daemon has noticed it."""
    with room.store.write() as connection:
        watch(connection, NOON)
        return [(each.title, each.label) for each in queue_page.waiting(connection, NOON) if each.kind == "source"]


def test_a_round_ends_well_and_check_names_the_copy_that_waits_aside(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAKS)
    desk = Desk(tmp_path, before=tmp_path)
    rows = desk.file("paper", file_item("1", "Ferry aground off the cape", "text " * 30))
    rows += desk.file("other", file_item("bad", "A poisoned headline", "another text of its own " * 10))
    desk.configure(rows)
    done = desk.run("once", "--now", NOW, "--out", "public")
    assert done.code == 0, done.err
    assert desk.titles() == {"Ferry aground off the cape"}
    assert "ZeroDivisionError: division by zero" in desk.run("check", "--json").out


def test_a_copy_that_breaks_settling_waits_aside_and_the_others_settle(
    room: Newsroom, faulty: pytest.MonkeyPatch
) -> None:
    publish(room, "A poisoned headline")
    assert len(room.stories()) == ENTRIES
    assert ask(room, "SELECT guid FROM copy WHERE pending") == ["bad"]
    assert ask(room, "SELECT source FROM remark WHERE text LIKE '%bad%ZeroDivisionError%'") == ["other"]
    assert queue(room) == [("other", "Entries set aside")]
    # nobody tries it again who has failed at it, whether it still would or not
    faulty.undo()
    room.round()
    assert len(room.stories()) == ENTRIES
    # another version does
    with room.store.write() as connection:
        connection.execute(text("UPDATE settle_failure SET version = '0'"))
    room.round()
    assert len(room.stories()) == ENTRIES + 1
    assert queue(room) == []


def test_an_edited_entry_is_tried_again_and_waits_aside_again_where_it_still_fails(
    room: Newsroom, faulty: pytest.MonkeyPatch
) -> None:
    publish(room, "A poisoned headline")
    before = ask(room, "SELECT digest FROM settle_failure")
    publish(room, "Another headline with poison")
    assert ask(room, "SELECT guid FROM copy WHERE pending") == ["bad"]
    assert ask(room, "SELECT digest FROM settle_failure") != before
    publish(room, "A headline like others")
    assert ask(room, "SELECT guid FROM copy WHERE pending") == []
    assert "A headline like others" in {story.title for story in room.stories()}
    assert queue(room) == []


def test_an_edit_that_breaks_settling_leaves_the_story_as_it_was(room: Newsroom, faulty: pytest.MonkeyPatch) -> None:
    publish(room, "A headline")
    before = room.stories()
    publish(room, "A headline with poison")
    assert room.stories() == before
    assert queue(room) == [("other", "Entries set aside")]
    publish(room, "A headline, mended")
    assert len(room.stories()) == ENTRIES + 1
    assert queue(room) == []


def test_a_stored_copy_that_is_damaged_waits_aside_and_what_is_new_settles(room: Newsroom) -> None:
    publish(room, "A headline")
    with room.store.write() as connection:
        damage = text("UPDATE copy SET body = :body, pending = :yes WHERE guid = '3'")
        connection.execute(damage, {"body": b"\0", "yes": True})
    room.serve("other", item("new", "Something else happened", "a third text, unlike all others " * 9))

    async def play() -> None:
        async with Hub.open(room.config, NOON) as hub:
            await hub.round(NOON, everything=True)

    asyncio.run(play())
    assert ask(room, "SELECT guid FROM copy WHERE pending") == ["3"]
    assert ask(room, "SELECT count(*) FROM copy WHERE guid = 'new' AND story IS NOT NULL") == [1]
    assert ask(room, "SELECT count(*) FROM settle_failure") == [1]
