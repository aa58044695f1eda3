"""The index in memory: what is packed comes back, what shares keys is found, what everything shares is not."""

from __future__ import annotations

import random
import zlib
from collections.abc import Collection, Sequence
from datetime import timedelta

import numpy as np
import pytest
from comparing import BANNER, FERRY, NOON, OTHER_FERRY, item
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.match import NO_FURNITURE, Lookup, Segment, coded, furniture_keys, hash64, keys_of, learn, segment_of
from feedhub.match.index import batch_search, packed_keys
from feedhub.match.index import segment as segments_module
from feedhub.match.index.batch_search import COMMON_STORIES, SAMPLE, Search
from feedhub.match.index.packed_keys import PackedKeys
from feedhub.model import Copy
from feedhub.structs import replace

WINDOW = timedelta(hours=72).total_seconds()
WORDS = [f"{a}{b}" for a in ("ba", "ke", "li", "mo", "nu") for b in ("dan", "fer", "gol", "lis", "mun", "tor", "vel")]


def copy(source: str, text: str | Sequence[str], *, guid: str | None = None, hours: float = 0, title: str = "") -> Copy:
    made = item(source, title or f"Report of the {source} alone", text, guid=guid).copy
    return replace(made, first_seen=NOON + timedelta(hours=hours))


def made_up(seed: int, words: int = 120) -> str:
    chance = random.Random(f"text {seed}")
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


def segment(numbered: dict[int, Copy], again: Collection[int] = ()) -> Segment:
    return segment_of(list(numbered.items()), keys_of(coded(list(numbered.values()))), again)


def looked_up(held: Sequence[Segment], batch: Segment, stories: dict[int, int] | None = None) -> dict[int, list[int]]:
    lookup = Lookup(WINDOW)
    for number, each in enumerate(held):
        lookup.add(number, number, each)
    return best(lookup, batch, stories or {})


def best(lookup: Lookup, batch: Segment, stories: dict[int, int]) -> dict[int, list[int]]:
    found = Search(lookup, batch, furniture_keys(NO_FURNITURE)).candidates(
        lambda copies: {n: stories[n] for n in copies if n in stories}
    )
    return {number: sorted(others) for number, others in found.items()}


def test_a_segment_comes_back_from_its_bytes() -> None:
    made = segment({7: copy("post", FERRY), 9: copy("herald", OTHER_FERRY, hours=2), 4: copy("mail", "")}, [9])
    back = Segment.unpack(made.pack())
    for name in Segment.__struct_fields__:
        ours, theirs = getattr(made, name), getattr(back, name)
        if name == "keys":
            ours, theirs = ours.unpacked(), theirs.unpacked()
        assert np.array_equal(ours, theirs), name
    assert (back.since, back.until) == (made.since, made.until)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_packed_keys_are_found_as_in_a_sorted_array(data: st.DataObject) -> None:
    near = st.builds(lambda high, low: high << 32 | low, st.sampled_from([0, 3, 0xFFFF]), st.integers(0, 5))
    some = near | st.integers(0, (1 << 48) - 1)
    every = np.array(sorted(data.draw(st.lists(some, max_size=60))), dtype=np.uint64)
    asked = np.unique(np.array(data.draw(st.lists(some, max_size=30)), dtype=np.uint64))
    packed = PackedKeys.of(every)
    assert np.array_equal(packed.unpacked(), every)
    begins, ends = every.searchsorted(asked, "left"), every.searchsorted(asked, "right")
    there = (ends > begins).nonzero()[0]
    for few in (0, 32):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(packed_keys, "_FEW", few)
            for ours, theirs in zip(packed.ranges(asked), (there, begins[there], ends[there]), strict=True):
                assert np.array_equal(ours, theirs)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=14), st.integers(1, 200))
