"""Which of the copies that wait for a story are settled next: a batch of bounded work, in which no source is last.

Fair queuing (Demers, Keshav and Shenker 1989): a source's copies stand in line by how much of it is settled before
them, so that who brings a few long texts, or thousands of short ones, waits for himself and for nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, FromClause, Integer, Row, Select, and_, bindparam, func, select

from feedhub.store.dialect import each_of, join_each, many, one_of
from feedhub.store.settle_failures import is_set_aside
from feedhub.store.tables import article_text, copy, source

#: characters of text, with its markup, of which a source has its turn before another has one: two articles
SHARE = 20_000
#: the same in a round, which ends when all are settled: a batch of few sources writes fewer pages of the database
ROUND_SHARE = 200_000
#: a copy of more is no article
LONG = 200_000
#: characters that a batch has at most, and that it has of long copies: 1 s where these are edited. Several texts that
#: are alike take half as long in batches of 2,000,000; who came meanwhile would wait for twice as long
BATCH_CHARACTERS, LONG_CHARACTERS = 4_000_000, 1_000_000
#: what a copy costs beside its text, in characters
_BASE = 2_000
#: copies that are looked at for a batch, of each source that waits as many, and one at least
_LOOKED_AT = 4_000
#: ... for each that the batch may have, where the sources whose copies came first have as many: all others come later
_FRONT = 2
#: characters of a short article, with what it costs beside its text
_SHORT = 5_000

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


def _waiting_since() -> Select[Any]:
    """Select the sources of which copies wait, and when the oldest of these came: two looks into the index for each."""
    names = _distinct_waiting_sources()
    since = select(func.min(copy.c.first_seen)).where(copy.c.pending, copy.c.source == names.c.source)
    query = select(since.correlate(names).scalar_subquery().label("since"), names.c.source)
    return query.where(names.c.source.is_not(None))


_WAITING_SINCE = _waiting_since()


def next_ids(
    connection: Connection,
    limit: int,
    *,
    first: Collection[int] = (),
    only: Collection[int] | None = None,
    version: str | None = None,
    sources: Collection[str] | None = None,
    share: int = SHARE,
) -> list[int]:
    """Return the numbers of up to `limit` copies that are to be settled in one transaction; none of them is locked.

    Those in `first` lead among equals. With `only` and `sources`, these alone; with `version`, without those at which
    this version of the program has failed. There is always one, however long, while any waits.
    `share`: characters of text of which a source has its turn before another has one.
    """
    dialect = connection.dialect.name
    values: dict[str, Any] = {"most": limit, "first": many(dialect, first), "share": share}
    if only is not None:
        values["ids"] = many(dialect, only)
        return _affordable(connection.execute(_queue_of_ids(dialect, version, bool(first)), values).all())
    waiting = _waiting_sources(connection, sources)
    each = max(_LOOKED_AT // max(len(waiting), 1), 1)
    short = share // _SHORT
    front = waiting[: _FRONT * limit // short]
    statement = _queue_of_sources(dialect, version, bool(first))

    def queue(those: Sequence[tuple[datetime, str]], each: int) -> Sequence[Row[Any]]:
        names = many(dialect, [source for _, source in those])
        return connection.execute(statement, {**values, "names": names, "each": each}).all()

    if not first and short * len(front) >= limit:
        # of no source more copies cost less than its first share; of most half as many again as the batch may have
        rows = queue(front, min(share // _BASE, max(each, short * 3 // 2)))
        is_full = len(rows) == limit and rows[-1].share == 0
        if is_full and (front == waiting or (rows[-1].first_seen, rows[-1].source) < waiting[len(front)]):
            return _affordable(rows)
    return _affordable(queue(waiting, each))


def _waiting_sources(connection: Connection, sources: Collection[str] | None) -> list[tuple[datetime, str]]:
    """Return the sources of which copies wait, each with when the oldest of these came, in this order."""
    rows = [(row.since, row.source) for row in connection.execute(_WAITING_SINCE)]
    return sorted(row for row in rows if sources is None or row[1] in sources)


@lru_cache
def _queue_of_ids(dialect: str, version: str | None, has_first: bool) -> Select[Any]:
    """Select those of the copies `ids` that wait, in order."""
    return _in_order(
        dialect, select(*_columns(copy)).where(_waits(version), one_of(dialect, copy.c.id, "ids")), has_first
    )


@lru_cache
def _queue_of_sources(dialect: str, version: str | None, has_first: bool) -> Select[Any]:
    """Select in order the oldest `each` that wait of each of the sources `names`: none hides another's."""
    names = each_of(dialect, source.c.id, "names").subquery("waiting")
    oldest = select(copy.c.id).where(_waits(version), copy.c.source == names.c.value)
    oldest = oldest.order_by(copy.c.first_seen, copy.c.guid).limit(bindparam("each", type_=Integer)).correlate(names)
    chosen = copy.alias("chosen")
    return _in_order(
        dialect, select(*_columns(chosen)).select_from(join_each(dialect, names, oldest, chosen)), has_first
    )


def _waits(version: str | None) -> ColumnElement[bool]:
    return WAITS if version is None else and_(WAITS, ~is_set_aside(version))


def _in_order(dialect: str, waiting: Select[Any], has_first: bool) -> Select[Any]:
    """Put the first `most` of waiting copies in order: number, cost, and by what each stands where it does."""
    some = waiting.subquery()
    cost = func.coalesce(article_text.c.characters, 0) + _BASE
    before = func.sum(cost).over(partition_by=some.c.source, order_by=(some.c.first_seen, some.c.guid))
    share = (before // bindparam("share", type_=Integer)).label("share")
    # as Python sorts them, whatever the database's collation
    name = some.c.source.collate("C") if dialect == "postgresql" else some.c.source
    order: list[ColumnElement[Any]] = [share, some.c.first_seen, name, some.c.guid]
    if has_first:
        order.insert(1, one_of(dialect, some.c.id, "first").desc())
    query = select(some.c.id, cost.label("cost"), share, some.c.first_seen, some.c.source)
    query = query.outerjoin(article_text, article_text.c.id == some.c.text)
    return query.order_by(*order).limit(bindparam("most", type_=Integer))


def _affordable(queue: Sequence[Row[Any]]) -> list[int]:
    """Return as many from the front as a batch may have; long ones follow in a batch of their own."""
    batch: list[int] = []
    total, most = 0, LONG_CHARACTERS if queue and queue[0].cost > LONG else BATCH_CHARACTERS
    for row in queue:
        size = row.cost
        total += size
        if batch and (total > most or (most == BATCH_CHARACTERS and size > LONG)):
            break
        batch.append(row.id)
    return batch


def is_any_waiting(connection: Connection) -> bool:
    """Tell whether a copy waits for a story."""
    return connection.execute(select(copy.c.id).where(WAITS).limit(1)).scalar() is not None
