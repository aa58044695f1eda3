"""Texts are kept once: found by what they say, shared by all rows that say it, gone with the last of them."""

from __future__ import annotations

import hashlib
import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from faults import Fault, child
from hubs import NOON, Newsroom, item
from newsstand import story
from outlets import plain_item
from sqlalchemy import func, select

from feedhub.cli import database_commands
from feedhub.errors import UsageError
from feedhub.hub import Hub
from feedhub.model import Story
from feedhub.store import Connection, Database, article_texts, compaction, packing, transfer
from feedhub.store.article_texts import ArticleText
from feedhub.store.poller_lock import PollerLock
from feedhub.store.tables import article_text, copy
from feedhub.store.tables import story as story_table
from feedhub.structs import replace

pytestmark = pytest.mark.usefixtures("engine")
REPRINT = [" ".join(f"{word}{n}" for n in range(30)).capitalize() + "." for word in ("harbour", "lantern", "quay")]


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(article_text)).scalar_one())


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("paper")
    made.source("courier")
    return made


def test_copies_of_two_papers_and_their_story_have_one_text(room: Newsroom) -> None:
    room.serve("paper", item("a", "Harbour shut", *REPRINT))
    room.serve("courier", item("b", "Port closed", *REPRINT))
    room.round()
    assert room.read(count) == 1
    (told,) = room.stories()
    assert "<p>Harbour0" in (told.html or "")


def test_an_edited_entry_and_its_versions_say_what_they_said(room: Newsroom) -> None:
    room.serve("paper", item("a", "Harbour shut", *REPRINT))
    room.round()
    room.serve("paper", item("a", "Harbour shut", *REPRINT, "Nobody of the 4471 was hurt."))
    room.round(1)
    (told,) = room.stories()
    first, last = room.versions(told.id)
    assert "4471" not in (first.html or "")
    assert "4471" in (last.html or "")
    assert room.read(count) == 2


def test_nothing_is_left_of_texts_whose_retention_is_over(room: Newsroom) -> None:
    room.serve("paper", *(plain_item(n) for n in range(4)))
    room.round()
    room.serve("paper", *(plain_item(n, content_html=f"<p>{n} was edited and says 77.</p>") for n in range(4)))
    room.round(1)
    room.serve("paper")
    room.round(2)
    room.round(24 * 60)
    assert room.stories() == []
    # what archived documents hold stays
    assert room.read(count) == 4
    assert room.read(lambda c: list(article_texts.problems(c))) == []


def put(connection: Connection, *texts: ArticleText, like: int | None = None) -> list[int | None]:
    return article_texts.put(connection, texts, [like] * len(texts))


def test_a_text_whose_number_is_known_is_taken_as_long_as_it_is_there(database_url: str) -> None:
    store = Database.open(database_url)
    value = replace(story(1), html="<p>Harbour shut.</p>")
    with store.write() as connection:
        (other, own) = put(connection, ArticleText(html="<p>Quay shut.</p>"), ArticleText(html=value.html or ""))
        assert own is not None
        # believed: nobody reads what it says
        (_, taken), (_, found) = article_texts.store(connection, [value, value], own=[other, None])
        assert (taken, found) == (other, own)
        ((_, made),) = article_texts.store(connection, [value], own=[own + 1000])
        assert made == own
        article_texts.collect(connection, [own])
        ((_, anew),) = article_texts.store(connection, [value], own=[own])
        read = connection.execute(select(article_text.c.body).where(article_text.c.id == anew)).scalar_one()
        assert "Harbour shut" in packing.unpack_text(read)
    store.close()


def test_a_text_that_differs_a_little_is_stored_as_the_difference(database_url: str) -> None:
    store = Database.open(database_url)
    whole = ArticleText(html="<p>" + " ".join(f"word{n * 7919}" for n in range(300)) + "</p>", paragraphs=("x",))
    part = ArticleText(html=whole.html[:900] + "</p>")
    with store.write() as connection:
        (base,) = put(connection, whole)
        (less,) = put(connection, part, like=base)
        # the difference from a difference is one from the whole
        (least,) = put(connection, ArticleText(html=whole.html[:500]), like=less)
        rows = {row.id: row for row in connection.execute(select(article_text))}
        assert {rows[less].base, rows[least].base} == {base}
        assert len(rows[less].body) < len(rows[base].body) / 10
        for number in (less, least):
            value = replace(story(1), html=part.html if number == less else whole.html[:500])
            reference = {"b": number}
            packed, root = connection.execute(
                select(*article_texts.columns(article_text.c.id)).where(article_text.c.id == reference["b"])
            ).one()
            body, _ = article_texts.split(value)
            assert article_texts.read(Story, body, packed, root) == value
        assert article_texts.collect(connection, [base]) == 0
        assert article_texts.collect(connection, [less, least]) == 3
    store.close()


