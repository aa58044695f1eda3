"""Who polls what: sources are claimed with a lease, and written back only under the claim's fence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, Row, bindparam, not_, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import Publisher, SourceState, Validators
from feedhub.store import hosts, subscriptions
from feedhub.store.dialect import among, upsert
from feedhub.store.hosts import HostTerms
from feedhub.store.placements import chunks
from feedhub.store.tables import source, source_pause
from feedhub.structs import replace


class Claim(Struct, frozen=True, kw_only=True):
    """One worker's hold on one source until its lease ends."""

    source: str
    fence: int
    #: None for one never polled
    state: SourceState | None
    #: the host that came with it, None for a path
    host: str | None = None
    terms: HostTerms = field(default_factory=HostTerms)
    #: a hub is known that offers to tell of the source's news
    hub: bool = False


class Claimant(Struct, frozen=True, kw_only=True):
    """Who claims, and how much of one host at a time."""

    #: names this process among all that share the database
    name: str = "alone"
    #: sources of one host, None: as many as there are
    each: int | None = None
    #: hosts of which no more is wanted just now
    full: frozenset[str] = frozenset()


class SourceRow(Struct, frozen=True, kw_only=True):
    """What the store knows of a source, for reports and for the next stage."""

    id: str
    configured: bool
    due_at: datetime
    state: SourceState | None
    publisher: Publisher | None
    remark: str | None


class LeaseLost(Exception):
    """Another worker has claimed the source since; what was fetched must not be written."""


def sync_configured(
    connection: Connection,
    ids: Sequence[str],
    now: datetime,
    where: Mapping[str, str] | None = None,
    longest: timedelta = timedelta(days=7),
) -> None:
    """Make the rows agree with the configuration: new sources are due now, removed ones are polled no more.

    `where` names the host that each source is polled from; one that is not in it is a path.
    `longest`: what is due later than that from now is due now.
    """
    where = where or {}
    hosts.ensure(connection, sorted(set(where.values()) - hosts.names(connection)))
    known = {row.id: row for row in connection.execute(select(source.c.id, source.c.configured, source.c.host))}
    fresh = [i for i in ids if i not in known]
    if fresh:
        empty = {"configured": True, "lease_until": None, "fence": 0, "state": "", "publisher": None, "remark": None}
        connection.execute(
            upsert(connection, source, [source.c.id], replace=False),
            [{"id": i, "due_at": now, "host": where.get(i), **empty} for i in fresh],
        )
    # written by a clock that was far ahead
    connection.execute(update(source).where(source.c.due_at > now + longest).values(due_at=now))
    wanted = set(ids)
    changed = [
        {"b_id": i, "b_on": i in wanted, "b_host": where.get(i)}
        for i, row in known.items()
        if (row.configured, row.host) != (i in wanted, where.get(i))
    ]
    if changed:
        connection.execute(
            update(source)
            .where(source.c.id == bindparam("b_id"))
            .values(configured=bindparam("b_on"), host=bindparam("b_host")),
            changed,
        )


def claim(
    connection: Connection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    everything: bool = False,
    at: datetime | None = None,
    by: Claimant | None = None,
) -> list[Claim]:
    """Up to `limit` sources that are due (with `everything`: all that nobody holds), oldest first, with their hosts.

    Leases are told by `at`, the clock that all who claim have in common; `now` is taken for it where there is none.
    """
    at, by = at or now, by or Claimant()
    claims: list[Claim] = []
    full = set(by.full)
    while len(claims) < limit:
        before = None if everything else now
        had = [each.source for each in claims]
        rows = _lease(connection, before, at=at, lease=lease, limit=limit - len(had), by=by, full=full, without=had)
        names = {row.host for row in rows if row.host is not None}
        ours = hosts.take(connection, names, owner=by.name, at=at, lease=lease) if names else {}
        kept, left = _shared_out(rows, ours, by.each)
        offered = subscriptions.offering(connection, [row.id for row in kept])
        claims += [_claim(row, ours, row.id in offered) for row in kept]
        if not left:
            break
        # A host that another process took in the same instant, or of which we have enough: others' turn.
        for some in chunks([row.id for row in left]):
            connection.execute(update(source).where(source.c.id.in_(some)).values(lease_until=None))
        full |= {row.host for row in left}
    return sorted(claims, key=lambda each: each.source)


