"""Texts and streams that would be slow or large if nothing were capped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from comparing import BANNER, FERRY, compare, item

from feedhub.match import keys, match_stream, prepare
from feedhub.model import Copy

SENTENCE = "The ferry left the pier at dawn and did not come back. "


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "text",
    [SENTENCE * 200_000, "x" * 10_000_000, "渡" * 3_000_000, '"' * 1_000_000, "\n" * 1_000_000, "1,000" * 1_000_000],
    ids=["one sentence repeated", "one word", "one character", "quotation marks", "line ends", "digits"],
)
def test_ten_megabytes_are_judged_by_their_beginning(text: str) -> None:
    huge, other = item("a", "Ferry", text), item("b", "Ferry boat", text + " end")
    assert len(keys(huge)) < 500
    compare(huge, other)
    compare(huge, item("c", "Ferry", FERRY))


@pytest.mark.timeout(100)
def test_ten_thousand_items_with_one_text_make_one_story() -> None:
    one = [item(f"s{n}", "Ferry sinks on Lake Ormund", FERRY[:2]).copy for n in range(10_000)]
    assert len({row.story for row in match_stream(one)}) == 1


@pytest.mark.timeout(100)
def test_thousands_of_items_with_one_furniture_paragraph_stay_apart() -> None:
    def copies() -> Iterator[Copy]:
        for n in range(5_000):
            own = " ".join(f"w{(n * 7919 + k * 104729) % 1_000_003}" for k in range(40))
            yield item(f"s{n % 3}", f"Head w{n} x{n * 31}", (own, BANNER), guid=str(n)).copy

    assert len({row.story for row in match_stream(copies())}) == 5_000


def test_preparing_again_gives_the_same_keys() -> None:
    once = item("a", "Ferry sinks", FERRY)
    assert (keys(once) == keys(prepare(once.copy))).all()
