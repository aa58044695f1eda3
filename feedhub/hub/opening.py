"""What the store is told of the configuration when a hub opens: identity, sources, their hosts, what may be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from feedhub.config import Config
from feedhub.fetch import host_of
from feedhub.ingest.outlet import outlet_of
from feedhub.model import Filters, Publisher, Source, SourceState
from feedhub.settle import output_entry
from feedhub.sources import longest_wait, state_to_poll_with
from feedhub.store import (
    Connection,
    claims,
    database,
    entry_failures,
    excluded_entries,
    listings,
    locks,
    placements,
    publishers,
)
from feedhub.structs import replace

#: under which the hub keeps what its sources left out
_EXCLUDES = "excludes"


def prepare(connection: Connection, config: Config, now: datetime) -> str:
    """Bring the store up to date with the configuration; returns the hub's identity."""
    locks.prepare(connection)
    identity = _identity(connection, config, now)
    ids = [source.id for source in config.sources]
    states = claims.states(connection)
    hosts = _hosts(config.sources, states)
    claims.sync_configured(connection, ids, now, hosts, longest_wait(config.sources, config.polling))
    _reconsider(connection, config.sources, states)
    _judge_excluded_again(connection, config.sources)
    _try_failed_again(connection)
    output_entry.reconsider(connection, config.feeds, now)
    return identity


def _identity(connection: Connection, config: Config, now: datetime) -> str:
    """Return the authority and date of all ids: configured, or minted once and stored."""
    stored = database.get_value(connection, "identity")
    identity = config.identity or stored or f"{uuid4().hex[:12]}.feedhub.invalid,{now:%Y-%m-%d}"
    if stored != identity:
        database.set_value(connection, "identity", identity)
    if database.get_value(connection, "born") is None:
        database.set_value(connection, "born", now.isoformat())
    return identity


def _hosts(sources: Sequence[Source], states: Mapping[str, SourceState | None]) -> dict[str, str]:
    """Find the host that each source is polled from: the configured one, or where it has moved to for good."""
    polled = {source.id: host_of(state_to_poll_with(states.get(source.id), source).url) for source in sources}
    return {name: host for name, host in polled.items() if host is not None}


def _reconsider(connection: Connection, sources: Sequence[Source], states: Mapping[str, SourceState | None]) -> None:
    """Where the configuration changed what may be shown of a source, have its copies settled anew."""
    publishers_known = publishers.by_source(connection, [source.id for source in sources])
    for source in sources:
        known = publishers_known.get(source.id)
        if known is None:
            continue
        wanted = _configured(source, _outlet(source, known, states.get(source.id)))
        if any(getattr(known, name) != value for name, value in wanted.items()):
            publishers.save(connection, source.id, replace(known, **wanted))
            placements.mark_source_pending(connection, source.id)


def _judge_excluded_again(connection: Connection, sources: Sequence[Source]) -> None:
    """Forget what sources left out under another `exclude`, so that their next documents are read whole."""
    before: dict[str, str] = json.loads(database.get_value(connection, _EXCLUDES) or "{}")
    now = {source.id: repr(source.exclude) for source in sources if source.exclude != Filters()}
    if before == now:
        return
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name) and excluded_entries.forget(connection, name):
            listings.drop(connection, name)
            claims.forget_validators(connection, name)
    database.set_value(connection, _EXCLUDES, json.dumps(now, sort_keys=True))


def _try_failed_again(connection: Connection) -> None:
    """Have documents read whole that list entries at which another version of the program failed."""
    for name in entry_failures.release(connection):
        listings.drop(connection, name)
        claims.forget_validators(connection, name)


def _outlet(source: Source, known: Publisher, state: SourceState | None) -> str:
    """Return the outlet of a source as the configuration and its first site link have it."""
    if source.outlet or source.site:
        return outlet_of(source, None)
    current = state_to_poll_with(state, source)
    return known.outlet if current.site is None else outlet_of(source, current.site)


def _configured(source: Source, outlet: str) -> dict[str, Any]:
    """Return the fields of a publisher that the configuration decides."""
    return {
        "name": source.name,
        "outlet": outlet,
        "agency": source.agency,
        "credit": source.credit,
        "rights": source.rights,
        "priority": source.priority,
        "trust": source.trust,
    }
