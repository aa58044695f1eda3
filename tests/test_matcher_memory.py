"""What keeps the matcher's memory small, however many items there are, changes nothing of what it says."""

from __future__ import annotations

import numpy as np
import pytest
from archives import archive
from hypothesis import given, settings
from hypothesis import strategies as st

import feedhub
from feedhub.match.cluster import rows, stream
from feedhub.match.index import spool
from feedhub.match.index.record_file import RecordFile
from feedhub.match.index.spool import Buckets
from feedhub.model import MatchWindows
from feedhub.name_set import NameSet


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdefgh")), max_size=30))
def test_a_name_set_is_a_set_of_texts(steps: list[tuple[bool, str]]) -> None:
    names, expected = NameSet(), set[str]()
    for adds, name in steps:
        if adds:
            names.add(name)
            expected.add(name)
        else:
            names.discard(name)
            expected.discard(name)
    assert {name for _, name in steps if name in names} == expected


def test_a_name_set_grows() -> None:
    names = NameSet()
    for number in range(5_000):
        names.add(f"item {number}")
    assert all(f"item {number}" in names for number in range(5_000))
    assert not any(f"item {number}" in names for number in range(5_000, 10_000))


def test_a_bucket_that_is_large_is_spread_and_equal_numbers_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_LARGEST", 1_000)
    monkeypatch.setattr(spool, "_CHUNK", 500)
    numbers = np.random.default_rng(3).integers(0, 2_000, 20_000).astype(np.uint64)
    with Buckets(2, number=2) as buckets:
        buckets.add(numbers, numbers + np.uint64(7))
        parts = list(buckets)
    assert len(parts) > 100
    assert max(len(first) for first, _ in parts) < 500
    assert sum(len(np.unique(first)) for first, _ in parts) == len(np.unique(numbers))
    assert sorted(np.concatenate([first for first, _ in parts]).tolist()) == sorted(numbers.tolist())
    assert all((second == first + np.uint64(7)).all() for first, second in parts)


def test_stories_are_the_same_where_everything_is_done_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    items = archive(30)
    expected = feedhub.dedupe(items)
    monkeypatch.setattr(spool, "_LARGEST", 2_000)
    monkeypatch.setattr(spool, "_CHUNK", 160)
    monkeypatch.setattr(rows, "_AT_ONCE", 3)
    assert feedhub.dedupe(items) == expected


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.integers(0, 40), st.integers(1, 1 << 40), max_size=10), st.lists(st.integers(0, 1 << 40)))
def test_records_are_read_back_by_place_and_what_was_never_written_is_zeros(
    written: dict[int, int], appended: list[int]
) -> None:
    with RecordFile("<QI") as places, RecordFile("<Q") as every:
        for place, value in written.items():
            places.write(place, value, place)
        assert [places.get(n) for n in range(42)] == [(written[n], n) if n in written else (0, 0) for n in range(42)]
        for number, value in enumerate(appended):
            every.append(value)
            assert every.get(number) == (value,)
        assert len(every) == len(appended)


def test_an_item_that_was_read_stays_in_memory_with_fourteen_bytes() -> None:
    work = stream.Stream(MatchWindows(), lambda stage, done, total: None)
    work.read(feedhub.items.copies(archive(40)))
    arrays = [work.source, work.ranks, work._by_rank]
    assert sum(each.nbytes for each in arrays) == 12 * 40
    assert work.index._counts.itemsize == 2
    work.close()


def test_items_without_a_source_cost_no_name_each() -> None:
    items = [{"id": number, "title": f"Headline {number}"} for number in range(50)]
    work = stream.Stream(MatchWindows(), lambda stage, done, total: None)
    work.read(feedhub.items.copies(items))
    assert work.pair_judge().names == []
    work.learn()
    assert work.pair_judge().names == [stream.UNSOURCED]
    work.close()
    with feedhub.Index() as index:
        index.add(items)
        assert index._state._furniture.names == [stream.UNSOURCED]
        assert len(list(index.stories())) == 50
