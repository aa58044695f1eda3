"""Two prepared texts -> what they share: covered words, in which order, where it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from feedhub.match.text.prepare import LEAD, SHINGLE, Prepared, shingles_of
from feedhub.match.text.tokens import I64, U64, Flags, Tokens, codes, decoded
from feedhub.match.text.word_flags import contains, spread, spread_runs

T = TypeVar("T", bound=np.generic)

#: words in a row that two texts must share before any of them counts (4 doubles false merges, 8 loses copies) ...
RUN = 6
#: ... and in texts below SHORT words (ag-3826/ag-3945: a lead trimmed in three places)
SHORT_RUN = 5
SHORT = 80
#: shared words, as a share of the shorter text, below which nothing more is worked out
WORTH = 0.15


class Overlap(Struct, frozen=True, kw_only=True, eq=False):
    """What two texts share outside furniture, seen from the shorter one."""

    short: Prepared
    long: Prepared
    #: words left when furniture is taken away
    short_words: int
    long_words: int
    #: which words of each stand in shared runs
    short_covered: Flags
    long_covered: Flags
    #: which words of each are furniture, or the headline said again
    short_masked: Flags
    long_masked: Flags
    #: how many words of the shorter text stand in shared runs
    shared_words: int
    #: covered share of the shorter's words outside quotation, of all its words, of the longer's words
    out: float
    all: float
    back: float
    #: `out` with long words weighing more
    weighty: float
    #: covered share of the longer's beginning, as long as the shorter
    top: float
    #: the same from its first shared word on
    stretch: float
    #: covered share of the first words of each
    short_lead: float
    long_lead: float
    #: how far a short text follows the order of the longer one, 0 to 1 (1 where it is long: papers move paragraphs)
    order: float
    #: likeness of the headlines
    title: float
    #: share of what is shared that stands inside quotations in one or the other
    quotation: float

    @property
    def lead(self) -> float:
        """The better covered lead of the two."""
        return max(self.short_lead, self.long_lead)

    @property
    def shared_back(self) -> int:
        """The longer text's words that stand in shared runs (it may say a thing twice)."""
        return int(np.count_nonzero(self.long_covered))


def title_likeness(a: Tokens, b: Tokens) -> float:
    """How alike two headlines are: Dice, long words weighing more."""
    if not len(a) or not len(b):
        return 0.0
    same = a.hashes[:, None] == b.hashes
    one, other = a.weights, b.weights
    shared = float(one @ same.any(axis=1)) + float(other @ same.any(axis=0))
    return shared / (float(one.sum()) + float(other.sum()))


def runs(shared: Flags, total: int) -> Flags:
    """Return the words of a text that stand in long enough shared runs, given its shared grams."""
    length = RUN if total >= SHORT else SHORT_RUN
    if total <= length:
        return spread(shared if shared.all() else np.zeros_like(shared), total, total)
    return spread_runs(shared, length - SHINGLE + 1, length, total)


def overlap(a: Prepared, b: Prepared, furniture: Sequence[U64]) -> Overlap | None:
    """Return what two texts share outside furniture (sorted gram hashes); None where that is next to nothing."""
    if len(b.shingles) < len(a.shingles):
        a, b = b, a
    shared = contains(b.sorted_shingles, a.shingles)
    many = np.count_nonzero(shared)
    if 4 * many < WORTH * len(a.shingles) and not (furniture and many >= 2 * SHINGLE):
        return None
    first = a
    masked_a, masked_b = masked(a, furniture), masked(b, furniture)
    size_a, size_b = (int(np.count_nonzero(~m)) for m in (masked_a, masked_b))
    if (size_b, b.key) < (size_a, a.key):
        a, b, masked_a, masked_b, size_a, size_b = b, a, masked_b, masked_a, size_b, size_a
    shared_a = (shared if a is first else contains(b.sorted_shingles, a.shingles)) & ~masked_a[: len(a.shingles)]
    if not size_a or 4 * np.count_nonzero(shared_a) < WORTH * size_a:
        return None
    shared_b = contains(a.sorted_shingles, b.shingles) & ~masked_b[: len(b.shingles)]
    return _overlap(a, b, (masked_a, masked_b), (shared_a, shared_b), (size_a, size_b))


