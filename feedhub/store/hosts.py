"""Which process may ask which host: one at a time has it to itself, so that its manners hold for all of them.

Whoever claims a source gets its host with it, until the lease ends or nothing that it claimed there is left to ask.
All of it is told by the clock of the database. Nothing is written for a request: in flight, spacing and pauses are the
owner's own to keep, and handed on with the host.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, case, literal, or_, select, update

from feedhub.store.dialect import upsert
from feedhub.store.placements import chunks
from feedhub.store.tables import host

_NOTHING = timedelta(0)


class HostTerms(Struct, frozen=True, kw_only=True):
    """On which terms we have a host, each counted from the moment we got it."""

    #: until its next request may start
    rest: timedelta = _NOTHING
    #: until it wants to be asked at all
    pause: timedelta = _NOTHING


def names(connection: Connection) -> set[str]:
    """Return the names of all hosts that have a row."""
    return set(connection.execute(select(host.c.name)).scalars())


def ensure(connection: Connection, names: Collection[str]) -> None:
    """Have a row for each of these hosts."""
    rows = [
        {
            "name": name,
            "owner": None,
            "lease_until": None,
            "rests_until": None,
            "paused_until": None,
            "pages_paused_until": None,
        }
        for name in names
    ]
    if rows:
        connection.execute(upsert(connection, host, [host.c.name], replace=False), rows)


def taken_by_another(
    name: ColumnElement[str | None], owner: str, at: datetime, lease: timedelta
) -> ColumnElement[bool]:
    """Whether another process has the host of this name."""
    return select(host.c.name).where(host.c.name == name, ~_free(owner, at, lease)).exists()


def _free(owner: str, at: datetime, lease: timedelta) -> ColumnElement[bool]:
    # far beyond a whole lease: written before a clock was set back
    ended = or_(host.c.lease_until <= at, host.c.lease_until > at + 2 * lease)
    return or_(host.c.owner.is_(None), host.c.owner == owner, ended)


def take(
    connection: Connection, names: Collection[str], *, owner: str, at: datetime, lease: timedelta
) -> dict[str, HostTerms]:
    """Have these hosts until the lease ends; those that another process has, or takes just now, are left out."""
    taken: dict[str, HostTerms] = {}
    for some in chunks(sorted(names)):
        ours = (
            select(host.c.name)
            .where(host.c.name.in_(some), _free(owner, at, lease))
            .order_by(host.c.name)
            .with_for_update(skip_locked=True)
        ).cte("ours")
        rows = connection.execute(
            update(host)
            .where(host.c.name.in_(select(ours.c.name)))
            .values(owner=owner, lease_until=at + lease)
            .returning(host.c.name, host.c.rests_until, host.c.paused_until)
        )
        for name, rests, held in rows:
            taken[name] = HostTerms(rest=_left(rests, at), pause=_left(held, at))
    return taken


def visit(connection: Connection, name: str, *, owner: str, at: datetime, lease: timedelta) -> HostTerms | None:
    """Have a host that a redirect leads to; None while another process has it."""
    ensure(connection, [name])
    return take(connection, [name], owner=owner, at=at, lease=lease).get(name)


def renew(connection: Connection, names: Collection[str], *, owner: str, at: datetime, lease: timedelta) -> list[str]:
    """Have these hosts for another whole lease, as far as they are ours, and name them; what ran out stays lost."""
    renewed: list[str] = []
    for some in chunks(sorted(names)):
        still = and_(host.c.name.in_(some), host.c.owner == owner, host.c.lease_until > at)
        renewed += connection.execute(
            update(host).where(still).values(lease_until=at + lease).returning(host.c.name)
        ).scalars()
    return renewed


def release(connection: Connection, names: Collection[str], *, owner: str, at: datetime, rest: timedelta) -> None:
    """Let hosts go; their next request starts no sooner than `rest` from now."""
    for some in chunks(sorted(names)):
        connection.execute(
            update(host)
            .where(host.c.name.in_(some), host.c.owner == owner)
            .values(owner=None, lease_until=None, rests_until=at + rest)
        )


def pause(connection: Connection, name: str, until: datetime) -> None:
    """Leave a host alone until then; a longer pause stays."""
    ensure(connection, [name])
    later = case((host.c.paused_until > until, host.c.paused_until), else_=literal(until, host.c.paused_until.type))
    connection.execute(update(host).where(host.c.name == name).values(paused_until=later))


def void(connection: Connection) -> None:
    """Let every host go: whoever had one is no more."""
    connection.execute(update(host).where(host.c.owner.is_not(None)).values(owner=None, lease_until=None))


def _left(until: datetime | None, at: datetime) -> timedelta:
    return _NOTHING if until is None else max(until - at, _NOTHING)
