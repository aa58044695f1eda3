"""Decisions that overrule the matcher: entries that belong together, and entries that must be kept apart.

    together(a, b)    the stories of a and b are one
    apart(a, b)       a and b are never in one story

Of two decisions on one pair the newer counts. What was not decided stays with the copies that it is likest to. Copies
are numbers in the order of their age, so that the outcome does not depend on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

Group = list[int]
Form = Callable[[Sequence[int]], list[Group]]
Likeness = Callable[[int, int], float]


class Constraint(Struct, frozen=True, kw_only=True):
    """One decision about pairs of copies; each pair is (smaller, larger)."""

    together: bool
    pairs: frozenset[tuple[int, int]]


def pairs_of(left: Iterable[int], right: Iterable[int]) -> frozenset[tuple[int, int]]:
    """List every pair of a copy on the left and one on the right."""
    others = list(right)
    return frozenset((min(a, b), max(a, b)) for a in left for b in others if a != b)


def constrain(
    parts: Sequence[Sequence[int]], decided: Sequence[Constraint], *, form: Form, likeness: Likeness
) -> list[Group]:
    """Part copies under the decisions, the oldest first; `form` parts copies without any."""
    here = {number for part in parts for number in part}
    verdicts = {pair: each.together for each in decided for pair in each.pairs if here.issuperset(pair)}
    if not verdicts:
        return sorted(sorted(part) for part in parts)
    barred = frozenset(pair for pair, together in verdicts.items() if not together)
    block = _blocks(here, [each for each in reversed(decided) if each.together], verdicts, barred)
    groups = []
    for whole in _united(parts, block):
        divided = _divided(whole, block, barred, likeness)
        if len(divided) == 1:
            groups += divided
        else:
            groups += [united for side in divided for united in _united(form(side), block)]
    return sorted(groups)


def _blocks(
    here: Iterable[int],
    joins: Sequence[Constraint],
    verdicts: Mapping[tuple[int, int], bool],
    barred: frozenset[tuple[int, int]],
) -> dict[int, frozenset[int]]:
    """Unite what must stay together: the newest decisions first, none across a bar."""
    block = {number: frozenset({number}) for number in here}
    for each in joins:
        for a, b in sorted(each.pairs):
            if verdicts.get((a, b)) and block[a] is not block[b] and not pairs_of(block[a], block[b]) & barred:
                both = block[a] | block[b]
                block.update(dict.fromkeys(both, both))
    return block


def _united(parts: Sequence[Sequence[int]], block: Mapping[int, frozenset[int]]) -> list[Group]:
    """Unite parts that share a block."""
    united: list[set[int]] = []
    for part in parts:
        whole = {other for number in part for other in block[number]} | set(part)
        for group in [group for group in united if group & whole]:
            united.remove(group)
            whole |= group
        united.append(whole)
    return sorted(sorted(group) for group in united)


def _divided(
    whole: Group, block: Mapping[int, frozenset[int]], barred: frozenset[tuple[int, int]], likeness: Likeness
) -> list[Group]:
    """Part blocks that are barred from each other; what is free goes with those that it is likest to."""
    touched = {number for pair in barred if pair[0] in whole and pair[1] in whole for number in pair}
    if not touched:
        return [whole]
    units = sorted(
        {block[number] & frozenset(whole) for number in whole}, key=lambda unit: (not unit & touched, min(unit))
    )
    sides: list[set[int]] = []
    for unit in units:
        open_to = [side for side in sides if not pairs_of(side, unit) & barred]
        liked = [max(likeness(a, b) for a in side for b in unit) for side in open_to]
        if unit & touched and not any(liked):
            sides.append(set(unit))
        else:
            open_to[max(range(len(open_to)), key=lambda n: (liked[n], -n))].update(unit)
    return [sorted(side) for side in sides]
