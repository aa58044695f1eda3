"""The conditions of sources as they begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedhub.health.diagnosis import RECENT, find_conditions
from feedhub.store import Connection, claims, conditions

#: conditions that ended before this are dropped
KEPT = timedelta(days=28)


def watch(connection: Connection, now: datetime) -> int:
    """Begin and end the episodes that the sources' states ask for; returns how many began or ended."""
    lasting = {
        (one.source, one.kind): one
        for one in conditions.current_and_ended_since(connection, since=now)
        if one.until is None
    }
    intakes = conditions.intakes(connection, since=now - RECENT)
    found: set[tuple[str, str]] = set()
    begun = 0
    for row in claims.sources(connection):
        if not row.configured or row.state is None:
            continue
        for trouble in find_conditions(row.state, intakes.get(row.id), now):
            found.add((row.id, trouble.kind))
            if (row.id, trouble.kind) not in lasting:
                begun += 1
                conditions.begin(connection, row.id, trouble.kind, trouble.text, min(trouble.since, now))
    over = [one.id for key, one in lasting.items() if key not in found]
    if over:
        conditions.end(connection, over, now)
    conditions.drop_ended_before(connection, now - KEPT)
    return begun + len(over)
