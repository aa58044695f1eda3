"""No source makes another's stories wait: batches are of bounded work, and the least served come first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from commands import NOW, Desk, item
from engines import Databases
from hubs import NOON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, cast, func, insert, literal, select, true

from feedhub.model import Copy, EntryKey, Publisher
from feedhub.store import Connection, Database, claims, copies, placements, publishers, settle_queue
from feedhub.store.copies import NewCopy
from feedhub.store.settle_queue import BATCH_CHARACTERS, LONG, LONG_CHARACTERS
from feedhub.store.tables import article_text, copy
from feedhub.structs import replace

#: (source, characters of the text) of each entry, in the order of their guids
Entries = list[tuple[str, int]]
LIMIT = 50


def batches(databases: Databases, entries: Entries) -> list[list[tuple[str, int]]]:
    """The batches in which these entries are settled, each entry as its source and its place among all."""
    with databases.new() as url:
        store = Database.open(url)
        names = {source for source, _ in entries}
        rows = [new(source, place, size) for place, (source, size) in enumerate(entries)]

        def add(connection: Connection) -> None:
            claims.sync_configured(connection, sorted(names), NOON)
            for name in names:
                publishers.save(connection, name, Publisher(source=name, name=name, outlet=name))
            copies.add(connection, rows)

        store.transact(add)
        found = []
        while True:
            with store.write() as connection:
                batch = placements.pending(connection, LIMIT)
                for row in batch:
                    placements.settle_withdrawn(connection, row.id, None)
            if not batch:
                break
            found.append([(row.copy.key.source, int(row.copy.key.guid)) for row in batch])
        store.close()
        return found


def new(source: str, place: int, size: int) -> NewCopy:
    key = EntryKey(source=source, guid=f"{place:05}")
    text = f"{place} ".ljust(size, "x")
    made = Copy(key=key, outlet=source, title="A title", paragraphs=(text,) if size else (), first_seen=NOON, url=None)
    return NewCopy(copy=made, identity=place, served=key.guid, digest=b"1")


def test_what_fits_into_a_batch_is_one_in_the_order_of_founders(databases: Databases) -> None:
    entries: Entries = [("zeta", 9_000), ("alpha", 0), ("zeta", 100), ("beta", 40_000)] * 5
    (batch,) = batches(databases, entries)
    assert batch == sorted(((source, place) for place, (source, _) in enumerate(entries)))


def test_long_texts_of_one_source_wait_until_all_others_are_settled(databases: Databases) -> None:
    entries: Entries = [("a hostile one", 390_000)] * 9 + [(f"paper {n}", 3_000) for n in range(12)]
    first, *others = batches(databases, entries)
    assert {source for source, _ in first} == {f"paper {n}" for n in range(12)}
    assert [len(batch) for batch in others] == [2, 2, 2, 2, 1]


def test_thousands_of_short_texts_of_one_source_leave_the_others_their_places(databases: Databases) -> None:
    entries: Entries = [("a hostile one", 1_000)] * 300 + [(f"paper {n}", 3_000) for n in range(12)]
    first, *others = batches(databases, entries)
    assert {f"paper {n}" for n in range(12)} <= {source for source, _ in first}
    assert len(others) == 6


def test_a_text_beyond_all_limits_is_settled_alone(databases: Databases) -> None:
    entries: Entries = [("a", 5_000_000), ("a", 10), ("b", 10)]
    assert batches(databases, entries) == [[("b", 2)], [("a", 0)], [("a", 1)]]


def test_who_came_last_is_settled_next_however_much_of_others_waits(databases: Databases) -> None:
    with databases.new() as url:
        store = Database.open(url)
        with store.write() as connection:
            claims.sync_configured(connection, ["flood 1", "flood 2", "paper"], NOON)
            copies.add(connection, [new("flood 1", 0, 0), new("flood 2", 0, 0)])
            multiply(connection, 5_000)
            late = new("paper", 1, 3_000)
            copies.add(connection, [replace(late, copy=replace(late.copy, first_seen=NOON + timedelta(hours=1)))])
        with store.read() as connection:
            chosen = placements.by_ids(connection, settle_queue.next_ids(connection, LIMIT))
            assert {row.copy.key.source for row in chosen} == {"flood 1", "flood 2", "paper"}
            # the oldest of each, as founders are chosen
            guids = [row.copy.key.guid for row in chosen if row.copy.key.source == "flood 1"]
            assert sorted(guids) == sorted([f"{0:05}", *(f"{n:05}" for n in range(1, 5_001))][: len(guids)])
        store.close()


@pytest.mark.parametrize("share", [settle_queue.SHARE, settle_queue.ROUND_SHARE])
@pytest.mark.parametrize(
    ("size", "minutes"),
    [
        pytest.param(100, 3, id="later copies of the first sources"),
        pytest.param(19_000, 1, id="later shares of the first sources"),
        pytest.param(100, 1, id="the first sources alone"),
    ],
)
def test_of_many_sources_those_are_chosen_that_would_be_if_all_were_looked_at(
    databases: Databases, size: int, minutes: int, share: int
) -> None:
    entries = [(f"{n * 37 % 100:02} paper", size) for n in range(200)]
    with databases.new() as url:
        store = Database.open(url)
        with store.write() as connection:
            claims.sync_configured(connection, sorted({source for source, _ in entries}), NOON)
            rows = [new(source, place, size) for place, (source, size) in enumerate(entries)]
            came = [NOON + timedelta(minutes=place % minutes) for place in range(len(rows))]
            copies.add(
                connection,
                [replace(r, copy=replace(r.copy, first_seen=at)) for r, at in zip(rows, came, strict=True)],
            )
        with store.read() as connection:
            stored = placements.page(connection, after=0, limit=len(rows))
            before, order = dict.fromkeys((source for source, _ in entries), 0), []
            for row in sorted(stored, key=lambda row: (row.copy.first_seen, row.copy.key)):
                source = row.copy.key.source
                characters = select(article_text.c.characters).where(article_text.c.id == row.text)
                before[source] += connection.execute(characters).scalar_one() + 2_000
                order.append((before[source] // share, row.copy.first_seen, row.copy.key, row.id))
            expected = [number for *_, number in sorted(order)]
            for limit in (10, 15, 150):
                assert settle_queue.next_ids(connection, limit, share=share) == expected[:limit]
        store.close()


def multiply(connection: Connection, times: int) -> None:
    """Let each copy that waits wait so many times more, under guids that follow its own."""
    number = select(literal(1).label("n")).cte("number", recursive=True)
    number = number.union_all(select(number.c.n + 1).where(number.c.n < times))
    guid = func.substr(cast(number.c.n + 100_000, Text), 2)
    columns = [c for c in copy.c if c is not copy.c.id]
    values = [guid if c is copy.c.guid else c for c in columns]
    connection.execute(insert(copy).from_select([c.name for c in columns], select(*values).join(number, true())))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([0, 500, 30_000, 250_000, 900_000])), max_size=80))
def test_each_entry_is_settled_once_in_batches_of_bounded_work(databases: Databases, entries: Entries) -> None:
    done = batches(databases, entries)
    assert sorted(place for batch in done for _, place in batch) == list(range(len(entries)))
    before = dict.fromkeys("abcde", 0)
    for batch in done:
        sizes = [entries[place][1] for _, place in batch]
        assert len(batch) <= LIMIT
        assert sum(sizes) <= (LONG_CHARACTERS if max(sizes) > LONG else BATCH_CHARACTERS)
        # a source's own keep their order, so that none of them waits for ever
        for source in before:
            places = [place for name, place in batch if name == source]
            assert places == sorted(places)
            assert all(place >= before[source] for place in places)
            before[source] = max(places, default=before[source])


def test_stories_of_others_are_public_before_a_hostile_source_is_settled(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    hostile = [item(f"h{n}", f"Ferry{n} aground", f"the ferry {n} ran aground " * 5_000) for n in range(3)]
    rows = desk.file("a-hostile", *hostile)
    for number in range(4):
        text = " ".join(f"word{number}x{n}" for n in range(90))
        rows += desk.file(f"paper{number}", item(f"p{number}", f"Paper{number} has news{number}", text))
    desk.configure(rows)
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    # another change number is another transaction: what the first one did was served before the second began
    changes = "SELECT max(change) FROM story WHERE founder_source = 'a-hostile' GROUP BY founder_source"
    (last,) = desk.ask(changes)
    honest = desk.ask("SELECT change FROM story WHERE founder_source LIKE 'paper%'")
    assert len(honest) == 4
    assert max(honest) < last
    assert desk.ask("SELECT count(*) FROM copy WHERE pending") == [0]
    assert desk.run("db", "verify").code == 0


@pytest.mark.parametrize("sources", [["a"], ["b"], ["a", "b"]])
def test_judging_ahead_is_bounded_too(databases: Databases, sources: list[str]) -> None:
    with databases.new() as url:
        store = Database.open(url)
        with store.write() as connection:
            claims.sync_configured(connection, ["a", "b"], NOON)
            copies.add(connection, [new(source, n, 390_000) for n, source in enumerate("ab" * 5)])
        with store.read() as connection:
            waiting = placements.waiting_of(connection, sources, LIMIT)
            assert {row.copy.key.source for row in waiting} == set(sources)
            assert len(waiting) == 2
            assert settle_queue.is_any_waiting(connection)
        store.close()


def test_a_batch_of_a_round_has_a_few_sources_and_one_of_a_daemon_all_that_wait(databases: Databases) -> None:
    entries = [(f"{n % 20:02} paper", 1_000) for n in range(400)]
    with databases.new() as url:
        store = Database.open(url)
        with store.write() as connection:
            claims.sync_configured(connection, sorted({source for source, _ in entries}), NOON)
            copies.add(connection, [new(source, place, size) for place, (source, size) in enumerate(entries)])
        with store.write() as connection:
            sources = [
                {row.copy.key.source for row in placements.pending(connection, 100, share=share)}
                for share in (settle_queue.SHARE, settle_queue.ROUND_SHARE)
            ]
        store.close()
    assert [len(each) for each in sources] == [17, 5]
