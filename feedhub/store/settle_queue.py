"""Which of the copies that wait for a story are settled next: a batch of bounded work, in which no source is last.

Fair queuing (Demers, Keshav and Shenker 1989): a source's copies stand in line by how much of it is settled before
them, so that who brings a few long texts, or thousands of short ones, waits for himself and for nobody else.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, FromClause, Select, and_, func, select

from feedhub.store.dialect import among, join_each
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
#: copies that are looked at for a batch, of each source that waits as many, and one at least
_LOOKED_AT = 4_000

#: what waits for a story
WAITS = and_(copy.c.pending, copy.c.body.is_not(None))
#: the order in which founders are chosen
FOUNDERS_FIRST = (copy.c.first_seen, copy.c.source, copy.c.guid)


def _columns(table: FromClause) -> list[ColumnElement[Any]]:
    return [table.c.id, table.c.source, table.c.guid, table.c.first_seen, table.c.text]


def _distinct_waiting_sources() -> CTE:
    """Select each source once by a look for the next name (a loose index scan): engines would read all that wait."""
    least = select(func.min(copy.c.source).label("source")).where(copy.c.pending)
    names = least.cte("waiting_source", recursive=True)
    following = least.where(copy.c.source > names.c.source).correlate(names).scalar_subquery()
    return names.union_all(select(following).where(names.c.source.is_not(None)))


#: the sources of which copies wait, each found by one look into the index, however many of its copies wait
_WAITING_SOURCES = _distinct_waiting_sources()


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
    these = WAITS if version is None else and_(WAITS, ~is_set_aside(version))
    if only is None:
        some = _oldest_of_each(connection, these, sources).subquery()
    else:
        some = select(*_columns(copy)).where(these, among(connection, copy.c.id, only)).subquery()
    cost = func.coalesce(article_text.c.characters, 0) + _BASE
    before = func.sum(cost).over(partition_by=some.c.source, order_by=(some.c.first_seen, some.c.guid))
    order = [before // SHARE, some.c.first_seen, some.c.source, some.c.guid]
    if first:
        order.insert(1, among(connection, some.c.id, first).desc())
    query = select(some.c.id, cost).outerjoin(article_text, article_text.c.id == some.c.text)
    return _affordable([(number, size) for number, size in connection.execute(query.order_by(*order).limit(limit))])


def _oldest_of_each(
    connection: Connection, these: ColumnElement[bool], sources: Collection[str] | None
) -> Select[tuple[int, str, str, datetime, int]]:
    """Select the oldest of these copies of each source, of all sources as many: none hides another's."""
    which = select(_WAITING_SOURCES.c.source).where(_WAITING_SOURCES.c.source.is_not(None))
    if sources is not None:
        which = which.where(among(connection, _WAITING_SOURCES.c.source, sources))
    names = which.subquery("waiting")
    count: int = connection.execute(select(func.count()).select_from(names)).scalar_one()
    oldest = select(copy.c.id).where(these, copy.c.source == names.c.source).order_by(copy.c.first_seen, copy.c.guid)
    oldest = oldest.limit(max(_LOOKED_AT // max(count, 1), 1)).correlate(names)
    chosen = copy.alias("chosen")
    return select(*_columns(chosen)).select_from(join_each(connection, names, oldest, chosen))


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
