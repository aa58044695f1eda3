"""Which pages are asked for, and in which order: pure, by the words of headlines and teasers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.match import (
    ENOUGH_WORDS,
    OpenPair,
    Teaser,
    TeaserIndex,
    TeaserText,
    WordWeights,
    codes,
    pack_teasers,
    read_pages,
    teaser_of,
    teasers_of,
    unpack_teasers,
)
from feedhub.match.reading import teaser_index
from feedhub.match.reading.page_plan import SPEAKS_AGAINST, SPEAKS_FOR
from feedhub.structs import replace

WEIGHTS = WordWeights()
HOURS = 3_600
#: twenty words that tell something
WORDS = (
    "harbour ferry piers cracked divers engineers autumn storms council sheep market boats "
    "quay passengers closure ramp loading island mended weeks"
).split()


def teaser(
    number: int, words: str, *, outlet: str | None = None, time: float = 0.0, agency: str | None = None
) -> Teaser:
    return teaser_of(
        number, codes(words), codes(""), outlet=outlet or f"paper{number}", time=time, agency=agency, has_page=True
    )


def order(pairs: list[OpenPair], pages: Mapping[int, str]) -> list[int]:
    """The entries whose pages are read, in order, where all teasers have the same twenty words."""
    teasers = partial(teaser, words=" ".join(WORDS))
    return list(read_pages(pairs, lambda number: teasers(number), lambda number: codes(pages[number]), WEIGHTS))


def some(share: float) -> str:
    """A page that has this share of the teasers' words."""
    return " ".join(WORDS[: round(share * len(WORDS))]) + " and nothing more of it"


def test_the_second_page_is_read_at_once_where_the_first_speaks_for_it() -> None:
    pairs = [OpenPair(left=1, right=2, score=0.4), OpenPair(left=3, right=4, score=0.9)]
    assert order(pairs, dict.fromkeys((1, 2, 3, 4), some(1.0))) == [3, 4, 1, 2]


def test_a_first_page_that_tells_something_else_closes_the_pair() -> None:
    assert order([OpenPair(left=1, right=2, score=0.9)], {1: some(SPEAKS_AGAINST - 0.2)}) == [1]


def test_the_second_page_of_a_doubtful_pair_waits_behind_all_that_promise_more() -> None:
    doubtful = some((SPEAKS_AGAINST + SPEAKS_FOR) / 2)
    pairs = [OpenPair(left=1, right=2, score=0.9), OpenPair(left=3, right=4, score=0.6)]
    assert order(pairs, {1: doubtful, 2: doubtful, 3: some(1.0), 4: some(1.0)}) == [1, 3, 4, 2]


def test_a_page_serves_every_pair_of_its_entry() -> None:
    pairs = [OpenPair(left=1, right=other, score=0.9) for other in (2, 3)]
    assert sorted(order(pairs, dict.fromkeys((1, 2, 3), some(1.0)))) == [1, 2, 3]


HEADLINE = "Cracked piers close harbour ramp to ferries"
LIKE = "Harbour ramp shut: divers find cracked piers"
HALF = "Harbour council buys boats for divers"


def opened(one: Teaser, other: Teaser) -> bool:
    return bool(TeaserIndex(72 * HOURS).add([one, other]))


@pytest.mark.parametrize(
    ("other", "is_open"),
    [
        (teaser(2, LIKE), True),
        (teaser(2, HALF), True),
        (teaser(2, LIKE, outlet="paper1"), True),
        (teaser(2, HALF, outlet="paper1"), False),
        (teaser(2, "Choir sings in the quarry on Sunday"), False),
        (teaser(2, LIKE, time=80 * HOURS), False),
        (teaser(2, LIKE, agency="AP"), False),
        (teaser(2, HEADLINE), False),
    ],
    ids=[
        "like",
        "half alike",
        "like, one outlet",
        "half alike, one outlet",
        "nothing alike",
        "like, beyond the window",
        "like, of another agency",
        "decided by its words",
    ],
)
def test_a_pair_is_open_where_words_do_not_decide_and_facts_do_not_speak_against_it(
    other: Teaser, is_open: bool
) -> None:
    assert opened(teaser(1, HEADLINE, agency="Reuters"), other) is is_open


