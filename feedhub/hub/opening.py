"""What the store is told of the configuration when a hub opens: identity, sources, their hosts, what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from feedhub.config import Config
from feedhub.fetch import host_of
from feedhub.model import Publisher, Source
from feedhub.settle import output_entry
from feedhub.sources import longest_wait, state_to_poll_with
from feedhub.store import Connection, claims, database, locks, placements, publishers


def prepare(connection: Connection, config: Config, now: datetime) -> str:
    """Bring the store up to date with the configuration; returns the hub's identity."""
    locks.prepare(connection)
    identity = _identity(connection, config, now)
    ids = [source.id for source in config.sources]
    claims.sync_configured(
        connection, ids, now, _where(connection, config), longest_wait(config.sources, config.polling)
    )
    _reconsider(connection, config.sources)
    output_entry.reconsider(connection, config.feeds, now)
    return identity


def _identity(connection: Connection, config: Config, now: datetime) -> str:
    """Return the authority and date of all ids: configured, or minted once and stored."""
    kept = database.get_value(connection, "identity")
    identity = config.identity or kept or f"{uuid4().hex[:12]}.feedhub.invalid,{now:%Y-%m-%d}"
    if kept != identity:
        database.set_value(connection, "identity", identity)
    if database.get_value(connection, "born") is None:
        database.set_value(connection, "born", now.isoformat())
    return identity


def _where(connection: Connection, config: Config) -> dict[str, str]:
    """Find the host that each source is polled from: the configured one, or where it has moved to for good."""
    moved = {row.id: row.state for row in claims.sources(connection)}
    found: dict[str, str] = {}
    for source in config.sources:
        host = host_of(state_to_poll_with(moved.get(source.id), source).url)
        if host is not None:
            found[source.id] = host
    return found


def _reconsider(connection: Connection, sources: Sequence[Source]) -> None:
    """Where the configuration changed what may be shown of a source, have its copies settled anew."""
    told = publishers.by_source(connection, [source.id for source in sources])
    for source in sources:
        known = told.get(source.id)
        if known is None:
            continue
        wanted = with_configuration(known, source)
        if wanted != known:
            publishers.save(connection, source.id, wanted)
            placements.mark_source_pending(connection, source.id)


def with_configuration(publisher: Publisher, source: Source) -> Publisher:
    """Return the publisher with what the configuration decides about it."""
    return replace(
        publisher,
        name=source.name,
        outlet=source.outlet or publisher.outlet,
        agency=source.agency,
        rights=source.rights,
        priority=source.priority,
    )
