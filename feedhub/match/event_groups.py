"""Stories' teasers -> groups that tell of one happening, for the eye alone: a group may be wrong without hiding news.

Two reports of one event share names, places and figures where copies share sentences. So the rare words that find open
pairs (`reading`) find events, too: the nearest pairs are joined first, and two groups only where their reports are
alike on average (average linkage), so that no chain of half-alike reports runs through a day's news.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedhub.match.reading.teaser import Teaser
from feedhub.match.reading.teaser_index import TeaserIndex

#: cosine from which two reports may tell of one event (benchmarks/events.py: recall .86 at a precision of .99)
ALIKE = 0.26
#: share of it that two groups must reach on average
_LINKAGE = 0.7


def group_events(teasers: Sequence[Teaser], window: float) -> list[tuple[int, ...]]:
    """Return the groups of two and more, each as the places of its teasers in `teasers`, rising.

    `window` in seconds bounds the span of a group. Reports of one outlet do not found a group, but may stand in one.
    The result depends on the set of teasers alone, but for `Teaser.number`, which must be the place.
    """
    index = TeaserIndex(window)
    index.weights.learn([each.words for each in teasers])
    pairs = sorted(index.candidates(teasers), key=lambda pair: (-pair.score, pair.left, pair.right))
    scores = {(pair.left, pair.right): pair.score for pair in pairs}
    group = {place: [place] for pair in pairs for place in (pair.left, pair.right)}
    for pair in pairs:
        if pair.score < ALIKE:
            break
        one, other = group[pair.left], group[pair.right]
        if teasers[pair.left].outlet == teasers[pair.right].outlet:
            continue
        if one is not other and _alike(one, other, scores) and _span(teasers, one + other) <= window:
            joined = one + other
            group |= dict.fromkeys(joined, joined)
    groups = {id(members): members for members in group.values() if len(members) > 1}
    return sorted(tuple(sorted(members)) for members in groups.values())


def _alike(one: Sequence[int], other: Sequence[int], scores: dict[tuple[int, int], float]) -> bool:
    total = sum(scores.get((min(a, b), max(a, b)), 0.0) for a in one for b in other)
    return total >= _LINKAGE * ALIKE * len(one) * len(other)


def _span(teasers: Sequence[Teaser], places: Sequence[int]) -> float:
    times = [time for place in places if (time := teasers[place].time) is not None]
    return max(times) - min(times) if times else 0.0