def test_a_text_of_the_same_digest_is_compared(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ArticleText, "digest", property(lambda self: 5))
    store = Database.open(database_url)
    one, other = ArticleText(html="<p>one</p>"), ArticleText(html="<p>other</p>")
    with store.write() as connection:
        first, second, third = put(connection, one, other, one)
        assert first == third != second
        assert put(connection, other, one) == [second, first]
    store.close()


@pytest.mark.parametrize("text", ["", "x", "\ud800 alone", "ü" * 5000, '{"html":"<p>\\u0000</p>"}'])
def test_what_is_packed_is_unpacked(text: str) -> None:
    assert packing.unpack_row(packing.pack_row(text)) == text
    assert packing.unpack_text(packing.pack_text(text)) == text
    assert packing.unpack_text(packing.pack_text(text, "a base of its own" + text), "a base of its own" + text) == text


def test_the_dictionary_of_rows_changes_by_a_migration_alone() -> None:
    # rows that were packed with another one cannot be read
    assert hashlib.sha256(packing._COMMON).hexdigest()[:16] == "84e38aa7895adf92"


def purge_and_die(room: Newsroom, hours: float, fault: Fault) -> None:
    """Purge what is old, and be killed meanwhile."""
    import asyncio

    async def run() -> None:
        now = NOON + timedelta(hours=hours)
        async with Hub.open(room.config, now) as hub:
            fault.arm()
            await hub.purge(now)

    asyncio.run(run())


@pytest.mark.parametrize("statement", [8, 14, 20, 26])
def test_who_is_killed_while_it_purges_leaves_no_text_behind_and_takes_none_away(
    room: Newsroom, statement: int, database_url: str
) -> None:
    room.elsewhere = database_url  # type: ignore[misc]
    room.serve("paper", *(plain_item(n) for n in range(3)))
    room.round()
    room.serve("paper")
    room.round(1)
    before = room.read(count)
    process = child(purge_and_die, room, 24 * 60, Fault(statement=statement))
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    assert room.problems() == []
    assert process.exitcode == 0 or room.read(count) == before


def test_who_shares_a_text_and_who_drops_it_do_not_meet(database_url: str, engine: str) -> None:
    if engine != "postgresql":
        pytest.skip("on SQLite one writes at a time")
    store, text = Database.open(database_url), ArticleText(html="<p>one</p>")
    with store.write() as connection:
        (number,) = put(connection, text)
    with store.write() as shares, store.write() as drops:
        assert put(shares, text) == [number]
        assert article_texts.collect(drops, [number]) == 0
    store.close()


def test_compacting_drops_what_no_row_needs_and_makes_the_file_smaller(room: Newsroom, engine: str) -> None:
    room.serve("paper", *(plain_item(n) for n in range(60)))
    room.round()
    store = Database.open(room.config.database)
    with store.write() as connection:
        for number in range(50):
            article_texts.put(connection, [ArticleText(html=f"<p>{number} " + "".join(map(str, range(3000))))])
        connection.execute(copy.update().values(ground=None))
    store.close()
    assert len(room.problems()) == 50
    seen: list[str] = []
    before = [one.html for one in room.stories()]
    done = compaction.compact(room.config.database, seen.append)
    assert done.texts == 50
    assert seen == compaction.steps(room.config.database)
    assert engine == "postgresql" or done.after < done.before
    assert room.problems() == []
    assert [one.html for one in room.stories()] == before


def test_compacting_refuses_a_file_over_which_a_hub_polls(room: Newsroom, engine: str) -> None:
    if engine != "sqlite":
        pytest.skip("on PostgreSQL nobody need stop")
    room.round()
    place = PollerLock(room.config.database)
    with place.entering():
        pass
    try:
        with pytest.raises(UsageError, match="stop the hub first"):
            compaction.compact(room.config.database)
    finally:
        place.leave()


def test_texts_move_with_their_hub(room: Newsroom, tmp_path: Path) -> None:
    room.serve("paper", *(plain_item(n) for n in range(5)))
    room.round()
    target = f"sqlite:///{tmp_path / 'moved.db'}"
    transfer.move(room.config.database, target)
    store = Database.open(target)
    with store.read() as connection:
        assert count(connection) == room.read(count)
        told = connection.execute(select(func.count(story_table.c.text))).scalar_one()
        assert told == 5
        assert list(article_texts.problems(connection)) == []
    store.close()


def test_the_command_says_how_large_the_database_was_and_is(
    room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room.round()
    path = tmp_path / "config.yaml"
    path.write_text(f"database: {json.dumps(room.config.database)}\nsources: []\nfeeds: []\n", encoding="utf-8")
    assert database_commands.compact(path, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["texts"] == 0
    # PostgreSQL's own catalogues may grow meanwhile
    assert told["bytes_before"] > 0
    assert told["bytes_after"] > 0
