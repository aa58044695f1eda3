"""Copies that wait -> stories: clustered, given their ids, composed, and entered into the outputs that take them.

One settling is one transaction: what it decides is seen whole or not at all, and no id is seen before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedhub.match import Place, partition
from feedhub.model import EntryKey, Story
from feedhub.pipeline.neighbours import Memory, Neighbourhood
from feedhub.pipeline.place import Cluster, Seat, place
from feedhub.pipeline.rules import Rules
from feedhub.store import Connection, copies

#: copies settled in one transaction
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one settling did."""

    copies: int = 0
    #: stories whose shown form changed, with what they were before (None: new)
    changed: tuple[tuple[Story, Story | None], ...] = ()
    #: (ended, successor) tags of stories found to be another one
    joined: tuple[tuple[str, str], ...] = ()
    #: tags of stories killed or withdrawn
    killed: tuple[str, ...] = ()


class Settler:
    """Settles what waits; keeps prepared copies in memory between settlings."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._memory = Memory()

    def settle(self, connection: Connection, now: datetime, *, limit: int = BATCH) -> Settled:
        """Settle up to `limit` waiting copies in one transaction; `copies` is 0 when none waits."""
        waiting = copies.pending(connection, limit)
        if not waiting:
            return Settled()
        near = Neighbourhood(
            connection,
            self._memory,
            window=self.rules.window,
            revision_window=self.rules.revision_window,
            now=now,
        )
        near.gather(
            [row for row in waiting if not row.withdrawn],
            left={row.story for row in waiting if row.withdrawn and row.story is not None},
        )
        clusters = [
            cluster for component in near.components() for cluster in _clusters(near, component, self.rules.window)
        ]
        placed = place(connection, self.rules, near, waiting, clusters, now)
        return Settled(copies=len(waiting), changed=placed.changed, joined=placed.joined, killed=placed.killed)


def _clusters(near: Neighbourhood, component: Sequence[int], window: timedelta) -> list[Cluster]:
    """One component of merging verdicts, parted into stories."""
    numbers = {near.items[number].key: number for number in component}
    parts = partition(
        [near.items[number] for number in component],
        lambda a, b: near.verdict(numbers[a.key], numbers[b.key]),
        window=window,
    )
    return [[_seat(each, numbers) for each in part] for part in parts]


def _seat(each: Place, numbers: Mapping[EntryKey, int]) -> Seat:
    return Seat(
        copy=numbers[each.item.key],
        relation=each.relation,
        matched=None if each.matched is None else numbers[each.matched],
        score=each.score,
        ground=each.ground,
        revision=each.revision,
    )
