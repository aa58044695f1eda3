"""What the desk and its commands write: pauses, polls asked for, furniture forgotten, labels; on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from feedhub.settle.candidate_index import CandidateIndex
from feedhub.store import Database, claims, pair_labels, source_pauses, verdicts
from feedhub.store.pair_labels import PairLabel

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    made = Database.open(database_url)
    with made.write() as connection:
        claims.sync_configured(connection, ["a", "b"], NOON)
    yield made
    made.close()


def claimed(store: Database, now: datetime, *, everything: bool = False) -> list[str]:
    with store.write() as connection:
        some = claims.claim(connection, now=now, lease=MINUTE, limit=9, everything=everything)
        claims.release(connection, some)
    return [each.source for each in some]


def test_a_paused_source_is_claimed_by_nobody_until_it_goes_on(store: Database) -> None:
    with store.write() as connection:
        assert source_pauses.begin(connection, "a", now=NOON, by="anna", reason="floods us")
        assert not source_pauses.begin(connection, "a", now=NOON, by="bo")
    assert claimed(store, NOON) == ["b"]
    assert claimed(store, NOON, everything=True) == ["b"]
    with store.write() as connection:
        (pause,) = source_pauses.in_force(connection).values()
        assert (pause.source, pause.paused_by, pause.reason) == ("a", "anna", "floods us")
        assert source_pauses.end(connection, "a", now=NOON + MINUTE, by="bo")
        assert not source_pauses.end(connection, "a", now=NOON + MINUTE, by="bo")
        assert source_pauses.in_force(connection) == {}
        (kept,) = source_pauses.of_source(connection, "a")
    assert (kept.resumed_at, kept.resumed_by) == (NOON + MINUTE, "bo")
    assert claimed(store, NOON) == ["a", "b"]


def test_a_source_that_is_asked_for_is_due_now_and_never_later_than_it_was(store: Database) -> None:
    later = NOON + timedelta(days=1)
    with store.write() as connection:
        claims.sync_configured(connection, ["a", "b", "c"], later)
        claims.make_due(connection, "c", NOON + MINUTE)
        claims.make_due(connection, "a", NOON + MINUTE)
        due = {row.id: row.due_at for row in claims.sources(connection)}
    assert due == {"a": NOON, "b": NOON, "c": NOON + MINUTE}


def test_furniture_that_was_forgotten_is_forgotten_by_who_had_read_it(store: Database) -> None:
    index = CandidateIndex(timedelta(hours=72))
    with store.write() as connection:
        verdicts.save_furniture(connection, {"a": bytes(range(16)), "b": bytes(8)})
        index.refresh(connection, NOON, NOON)
        assert index.furniture.shingles.keys() == {"a", "b"}
        assert verdicts.forget_furniture(connection, "a") == 16
        assert verdicts.forget_furniture(connection, "a") == 0
        assert verdicts.forget_furniture(connection, "nobody") == 0
        index.refresh(connection, NOON, NOON)
        assert index.furniture.shingles.keys() == {"b"}
        verdicts.save_furniture(connection, {"a": bytes(8)})
        index.refresh(connection, NOON, NOON)
    assert index.furniture.shingles.keys() == {"a", "b"}


def label(left: str, right: str, by: str, judgement: pair_labels.Judgement, minute: int = 0) -> PairLabel:
    return PairLabel(
        left=left, right=right, labelled_by=by, judgement=judgement, kind="text", labelled_at=NOON + minute * MINUTE
    )


def test_labels_of_two_people_stand_beside_each_other_and_a_second_word_replaces_the_first(store: Database) -> None:
    first = [
        label("a 1", "b 1", "anna", "same"),
        label("a 1", "b 1", "bo", "other", 1),
        label("a 1", "b 2", "bo", "unclear"),
    ]
    again = label("a 1", "b 1", "anna", "other", 2)
    with store.write() as connection:
        assert pair_labels.state_of(connection) == (0, None)
        pair_labels.save(connection, first)
        pair_labels.save(connection, [again, again])
        assert pair_labels.all_labels(connection) == [again, *first[1:]]
        assert pair_labels.newest_of(connection, "bo", 1) == [first[1]]
        assert pair_labels.state_of(connection) == (3, again.labelled_at)
        assert pair_labels.remove(connection, ("a 1", "b 1"), "anna")
        assert not pair_labels.remove(connection, ("a 1", "b 1"), "anna")


def test_an_entry_stays_as_it_was_when_first_labelled(store: Database) -> None:
    with store.write() as connection:
        pair_labels.save_entries(connection, {"a 1": {"id": "a 1", "text": "as it was"}})
        pair_labels.save_entries(connection, {"a 1": {"id": "a 1", "text": "edited"}, "b 1": {"id": "b 1"}})
        assert pair_labels.entries(connection) == {"a 1": {"id": "a 1", "text": "as it was"}, "b 1": {"id": "b 1"}}
        assert pair_labels.entries(connection, ["b 1"]).keys() == {"b 1"}
