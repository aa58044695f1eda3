"""Patterns that look for something at the end of a long run take time with its length, not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from feedhub.clean import furniture
from feedhub.merge.damaged_text import mended

LONG = 40_000


@pytest.mark.parametrize(
    ("search", "text"),
    [
        (furniture._DOTS.search, "\n" * LONG + "x"),
        (furniture._DOTS.search, " (" + " \n" * LONG + "."),
        (lambda text: mended(text, "whole"), "a" * LONG + " caf\ufffd"),
        (lambda text: mended(text, "café"), "caf\ufffd " + "1a" * LONG),
    ],
)
def test_a_long_run_is_searched_in_one_pass(search: Callable[[str], object], text: str) -> None:
    began = time.thread_time()
    search(text)
    assert time.thread_time() - began < 0.5


def test_a_damaged_word_is_mended_whole_and_dots_are_cut_with_their_blanks() -> None:
    assert mended("the caf\ufffd\ufffd, here", "the café, here")[0] == "the café, here"
    cut = furniture._DOTS.search("and then  [...] ")
    assert cut is not None
    assert cut.start() == len("and then")
