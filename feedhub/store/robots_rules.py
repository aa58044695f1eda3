"""The robots.txt of sites whose articles' pages are read, kept for all processes and every start."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, delete, select

from feedhub.store.dialect import upsert
from feedhub.store.tables import robots_rules


class RobotsRules(Struct, frozen=True, kw_only=True):
    """What a site asks of robots, as far as it was read: everything is allowed where both are None."""

    valid_until: datetime
    #: the file
    rules: str | None = None
    #: why nothing is allowed
    closed: str | None = None


def of_site(connection: Connection, site: str, now: datetime) -> RobotsRules | None:
    """Return what a site (scheme, host and port) asks; None where that is not known, or no longer."""
    columns = (robots_rules.c.valid_until, robots_rules.c.rules, robots_rules.c.closed)
    current = select(*columns).where(robots_rules.c.site == site, robots_rules.c.valid_until > now)
    row = connection.execute(current).one_or_none()
    return None if row is None else RobotsRules(valid_until=row.valid_until, rules=row.rules, closed=row.closed)


def save(connection: Connection, site: str, rules: RobotsRules) -> None:
    """Write down what a site asks, in place of what it asked before."""
    row = {"site": site, "valid_until": rules.valid_until, "rules": rules.rules, "closed": rules.closed}
    connection.execute(upsert(connection, robots_rules, [robots_rules.c.site]), [row])


def drop(connection: Connection, now: datetime) -> None:
    """Let go of what counts no longer."""
    connection.execute(delete(robots_rules).where(robots_rules.c.valid_until <= now))
