"""Versions of a story -> what each changed, word by word, for the story's page: bounded, and made once a version.

A stranger may ask for any page at any time, and a source may edit a long text as often as it is polled. So the longest
common subsequences are found bit-parallel (rapidfuzz; Hyyrö 2004), and versions, paragraphs and words are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby, pairwise
from operator import itemgetter
from threading import Lock
from typing import Literal

from cachetools import LRUCache
from msgspec import Struct
from rapidfuzz.distance import LCSseq

from feedhub.model import StoryVersion
from feedhub.publish import excerpt, paragraphs

Mark = Literal["same", "del", "ins"]
#: a run of words, and whether it stayed, went or came
Run = tuple[Mark, str]

#: versions whose changes are shown; earlier ones are kept and not shown
MAX_VERSIONS = 20
#: changed paragraphs that are shown of one version; the rest is counted
MAX_CHANGES = 50
#: of two paragraphs that share less of their words neither was made of the other
_MIN_SHARED = 0.4
#: words in a row that two texts share and not by chance
_LEAST_SHARED = 3
#: longer paragraphs are shown whole, to so many words
_MAX_DIFFED_WORDS = 600
#: a text is compared as far as this many paragraphs
_MAX_PARAGRAPHS = 5_000
#: characters of differences that are kept for the next request
_CACHED = 4_000_000


class VersionDiff(Struct, frozen=True, kw_only=True):
    """One version, against the one before it."""

    version: StoryVersion
    #: None for the first
    title: list[Run] | None
    #: the paragraphs that differ; an unchanged one is left out
    changes: list[list[Run]]
    #: how many paragraphs stayed as they were
    unchanged: int
    #: how many more paragraphs differ than `changes` tells
    more_changes: int = 0


class _Changes(Struct, frozen=True, kw_only=True):
    title: list[Run] | None
    paragraphs: list[list[Run]]
    unchanged: int
    more_changes: int


class VersionDiffs:
    """Compares versions, each pair once while it is remembered. Safe between threads."""

    def __init__(self) -> None:
        self._cache: LRUCache[tuple[bytes, bytes], _Changes] = LRUCache(_CACHED, getsizeof=_size)
        self._lock = Lock()

    def of(self, versions: Sequence[StoryVersion]) -> list[VersionDiff]:
        """Return each version with what it changed, newest first; nothing where nothing ever changed.

        Of more than `MAX_VERSIONS` the newest are compared, and the first is left out.
        """
        if len(versions) < 2:
            return []
        newest = versions[-MAX_VERSIONS - 1 :]
        later = [self._diff(before, after) for before, after in pairwise(newest)]
        if len(versions) > MAX_VERSIONS:
            return later[::-1]
        first = VersionDiff(version=versions[0], title=None, changes=[], unchanged=len(_text(versions[0])))
        return [*reversed(later), first]

    def _diff(self, before: StoryVersion, after: StoryVersion) -> VersionDiff:
        key = _digest(before), _digest(after)
        # held while the pair is compared: whoever asks for the same page meanwhile waits for it
        with self._lock:
            changes = self._cache.get(key)
            if changes is None:
                changes = _compare(before, after)
                if _size(changes) <= _CACHED:
                    self._cache[key] = changes
        return VersionDiff(
            version=after,
            title=changes.title,
            changes=changes.paragraphs,
            unchanged=changes.unchanged,
            more_changes=changes.more_changes,
        )


def _digest(version: StoryVersion) -> bytes:
    text = "\0".join((version.title, version.html or "", version.summary or ""))
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _size(changes: _Changes) -> int:
    return 100 + sum(100 + len(text) for runs in (changes.title or [], *changes.paragraphs) for _, text in runs)


def _compare(before: StoryVersion, after: StoryVersion) -> _Changes:
    old, new = _text(before), _text(after)
    regions = list(_regions(old, new))
    unchanged = len(old) - sum(b - a for a, b, _, _ in regions)
    changes = list(_paragraph_diffs(old, new, regions))
    count = max(len(changes), sum(max(b - a, d - c) for a, b, c, d in regions))
    title = _word_diff(before.title, after.title) if before.title != after.title else None
    return _Changes(
        title=title,
        paragraphs=changes[:MAX_CHANGES],
        unchanged=unchanged,
        more_changes=max(count - MAX_CHANGES, 0),
    )


def _text(version: StoryVersion) -> list[str]:
    lines = paragraphs(version.html or "") or ([version.summary] if version.summary else [])
    return lines[:_MAX_PARAGRAPHS]


def _regions(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where two sequences differ: old[a:b] became new[c:d]."""
    a = c = 0
    for operation in LCSseq.opcodes(old, new):
        if operation.tag != "equal":
            continue
        if (a, c) != (operation.src_start, operation.dest_start):
            yield a, operation.src_start, c, operation.dest_start
        a, c = operation.src_end, operation.dest_end
    if (a, c) != (len(old), len(new)):
        yield a, len(old), c, len(new)


