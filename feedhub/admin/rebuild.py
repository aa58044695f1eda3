"""Stored copies -> stories, all anew: for a matcher that has learned, or an index that was lost. Ids stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from feedhub.hub.hub import Hub
from feedhub.settle.candidate_index import index_anew
from feedhub.settle.settler import SettleResult
from feedhub.store import Connection, locks, placements, search, segments, teaser_segments

#: copies indexed in one transaction
BATCH = 500


async def replay(hub: Hub, now: datetime, progress: Callable[[int], None] = lambda copies: None) -> list[SettleResult]:
    """Index every stored copy anew, then settle them all; `progress` hears how many copies were dealt with."""
    after = 0
    await hub.write(_empty)
    while True:
        # The whole index first: a story's copies are in several batches, and must find each other in the first.
        numbers = await hub.write(partial(_reindex, after=after))
        if not numbers:
            return await hub.settle(now, wait=True)
        after = numbers[-1]
        progress(len(numbers))


def _empty(connection: Connection) -> None:
    locks.take(connection, locks.SETTLE)
    segments.drop_all(connection)
    teaser_segments.drop_all(connection)
    search.rebuild(connection)


def _reindex(connection: Connection, *, after: int) -> list[int]:
    locks.take(connection, locks.SETTLE)
    rows = placements.page(connection, after=after, limit=BATCH)
    index_anew(connection, [(row.id, row.copy) for row in rows])
    numbers = [row.id for row in rows]
    placements.mark_pending(connection, numbers)
    return numbers
