"""Furniture that came or went -> the verdicts that rest on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from feedhub.match.text.tokens import I64, U64
from feedhub.match.text.word_flags import contains
from feedhub.story_index.compared_texts import ComparedTexts
from feedhub.story_index.furniture_state import LearnedChange
from feedhub.story_index.pair_counts import split


def outdated(learned: Mapping[int, LearnedChange], codes: U64, source: I64, texts: ComparedTexts) -> U64:
    """Return those of the pairs whose verdict may be another one now; `source`: of each item the number of its source.

    A comparison takes the furniture of both items' sources from both texts, so it rests on what came or went where
    either text shows some of it; where a source had none before, or has none any more, whatever the texts show.
    """
    low, high = split(codes)
    sources = source[low], source[high]
    wrong = np.zeros(len(codes), dtype=bool)
    asked = [change.shingles for change in learned.values() if not change.is_whole]
    shingles, showing = texts.showing(np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *asked])))
    for number, change in learned.items():
        ours = ((sources[0] == number) | (sources[1] == number)).nonzero()[0]
        if change.is_whole:
            wrong[ours] = True
        elif len(ours):
            shown = np.unique(showing[contains(change.shingles, shingles)])
            wrong[ours] |= np.isin(low[ours], shown) | np.isin(high[ours], shown)
    return codes[wrong]
