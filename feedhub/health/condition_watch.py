"""The conditions of sources as they begin and end, and who is told of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from feedhub.health.diagnosis import RECENT, find_conditions
from feedhub.store import Connection, claims, conditions, deliveries, entry_failures, source_pauses
from feedhub.store.deliveries import NotificationText, QueuedMessage

#: conditions that ended before this are dropped
KEPT = timedelta(days=28)
#: conditions that are topics of notifications
_TOPICS = {"broken": "source broken", "stopped": "stopped"}
_UNDELIVERED = "undelivered"


class WatchedTargets(Struct, frozen=True, kw_only=True):
    """Where messages go."""

    #: topic -> the targets that are told of it
    notifications: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: what people call each target
    names: Mapping[str, str] = field(default_factory=dict)


def watch(connection: Connection, now: datetime, targets: WatchedTargets | None = None) -> int:
    """Begin and end the episodes that the sources' states ask for; returns how many began or ended."""
    targets = targets or WatchedTargets()
    lasting = {
        (one.source, one.kind): one
        for one in conditions.current_and_ended_since(connection, since=now)
        if one.until is None
    }
    intakes = conditions.intakes(connection, since=now - RECENT)
    failed = entry_failures.by_source(connection)
    found: set[tuple[str, str]] = set()
    begun = 0
    paused = source_pauses.in_force(connection)
    # nothing is heard of one that is paused: what was wrong stands, and that it is silent is no news
    found |= {key for key in lasting if key[0] in paused}
    for source, state in claims.configured_states(connection).items():
        if source in paused:
            continue
        for trouble in find_conditions(state, intakes.get(source), now, failed.get(source, (0, ""))):
            found.add((source, trouble.kind))
            if (source, trouble.kind) not in lasting:
                begun += 1
                since = min(trouble.since, now)
                conditions.begin(connection, source, trouble.kind, trouble.text, since)
                _announce(connection, targets, source, trouble.kind, trouble.text, since, now)
    begun += _undelivered(connection, targets, lasting.keys(), found, now)
    over = [one.id for key, one in lasting.items() if key not in found]
    if over:
        conditions.end(connection, over, now)
    conditions.drop_ended_before(connection, now - KEPT)
    return begun + len(over)


def _announce(
    connection: Connection,
    targets: WatchedTargets,
    source: str,
    kind: str,
    text: str,
    since: datetime,
    now: datetime,
) -> None:
    topic = _TOPICS.get(kind, "")
    messages = [
        QueuedMessage(
            target=target,
            subject=f"{topic}/{source}/{since.isoformat()}",
            topic=topic,
            body=NotificationText(title=f"{source} is {kind}", text=f"{source} {text}"),
        )
        for target in targets.notifications.get(topic, ())
    ]
    deliveries.queue(connection, messages, now)


def _undelivered(
    connection: Connection,
    targets: WatchedTargets,
    lasting: Collection[tuple[str, str]],
    seen: set[tuple[str, str]],
    now: datetime,
) -> int:
    """Begin a condition for every target for which messages were given up; returns how many began."""
    begun = 0
    for state in deliveries.states(connection):
        name = targets.names.get(state.target)
        if name is None or not state.given_up:
            continue
        seen.add((name, _UNDELIVERED))
        if (name, _UNDELIVERED) not in lasting:
            begun += 1
            text = f"was not reached: {state.given_up} messages were given up, {state.remark or 'no reason known'}"
            conditions.begin(connection, name, _UNDELIVERED, text, min(state.since or now, now))
    return begun
