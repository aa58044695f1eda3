"""What strangers make long is remembered by its size, not by its number."""

from __future__ import annotations

from comparing import item

from feedhub.match import coded, prepare_coded
from feedhub.settle.judgement_cache import REMEMBERED, _prepared_bytes
from feedhub.sized_cache import SizedCache


def test_values_are_forgotten_once_they_are_together_too_large() -> None:
    cache: SizedCache[int, bytes] = SizedCache(100, len)
    for number in range(20):
        cache[number] = b"x" * 10
    assert sorted(cache) == list(range(10, 20))
    cache[20] = b"x" * 95
    assert sorted(cache) == [20]


def test_a_value_that_is_larger_than_the_whole_is_not_remembered_and_throws_out_nothing() -> None:
    cache: SizedCache[str, bytes] = SizedCache(100, len)
    cache["a"], cache["b"] = b"x" * 40, b"x" * 40
    cache["b"] = b"x" * 101
    cache["c"] = b"x" * 101
    assert dict(cache) == {"a": b"x" * 40}


def test_the_longest_copies_that_a_source_can_bring_do_not_fill_the_memory() -> None:
    common, longest = (item("post", "Ferry", [f"word{n % 977} " * 1 for n in range(words)]) for words in (400, 200_000))
    sizes = [_prepared_bytes(prepare_coded(each.copy, coded([each.copy])[0])) for each in (common, longest)]
    assert REMEMBERED / sizes[0] > 1_500
    assert sizes[1] < REMEMBERED
    assert sizes[1] > 500_000