def test_a_batch_is_looked_up_alike_however_many_of_its_pairs_are_counted_at_once(texts: list[int], pairs: int) -> None:
    numbered = {n: copy(f"source {n}", made_up(text, 60), hours=n) for n, text in enumerate(texts, 1)}
    half = len(numbered) // 2
    held = segment({n: each for n, each in numbered.items() if n <= half})
    batch = segment({n: each for n, each in numbered.items() if n > half})
    whole = looked_up([held], batch)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batch_search, "PAIRS", pairs)
        assert looked_up([held], batch) == whole
    assert sum(map(len, whole.values())) >= texts[half:].count(texts[-1]) - 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, (1 << 48) - 1) | st.integers(0, 1 << 33) | st.just((1 << 48) - 1), max_size=40))
def test_keys_come_back_from_their_upper_halves_and_how_many_have_each(some: list[int]) -> None:
    keys = np.array(sorted(some), dtype=np.uint64)
    packed = PackedKeys.of(keys)
    back = PackedKeys.of_counts(packed.upper, packed.counts(), packed.lower)
    assert np.array_equal(back.unpacked(), keys)
    assert np.array_equal(back.starts, packed.starts)


def test_a_posting_of_a_segment_takes_six_bytes() -> None:
    keys = np.sort(np.random.default_rng(1).integers(0, 1 << 48, 2_000_000).astype(np.uint64))
    assert PackedKeys.of(keys).nbytes <= 4.2 * len(keys)
    some = segment({1: copy("post", FERRY)})
    assert some.places.itemsize == 2


@pytest.mark.parametrize("cut", [0, 1, 19, 40, -1])
def test_bytes_that_are_no_segment_are_refused(cut: int) -> None:
    with pytest.raises((ValueError, zlib.error)):
        Segment.unpack(segment({7: copy("post", FERRY)}).pack()[:cut])


def test_copies_of_one_text_find_each_other_and_nobody_else() -> None:
    held = segment({1: copy("post", FERRY), 2: copy("herald", OTHER_FERRY)})
    batch = segment({3: copy("mail", FERRY[1:]), 4: copy("sun", FERRY), 5: copy("star", made_up(5))})
    assert looked_up([held], batch) == {3: [1, 4], 4: [1, 3]}


def test_copies_without_a_word_are_found_by_nobody_and_in_nobodys_way() -> None:
    wordless = segment({1: copy("post", "", title="a"), 2: copy("herald", "", title="…")})
    assert len(wordless.keys) == 0
    held, batch = segment({3: copy("mail", FERRY)}), segment({4: copy("sun", FERRY)})
    assert looked_up([wordless, held], batch) == {4: [3]}
    assert looked_up([held], wordless) == {}


def test_copies_further_apart_than_the_window_are_not_compared() -> None:
    held = segment({1: copy("post", FERRY)})
    assert looked_up([held], segment({2: copy("mail", FERRY, hours=72)})) == {2: [1]}
    assert looked_up([held], segment({2: copy("mail", FERRY, hours=72.1)})) == {}


