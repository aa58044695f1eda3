"""Open pairs -> which pages to read: one of a pair first, the other only where that text speaks for it.

A page serves all pairs of its entry. The page of the entry with the more open pairs is read first; where its text
does not have most of what the other's headline and teaser say, the pair is closed and the second page never asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from feedhub.match.reading.teaser import Teaser, supports
from feedhub.match.reading.teaser_index import OpenPair
from feedhub.match.reading.word_weights import WordWeights
from feedhub.match.text.tokens import U64

#: share of a headline's and teaser's words that the other's page must have (odu: true copies .65 and more, half of the
#: others less than .52); of a few words one that is bent otherwise counts for too much to ask as many
SPEAKS_FOR, SPEAKS_FOR_FEW, FEW = 0.63, 0.45, 12
#: a page that has less of its own entry's words is another page: a wall, an error, the front page
OWN = 0.3


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
) -> int | None:
    """Return the entry whose page a pair asks for next; None where it asks for none.

    `texts` holds the pages that were read, coded, by entry; None for one that brought nothing.
    """
    sides = (pair.left, pair.right)
    if any(side in texts and texts[side] is None for side in sides):
        return None
    unread = [side for side in sides if side not in texts and teasers(side).has_page]
    text = next((text for side in sides if (text := texts.get(side)) is not None), None)
    if not unread or (text is not None and not _speaks_for(text, teasers(unread[0]), weights)):
        return None
    return max(unread, key=lambda side: (worth.get(side, 0), -side))


def _speaks_for(text: U64, teaser: Teaser, weights: WordWeights) -> bool:
    least = SPEAKS_FOR_FEW if len(teaser.words) <= FEW else SPEAKS_FOR
    return supports(text, teaser, weights) >= least


def read_pages(
    pairs: Iterable[OpenPair],
    teasers: Callable[[int], Teaser],
    read: Callable[[int], U64 | None],
    weights: WordWeights,
    long_texts: Mapping[int, U64] | None = None,
) -> Iterator[int]:
    """Read pages by `read`, the most promising pair first; yield each entry before its page is asked for.

    `read` returns None for a page that brought nothing; `long_texts`: entries whose feed gave their whole text, coded.
    """
    ordered = list(pairs)
    worth = degrees(ordered)
    texts: dict[int, U64 | None] = dict(long_texts or {})
    for pair in ordered:
        while (number := wanted(pair, teasers, texts, worth, weights)) is not None:
            yield number
            texts[number] = read(number)
