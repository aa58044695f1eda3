"""Verdicts and the stories of groups -> rows of an index's file, and back, checked."""

from __future__ import annotations

import json
from typing import Any

from feedhub.match.index.packed_rows import check_kinds, packed_values, values_of
from feedhub.model import EntryKey, Relation, Verdict

#: a member of a story: its number, canonical, relation, the number of what it matches, score, ground
Member = tuple[int, bool, str, int | None, float | None, str]
#: a story's members, the one that it is named after first
Members = list[Member]

_NONE = type(None)
_RELATIONS = {relation.value for relation in Relation}
_MEMBER = (int,), (bool,), (str,), (int, _NONE), (float, int, _NONE), (str,)
#: four names, whether they merge, relation, method, score, threshold, ground, vetoes, words that both have
_VERDICT = (*[(str,)] * 4, (bool,), (str, _NONE), (str,), (float, int), (float, int), (str,), (list,), (int,))


def packed_stories(stories: list[Members]) -> bytes:
    """Return the stories of a group as bytes."""
    return packed_values(*stories)


def unpacked_stories(packed: memoryview, leader: int, count: int) -> list[Members]:
    """Return the stories of the group whose first item is `leader`; `count`: how many items there are.

    Raises ValueError, TypeError or RecursionError for what `packed_stories` cannot have packed.
    """
    stories = json.loads(str(packed, "ascii"))
    numbers: list[int] = []
    for members in stories:
        for member in members:
            check_kinds(member, *_MEMBER)
            numbers.append(member[0])
            matched = member[0] if member[3] is None else member[3]
            if member[2] not in _RELATIONS or not (0 <= member[0] < count and 0 <= matched < count):
                raise ValueError("a member that no story can have")
        if [member[1] for member in members].count(True) != 1:
            raise ValueError("a story without a copy that speaks for it, or with two")
    if len(set(numbers)) != len(numbers) or min(numbers) != leader:
        raise ValueError("other items than the group has")
    return [[tuple(member) for member in members] for members in stories]


def packed_verdict(v: Verdict) -> bytes:
    """Return a verdict as bytes."""
    relation = v.relation.value if v.relation else None
    names = v.left.source, v.left.guid, v.right.source, v.right.guid
    return packed_values(
        *names, v.merged, relation, v.method, v.score, v.threshold, v.ground, list(v.vetoes), v.shared_words
    )


def unpacked_verdict(packed: memoryview) -> Verdict:
    """Return the verdict that `packed_verdict` packed; raises ValueError or RecursionError for anything else."""
    values: list[Any] = values_of(packed, *_VERDICT)
    one, a, other, b, merged, relation, method, score, threshold, ground, vetoes, shared = values
    check_kinds(vetoes, *[(str,)] * len(vetoes))
    return Verdict(
        left=EntryKey(source=one, guid=a),
        right=EntryKey(source=other, guid=b),
        merged=merged,
        relation=None if relation is None else Relation(relation),
        method=method,
        score=score,
        threshold=threshold,
        ground=ground,
        vetoes=tuple(vetoes),
        shared_words=shared,
    )