def test_merged_segments_find_what_they_found_apart() -> None:
    texts = [made_up(n // 3) for n in range(60)]
    numbered = {n: copy(f"s{n}", text, hours=n) for n, text in enumerate(texts)}
    parts = [segment({n: numbered[n] for n in range(start, start + 10)}) for start in range(0, 60, 10)]
    lookup = Lookup(WINDOW)
    for number, each in enumerate(parts):
        lookup.add(number, number, each)
    batch = segment({100 + n: copy(f"t{n}", made_up(n), hours=30) for n in range(20)})
    apart = best(lookup, batch, {})
    whole = lookup.merged([1, 2, 3, 0])
    assert sum(map(len, apart.values())) == 60
    assert looked_up([whole, *parts[4:]], batch) == apart


@pytest.mark.parametrize("at_once", [1, 70, 1 << 18])
def test_segments_are_merged_a_range_of_keys_at_a_time_into_what_they_are_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments_module, "_AT_ONCE", at_once)
    numbered = {n: copy(f"s{n}", made_up(n // 2)) for n in range(12)}
    parts = [segment({n: numbered[n] for n in range(start, start + 4)}) for start in (0, 4, 8)]
    gone = np.array([False, True, False, False])
    whole = segments_module.merged(parts, [None, gone, None])
    every = segment({n: each for n, each in numbered.items() if n != 5})
    for name in ("copies", "sizes", "least", "places"):
        assert getattr(whole, name).tolist() == getattr(every, name).tolist(), name
    assert whole.keys.unpacked().tolist() == every.keys.unpacked().tolist()


def test_what_is_read_of_a_segment_stands_where_numbers_are_read_without_a_copy() -> None:
    for copies in ({1: copy("post", FERRY)}, {n: copy(f"s{n}", made_up(n)) for n in range(9)}):
        back = Segment.unpack(segment(copies).pack())
        assert back.keys.lower.flags.aligned
        assert back.places.flags.aligned
        assert not back.places.flags.owndata


def test_a_copy_that_was_edited_is_found_by_what_it_says_now() -> None:
    old, new = segment({1: copy("post", FERRY), 2: copy("sun", FERRY)}), segment({1: copy("post", OTHER_FERRY)}, [1])
    batch = segment({3: copy("mail", FERRY), 4: copy("star", OTHER_FERRY)})
    assert looked_up([old, new], batch) == {3: [2], 4: [1]}
    lookup = Lookup(WINDOW)
    lookup.add(1, 1, new)
    lookup.add(0, 0, old)
    assert best(lookup, batch, {}) == {3: [2], 4: [1]}
    assert looked_up([lookup.merged([0, 1])], batch) == {3: [2], 4: [1]}


def test_what_copies_in_many_stories_share_brings_nobody_together() -> None:
    line = "Readers who wish to support the work of our newsroom may do so at any branch of the savings bank."
    crowd = {n: copy(f"s{n}", f"{line} {made_up(n)}") for n in range(COMMON_STORIES + 10)}
    batch = segment({1000: copy("mail", f"{line} {made_up(1000)}")})
    assert looked_up([segment(crowd)], batch, {n: n + 1 for n in crowd}) == {}


def test_a_story_of_very_many_copies_is_found() -> None:
    crowd = {n: copy(f"s{n}", FERRY, hours=n / 100) for n in range(2 * SAMPLE)}
    batch = segment({1000: copy("mail", FERRY)})
    found = looked_up([segment(crowd)], batch, dict.fromkeys(crowd, 1))
    assert len(found[1000]) == 3


def test_furniture_of_a_source_brings_none_of_its_copies_to_others() -> None:
    heads = ("Ferry sinks on lake", "How eggs are cooked", "Council votes on budget", "Harriers win again")
    items = [item("post", head, (BANNER, text)) for head, text in zip(heads, OTHER_FERRY, strict=True)]
    furniture = learn(items)
    posts = {n: each.copy for n, each in enumerate(items)}
    lookup = Lookup(WINDOW)
    lookup.add(0, 0, segment(posts))
    banner = copy("mail", BANNER)
    batch = segment({50: banner})
    assert Search(lookup, batch, furniture_keys(NO_FURNITURE)).candidates(lambda copies: {})
    assert not Search(lookup, batch, furniture_keys(furniture)).candidates(lambda copies: {})


def test_what_a_source_repeats_is_grouped_for_learning() -> None:
    line = "Sign up for our morning briefing and never miss a story from the lake district, free and without end."
    held = segment({n: copy("post", f"{made_up(n)} {line}", guid=str(n)) for n in range(2)})
    fresh = {n: copy("post", f"{made_up(n)} {line}", guid=str(n)) for n in range(2, 4)}
    fresh[9] = copy("herald", f"{made_up(9)} {line}")
    lookup = Lookup(WINDOW)
    lookup.add(0, 0, held)
    search = Search(lookup, segment(fresh), furniture_keys(NO_FURNITURE))
    groups = list(search.repeated({hash64("post"): "post", hash64("herald"): "herald"}, NOON.timestamp()))
    assert {(group.source, frozenset(group.copies)) for group in groups} == {("post", frozenset({0, 1, 2, 3}))}
