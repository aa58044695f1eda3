"""The hub's stories against the truth: which entries were merged wrongly, which were missed, which are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import TypeVar

from msgspec import Struct

from feedhub.demo.world import Part, TruthRow

Pair = tuple[TruthRow, TruthRow]
K = TypeVar("K")


class Score(Struct, frozen=True, kw_only=True):
    """Where the hub and the truth disagree."""

    entries: int
    stories: int
    #: copies beyond the first of each true story
    copies: int
    #: pairs of entries in one story that are none
    false_merges: tuple[Pair, ...] = ()
    #: pairs of entries that are one story and were not joined
    missed: tuple[Pair, ...] = ()
    #: entries that the hub has nowhere
    lost: tuple[TruthRow, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether hub and truth agree."""
        return not (self.false_merges or self.missed or self.lost)


def score(truth: Iterable[TruthRow], part: Part, stories_now: Mapping[tuple[str, str], str]) -> Score:
    """Judge `stories_now` (source and guid -> story) by the truth of one round."""
    rows = [row for row in truth if getattr(row, part) is not None]
    here = [row for row in rows if (row.source, row.guid) in stories_now]
    true = _grouped(here, lambda row: str(getattr(row, part)))
    ours = _grouped(here, lambda row: stories_now[row.source, row.guid])
    return Score(
        entries=len(rows),
        stories=len(true),
        copies=sum(len(group) - 1 for group in true.values()),
        false_merges=_pairs(ours, lambda a, b: getattr(a, part) != getattr(b, part)),
        missed=_pairs(true, lambda a, b: stories_now[a.source, a.guid] != stories_now[b.source, b.guid]),
        lost=tuple(row for row in rows if (row.source, row.guid) not in stories_now),
    )


def _grouped(rows: Iterable[TruthRow], key: Callable[[TruthRow], K]) -> dict[K, list[TruthRow]]:
    groups: dict[K, list[TruthRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _pairs(groups: Mapping[K, list[TruthRow]], wrong: Callable[[TruthRow, TruthRow], bool]) -> tuple[Pair, ...]:
    return tuple((a, b) for group in groups.values() for a, b in combinations(group, 2) if wrong(a, b))
