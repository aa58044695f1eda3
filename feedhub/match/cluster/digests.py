"""Texts that hold several stories: a morning briefing, a page of several reports, a text made to swallow others.

Each part of such a text agrees with it as an excerpt, and nobody asks the parts about each other. Two excerpts of one
text that share nothing, under unlike headlines, show a digest; it stands apart from both and joins nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from feedhub.match.text.overlap import runs, title_likeness
from feedhub.match.text.prepare import LEAD, Prepared
from feedhub.match.text.tokens import Flags
from feedhub.match.text.word_flags import contains
from feedhub.model import Verdict

#: what two excerpts may have in common, as a share of the smaller one, and still share nothing
COMMON = 0.1
#: how alike their headlines may be
UNLIKE = 0.3
#: excerpts of one text that are held against each other
MOST = 40
#: share of a part's first words that the whole says, too
LEDE = 0.6
#: a part is shorter than this share of the whole
PART = 0.8


def is_digest(whole: Prepared, others: Sequence[Prepared], agree: Callable[[Prepared, Prepared], Verdict]) -> bool:
    """Return whether two of these, which agree with a text, are excerpts of it that share nothing."""
    smaller = (each for each in others if each.size < PART * whole.size and _has_lede_of(whole, each))
    parts = [(each, _covered(whole, each)) for each in islice(smaller, MOST)]
    for number, (one, here) in enumerate(parts):
        for other, there in parts[:number]:
            if _share(here, there) >= COMMON or title_likeness(one.title, other.title) >= UNLIKE:
                continue
            if not agree(one, other).merged:
                return True
    return False


def _has_lede_of(whole: Prepared, part: Prepared) -> bool:
    """Return whether a text says the beginning of another: what has a lede of its own is no excerpt."""
    lede = runs(contains(whole.sorted_shingles, part.shingles), len(part.body))[:LEAD]
    return bool(len(lede)) and float(lede.mean()) >= LEDE


def _covered(whole: Prepared, part: Prepared) -> Flags:
    """Return the words of a text that stand in runs of a part."""
    return runs(contains(part.sorted_shingles, whole.shingles), len(whole.body))


def _share(a: Flags, b: Flags) -> float:
    fewest = min(int(np.count_nonzero(a)), int(np.count_nonzero(b)))
    return float(np.count_nonzero(a & b)) / fewest if fewest else 1.0
