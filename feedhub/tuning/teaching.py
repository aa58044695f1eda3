"""Which pairs to label next, and how far two people agree. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

K = TypeVar("K", bound=Hashable)

#: beyond this distance from its threshold a pair is as far as any
_FAR = 0.5
#: what a source that is new adds, and a rule that seldom fires, to a nearness of at most 1
_NEW, _SELDOM = 0.3, 0.5


class TeachingPair(Struct, frozen=True, kw_only=True):
    """A pair that could be labelled: how near it came, whose entries, and the rules that spoke."""

    #: the two entries by name, in the order of their texts
    pair: tuple[str, str]
    sources: tuple[str, str]
    #: score less threshold: below 0 it did not merge
    margin: float
    rules: tuple[str, ...] = ()


class TaughtPair(Struct, frozen=True, kw_only=True):
    """A pair with what a label of it would teach, and why, for a person."""

    candidate: TeachingPair
    worth: float
    reasons: tuple[str, ...]


def in_order_of_worth(candidates: Sequence[TeachingPair], new_sources: Collection[str]) -> list[TaughtPair]:
    """Return pairs in the order of what their labels teach: near the threshold, of new sources, by rules that are rare.

    Pairs of one source and rule are many where a form recurs: each that stands before another halves what it adds.
    """
    fired = Counter(rule for each in candidates for rule in set(each.rules))
    total = len(candidates)
    worths = sorted((_worth(each, new_sources, fired, total) for each in candidates), key=_place)
    seen: Counter[tuple[object, ...]] = Counter()
    thinned = []
    for each in worths:
        form = (frozenset(each.candidate.sources), each.candidate.rules)
        thinned.append((each.worth / 2 ** min(seen[form], 30), each))
        seen[form] += 1
    return [each for _, each in sorted(thinned, key=lambda row: (-row[0], _place(row[1])))]


def _place(each: TaughtPair) -> tuple[float, tuple[str, str]]:
    return (-each.worth, each.candidate.pair)


def _worth(each: TeachingPair, new_sources: Collection[str], fired: Mapping[str, int], total: int) -> TaughtPair:
    nearness = 1 - min(abs(each.margin), _FAR) / _FAR
    reasons = ["near the threshold"] if nearness >= 0.7 else []
    worth = nearness
    if fresh := sorted({source for source in each.sources if source in new_sources}):
        worth += _NEW
        reasons.append(f"new: {', '.join(fresh)}")
    if each.rules:
        rarest = min(each.rules, key=lambda rule: (fired[rule], rule))
        share = fired[rarest] / total
        worth += _SELDOM * (1 - share)
        if share < 0.1:
            reasons.append(f"seldom: {rarest}")
    return TaughtPair(candidate=each, worth=worth, reasons=tuple(reasons))


class Agreement(Struct, frozen=True, kw_only=True):
    """How far two people agree on the pairs that both have judged."""

    people: tuple[str, str]
    pairs: int
    agreed: int
    #: Cohen's kappa (1960): agreement beyond chance, 1 at most; None where chance alone would agree on all
    kappa: float | None

    @property
    def share(self) -> float:
        """Return which part of the pairs they agree on, 0 to 1."""
        return self.agreed / self.pairs if self.pairs else 0.0


def agreement(one: tuple[str, Mapping[K, str]], other: tuple[str, Mapping[K, str]]) -> Agreement:
    """Compare what two people, each with a name, say of the same things."""
    both = [(one[1][key], other[1][key]) for key in one[1].keys() & other[1].keys()]
    agreed = sum(a == b for a, b in both)
    kappa = None
    if both:
        left, right = Counter(a for a, _ in both), Counter(b for _, b in both)
        by_chance = sum(left[word] * right[word] for word in left) / len(both) ** 2
        if by_chance < 1:
            kappa = (agreed / len(both) - by_chance) / (1 - by_chance)
    return Agreement(people=(one[0], other[0]), pairs=len(both), agreed=agreed, kappa=kappa)
