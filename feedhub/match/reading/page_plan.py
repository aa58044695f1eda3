"""Open pairs -> which page to read next: one of a pair first, the other only where that text speaks for it.

A page serves all pairs of its entry. The page of the entry with the more open pairs is read first; where its text
has too little of what the other's headline and teaser say, the pair is closed and the second page never asked for;
where it has some of it (an inflected language, a teaser in other words), the second page waits behind all others.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from feedhub.match.reading.teaser import Teaser, supports
from feedhub.match.reading.teaser_index import OpenPair
from feedhub.match.reading.word_weights import WordWeights
from feedhub.match.text.tokens import U64

#: share of a headline's and teaser's words that the other's page must have (odu: true copies .65 and more, half of the
#: others less than .52); of a few words one that is bent otherwise counts for too much to ask as many
SPEAKS_FOR, SPEAKS_FOR_FEW, FEW = 0.63, 0.45, 12
#: below it the page speaks against (lknews, Tamil and Sinhala: one true copy of twenty lies between the two), and what
#: the second page of such a pair promises, as a share of the pair's own promise
SPEAKS_AGAINST, DOUBTFUL = 0.5, 0.5
#: a page that has less of its own entry's words is another page: a wall, an error, the front page
OWN = 0.3


class WantedPage(Struct, frozen=True, kw_only=True):
    """The entry whose page an open pair asks for next, and what it promises: up to 1, comparable between pairs."""

    number: int
    promise: float


def is_own_page(text: U64, teaser: Teaser, weights: WordWeights) -> bool:
    """Tell whether a page's text is the article that its entry announces."""
    return supports(text, teaser, weights) >= OWN


def degrees(pairs: Iterable[OpenPair]) -> Counter[int]:
    """Count for each entry how much its page could decide: the sum of its pairs' scores, in thousandths."""
    found: Counter[int] = Counter()
    for pair in pairs:
        worth = round(1000 * pair.score)
        found[pair.left] += worth
        found[pair.right] += worth
    return found


def wanted(
    pair: OpenPair,
    teasers: Callable[[int], Teaser],
    texts: Mapping[int, U64 | None],
    worth: Mapping[int, int],
    weights: WordWeights,
) -> WantedPage | None:
    """Return the page that a pair asks for next; None where it asks for none.

    `texts` holds the pages that were read, coded, by entry; None for one that brought nothing.
    """
    sides = (pair.left, pair.right)
    if any(side in texts and texts[side] is None for side in sides):
        return None
    unread = [side for side in sides if side not in texts and teasers(side).has_page]
    if not unread:
        return None
    text = next((text for side in sides if (text := texts.get(side)) is not None), None)
    if text is None:
        number = max(unread, key=lambda side: (worth.get(side, 0), -side))
        return WantedPage(number=number, promise=pair.score)
    return _second(pair, text, teasers(unread[0]), weights)


def _second(pair: OpenPair, text: U64, teaser: Teaser, weights: WordWeights) -> WantedPage | None:
    """Return the second page of a pair whose first was read; None where the first speaks against the pair."""
    share = supports(text, teaser, weights)
    few = len(teaser.words) <= FEW
    if share >= (SPEAKS_FOR_FEW if few else SPEAKS_FOR):
        return WantedPage(number=teaser.number, promise=1.0)
    if few or share < SPEAKS_AGAINST:
        return None
    return WantedPage(number=teaser.number, promise=DOUBTFUL * pair.score)


def read_pages(
    pairs: Iterable[OpenPair],
    teasers: Callable[[int], Teaser],
    read: Callable[[int], U64 | None],
    weights: WordWeights,
    long_texts: Mapping[int, U64] | None = None,
) -> Iterator[int]:
    """Read pages by `read`, the most promising first; yield each entry before its page is asked for.

    `read` returns None for a page that brought nothing; `long_texts`: entries whose feed gave their whole text, coded.
    """
    ordered = list(pairs)
    worth = degrees(ordered)
    texts: dict[int, U64 | None] = dict(long_texts or {})
    queue = [(-pair.score, place) for place, pair in enumerate(ordered)]
    heapq.heapify(queue)
    while queue:
        promised, place = heapq.heappop(queue)
        page = wanted(ordered[place], teasers, texts, worth, weights)
        if page is None:
            continue
        if page.promise >= -promised:
            yield page.number
            texts[page.number] = read(page.number)
            page = wanted(ordered[place], teasers, texts, worth, weights)
        if page is not None:
            heapq.heappush(queue, (-page.promise, place))
