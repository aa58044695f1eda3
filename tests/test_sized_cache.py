"""What strangers make long is remembered by its size, not by its number."""

from __future__ import annotations

from comparing import item

from feedhub.match import coded, prepare_coded
from feedhub.settle.judgement_cache import COMPARED_AGAIN, PREPARED, _prepared_bytes
from feedhub.sized_cache import IdleCache, SegmentedCache, SizedCache
from feedhub.text_cache import remember_short


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
    assert PREPARED / sizes[0] > 300
    assert (PREPARED + COMPARED_AGAIN) / sizes[0] > 700
    assert 200_000 < sizes[1] < PREPARED / 10


def test_what_was_used_again_does_not_leave_for_what_was_used_once() -> None:
    cache: SegmentedCache[int, bytes] = SegmentedCache(once=100, again=50, size=len)
    cache[0] = b"x" * 10
    assert cache.get(0) == b"x" * 10
    for number in range(1, 40):
        cache[number] = b"x" * 10
    assert cache.get(0) == b"x" * 10
    assert cache.get(29) is None
    assert len(cache) == 11
    for number in range(30, 40):
        assert cache.get(number) == b"x" * 10
    assert len(cache) == 5
    assert cache.get(0) is None


def test_a_value_that_was_made_anew_takes_the_place_of_the_one_before() -> None:
    cache: SegmentedCache[str, bytes] = SegmentedCache(once=100, again=100, size=len)
    cache["a"] = b"old"
    assert cache.get("a") == b"old"
    cache["a"] = b"new"
    assert cache.get("a") == b"new"
    cache.clear()
    assert (cache.get("a"), len(cache)) == (None, 0)


def test_no_long_text_is_remembered_for_what_a_function_said_of_it() -> None:
    asked: list[str] = []

    @remember_short(2, longest=4)
    def length(text: str) -> int:
        """Count."""
        asked.append(text)
        return len(text)

    assert [length(text) for text in ("ab", "ab", "abcde", "abcde", "cd", "ef", "ab")] == [2, 2, 5, 5, 2, 2, 2]
    assert asked == ["ab", "abcde", "abcde", "cd", "ef", "ab"]
    assert length.__doc__ == "Count."


def test_what_is_used_stays_and_what_was_replaced_goes_after_a_while() -> None:
    now = [0.0]
    cache: IdleCache[str, bytes] = IdleCache(1_000, len, idle=12, clock=lambda: now[0])
    cache["document"], cache["replaced"] = b"x" * 10, b"x" * 10
    for moment in range(1, 10):
        now[0] = 10.0 * moment
        assert cache.get("document") == b"x" * 10
        cache[f"edit {moment}"] = b"x" * 10
    assert cache.get("replaced") is None
    assert [key for key in ("document", "edit 7", "edit 8", "edit 9") if key in cache] == [
        "document",
        "edit 8",
        "edit 9",
    ]


def test_what_was_in_use_before_a_quiet_hour_is_there_after_it() -> None:
    now = [0.0]
    cache: IdleCache[int, bytes] = IdleCache(1_000, len, idle=60, clock=lambda: now[0])
    for number in range(10):
        cache[number] = b"x"
    now[0] += 3_600
    # the first entry of a document was replaced; the others are asked for after that
    cache[10] = b"x"
    assert all(cache.get(number) for number in range(1, 10))
    for _ in range(7):
        now[0] += 9
        assert all(cache.get(number) for number in range(1, 11))
    cache[11] = b"x"
    assert 0 not in cache
    assert len(cache) == 11


def test_the_least_recently_used_goes_where_all_are_used_and_too_large_together() -> None:
    cache: IdleCache[int, bytes] = IdleCache(100, len, idle=60)
    for number in range(10):
        cache[number] = b"x" * 10
    assert cache.get(0) == b"x" * 10
    assert not cache.has_room(b"x")
    cache[10] = b"x" * 20
    assert [number for number in range(11) if number in cache] == [0, 3, 4, 5, 6, 7, 8, 9, 10]
    cache[11] = b"x" * 101
    cache[0] = b"x"
    assert (11 in cache, len(cache), cache.has_room(b"x" * 9)) == (False, 9, True)
