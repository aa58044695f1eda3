"""The index that processes share: what one stored the others find, what was not committed nobody does."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import BRIDGE, NOON
from sqlalchemy import func, select

from feedhub.admin import verify
from feedhub.ingest.identify import fold
from feedhub.match import Furniture, Prepared, Shingles, judge
from feedhub.model import Copy, EntryKey, MatchWindows, OutputRule, Publisher, Verdict
from feedhub.settle import neighbourhood
from feedhub.settle.judgement_cache import JudgementCache
from feedhub.settle.rules import SettleRules
from feedhub.settle.settler import Settler
from feedhub.store import (
    Connection,
    Database,
    archives,
    claims,
    copies,
    output_entries,
    pages,
    placements,
    publishers,
    retention,
    segments,
)
from feedhub.store import stories as story_rows
from feedhub.store.copies import NewCopy
from feedhub.store.placements import hash64
from feedhub.store.segments import SegmentRow, worth_merging
from feedhub.store.tables import segment, verdict

RULES = SettleRules(
    identity="test.example,2026",
    windows=MatchWindows(),
    hold=timedelta(0),
    outputs=(OutputRule(name="all"),),
)
PAPERS = ("courier", "herald", "post")
WORDS = [f"{a}{b}" for a in ("ba", "ke", "li", "mo", "nu") for b in ("dan", "fer", "gol", "lis", "mun", "tor", "vel")]


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    with opened.write() as connection:
        claims.sync_configured(connection, PAPERS, NOON)
        for paper in PAPERS:
            publishers.save(connection, paper, Publisher(source=paper, name=paper.title(), outlet=paper))
    yield opened
    opened.close()


@pytest.mark.parametrize("size", [0, 7, 2_500_000])
def test_a_segment_is_read_in_parts_as_it_is_read_whole(store: Database, size: int) -> None:
    body = random.Random(size).randbytes(size)
    with store.write() as connection:
        other = segments.add(connection, sequence=None, since=NOON, until=NOON, copies=1, body=b"another")
        row = segments.add(connection, sequence=None, since=NOON, until=NOON, copies=1, body=body)
    with store.read() as connection:
        assert b"".join(segments.parts(connection, row.id)) == segments.body(connection, row.id) == body
        assert b"".join(segments.parts(connection, other.id)) == b"another"


def new(paper: str, number: int, hours: float = 0, text: Sequence[str] = ()) -> NewCopy:
    """An item that every paper runs alike, but under a headline of its own."""
    chance = random.Random(f"text {number}")
    paragraphs = tuple(text) or (" ".join(chance.choices(WORDS, k=90)).capitalize() + ".",)
    key = EntryKey(source=paper, guid=f"{paper} {number}")
    made = Copy(
        key=key,
        outlet=paper,
        title=" ".join(random.Random(str(key)).choices(WORDS, k=8)).capitalize(),
        paragraphs=paragraphs,
        html=f"<p>{paragraphs[0]}</p>",
        first_seen=NOON + timedelta(hours=hours),
    )
    return NewCopy(copy=made, identity=hash64(fold(key.guid)), served=key.guid, digest=bytes([number % 256]))


def settle(store: Database, settler: Settler, rows: Sequence[NewCopy], hours: float = 0) -> None:
    store.transact(lambda connection: copies.add(connection, rows))
    while store.transact(lambda connection: settler.settle(connection, NOON + timedelta(hours=hours))).copies:
        pass


def stories(store: Database) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    with store.read() as connection:
        assert verify.problems(connection) == []
        for (_, guid), tag in copies.tags_by_entry(connection).items():
            found.setdefault(tag, set()).add(guid)
    return {frozenset(guids) for guids in found.values()}


def rows(store: Database) -> list[SegmentRow]:
    with store.read() as connection:
        return segments.listing(connection)


def everywhere(count: int) -> set[frozenset[str]]:
    return {frozenset(f"{paper} {number}" for paper in PAPERS) for number in range(count)}


def test_processes_that_settle_in_turn_find_what_the_others_stored(store: Database) -> None:
    settlers = [Settler(RULES) for _ in range(3)]
    for number in range(10):
        for place, paper in enumerate(PAPERS):
            settle(store, settlers[(number + place) % 3], [new(paper, number)])
    assert stories(store) == everywhere(10)
    found = rows(store)
    assert sum(row.copies for row in found) == 30
    assert len(found) < 15


def test_a_process_that_comes_later_finds_what_was_stored_before_it(store: Database) -> None:
    for place, paper in enumerate(PAPERS):
        settle(store, Settler(RULES), [new(paper, number, place) for number in range(30)], place)
    assert stories(store) == everywhere(30)


def test_a_settling_that_failed_leaves_nothing_in_memory(store: Database) -> None:
    settler = Settler(RULES)
    store.transact(lambda connection: copies.add(connection, [new("post", number) for number in range(20)]))

    def broken(connection: Connection) -> None:
        assert settler.settle(connection, NOON).copies == 20
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            store.transact(broken)
    assert rows(store) == []
    settle(store, settler, [new("herald", number) for number in range(20)])
    settle(store, settler, [new("courier", number) for number in range(20)])
    assert stories(store) == everywhere(20)


def test_what_was_judged_ahead_is_settled_first_and_not_judged_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(store, Settler(RULES), [new("post", number) for number in range(8)])
    store.transact(lambda connection: copies.add(connection, [new("courier", number) for number in range(4)]))
    store.transact(lambda connection: copies.add(connection, [new("herald", number, 1) for number in range(4, 8)]))
    judged: list[EntryKey] = []

    def noted(a: Prepared, b: Prepared, *rest: Any, **more: Any) -> Verdict:
        judged.append(b.key)
        return judge(a, b, *rest, **more)

    monkeypatch.setattr(neighbourhood, "judge", noted)
    ahead = Settler(RULES)
    with store.read() as connection:
        ahead.judge_ahead(connection, ["herald"], NOON)
    assert {key.source for key in judged} == {"herald"}
    judged.clear()
    assert store.transact(lambda connection: ahead.settle(connection, NOON, limit=4)).copies == 4
    assert judged == []
    assert stories(store) >= {frozenset({f"post {number}", f"herald {number}"}) for number in range(4, 8)}
    settle(store, ahead, [])
    assert {key.source for key in judged} == {"courier"}


def test_a_verdict_counts_until_more_is_known_of_what_its_sources_repeat(store: Database) -> None:
    settle(store, Settler(RULES), [new("post", 1), new("herald", 1)])
    with store.read() as connection:
        one, other = placements.page(connection, after=0, limit=2)
    left, right, memory = one.copy.key, other.copy.key, JudgementCache()
    before, since = (
        Verdict(left=left, right=right, merged=merged, method="text", score=1.0, threshold=0.5, ground="")
        for merged in (True, False)
    )

    def known(*grams: int) -> Sequence[Shingles]:
        packed = b"".join(gram.to_bytes(8, sys.byteorder) for gram in grams)
        return Furniture.unpacked({"post": packed} if grams else {}).of("post", "herald")

    assert memory.verdict(one, other, known(), lambda: before) == before
    assert memory.verdict(one, other, known(), lambda: since) == before
    assert memory.verdict(one, other, known(7), lambda: since) == since
    assert memory.verdict(one, other, known(7), lambda: before) == since
    assert memory.verdict(one, other, known(7, 9), lambda: before) == before


def test_copies_of_a_purged_time_leave_the_index_as_whole_segments(store: Database) -> None:
    settler = Settler(RULES)
    for day in range(12):
        settle(store, settler, [new("post", number, 24 * day) for number in range(10 * day, 10 * day + 10)], 24 * day)
    before = rows(store)
    now = NOON + timedelta(days=12)
    store.transact(lambda c: retention.purge(c, now=now, retention=timedelta(days=30), window=RULES.windows.window))
    cut = now - 2 * RULES.windows.window
    assert rows(store) == [row for row in before if row.until >= cut]
    assert len(rows(store)) < len(before)
    settle(store, settler, [new("herald", number, 24 * 11) for number in range(110, 120)], 24 * 11)
    assert sum(len(guids) == 2 for guids in stories(store)) == 10


def test_an_index_that_was_lost_is_built_anew_as_copies_wait_again(store: Database) -> None:
    settler = Settler(RULES)
    settle(store, settler, [new("post", number) for number in range(10)])
    with store.write() as connection:
        segments.drop_all(connection)
        placements.mark_source_pending(connection, "post")
    settle(store, settler, [])
    assert [row.copies for row in rows(store)] == [10]
    settle(store, settler, [new(paper, number) for number in range(10) for paper in ("herald", "courier")])
    assert stories(store) == everywhere(10)


def test_nothing_is_kept_of_comparisons_that_found_nothing(store: Database) -> None:
    settle(store, Settler(RULES), [new("post", number) for number in range(30)] + [new("herald", 0)])
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(verdict)).scalar_one() == 1


def row(number: int, copies: int, hours: float) -> SegmentRow:
    at = NOON + timedelta(hours=hours)
    return SegmentRow(id=number, sequence=number, since=at, until=at + timedelta(hours=1), copies=copies)


def test_eight_segments_of_one_size_become_one() -> None:
    small = [row(n, 500, n) for n in range(8)]
    assert worth_merging(small[:7], RULES.windows.window) == []
    assert worth_merging(small, RULES.windows.window) == small
    assert worth_merging([row(9, 30_000, 0), *small], RULES.windows.window) == small


def test_segments_stay_small_enough_and_short_enough_to_be_dropped() -> None:
    large = [row(n, 30_000, n) for n in range(9)]
    assert worth_merging(large, RULES.windows.window) == large[:2]
    assert worth_merging([row(n, 65_000, n) for n in range(9)], RULES.windows.window) == []
    assert worth_merging([row(n, 500, 80 * n) for n in range(9)], RULES.windows.window) == []


def test_texts_that_were_edited_are_found_by_what_they_say_now(store: Database) -> None:
    settler = Settler(RULES)
    settle(store, settler, [new("post", 1), new("post", 2)])
    with store.write() as connection:
        (number,) = copies.find_by_name(connection, "post post 1", None)
        copies.edit(connection, [(number, new("post", 1, text=BRIDGE))], NOON)
    settle(store, settler, [])
    settle(store, settler, [new("herald", 1), new("herald", 3, text=BRIDGE)])
    assert stories(store) == {
        frozenset({"post 1", "herald 3"}),
        frozenset({"post 2"}),
        frozenset({"herald 1"}),
    }
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(segment)).scalar_one() == 3


def test_a_text_that_was_made_whole_is_judged_by_all_of_it(store: Database) -> None:
    settler = Settler(RULES)
    settle(store, settler, [new("post", 1), new("courier", 1)])
    whole = new("post", 1, text=BRIDGE).copy
    with store.write() as connection:
        (number,) = copies.find_by_name(connection, "post post 1", None)
        pages.rewrite(connection, number, whole, NOON)
    settle(store, settler, [new("herald", 3, text=BRIDGE)])
    assert stories(store) == {frozenset({"courier 1"}), frozenset({"post 1", "herald 3"})}


def test_what_is_old_goes_in_batches_and_what_is_listed_keeps_its_identity(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    settle(store, Settler(RULES), [new("post", number) for number in range(10)])
    with store.write() as connection:
        copies.mark_listed(connection, come=(), gone=copies.find_by_name(connection, "post post 1", None), now=NOON)
    later = NOON + timedelta(days=31)

    def purge() -> retention.PurgeResult:
        limits = {"retention": timedelta(days=30), "window": RULES.windows.window}
        return store.transact(lambda connection: retention.purge(connection, now=later, **limits))

    gone = [purge() for _ in range(4)]
    assert [(part.stories, part.more) for part in gone] == [(4, True), (4, True), (2, False), (0, False)]
    assert sum(part.copies for part in gone) == 1
    with store.write() as connection:
        assert verify.problems(connection) == []
        listed = copies.listed(connection, "post")
        assert {row.purged for row in listed} == {True}
        copies.mark_listed(connection, come=(), gone=[row.id for row in listed], now=later)
    assert purge().copies == 9


@pytest.mark.parametrize(
    ("work", "name"),
    [
        pytest.param(lambda c: placements.pending(c, 5), "ix_copy_waiting", id="what waits"),
        pytest.param(lambda c: placements.pending(c, 5, first=[1]), "ix_copy_waiting", id="what waits, some first"),
        pytest.param(lambda c: placements.waiting_of(c, ["post"], 5), "ix_copy_waiting", id="what waits of a source"),
        pytest.param(
            lambda c: story_rows.waiting_for_release(c, NOON),
            "ix_story_state_released",
            id="what waits for its release",
        ),
        pytest.param(lambda c: story_rows.last_release(c, NOON), "ix_story_state_released", id="what came out last"),
        pytest.param(
            lambda c: story_rows.tombstones(c, "all", since=NOON), "ix_story_state_released", id="what has ended"
        ),
        pytest.param(lambda c: copies.listed(c, "post"), "ix_copy_source", id="what is listed"),
        pytest.param(
            lambda c: copies.candidates_for(c, "post", guids=(), identities=(1, 2), pages=()),
            "ix_copy_identity",
            id="identity",
        ),
        pytest.param(
            lambda c: copies.candidates_for(c, "post", guids=(), identities=(), pages=(1,)),
            "ix_copy_page_key",
            id="page",
        ),
        pytest.param(
            lambda connection: output_entries.listed(connection, "all", now=NOON, limit=9),
            "ix_output_entry_output_entered_at",
            id="newest",
        ),
        pytest.param(
            lambda connection: archives.unarchived(connection, "all", now=NOON),
            "ix_output_entry_output_archived",
            id="what no archived document holds",
        ),
    ],
)
def test_what_is_asked_for_often_is_found_by_an_index(
    tmp_path: Path, work: Callable[[Connection], object], name: str
) -> None:
    store = Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    plans: list[str] = []
    with store.read() as connection:
        raw: Any = connection.connection.driver_connection
        raw.set_trace_callback(plans.append)
        work(connection)
        raw.set_trace_callback(None)
        asked = next(statement for statement in plans if "FROM copy" in statement or "FROM story" in statement)
        plan = " ".join(str(row) for row in raw.execute(f"EXPLAIN QUERY PLAN {asked}"))
    store.close()
    assert name in plan, plan