def _lease(
    connection: Connection,
    before: datetime | None,
    *,
    at: datetime,
    lease: timedelta,
    limit: int,
    by: Claimant,
    full: Collection[str],
    without: Collection[str],
) -> Sequence[Row[Any]]:
    """Lease sources of hosts that no other process has, the longest due first, but none of those `without`."""
    # A lease that reaches far beyond a whole one from here was written before a clock was set back.
    # Not a hair beyond: others that claim in the same instant may have read the clock a moment later.
    free = or_(source.c.lease_until.is_(None), source.c.lease_until <= at, source.c.lease_until > at + 2 * lease)
    paused = select(source_pause.c.source).where(source_pause.c.resumed_at.is_(None))
    due = (
        select(source.c.id)
        .where(
            source.c.configured,
            source.c.id.not_in(paused),
            free,
            not_(hosts.taken_by_another(source.c.host, by.name, at, lease)),
        )
        .order_by(source.c.due_at, source.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if before is not None:
        due = due.where(source.c.due_at <= before)
    if full:
        due = due.where(or_(source.c.host.is_(None), source.c.host.not_in(sorted(full))))
    if without:
        due = due.where(~among(connection, source.c.id, without))
    # A CTE is read once; PostgreSQL may run a subquery with LIMIT again for every row, and take too many.
    chosen = due.cte("due")
    taken = connection.execute(
        update(source)
        .where(source.c.id.in_(select(chosen.c.id)))
        .values(lease_until=at + lease, fence=source.c.fence + 1)
        .returning(source.c.id, source.c.fence, source.c.state, source.c.host, source.c.due_at)
    )
    return sorted(taken, key=lambda row: (row.due_at, row.id))


def _shared_out(
    rows: Sequence[Row[Any]], ours: Mapping[str, HostTerms], each: int | None
) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Return the rows to keep, and those to give back: of a host that is not ours, or beyond `each` of one."""
    kept: list[Row[Any]] = []
    left: list[Row[Any]] = []
    count: Counter[str] = Counter()
    for row in rows:
        if row.host is not None:
            count[row.host] += 1
        fits = row.host is None or (row.host in ours and (each is None or count[row.host] <= each))
        (kept if fits else left).append(row)
    return kept, left


def _claim(row: Row[Any], ours: Mapping[str, HostTerms], hub: bool) -> Claim:
    terms = HostTerms() if row.host is None else ours[row.host]
    return Claim(source=row.id, fence=row.fence, state=_decoded(row.state), host=row.host, terms=terms, hub=hub)


def forget_validators(connection: Connection, name: str) -> None:
    """Have the next document of a source read, whatever the server says of what changed."""
    state = _decoded(connection.execute(select(source.c.state).where(source.c.id == name)).scalar() or "")
    if state is not None:
        state = replace(state, validators=Validators(), body_hash=None)
        connection.execute(update(source).where(source.c.id == name).values(state=dump(state)))


def make_due(connection: Connection, name: str, now: datetime) -> None:
    """Have a source polled in the next round, whenever it was due; Retry-After and a stop hold all the same."""
    connection.execute(update(source).where(source.c.id == name, source.c.due_at > now).values(due_at=now))


@lru_cache(maxsize=1024)
def _decoded(state: str) -> SourceState | None:
    """Return a source's state; a start reads each twice, when it opens and when it claims."""
    return load(SourceState, state) if state else None


def renew(connection: Connection, ids: Collection[str], *, at: datetime, lease: timedelta) -> None:
    """Have these claims for another whole lease; one that ran out stays lost."""
    for some in chunks(sorted(ids)):
        connection.execute(
            update(source).where(source.c.id.in_(some), source.c.lease_until > at).values(lease_until=at + lease)
        )


def release(connection: Connection, claimed: Iterable[Claim]) -> None:
    """Let claims go without a result, so that the next round takes them at once."""
    for each in claimed:
        connection.execute(
            update(source).where(source.c.id == each.source, source.c.fence == each.fence).values(lease_until=None)
        )


def void(connection: Connection) -> None:
    """End every claim: whoever held one is no more."""
    hosts.void(connection)
    connection.execute(update(source).where(source.c.lease_until.is_not(None)).values(lease_until=None))


def states(connection: Connection) -> dict[str, SourceState | None]:
    """Return what is remembered of every source ever configured, None where it was never polled."""
    return {name: _decoded(state) for name, state in connection.execute(select(source.c.id, source.c.state))}


def configured_states(connection: Connection) -> dict[str, SourceState]:
    """Return what is remembered of every configured source that was polled, by id."""
    query = select(source.c.id, source.c.state).where(source.c.configured, source.c.state != "")
    rows = connection.execute(query.order_by(source.c.id))
    return {name: load(SourceState, state) for name, state in rows}


def sources(connection: Connection) -> list[SourceRow]:
    """Every source ever configured, by id."""
    rows = connection.execute(select(source).order_by(source.c.id))
    return [
        SourceRow(
            id=r.id,
            configured=r.configured,
            due_at=r.due_at,
            state=_decoded(r.state),
            publisher=None if r.publisher is None else load(Publisher, r.publisher),
            remark=r.remark,
        )
        for r in rows
    ]
