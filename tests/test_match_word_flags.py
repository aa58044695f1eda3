"""Flags over words: what the whole numbers say is what looking at every place says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedhub.match.text.word_flags import among, contains, spread, spread_runs

FLAGS = st.lists(st.booleans(), max_size=90)


@given(FLAGS, st.integers(1, 9), st.integers(0, 100))
def test_words_of_runs_are_those_that_walking_finds(flags: list[bool], length: int, total: int) -> None:
    expected = [any(flags[max(0, at - length + 1) : at + 1]) for at in range(total)]
    assert spread(np.array(flags, dtype=bool), length, total).tolist() == expected


@given(FLAGS, st.integers(1, 4), st.integers(1, 9), st.integers(0, 100))
def test_a_run_begins_where_enough_starts_follow_each_other(
    flags: list[bool], least: int, length: int, total: int
) -> None:
    begins = [len(flags) - at >= least and all(flags[at : at + least]) for at in range(len(flags))]
    expected = spread(np.array(begins, dtype=bool), length, total)
    assert spread_runs(np.array(flags, dtype=bool), least, length, total).tolist() == expected.tolist()


@given(st.lists(st.integers(0, 20), max_size=12), st.lists(st.integers(0, 20), max_size=30))
def test_values_are_found_in_sorted_and_in_unsorted_arrays(wanted: list[int], values: list[int]) -> None:
    asked, there = np.array(wanted, dtype=np.uint64), np.array(values, dtype=np.uint64)
    expected = [value in values for value in wanted]
    assert among(there, asked).tolist() == expected
    assert contains(np.sort(there), asked).tolist() == expected
