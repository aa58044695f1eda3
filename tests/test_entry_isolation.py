"""One entry at which cleaning or recording fails is left out, by name; the others of its document are taken."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, Desk
from commands import item as file_item
from hubs import NOON, Newsroom, item
from sqlalchemy import text

from feedhub.admin import explain
from feedhub.clean.titles import headline
from feedhub.desk import queue_page
from feedhub.health import watch
from feedhub.model import Copy
from feedhub.store import Connection, article_texts

#: a fault of the program that shows in one headline alone: no entry is known that breaks cleaning. Loaded as
#: `sitecustomize` too
BREAKS = """
from feedhub.clean import entry_to_copy
headline = entry_to_copy.headline
def break_at(raw, *rest, **more):
    if "poison" in raw:
        raise RecursionError("maximum depth\\x1b[31m\\nexceeded " + "x" * 900)
    return headline(raw, *rest, **more)
entry_to_copy.headline = break_at
"""
WORDS = ("harbour", "orchard", "viaduct", "lantern", "quarry", "meadow", "turbine", "bakery", "glacier", "archive")


@pytest.fixture
def faulty() -> Iterator[pytest.MonkeyPatch]:
    """The same fault in this process; `undo` mends it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("feedhub.clean.entry_to_copy.headline", headline)
        exec(BREAKS, {})
        yield patched