def _paragraph_diffs(
    old: Sequence[str], new: Sequence[str], regions: Iterable[tuple[int, int, int, int]]
) -> Iterator[list[Run]]:
    shown = 0
    for a, b, c, d in regions:
        if shown >= MAX_CHANGES:
            return
        shown += max(b - a, d - c)
        # what stands further down would not be shown anyway
        went, came = old[a : min(b, a + MAX_CHANGES)], new[c : min(d, c + MAX_CHANGES)]
        i = j = 0
        for left, right in (*_pairs(went, came), (len(went), len(came))):
            for text in went[i:left]:
                yield [("del", excerpt(text, _MAX_DIFFED_WORDS))]
            for text in came[j:right]:
                yield [("ins", excerpt(text, _MAX_DIFFED_WORDS))]
            if left < len(went) and right < len(came):
                yield _word_diff(went[left], came[right])
            i, j = left + 1, right + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which paragraphs are two versions of one, in order: those that have the most in common altogether."""
    before, after = ([Counter(text.split()[:_MAX_DIFFED_WORDS]) for text in side] for side in (old, new))
    alike = [[_alike(one, other) for other in after] for one in before]
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


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """How much two paragraphs share, by their words; 0 where they are two paragraphs rather than one changed."""
    shared = 2 * (one & other).total() / max(1, one.total() + other.total())
    return shared if shared >= _MIN_SHARED else 0.0


def _word_diff(old: str, new: str) -> list[Run]:
    left, right = old.split(), new.split()
    if max(len(left), len(right)) > _MAX_DIFFED_WORDS:
        return [("del", excerpt(old, _MAX_DIFFED_WORDS)), ("ins", excerpt(new, _MAX_DIFFED_WORDS))]
    runs: list[Run] = []
    at = 0
    for a, b, c, d in _joined(list(_regions(left, right))):
        changes: list[Run] = [
            ("same", " ".join(left[at:a])),
            ("del", " ".join(left[a:b])),
            ("ins", " ".join(right[c:d])),
        ]
        runs += [run for run in changes if run[1]]
        at = b
    return [*runs, ("same", " ".join(left[at:]))] if at < len(left) else runs


def shared_runs(left: Sequence[str], right: Sequence[str]) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    """Return two texts as runs of words, those that stand in both in the same order marked by True.

    A run of fewer words than `_LEAST_SHARED` is there by chance. The caller bounds the words.
    """
    stays: tuple[list[bool], list[bool]] = ([False] * len(left), [False] * len(right))
    folded = [[word.casefold().strip(".,;:!?\"'“”‘’()") for word in side] for side in (left, right)]
    for same in LCSseq.opcodes(*folded):
        if same.tag == "equal" and same.src_end - same.src_start >= _LEAST_SHARED:
            for marks, start, end in (
                (stays[0], same.src_start, same.src_end),
                (stays[1], same.dest_start, same.dest_end),
            ):
                marks[start:end] = [True] * (end - start)
    return _runs(left, stays[0]), _runs(right, stays[1])


def _runs(words: Sequence[str], marks: Sequence[bool]) -> list[tuple[bool, str]]:
    return [
        (mark, " ".join(word for word, _ in run))
        for mark, run in groupby(zip(words, marks, strict=True), itemgetter(1))
    ]


def _joined(regions: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Take changes of several words that a single common word parts as one: that word is there by chance."""
    joined: list[tuple[int, int, int, int]] = []
    for a, b, c, d in regions:
        if joined:
            before = joined[-1]
            long = max(b - a, d - c, 1) + max(before[1] - before[0], before[3] - before[2], 1)
            if a - before[1] == 1 and long >= 4:
                joined[-1] = before[0], b, before[2], d
                continue
        joined.append((a, b, c, d))
    return joined
