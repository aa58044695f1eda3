"""What was decided about copies -> constraints on their partition; and the hub's own record of undone joins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from feedhub.match import shares
from feedhub.merge import Constraint, pairs_of
from feedhub.model import Copy, Verdict
from feedhub.store import Connection, decisions, placements
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy

#: a text that holds this much of what it was, and is longer by this, is the same article told better
HOLDS, LONGER = 0.6, 1.2


def fingerprint(copy: Copy) -> str:
    """Hash what tells one text of an entry from another."""
    return hashlib.blake2b(f"{copy.title}\0{copy.text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def constraints(decisions: Iterable[Decision], stored: Mapping[int, StoredCopy]) -> list[Constraint]:
    """Return the decisions about pairs of the copies at hand, the oldest first."""
    result = []
    for decision in sorted(decisions, key=lambda each: (each.decided_at, each.id)):
        left, right = _here(decision, decision.left, stored), _here(decision, decision.right, stored)
        if decision.kind in ("merge", "split", "never", "parted") and left and right:
            result.append(Constraint(together=decision.kind == "merge", pairs=pairs_of(left, right)))
    return result


def _here(decision: Decision, side: Collection[object], stored: Mapping[int, StoredCopy]) -> list[int]:
    """Return the copies of one side that are at hand and say what the decision was made about."""
    numbers = [(key, number) for key, number in decision.copies.items() if key in side and number in stored]
    return [
        number
        for key, number in numbers
        if key not in decision.texts or fingerprint(stored[number].copy) in decision.texts[key]
    ]


def pinned(decisions: Iterable[Decision]) -> dict[int, tuple[datetime, int]]:
    """Return the copies that a person let speak, with when: the newest of a story's pins counts."""
    newest: dict[int, tuple[datetime, int]] = {}
    for decision in decisions:
        if decision.kind == "pin":
            for number in decision.copies.values():
                newest[number] = max(
                    newest.get(number, (decision.decided_at, decision.id)), (decision.decided_at, decision.id)
                )
    return newest


def record_partings(
    connection: Connection,
    clusters: Sequence[Collection[int]],
    stored: Mapping[int, StoredCopy],
    decided: Sequence[Constraint],
    verdict: Callable[[int, int], Verdict],
    now: datetime,
) -> None:
    """Write down which joins better text undid: the same texts are not joined by the matcher again."""
    parts: dict[int, list[list[int]]] = {}
    for cluster in clusters:
        by_story: dict[int, list[int]] = {}
        for number in cluster:
            if (story := stored[number].story) is not None:
                by_story.setdefault(story, []).append(number)
        for story, members in by_story.items():
            parts.setdefault(story, []).append(members)
    broken = [groups for groups in parts.values() if len(groups) > 1]
    edited = [n for groups in broken for group in groups for n in group if stored[n].edited]
    if not edited:
        return
    numbers = [n for groups in broken for group in groups for n in group]
    formers = {
        n: [copy for copy, _ in versions] for n, versions in placements.earlier_versions(connection, numbers).items()
    }
    better = {n for n in edited if n in formers and _is_better(formers[n][-1], stored[n].copy)}
    known = {pair for each in decided for pair in each.pairs}
    for groups in broken:
        for place, left in enumerate(groups):
            for right in groups[place + 1 :]:
                if better & {*left, *right} and not pairs_of(left, right) <= known:
                    _part(connection, left, right, better, stored, formers, verdict, now)


def _part(
    connection: Connection,
    left: Sequence[int],
    right: Sequence[int],
    better: Collection[int],
    stored: Mapping[int, StoredCopy],
    formers: Mapping[int, Sequence[Copy]],
    verdict: Callable[[int, int], Verdict],
    now: datetime,
) -> None:
    one = next(n for n in (*left, *right) if n in better)
    others = right if one in left else left
    match = max((verdict(one, other) for other in others), key=lambda each: each.score)
    ground = match.vetoes[0] if match.vetoes else match.ground
    decisions.add(
        connection,
        "parted",
        [stored[n].copy.key for n in left],
        [stored[n].copy.key for n in right],
        now=now,
        reason=f"the fuller text of {stored[one].copy.key} is another: "
        f"{match.score:.2f} of {match.threshold:.2f}, {ground}",
        texts={
            stored[n].copy.key: {fingerprint(c) for c in (*formers.get(n, ()), stored[n].copy)} for n in (*left, *right)
        },
    )


def _is_better(before: Copy, after: Copy) -> bool:
    """Tell whether an edit told the same article more fully, so that what it shows was true before."""
    longer = len(after.text.split()) >= LONGER * len(before.text.split())
    return longer and shares(before.text, after.text) >= HOLDS
