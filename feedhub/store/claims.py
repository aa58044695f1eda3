"""Who polls what: sources are claimed with a lease, and written back only under the claim's fence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import Publisher
from feedhub.store.dialect import upsert
from feedhub.store.tables import source


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One worker's hold on one source until its lease ends."""

    source: str
    fence: int
    #: the source's state as JSON, "" for one never polled
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """What the store knows of a source, for reports and for the next stage."""

    id: str
    configured: bool
    due_at: datetime
    state: str
    publisher: str | None
    remark: str | None


class LeaseLost(Exception):
    """Another worker has claimed the source since; what was fetched must not be written."""


def configure(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """Make the rows agree with the configuration: new sources are due now, removed ones are polled no more."""
    known = {row.id: row.configured for row in connection.execute(select(source.c.id, source.c.configured))}
    fresh = [i for i in ids if i not in known]
    if fresh:
        rows = [
            {"id": i, "configured": True, "due_at": now, "lease_until": None, "fence": 0, "state": ""} for i in fresh
        ]
        connection.execute(
            upsert(connection, source, [source.c.id], replace=False),
            [{**row, "publisher": None, "remark": None} for row in rows],
        )
    wanted = set(ids)
    changed = [{"b_id": i, "b_on": i in wanted} for i, on in known.items() if on != (i in wanted)]
    if changed:
        connection.execute(
            update(source).where(source.c.id == bindparam("b_id")).values(configured=bindparam("b_on")), changed
        )


def claim(
    connection: Connection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    everything: bool = False,
    at: datetime | None = None,
) -> list[Claim]:
    """Up to `limit` sources that are due (with `everything`: all that nobody holds), oldest first.

    Leases are told by `at`, the clock that all who claim have in common; `now` is taken for it where there is none.
    """
    at = at or now
    # A lease that reaches far beyond a whole one from here was written before a clock was set back.
    # Not a hair beyond: others that claim in the same instant may have read the clock a moment later.
    free = or_(source.c.lease_until.is_(None), source.c.lease_until <= at, source.c.lease_until > at + 2 * lease)
    due = (
        select(source.c.id)
        .where(source.c.configured, free)
        .order_by(source.c.due_at, source.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if not everything:
        due = due.where(source.c.due_at <= now)
    # A CTE is read once; PostgreSQL may run a subquery with LIMIT again for every row, and take too many.
    chosen = due.cte("due")
    taken = connection.execute(
        update(source)
        .where(source.c.id.in_(select(chosen.c.id)))
        .values(lease_until=at + lease, fence=source.c.fence + 1)
        .returning(source.c.id, source.c.fence, source.c.state)
    )
    claims = [Claim(source=row.id, fence=row.fence, state=row.state) for row in taken]
    return sorted(claims, key=lambda each: each.source)


def finish(
    connection: Connection, held: Claim, *, state: str, due_at: datetime, publisher: str | None, remark: str | None
) -> None:
    """Write back what a poll taught and let the claim go; raises LeaseLost if it is no longer ours."""
    values: dict[str, object] = {"state": state, "due_at": due_at, "lease_until": None, "remark": remark}
    if publisher is not None:
        values["publisher"] = publisher
    done = connection.execute(
        update(source).where(source.c.id == held.source, source.c.fence == held.fence).values(**values)
    )
    if done.rowcount != 1:
        raise LeaseLost(held.source)


def release(connection: Connection, held: Iterable[Claim]) -> None:
    """Let claims go without a result, so that the next round takes them at once."""
    for each in held:
        connection.execute(
            update(source).where(source.c.id == each.source, source.c.fence == each.fence).values(lease_until=None)
        )


def void(connection: Connection) -> None:
    """End every claim: whoever held one is no more."""
    connection.execute(update(source).where(source.c.lease_until.is_not(None)).values(lease_until=None))


def publishers(connection: Connection, ids: Collection[str]) -> dict[str, Publisher]:
    """What these sources' feeds said of themselves."""
    rows = connection.execute(select(source.c.id, source.c.publisher).where(source.c.id.in_(list(ids))))
    return {number: load(Publisher, text) for number, text in rows if text is not None}


def publish_as(connection: Connection, name: str, publisher: Publisher) -> None:
    """Replace what a source is published as."""
    connection.execute(update(source).where(source.c.id == name).values(publisher=dump(publisher)))


def sources(connection: Connection) -> list[SourceRow]:
    """Every source ever configured, by id."""
    rows = connection.execute(select(source).order_by(source.c.id))
    return [
        SourceRow(
            id=r.id, configured=r.configured, due_at=r.due_at, state=r.state, publisher=r.publisher, remark=r.remark
        )
        for r in rows
    ]