def _overlap(
    a: Prepared, b: Prepared, hidden: tuple[Flags, Flags], shared: tuple[Flags, Flags], sizes: tuple[int, int]
) -> Overlap:
    covered_a = runs(shared[0], len(a.body)) & ~hidden[0]
    covered_b = runs(shared[1], len(b.body)) & ~hidden[1]
    spoken = a.body.quoted
    if b.body.quoted.any():
        spoken = spoken | (covered_a & ~runs(shared[0] & contains(unquoted(b), a.shingles), len(a.body)))
    visible_a, visible_b = (~each if each.any() else None for each in hidden)
    own_a, own_b = _own(covered_a, visible_a), _own(covered_b, visible_b)
    weights = _own(a.body.weights, visible_a)
    prose, prose_weights = own_a, weights
    if spoken.any():
        plain = ~_own(spoken, visible_a)
        if np.count_nonzero(plain) >= max(8, 0.2 * len(own_a)):
            prose, prose_weights = own_a[plain], weights[plain]
    most = int(1.3 * sizes[0]) + 1
    # words of the longer text from the first shared one on
    first = int(covered_b.argmax())
    if visible_b is not None:
        first = int(np.count_nonzero(visible_b[:first]))
    covered = int(np.count_nonzero(covered_a))
    return Overlap(
        short=a,
        long=b,
        short_words=sizes[0],
        long_words=sizes[1],
        short_covered=covered_a,
        long_covered=covered_b,
        short_masked=hidden[0],
        long_masked=hidden[1],
        shared_words=covered,
        out=_share(prose),
        all=_share(own_a),
        back=_share(own_b),
        weighty=float((prose_weights * prose).sum() / max(0.1, float(prose_weights.sum()))),
        top=_share(own_b[:most]),
        stretch=_share(own_b[first : first + most]),
        short_lead=_share(own_a[:LEAD]),
        long_lead=_share(own_b[:LEAD]),
        order=1.0 if sizes[0] >= SHORT else _in_order(a, b, shared[0]),
        title=title_likeness(a.title, b.title),
        quotation=float(np.count_nonzero(covered_a & spoken)) / max(1, covered),
    )


def _own(values: NDArray[T], visible: Flags | None) -> NDArray[T]:
    """Return what belongs to the visible words; None stands for all of them."""
    return values if visible is None else values[visible]


def _share(part: Flags) -> float:
    return float(np.count_nonzero(part)) / len(part) if len(part) else 0.0


def unquoted(p: Prepared) -> U64:
    """Return the grams of a text outside quotations, sorted: what one quotes is quotation in the other too."""
    return np.sort(p.shingles[~p.body.quoted[: len(p.shingles)]])


def masked(p: Prepared, furniture: Sequence[U64]) -> Flags:
    """Return the words of a text that are furniture, or at its top say its own headline again."""
    total = len(p.body)
    hidden = np.zeros(total, dtype=bool)
    for known in furniture:
        here = known[contains(p.sorted_shingles, known)] if len(known) < len(p.shingles) else known
        if len(here):
            hidden |= spread(contains(here, p.shingles), min(SHINGLE, total), total)
    if p.repeated_headline is not None:
        hidden[: len(p.repeated_headline)] |= p.repeated_headline
    return hidden


def _in_order(a: Prepared, b: Prepared, shared: Flags) -> float:
    """Return the share of shared grams of `a` which `b` too has before those that follow half of them later."""
    wanted = a.shingles[shared]
    if len(wanted) < 2:
        return 1.0
    sorter: I64 = np.argsort(b.shingles, kind="stable")
    places = sorter[np.minimum(np.searchsorted(b.shingles, wanted, sorter=sorter), len(sorter) - 1)]
    half = len(places) // 2
    return _share(places[:half] < places[len(places) - half :])


def shares(part: str, whole: str) -> float:
    """Return the share of one plain text's words that stand in runs of the other; 0 to 1."""
    own, other = decoded(codes(part)).hashes, decoded(codes(whole)).hashes
    if not len(own):
        return 0.0
    return _share(runs(contains(np.sort(shingles_of(other)), shingles_of(own)), len(own)))
