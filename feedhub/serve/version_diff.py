"""Versions of a story -> what each changed, word by word, for the story's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from feedhub.model import StoryVersion
from feedhub.publish import paragraphs

Mark = Literal["same", "del", "ins"]
#: a run of words, and whether it stayed, went or came
Run = tuple[Mark, str]

#: of two paragraphs that share less of their words neither was made of the other
_MIN_SHARED = 0.4
#: longer paragraphs are shown whole: comparing words costs their product
_MAX_DIFFED_WORDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """One version, against the one before it."""

    version: StoryVersion
    #: None for the first
    title: list[Run] | None
    #: the paragraphs that differ; an unchanged one is left out
    changes: list[list[Run]]
    #: how many paragraphs stayed as they were
    unchanged: int


def version_diffs(versions: Sequence[StoryVersion]) -> list[VersionDiff]:
    """Return each version with what it changed, newest first; empty where nothing ever changed."""
    if len(versions) < 2:
        return []
    first = VersionDiff(version=versions[0], title=None, changes=[], unchanged=len(_text(versions[0])))
    later = [_diff(before, after) for before, after in pairwise(versions)]
    return [*reversed(later), first]


def _diff(before: StoryVersion, after: StoryVersion) -> VersionDiff:
    old, new = _text(before), _text(after)
    changes = list(_paragraph_diffs(old, new))
    title = _word_diff(before.title, after.title) if before.title != after.title else None
    unchanged = sum(size for _, _, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return VersionDiff(version=after, title=title, changes=changes, unchanged=unchanged)


def _text(version: StoryVersion) -> list[str]:
    return paragraphs(version.html or "") or ([version.summary] if version.summary else [])


def _paragraph_diffs(old: list[str], new: list[str]) -> Iterator[list[Run]]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        at, to = a, c
        for left, right in (*_pairs(old[a:b], new[c:d]), (b - a, d - c)):
            for text in old[at : a + left]:
                yield [("del", text)]
            for text in new[to : c + right]:
                yield [("ins", text)]
            if a + left < b and c + right < d:
                yield _word_diff(old[a + left], new[c + right])
            at, to = a + left + 1, c + right + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return which paragraphs are two versions of one, in order: those that have the most in common altogether."""
    alike = [[_alike(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for n in reversed(range(len(old))):
        for m in reversed(range(len(new))):
            best[n][m] = max(best[n + 1][m], best[n][m + 1], best[n + 1][m + 1] + alike[n][m])
    pairs, n, m = [], 0, 0
    while n < len(old) and m < len(new):
        if best[n][m] == best[n + 1][m]:
            n += 1
        elif best[n][m] == best[n][m + 1]:
            m += 1
        else:
            pairs.append((n, m))
            n, m = n + 1, m + 1
    return pairs


def _alike(one: str, other: str) -> float:
    """Return how much two paragraphs share, by their words; 0 where neither was made of the other."""
    left, right = Counter(one.split()), Counter(other.split())
    shared = 2 * (left & right).total() / max(1, left.total() + right.total())
    return shared if shared >= _MIN_SHARED else 0.0


def _word_diff(old: str, new: str) -> list[Run]:
    left, right = old.split(), new.split()
    if max(len(left), len(right)) > _MAX_DIFFED_WORDS:
        return [("del", old), ("ins", new)]
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("same", " ".join(left[a:b])))
            continue
        if a < b:
            runs.append(("del", " ".join(left[a:b])))
        if c < d:
            runs.append(("ins", " ".join(right[c:d])))
    return runs