@pytest.fixture
def room(engine: str, tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("paper")
    return made


def entry(number: int, title: str | None = None, **more: Any) -> dict[str, Any]:
    word = WORDS[number % len(WORDS)]
    return item(f"e{number}", title or f"The {word} opens", f"{word} keeper{number} said " * 20, **more)


def titles(room: Newsroom) -> set[str | None]:
    return {story.title for story in room.stories()}


def ask(room: Newsroom, query: str) -> list[Any]:
    return room.read(lambda connection: list(connection.execute(text(query)).scalars()))


def queue(room: Newsroom) -> list[str]:
    """What waits for a person at the desk of sources, as the daemon has noticed it."""
    with room.store.write() as connection:
        watch(connection, NOON)
        return [each.label for each in queue_page.waiting(connection, NOON) if each.kind == "source"]


def test_the_others_of_its_document_are_taken_and_it_is_told_and_logged_once(
    room: Newsroom, faulty: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room.serve("paper", entry(1), entry(2, "A poisoned headline"), entry(3))
    assert room.round().failed == ()
    assert titles(room) == {"The orchard opens", "The lantern opens"}
    (record,) = [each for each in caplog.records if each.getMessage() == "entry left out"]
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
    (remark,) = ask(room, "SELECT text FROM remark WHERE text LIKE '%e2%'")
    assert "RecursionError: maximum depth" in remark
    assert "\n" not in remark
    assert len(remark) < 400
    (failed,) = room.read(lambda connection: explain.find_failed(connection, "paper e2"))
    assert failed.reason.startswith("RecursionError")
    assert room.read(lambda connection: explain.find_failed(connection, "https://paper.example/e2")) == [failed]
    assert queue(room) == ["Entries left out"]
    # a document that changed elsewhere has the others taken, and it is not told again
    room.serve("paper", entry(2, "A poisoned headline"), entry(3), entry(4))
    room.round(1)
    assert "The quarry opens" in titles(room)
    assert len([each for each in caplog.records if each.getMessage() == "entry left out"]) == 1


def test_an_edit_has_it_tried_again(room: Newsroom, faulty: pytest.MonkeyPatch) -> None:
    room.serve("paper", entry(1), entry(2, "A poisoned headline"))
    room.round()
    room.serve("paper", entry(1), entry(2, "A headline like others"))
    room.round(1)
    assert titles(room) == {"The orchard opens", "A headline like others"}
    assert ask(room, "SELECT guid FROM entry_failure") == []
    assert queue(room) == []


def test_another_version_tries_it_again_though_the_document_is_the_same(
    room: Newsroom, faulty: pytest.MonkeyPatch
) -> None:
    room.serve("paper", entry(1), entry(2, "A poisoned headline"))
    room.round()
    faulty.undo()
    room.round(1)
    # nobody tries it again who has failed at it, whether it still would or not
    assert titles(room) == {"The orchard opens"}
    with room.store.write() as connection:
        connection.execute(text("UPDATE entry_failure SET version = '0'"))
    room.round(2)
    assert titles(room) == {"The orchard opens", "A poisoned headline"}
    assert queue(room) == []


def test_an_edit_that_breaks_cleaning_leaves_the_entry_as_it_was(room: Newsroom, faulty: pytest.MonkeyPatch) -> None:
    room.serve("paper", entry(1), entry(2))
    room.round()
    before = room.stories()
    room.serve("paper", entry(1), entry(2, "A poisoned headline"), entry(3))
    room.round(1)
    assert [story for story in room.stories() if story in before] == before
    assert ask(room, "SELECT count(*) FROM copy WHERE listed") == [3]
    assert queue(room) == ["Entries left out"]
    # what it said before is what it says again
    room.serve("paper", entry(1), entry(2), entry(3))
    room.round(2)
    assert queue(room) == []
    room.serve("paper", entry(1), entry(2, "Another poisoned headline"), entry(3))
    room.round(3)
    faulty.undo()
    with room.store.write() as connection:
        connection.execute(text("UPDATE entry_failure SET version = '0'"))
    room.round(4)
    assert "Another poisoned headline" in titles(room)


def test_one_whose_record_went_with_retention_is_tried_again_while_it_is_listed(
    room: Newsroom, faulty: pytest.MonkeyPatch
) -> None:
    room.serve("paper", entry(1), entry(2, "A poisoned headline"))
    room.round()
    hours = room.config.retention / timedelta(hours=1)
    room.round(hours - 1)
    assert ask(room, "SELECT guid FROM entry_failure") == ["e2"]
    # the purge at the end of a round takes the record, and nobody would know of the entry any more
    room.round(hours + 1)
    assert ask(room, "SELECT guid FROM entry_failure") == []
    room.round(hours + 2)
    assert ask(room, "SELECT guid FROM entry_failure") == ["e2"]


def test_entries_that_failed_take_no_place_of_a_quota(room: Newsroom, faulty: pytest.MonkeyPatch) -> None:
    room.reconfigure("paper", quota=2)
    newest = [entry(n, f"A poisoned headline {n}", at="2026-03-10T11:00:00Z") for n in (1, 2)]
    room.serve("paper", *newest, entry(3), entry(4))
    room.round()
    assert titles(room) == set()
    room.round(1)
    assert titles(room) == {"The lantern opens", "The quarry opens"}


def test_where_no_entry_of_many_can_be_taken_it_is_no_entry_s_fault(room: Newsroom, faulty: pytest.MonkeyPatch) -> None:
    room.serve("paper", *(entry(n, f"A poisoned headline {n}") for n in range(8)))
    (report,) = room.round().failed
    assert (report.remark or "").startswith("feedhub broke over it (RecursionError in ")
    assert ask(room, "SELECT guid FROM entry_failure") == []
    faulty.undo()
    room.round(1)
    assert len(room.stories()) == 8


def test_an_entry_that_comes_in_place_of_another_and_fails_costs_the_others_nothing(
    room: Newsroom, faulty: pytest.MonkeyPatch
) -> None:
    room.serve("paper", entry(1), entry(2))
    room.round()
    room.serve("paper", entry(1), entry(3, "A poisoned headline"), entry(4))
    room.round(1)
    assert titles(room) == {"The orchard opens", "The viaduct opens", "The quarry opens"}


@pytest.mark.parametrize("is_edit", [False, True])
def test_an_entry_that_cannot_be_recorded_costs_the_others_nothing(room: Newsroom, is_edit: bool) -> None:
    """The store takes all that cleaning lets through, as far as is known: its fault is made."""
    store_texts = article_texts.store

    def breaks(connection: Connection, values: Sequence[Copy], **more: Any) -> Any:
        if any("poison" in each.title for each in values):
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return store_texts(connection, values, **more)

    room.serve("paper", entry(1), *([entry(2)] if is_edit else []))
    room.round()
    before = titles(room)
    room.serve("paper", entry(1, "The orchard closes"), entry(2, "A poisoned headline"), entry(3))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(article_texts, "store", breaks)
        assert room.round(1).failed == ()
    assert titles(room) == before - {"The orchard opens"} | {"The orchard closes", "The lantern opens"}
    (failed,) = room.read(lambda connection: explain.find_failed(connection, "e2"))
    assert failed.reason.startswith("UnicodeEncodeError")
    with room.store.write() as connection:
        connection.execute(text("UPDATE entry_failure SET version = '0'"))
    room.round(2)
    assert "A poisoned headline" in titles(room)


def test_commands_name_the_entry(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAKS)
    desk = Desk(tmp_path, before=tmp_path)
    rows = desk.file("paper", file_item("1", "Ferry aground off the cape", "text " * 30), file_item("2", "A poison"))
    desk.configure(rows)
    done = desk.run("once", "--now", NOW, "--out", "public")
    assert done.code == 0, done.err
    assert desk.titles() == {"Ferry aground off the cape"}
    assert "could not be cleaned or recorded" in desk.run("check", "--json").out
    shown = desk.run("explain", "paper 2")
    assert "paper 2 is left out, cleaning or recording failed at it: RecursionError: maximum" in shown.out.replace(
        "\n", " "
    )
    assert "\x1b" not in shown.out
    (told,) = desk.run("explain", "paper 2", "--json").json["entries"]
    assert (told["source"], told["guid"]) == ("paper", "2")