def test_many_teasers_at_once_are_what_each_is_by_itself() -> None:
    long = " ".join(f"word{n} of “Tuesday” 1,{n:03} at 7.5" for n in range(200))
    texts = [
        ("Bridge shut", "The bridge was shut on Tuesday."),
        ("Bridge “shut”, says 1,200", long),
        ("", ""),
        ("Brücke für Wochen gesperrt", long.replace("word", "wörd")),
        ("Only a headline", ""),
        ("No blank", "x" * 5_000),
        ("Short", long[:700]),
    ]
    assert teasers_of([]) == []
    for chosen in (texts, [*texts, ("大桥关闭", "大桥周二关闭，" * 40)]):
        rows = [
            TeaserText(number=n, title=title, text=text, outlet="h", time=1.0, agency="XYZ", readable=True)
            for n, (title, text) in enumerate(chosen)
        ]
        for made, row in zip(teasers_of(rows), rows, strict=True):
            body = codes(row.text)
            short = len(body) < ENOUGH_WORDS
            one = teaser_of(0, codes(row.title), body, outlet="h", time=1.0, agency="XYZ", has_page=short)
            assert made.words.tolist() == one.words.tolist()
            assert made.counts.tolist() == one.counts.tolist()
            assert (made.outlet, made.agency, made.has_page) == (one.outlet, one.agency, one.has_page)
            # one that is remembered does not hold the words of all the others
            assert made.words.base is None
            assert made.counts.base is None


def test_teasers_are_packed_and_unpacked_whole() -> None:
    texts = ["", "The bridge was shut on Tuesday.", "大桥周二关闭，" * 40, "again and again " * 90]
    rows = [
        TeaserText(
            number=n, title=text[:500], text=text, outlet=str(n), time=time, agency=agency, readable=n == 1, digest=-n
        )
        for n, (text, time, agency) in enumerate(
            zip(texts, (None, 1.5, 0.0, -1.0), ("XYZ", None, "A", "B"), strict=True)
        )
    ]
    for made in (teasers_of(rows), teasers_of(rows[:1]), []):
        packed = pack_teasers(made)
        assert list(map(_told, unpack_teasers(packed))) == list(map(_told, made))
        assert unpack_teasers(b"\xff" + packed[1:]) == []
        if made:
            for damaged in (b"", packed[:20], packed[:-3]):
                with pytest.raises(ValueError, match="buffer"):
                    unpack_teasers(damaged)
            if len(made) > 1:
                with pytest.raises(ValueError, match="words"):
                    unpack_teasers(packed[:-4])


def _told(each: Teaser) -> tuple[object, ...]:
    words = (each.words.tolist(), each.counts.tolist())
    return (each.number, each.outlet, each.agency, each.time, each.has_page, each.digest, words)


def test_pairs_are_the_same_however_many_are_summed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    teasers = [teaser(n, " ".join(WORDS[n % 7 : n % 7 + 9]), outlet=f"paper{n % 5}") for n in range(40)]
    whole = TeaserIndex(72 * HOURS).add(teasers)
    assert whole
    monkeypatch.setattr(teaser_index, "_SUMMED", 3)
    assert TeaserIndex(72 * HOURS).add(teasers) == whole


def test_a_teasers_heaviest_words_are_those_that_sorting_all_of_them_gives() -> None:
    chance = np.random.default_rng(7)
    for most in (1, teaser_index.TERMS, teaser_index.TERMS + 1, 90):
        sizes = chance.integers(0, most + 1, 60)
        # few values, so that many are equal
        worth = (chance.integers(0, 9, int(sizes.sum())) / 8).astype(np.float32)
        begin = 0
        expected: list[int] = []
        for size in sizes.tolist():
            expected += sorted(range(begin, begin + size), key=lambda place: (-worth[place], place))[
                : teaser_index.TERMS
            ]
            begin += size
        assert teaser_index.heaviest(worth, sizes).tolist() == expected


def test_pairs_are_those_that_have_a_page_between_them() -> None:
    words = " ".join(WORDS)
    both = [teaser(1, words), replace(teaser(2, words), has_page=False), replace(teaser(3, words), has_page=False)]
    index = TeaserIndex(72 * HOURS)
    assert {(pair.left, pair.right) for pair in index.candidates([replace(each, has_page=True) for each in both])} == {
        (1, 2),
        (1, 3),
        (2, 3),
    }
    index = TeaserIndex(72 * HOURS)
    assert {(pair.left, pair.right) for pair in index.candidates(both)} == {(1, 2), (1, 3)}


@given(st.lists(st.lists(st.lists(st.integers(0, 40), max_size=8, unique=True), max_size=5), max_size=6))
def test_words_weigh_by_how_many_teasers_have_them_however_these_come(batches: list[list[list[int]]]) -> None:
    every = [[np.array(sorted(words), dtype=np.uint32) for words in batch] for batch in batches]
    one, other = WordWeights(), WordWeights()
    for batch in every:
        one.learn(batch)
    other.learn([words for batch in every for words in batch])
    counts = Counter(word for batch in batches for words in batch for word in words)
    asked = np.arange(42, dtype=np.uint32)
    assert one.weights(asked).tolist() == other.weights(asked).tolist()
    assert one.nbytes == other.nbytes == 8 * len(counts)
    rare, common = (min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)) if counts else (0, 0)
    assert one.weights(asked)[rare] >= one.weights(asked)[common]
