"""Which of the copies that wait for a story are settled next: a batch of bounded work, in which no source is last.

Fair queuing (Demers, Keshav and Shenker 1989): a source's copies stand in line by how much of it is settled before
them, so that who brings a few long texts, or thousands of short ones, waits for himself and for nobody else.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, select

from feedhub.store.dialect import among
from feedhub.store.settle_failures import is_set_aside
from feedhub.store.tables import article_text, copy

#: characters of text, with its markup, of which a source has its turn before another has one: two articles
SHARE = 20_000
#: a copy of more is no article
LONG = 200_000
#: characters that a batch has at most, and that it has of long copies: 1 s where these are edited. Several texts that
#: are alike take half as long in batches of 2,000,000; who came meanwhile would wait for twice as long
BATCH_CHARACTERS, LONG_CHARACTERS = 4_000_000, 1_000_000
#: what a copy costs beside its text, in characters
_BASE = 2_000
#: copies that are looked at for a batch, the oldest of those that wait
_LOOKED_AT = 10_000

#: what waits for a story
WAITS = and_(copy.c.pending, copy.c.body.is_not(None))
#: the order in which founders are chosen
FOUNDERS_FIRST = (copy.c.first_seen, copy.c.source, copy.c.guid)


def next_ids(
    connection: Connection,
    limit: int,
    *,
    first: Collection[int] = (),
    only: Collection[int] | None = None,
    version: str | None = None,
    sources: Collection[str] | None = None,
) -> list[int]:
    """Return the numbers of up to `limit` copies that are to be settled in one transaction; none of them is locked.

    Those in `first` lead among equals. With `only` and `sources`, these alone; with `version`, without those at which
    this version of the program has failed. There is always one, however long, while any waits.
    """
    waits = select(copy.c.id, copy.c.source, copy.c.guid, copy.c.first_seen, copy.c.text).where(WAITS)
    if version is not None:
        waits = waits.where(~is_set_aside(version))
    if only is not None:
        waits = waits.where(among(connection, copy.c.id, only))
    if sources is not None:
        # No bare column: an engine would look through all that the sources ever had, by their index.
        waits = waits.where(among(connection, copy.c.source.concat(""), sources))
    some = waits.order_by(copy.c.first_seen).limit(_LOOKED_AT).subquery()
    cost = func.coalesce(article_text.c.characters, 0) + _BASE
    before = func.sum(cost).over(partition_by=some.c.source, order_by=(some.c.first_seen, some.c.guid))
    order = [before // SHARE, some.c.first_seen, some.c.source, some.c.guid]
    if first:
        order.insert(1, among(connection, some.c.id, first).desc())
    query = select(some.c.id, cost).outerjoin(article_text, article_text.c.id == some.c.text)
    return _affordable([(number, size) for number, size in connection.execute(query.order_by(*order).limit(limit))])


def _affordable(queue: list[tuple[int, int]]) -> list[int]:
    """Return as many from the front as a batch may have; long ones follow in a batch of their own."""
    batch: list[int] = []
    total, most = 0, LONG_CHARACTERS if queue and queue[0][1] > LONG else BATCH_CHARACTERS
    for number, size in queue:
        total += size
        if batch and (total > most or (most == BATCH_CHARACTERS and size > LONG)):
            break
        batch.append(number)
    return batch


def is_any_waiting(connection: Connection) -> bool:
    """Tell whether a copy waits for a story."""
    return connection.execute(select(copy.c.id).where(WAITS).limit(1)).scalar() is not None
